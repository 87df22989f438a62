//! Runs a pipeline by a configuration.
//!
//! ```sh
//! cargo run --release -p offseeker-pipeline --example run -- CONFIG.toml FOLDER
//! ```
//!
//! Without arguments it prints a configuration with every value explained. Killed at any moment, the same command goes on.

use std::error::Error;
use std::path::PathBuf;

use offseeker_pipeline::{Config, Console, Pipeline};
use offseeker_trainer::stop_on_signals;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<PathBuf> = std::env::args_os().skip(1).map(PathBuf::from).collect();
    let [config, folder] = arguments.as_slice() else {
        print!("{}", Config::default().documented());
        return Ok(());
    };
    let pipeline = Pipeline::new(Config::read(config)?, folder);
    let report = pipeline.stopped_by(stop_on_signals()?).watched_by(Console::watcher()).run().await?;
    println!("{}", report.results);
    Ok(())
}
