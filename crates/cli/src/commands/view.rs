//! `offseeker view`: the page on which a run is looked at.

use std::path::{Path, PathBuf};

use clap::Args;
use futures::TryStreamExt;
use offseeker_pipeline::{Report, RunFolder, Stage, stages};
use offseeker_trajectory_store::{Filter, TrajectoryStoreExt};
#[cfg(feature = "serve")]
use offseeker_viewer::PageServer;
use offseeker_viewer::{Page, Shown};

use crate::failure::Failure;
use crate::outcome::Outcome;
use crate::session::Session;
use crate::store::StoreArguments;

/// Writes the page on which a run is looked at, or serves it to browsers on this machine.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  offseeker view target/my-run
  offseeker view target/my-run --serve
  offseeker view target/attempts.db --out attempts.html

The page is one file that needs no network. Of a run it is RUN/report.html, as far as the run is; of a store it has the
attempts.")]
pub(crate) struct View {
    /// The folder of a run, or a store of attempts
    #[arg(value_name = "RUN")]
    of: PathBuf,
    /// The page that is made; report.html of the run, or STORE.html
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Serves it on 127.0.0.1, until Ctrl-C
    #[cfg(feature = "serve")]
    #[arg(long)]
    serve: bool,
    /// The port; 0 stands for any
    #[cfg(feature = "serve")]
    #[arg(long, value_name = "PORT", default_value_t = 0)]
    port: u16,
}

impl View {
    pub(crate) async fn run(&self, session: &Session) -> Result<Outcome, Failure> {
        let (page, attempts) = if self.of.is_dir() { self.of_run(session).await? } else { self.of_store().await? };
        #[cfg(feature = "serve")]
        if self.serve {
            return self.serve(&page, attempts, session).await;
        }
        Ok(Outcome::done(format!("{attempts} attempts")).with("attempts", attempts).made("page", &page))
    }

    #[cfg(feature = "serve")]
    async fn serve(&self, page: &Path, attempts: u64, session: &Session) -> Result<Outcome, Failure> {
        let server = PageServer::bind(page, self.port).await?;
        let address = server.address();
        session.note(format!("{} is at {address}; Ctrl-C ends it", page.display()));
        server.run(session.stopped()).await?;
        Ok(Outcome::done("ended").with("attempts", attempts).with("address", address).made("page", page))
    }

    /// The page of a run, as far as that is.
    async fn of_run(&self, session: &Session) -> Result<(PathBuf, u64), Failure> {
        let folder = RunFolder::new(&self.of);
        if !folder.config().exists() {
            return Err(Failure::new(format!("{} is no folder of a run: it has no config.toml", self.of.display()))
                .hint("`offseeker run CONFIG FOLDER` makes one"));
        }
        let report = match std::fs::read_to_string(folder.report()) {
            Ok(text) => serde_json::from_str::<Report>(&text).map_err(|error| {
                Failure::new(format!("{}: {error}", folder.report().display()))
                    .hint("remove it; `offseeker run` makes it again")
            })?,
            Err(_) => stages::report(&folder.read_config()?, &folder)?,
        };
        let flow = stages::page(&report, &folder, &session.watch(Stage::Report)).await?;
        let page = folder.page();
        let Some(out) = &self.out else { return Ok((page, flow.went)) };
        std::fs::copy(&page, out).map_err(Failure::io(out))?;
        Ok((out.clone(), flow.went))
    }

    /// The attempts of a store on a page.
    async fn of_store(&self) -> Result<(PathBuf, u64), Failure> {
        let out = self.out.clone().unwrap_or_else(|| self.of.with_extension("html"));
        let store = StoreArguments { store: self.of.clone() }.open_existing().await?;
        let page = Page::new(title(&self.of));
        let mut writer = page.begin(&out)?;
        let mut attempts = store.trajectories(&Filter::default());
        while let Some(attempt) = attempts.try_next().await? {
            let category =
                attempt.question.metadata.get("category").and_then(|it| it.as_str()).unwrap_or_default().to_owned();
            let by = attempt.model.clone().unwrap_or_default();
            writer.add(&Shown::new(attempt).by(by).in_category(category))?;
        }
        Ok((out, writer.finish()?.attempts))
    }
}

fn title(store: &Path) -> String {
    store.file_stem().map_or_else(|| "attempts".to_owned(), |name| name.to_string_lossy().into_owned())
}
