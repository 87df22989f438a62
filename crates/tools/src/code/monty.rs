//! The embedded interpreter, run in a process of ours.

mod worker;

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use super::CodeError;
pub use worker::serve_if_guest;

/// What our own executable for it is called.
const NAME: &str = "offseeker-interpreter";

/// Whether this process would serve as a guest, were it started as one.
static SERVES: AtomicBool = AtomicBool::new(false);

/// Finds an executable that serves as a guest.
pub(super) fn find(named: Option<&Path>) -> Result<PathBuf, CodeError> {
    if let Some(path) = named {
        return if path.is_file() {
            Ok(path.to_owned())
        } else {
            Err(nowhere(&format!("{} is not there", path.display())))
        };
    }
    let own = std::env::current_exe().ok();
    if SERVES.load(Ordering::Relaxed)
        && let Some(own) = &own
    {
        return Ok(own.clone());
    }
    let beside = own.as_deref().map(|own| own.ancestors().skip(1).take(2)).into_iter().flatten().map(Path::to_owned);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders = beside.chain(std::env::split_paths(&path).filter(|folder| folder.is_absolute()));
    folders
        .find_map(|folder| Some(folder.join(NAME)).filter(|program| program.is_file()))
        .ok_or_else(|| nowhere("it is neither beside this executable, nor in the folder above, nor in PATH"))
}

fn nowhere(why: &str) -> CodeError {
    let tried = format!(
        "the embedded interpreter needs an executable to run in, and {why}; call `code::serve_if_guest()` first in your \
         `main`, or install {NAME} (`cargo install offseeker-tools --features monty`), or name one in `Options::worker`"
    );
    CodeError::NoInterpreter { tried }
}

/// How much address space the executable takes before any code runs: itself, its stacks, and room for the allocator.
pub(super) fn overhead(program: &Path) -> u64 {
    const ROOM: u64 = 512 << 20;
    program.metadata().map_or(0, |metadata| metadata.len()).saturating_add(ROOM)
}
