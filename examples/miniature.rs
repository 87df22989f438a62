//! Can a laptop train a research agent? The whole loop, from a made-up encyclopedia to a report.
//!
//! ```sh
//! cargo run --release --example miniature
//! cargo run --release --example miniature -- --world 11 --scale medium --out target/other
//! cargo run --release --example miniature -- --world 7,11,13        # one after the other, and their means
//! cargo run --release --example miniature -- --model NAME --base-url http://localhost:8000/v1
//! ```
//!
//! A model of a million weights, which begins with nothing, learns from the attempts of a teacher to research in a world of
//! made-up things: it searches, reads, holds what it finds against what is wanted, and answers. Then it learns from its own
//! attempts which are better. It is measured on questions about things that no question to learn from was about, and in a
//! world that nobody learnt from, beside itself untrained and without tools, beside whoever takes the first hit, and beside
//! its teacher. No key, no GPU, no Python. Ctrl-C stops it with everything kept, and the same command goes on; `--fresh`
//! begins anew. With `--model` a model behind a server teaches, whose key is in `OFFSEEKER_API_KEY`, where it needs one.

use std::error::Error;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use offseeker::pipeline::config::TeacherKind;
use offseeker::pipeline::{Config, Console, Pipeline, Repeated, Report, RunFolder, Scale, Stop};
use offseeker::trainer::stop_on_signals;

const USAGE: &str = "usage: miniature [--world SEED,..] [--scale small|medium|large] [--model NAME --base-url URL] [--out FOLDER] [--fresh]";

#[tokio::main]
async fn main() -> ExitCode {
    let asked = match Asked::read(std::env::args().skip(1)) {
        Ok(asked) => asked,
        Err(error) => {
            eprintln!("error: {error}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match asked.run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

/// What the command line asks for.
struct Asked {
    config: Config,
    worlds: Vec<u64>,
    out: Option<PathBuf>,
    fresh: bool,
}

impl Asked {
    fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, Box<dyn Error>> {
        let (mut worlds, mut scale) = (vec![7], Scale::Small);
        let (mut model, mut base_url) = (None, None);
        let (mut out, mut fresh) = (None, false);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} wants a value"));
            match argument.as_str() {
                "--world" => {
                    let seeds: Result<_, _> = value()?.split(',').map(str::parse).collect();
                    worlds = seeds.map_err(|_| "--world wants a number, or several with commas between")?;
                }
                "--scale" => scale = value()?.parse()?,
                "--model" => model = Some(value()?),
                "--base-url" => base_url = Some(value()?),
                "--out" => out = Some(PathBuf::from(value()?)),
                "--fresh" => fresh = true,
                other => return Err(format!("{other:?} is not known").into()),
            }
        }
        let mut config = Config::miniature(scale);
        match (model, base_url) {
            (None, None) => {}
            (Some(model), Some(base_url)) => {
                config.teacher.kind = TeacherKind::Endpoint;
                (config.teacher.endpoint.model, config.teacher.endpoint.base_url) = (model, base_url);
            }
            _ => return Err("--model and --base-url go together".into()),
        }
        Ok(Self { config, worlds, out, fresh })
    }

    /// Runs the loop in each world, and says what came of it.
    async fn run(&self) -> Result<(), Box<dyn Error>> {
        let stop = stop_on_signals()?;
        let mut reports = Vec::new();
        for world in &self.worlds {
            let begun = Instant::now();
            let report = self.run_in(*world, stop.clone()).await?;
            println!("\n{}", report.results);
            let folder = RunFolder::new(self.folder(*world));
            for file in [folder.report(), folder.page()].into_iter().filter(|file| file.exists()) {
                println!("{}", file.display());
            }
            println!("{:.0} s\n", begun.elapsed().as_secs_f64());
            reports.push(report);
        }
        if reports.len() > 1 {
            println!("{}", Repeated::of(&reports));
        }
        Ok(())
    }

    async fn run_in(&self, world: u64, stop: Stop) -> Result<Report, Box<dyn Error>> {
        let folder = self.folder(world);
        if self.fresh && folder.exists() {
            // Whoever works there is not disturbed, and nothing that is no run is taken away.
            let run = RunFolder::new(&folder);
            if !run.config().exists() {
                return Err(format!("{} is no folder of a run; remove it yourself", folder.display()).into());
            }
            let lock = run.lock()?;
            std::fs::remove_dir_all(&folder)?;
            drop(lock);
        }
        let mut config = self.config.clone().in_world(world);
        config.name = format!("miniature in world {world}");
        let pipeline = Pipeline::new(config, folder);
        Ok(pipeline.stopped_by(stop).watched_by(Console::watcher()).run().await?)
    }

    /// Where the run of a world is.
    fn folder(&self, world: u64) -> PathBuf {
        let name = format!("world-{world}");
        match &self.out {
            None => PathBuf::from("target/miniature").join(name),
            Some(out) if self.worlds.len() == 1 => out.clone(),
            Some(out) => out.join(name),
        }
    }
}
