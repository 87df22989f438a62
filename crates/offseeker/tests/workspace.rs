//! What holds of the repository as a whole: which way its crates depend, what its files are called and begin with.

use std::path::Path;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

mod floors;
mod tidy;

/// What cargo knows of the workspace.
static METADATA: LazyLock<Value> = LazyLock::new(|| {
    let cargo = std::env::var_os("CARGO").expect("cargo runs the tests and names itself");
    let asked = Command::new(cargo)
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(root())
        .output()
        .expect("cargo can be run");
    assert!(asked.status.success(), "{}", String::from_utf8_lossy(&asked.stderr));
    serde_json::from_slice(&asked.stdout).expect("cargo writes JSON")
});

/// The top of the repository.
fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The packages of the workspace, as cargo describes them.
fn packages() -> &'static [Value] {
    METADATA["packages"].as_array().expect("a workspace has packages")
}

/// A field of text in what cargo writes.
fn text<'a>(of: &'a Value, field: &str) -> &'a str {
    of[field].as_str().expect("cargo fills it in")
}

/// A path below the top of the repository, with `/` between its parts.
fn below_root(path: &Path) -> String {
    let below = path.strip_prefix(root()).expect("it is in the repository");
    below.components().map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}
