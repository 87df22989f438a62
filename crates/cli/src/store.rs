//! Where attempts are kept: in a file, or in Postgres.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use offseeker_pipeline::RunFolder;
use offseeker_trajectory_store::RunStore;
use offseeker_trajectory_store::embedded::{Embedded, Options};

use crate::failure::Failure;

/// What stands for the store in Postgres.
const POSTGRES: &str = "postgres";

/// Where attempts are kept.
#[derive(Debug, Clone, Args)]
pub(crate) struct StoreArguments {
    /// The store: a file, the folder of a run for its teacher's attempts, or `postgres`, whose address is in
    /// OFFSEEKER_POSTGRES
    #[arg(long, value_name = "STORE")]
    pub(crate) store: PathBuf,
}

impl StoreArguments {
    /// Opens the store, which is made where it is not there.
    pub(crate) async fn open(&self) -> Result<Arc<dyn RunStore>, Failure> {
        if self.store.as_os_str() == POSTGRES {
            return postgres().await;
        }
        let file = self.file();
        if let Some(parent) = file.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            std::fs::create_dir_all(parent).map_err(Failure::io(parent))?;
        }
        Ok(Arc::new(Embedded::open(&file, &Options::default())?))
    }

    /// Opens a store that has to be there.
    pub(crate) async fn open_existing(&self) -> Result<Arc<dyn RunStore>, Failure> {
        let file = self.file();
        if self.store.as_os_str() != POSTGRES && !file.exists() {
            return Err(Failure::new(format!("{} is no store: there is no such file", file.display()))
                .hint("`offseeker attempt QUESTIONS --store FILE` makes one"));
        }
        self.open().await
    }

    /// The file of the store. Of a run it is that of its teacher.
    fn file(&self) -> PathBuf {
        file_of(&self.store)
    }
}

/// The file of a store that is named by itself, or by the run that it belongs to.
pub(crate) fn file_of(named: &Path) -> PathBuf {
    if named.is_dir() { RunFolder::new(named).teacher_attempts() } else { named.to_owned() }
}

#[cfg(feature = "postgres")]
async fn postgres() -> Result<Arc<dyn RunStore>, Failure> {
    use offseeker_trajectory_store::{Postgres, PostgresOptions};
    let missing =
        |_| Failure::new("there is no address in OFFSEEKER_POSTGRES").hint("export OFFSEEKER_POSTGRES=postgres://...");
    let address = std::env::var("OFFSEEKER_POSTGRES").map_err(missing)?;
    Ok(Arc::new(Postgres::connect(&address, PostgresOptions::default()).await?))
}

#[cfg(not(feature = "postgres"))]
async fn postgres() -> Result<Arc<dyn RunStore>, Failure> {
    Err(Failure::new("this program was built without Postgres").hint("build it with `--features postgres`"))
}
