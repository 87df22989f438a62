//! `offseeker completions`: completions for shells.

use clap::{Args, CommandFactory};
use clap_complete::Shell;

use crate::arguments::Offseeker;
use crate::outcome::Outcome;

/// Prints completions for a shell.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  offseeker completions bash > ~/.local/share/bash-completion/completions/offseeker
  offseeker completions zsh > ~/.zfunc/_offseeker
  offseeker completions fish > ~/.config/fish/completions/offseeker.fish")]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self) -> Outcome {
        let mut script = Vec::new();
        clap_complete::generate(self.shell, &mut Offseeker::command(), "offseeker", &mut script);
        let script = String::from_utf8_lossy(&script).into_owned();
        Outcome::done(script.clone()).with("script", script)
    }
}
