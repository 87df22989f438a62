//! How do other programs use the tools? Serves a toolbox over the Model Context Protocol.
//!
//! ```sh
//! cargo run --release --example tools_over_mcp                 # serves over standard input and output
//! cargo run --release --example tools_over_mcp -- --try        # starts itself as a server, and calls its tools
//! cargo run --release --example tools_over_mcp -- --use PROGRAM ARGUMENTS  # the same with another server
//! ```
//!
//! A client such as an editor or a desktop assistant is told to start the first command. It needs neither network nor
//! key: the tools search and read a few pages that are made here. `--profile openresearcher` serves them as the models of
//! another system know them.

use std::error::Error;
use std::sync::Arc;

use offseeker::pages::Page;
use offseeker::search::{CorpusEncyclopedia, InMemory};
use offseeker::tools::mcp::{self, McpCommand, McpServer};
use offseeker::tools::{Kit, Limits, Profile, Toolbox};
use offseeker::trajectory::ToolCall;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    // The embedded interpreter starts this program again for each guest.
    #[cfg(unix)]
    offseeker::tools::code::serve_if_guest();
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => serve("offseeker").await,
        ["--profile", profile] => serve(profile).await,
        ["--try"] => try_it().await,
        ["--use", program, arguments @ ..] => use_it(&McpCommand::new(*program, arguments.iter().copied())).await,
        _ => Err("usage: tools_over_mcp [--profile NAME | --try | --use PROGRAM ARGUMENTS]".into()),
    };
    if let Err(error) = outcome {
        eprintln!("{error}");
        std::process::exit(1);
    }
    Ok(())
}

/// Serves a toolbox until the client hangs up.
async fn serve(profile: &str) -> Result<(), Box<dyn Error>> {
    let names: Vec<&str> = Profile::shipped_names().collect();
    let profile = Profile::shipped(profile)
        .ok_or_else(|| format!("there is no profile {profile:?}; there are {}", names.join(", ")))?;
    let toolbox = kit(profile).await?.toolbox()?;
    let tools: Vec<&str> = toolbox.specs().iter().map(|spec| spec.name.as_str()).collect();
    // Standard output belongs to the protocol.
    eprintln!("serving {} over standard input and output; close the input to stop", tools.join(", "));
    Ok(mcp::serve_stdio(toolbox).await?)
}

/// What the tools work with: a few pages, and an interpreter for code where there is one.
async fn kit(profile: Profile) -> Result<Kit, Box<dyn Error>> {
    let page = |name: &str, title: &str, text: &str| Page::new(format!("https://karlin.example/{name}"), title, text);
    let corpus = Arc::new(InMemory::of([
        page("mill", "Karlin mill", "An old mill on the Orsa.\n\nIt was rebuilt in 1743, after the castle burnt down."),
        page("castle", "Karlin castle", "The castle burnt down twice, in 1741 and in 1803."),
        page("orsa", "Orsa (river)", "The Orsa rises in the northern hills and drives the Karlin mill."),
    ]));
    let encyclopedia = Arc::new(CorpusEncyclopedia::new(corpus.clone(), corpus.clone()));
    let kit = Kit::new(profile).searching(corpus.clone()).reading(corpus).looking_up(encyclopedia);
    with_code(kit).await
}

#[cfg(unix)]
async fn with_code(kit: Kit) -> Result<Kit, Box<dyn Error>> {
    use offseeker::tools::code::{Interpreter, Options};

    match Interpreter::detect(Options::default()).await {
        Ok(interpreter) => Ok(kit.running(interpreter)),
        Err(error) => {
            eprintln!("without code: {error}");
            Ok(without_code(kit))
        }
    }
}

#[cfg(not(unix))]
async fn with_code(kit: Kit) -> Result<Kit, Box<dyn Error>> {
    Ok(without_code(kit))
}

fn without_code(kit: Kit) -> Kit {
    let profile = kit.profile().clone().without(&["execute_code", "PythonInterpreter", "run_python_code"]);
    kit.profiled(profile)
}

/// Starts this program as a server, and calls its tools as a client would.
async fn try_it() -> Result<(), Box<dyn Error>> {
    let this = std::env::current_exe()?.display().to_string();
    let server = McpServer::start(&McpCommand::new::<String>(this, [])).await?;
    let toolbox = Toolbox::new(server.tools().await?, Limits::default())?;
    let calls = [
        ToolCall::new("1", "search", r#"{"query": ["when was the mill rebuilt?"]}"#),
        ToolCall::new("2", "search_wiki", r#"{"entities": ["Orsa"]}"#),
        ToolCall::new("3", "visit_urls", r#"{"urls": ["https://karlin.example/castle"], "query": "fires"}"#),
        ToolCall::new("4", "execute_code", r#"{"code": "print(1803 - 1741)"}"#),
    ];
    call_all(&toolbox, &calls).await
}

/// Starts another program as a server, lists its tools, and calls them as the lines of standard input say: a name, a
/// space, the arguments as JSON.
async fn use_it(command: &McpCommand) -> Result<(), Box<dyn Error>> {
    let server = McpServer::start(command).await?;
    let toolbox = Toolbox::new(server.tools().await?, Limits::default())?;
    for spec in toolbox.specs() {
        println!("{}: {}\n  {}", spec.name, spec.description.trim(), spec.parameters);
    }
    for line in std::io::stdin().lines() {
        let line = line?;
        let (name, arguments) = line.trim().split_once(' ').unwrap_or((line.trim(), "{}"));
        call_all(&toolbox, &[ToolCall::new("", name, arguments)]).await?;
    }
    Ok(())
}

async fn call_all(toolbox: &Toolbox, calls: &[ToolCall]) -> Result<(), Box<dyn Error>> {
    for (call, observation) in calls.iter().zip(toolbox.call_all(calls).await) {
        let observation = observation?;
        println!("\n>>> {} {}\n{:?} in {:.1?}", call.name, call.arguments, observation.status, observation.elapsed);
        println!("{}", observation.text);
    }
    Ok(())
}
