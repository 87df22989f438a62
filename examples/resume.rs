//! What happens to a run that is killed?
//!
//! ```sh
//! cargo run --release --example resume
//! ```
//!
//! Six questions are attempted four times each, with a model that takes its time. The program kills the run three times
//! in the middle, lets it go on, and counts what is there each time. Every life of the run is this program again.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::{TryStreamExt, stream};
use offseeker::agent_loop::{Agent, Run, Stop, Tools};
use offseeker::chat::{ChatError, ChatModel, Reply, Request};
use offseeker::tools::{Function, Observation};
use offseeker::trajectory::{Message, Question, Role};
use offseeker::trajectory_store::embedded::{Embedded, Options};
use offseeker::trajectory_store::{Filter, TrajectoryStoreExt};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// A model that looks four things up, then answers, and takes a while for each.
#[derive(Debug)]
struct Thoughtful;

#[async_trait]
impl ChatModel for Thoughtful {
    fn name(&self) -> &str {
        "thoughtful"
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        tokio::time::sleep(Duration::from_millis(40)).await;
        let turn = request.messages.iter().filter(|message| message.role == Role::Assistant).count();
        Ok(Reply::new(Message::assistant(match turn {
            0..4 => format!("<tool_call>{{\"name\": \"look\", \"arguments\": {{\"at\": {turn}}}}}</tool_call>"),
            _ => "<answer>the Orsa</answer>".to_owned(),
        })))
    }
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Look {
    at: u32,
}

#[tokio::main]
async fn main() -> Outcome<()> {
    match std::env::args().nth(1) {
        Some(folder) => live(Path::new(&folder)).await,
        None => show(tempfile::tempdir()?.path()).await,
    }
}

/// One life of the run: it goes on where the one before was, until it is done or killed. Ctrl-C stops it in good order.
async fn live(folder: &Path) -> Outcome<()> {
    let store = Arc::new(Embedded::open(folder.join("attempts.db"), &Options::default())?);
    let tools = Tools::made_of(|| {
        let look = async |look: Look| Ok(Observation::ok(format!("At {} there is a mill on the Orsa.", look.at)));
        vec![Box::new(Function::new("look", "Looks at a place.", look)) as _]
    });
    let agent = Agent::new(Arc::new(Thoughtful), tools);
    let manifest = agent.manifest("resume", 42)?;
    let stop = Stop::default();
    let run = Run::new(agent, store, manifest).attempting(4).at_once(5).stopped_by(stop.clone());

    tokio::spawn(async move {
        while tokio::signal::ctrl_c().await.is_ok() {
            stop.ask();
        }
    });
    let questions = (1..=6).map(|number| Question::new(format!("Which river drives mill {number}?"), ["the Orsa"]));
    let summary = run.attempt_all(stream::iter(questions)).await?;
    println!("  {}", summary.progress);
    if summary.was_stopped {
        println!("  stopped; run the same command again to go on");
    }
    Ok(())
}

/// Starts the run, kills it, looks at what is there, and so on.
async fn show(folder: &Path) -> Outcome<()> {
    let begun = Instant::now();
    for (life, lasts) in [Some(150), Some(300), Some(220), None].into_iter().enumerate() {
        let mut run = Command::new(std::env::current_exe()?).arg(folder).spawn()?;
        match lasts {
            Some(milliseconds) => {
                tokio::time::sleep(Duration::from_millis(milliseconds)).await;
                run.kill()?;
                run.wait()?;
                println!("life {}: killed after {milliseconds} ms", life + 1);
            }
            None => {
                println!("life {}: to its end", life + 1);
                run.wait()?;
            }
        }
        count(&folder.join("attempts.db")).await?;
    }
    println!("in {:.1} s", begun.elapsed().as_secs_f64());
    Ok(())
}

async fn count(store: &Path) -> Outcome<()> {
    let store = Embedded::open(store, &Options::default())?;
    let attempts: Vec<_> = store.trajectories(&Filter::default()).try_collect().await?;
    let turns = |attempt: &offseeker::trajectory::Trajectory| {
        attempt.nodes().iter().filter(|node| node.as_sampled().is_some()).count()
    };
    let ended = attempts.iter().filter(|attempt| attempt.stop.is_some()).count();
    let kept: usize = attempts.iter().map(turns).sum();
    let longest = attempts.iter().map(turns).max().unwrap_or_default();
    println!(
        "  {} attempts begun, {ended} ended, {kept} replies kept, at most {longest} in one attempt (5 make it whole)",
        attempts.len()
    );
    Ok(())
}
