//! The program `offseeker`: one subcommand for each step from a corpus to a trained research agent.
//!
//! What a subcommand does is a function of another crate; here are its words, its files and its errors.

#![allow(clippy::doc_markdown, reason = "what is documented there is the help that a terminal shows")]

mod arguments;
mod commands;
mod corpus;
mod date;
#[cfg(feature = "web")]
mod engine;
mod exit;
mod failure;
mod graders;
mod lines;
mod model;
mod outcome;
mod session;
mod store;
mod toolset;

use std::process::ExitCode;

use clap::Parser;
use serde_json::json;

use arguments::Offseeker;
use exit::Exit;
use session::Session;

fn main() -> ExitCode {
    #[cfg(feature = "pdf")]
    offseeker_pages::serve_pdf_if_worker();
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        eprintln!(
            "error: offseeker has a fault, at {place}\nhint: what was made is kept; please report it with the command that you gave"
        );
    }));
    match Offseeker::try_parse() {
        Ok(asked) => run(asked).into(),
        Err(error) => {
            // Who does not listen is not told.
            let _ = error.print();
            if error.use_stderr() { Exit::Usage.into() } else { Exit::Done.into() }
        }
    }
}

/// Does what is asked, and says what came of it.
fn run(asked: Offseeker) -> Exit {
    let name = asked.command.name();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: the system gives no threads: {error}");
            return Exit::Failed;
        }
    };
    let done = runtime.block_on(async {
        let session = Session::new(asked.quiet)?;
        Box::pin(commands::run(asked.command, &session)).await
    });
    match done {
        Ok(outcome) => {
            outcome.say(name, asked.json);
            outcome.exit
        }
        Err(failure) => {
            eprintln!("{failure}");
            if asked.json {
                let said = json!({"command": name, "exit": failure.exit.as_str(), "error": failure.what, "hint": failure.hint});
                outcome::print(&format!("{said}\n"));
            }
            failure.exit
        }
    }
}
