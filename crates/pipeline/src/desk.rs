//! Where stages are made, or left as they are.

use std::future::Future;
use std::time::Instant;

use offseeker_durable::WriterLock;
use offseeker_remote::Stop;
use serde_json::Value;

use crate::folder::write_json;
use crate::{Config, Corpora, Event, Flow, Key, PipelineError, RunFolder, Stage, StageRecord, Watch, Watcher};

/// A run that is under way.
#[derive(Debug)]
pub(crate) struct Desk {
    pub(crate) config: Config,
    pub(crate) folder: RunFolder,
    pub(crate) corpora: Corpora,
    pub(crate) watcher: Watcher,
    pub(crate) stop: Stop,
    pub(crate) _lock: WriterLock,
}

impl Desk {
    /// What a stage is watched and stopped by.
    pub(crate) fn watch(&self, stage: Stage) -> Watch {
        Watch::of(stage, self.watcher.clone(), self.stop.clone())
    }

    /// Makes a stage, unless it was made before by the same `part` of the configuration `on` the same stages.
    pub(crate) async fn make(
        &self,
        stage: Stage,
        part: &Value,
        on: &[&Key],
        work: impl Future<Output = Result<Flow, PipelineError>>,
    ) -> Result<Key, PipelineError> {
        let key = Key::of(stage, part, on)?;
        let before = self.folder.record(stage)?.filter(|record| record.key == key);
        if let Some(record) = before.as_ref().filter(|record| record.is_finished) {
            self.watcher.tell(&Event::Kept { stage, flow: record.flow.clone() });
            return Ok(key);
        }
        self.watch(stage).go_on()?;
        if before.is_none() {
            self.begin(stage, &key).map_err(|error| error.at(stage))?;
        }
        self.watcher.tell(&Event::Begun { stage });
        let begun = Instant::now();
        let flow = Box::pin(work).await.map_err(|error| error.at(stage))?;
        let seconds = begun.elapsed().as_secs_f64();
        let record = StageRecord { stage, key: key.clone(), is_finished: true, flow: flow.clone(), seconds };
        write_json(&self.folder.record_file(stage), &record)?;
        self.watcher.tell(&Event::Finished { stage, flow, seconds });
        Ok(key)
    }

    /// Moves aside what was made by another configuration, and then says what is made now: a kill in between leaves
    /// nothing that could be taken for what it is not.
    fn begin(&self, stage: Stage, key: &Key) -> Result<(), PipelineError> {
        let file = self.folder.record_file(stage);
        if file.exists() {
            std::fs::remove_file(&file).map_err(PipelineError::io(&file))?;
        }
        self.folder.move_aside(stage)?;
        let record = StageRecord { stage, key: key.clone(), is_finished: false, flow: Flow::default(), seconds: 0.0 };
        write_json(&file, &record)
    }
}
