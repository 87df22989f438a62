//! `offseeker config`: a configuration with every value explained.

use std::path::PathBuf;

use clap::Args;
use offseeker_pipeline::{Config as Whole, Scale};

use crate::failure::Failure;
use crate::outcome::Outcome;

/// Prints a configuration with every value explained, or checks one.
///
/// What is left out of a file is as it is printed here.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  offseeker config > my.toml
  offseeker config --scale medium --world 11 > medium.toml
  offseeker config --check my.toml")]
pub(crate) struct Config {
    /// How large it is: `small` takes a quarter of an hour on two cores, `medium` an hour, `large` half a day
    #[arg(long, value_name = "SCALE", default_value = "small", value_parser = ["small", "medium", "large"])]
    scale: String,
    /// What the made-up encyclopedias are drawn from
    #[arg(long, value_name = "SEED")]
    world: Option<u64>,
    /// Checks a file instead, and says nothing but what is wrong with it
    #[arg(long, value_name = "FILE", conflicts_with_all = ["scale", "world"])]
    check: Option<PathBuf>,
}

impl Config {
    pub(crate) fn run(&self) -> Result<Outcome, Failure> {
        if let Some(file) = &self.check {
            let config = Whole::read(file)?;
            return Ok(Outcome::done("").with("config", config));
        }
        let config = Whole::miniature(self.scale.parse::<Scale>().map_err(Failure::usage)?);
        let config = match self.world {
            Some(seed) => config.in_world(seed),
            None => config,
        };
        Ok(Outcome::done(config.documented()).with("config", config))
    }
}
