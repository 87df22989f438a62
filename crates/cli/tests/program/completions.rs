//! Completions are scripts that their shells can read.

use std::process::Command;

use crate::ran::run;

#[test]
fn shells_read_their_completions() {
    let folder = tempfile::tempdir().unwrap();
    for (shell, word) in [("bash", "complete -F"), ("zsh", "#compdef offseeker"), ("fish", "complete -c offseeker")] {
        let ran = run(folder.path(), &format!("completions {shell}"));
        assert_eq!(ran.code, Some(0));
        assert!(ran.out.contains(word) && ran.out.contains("questions"), "{shell}");
        let file = folder.path().join(shell);
        std::fs::write(&file, &ran.out).unwrap();
        match Command::new(shell).arg("-n").arg(&file).output() {
            Ok(read) => assert!(read.status.success(), "{shell}: {}", String::from_utf8_lossy(&read.stderr)),
            Err(_) => eprintln!("skipped: {shell} is not here"),
        }
    }
}
