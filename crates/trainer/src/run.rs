//! A run of training in a folder: where it stands, what it writes down, when it stops.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use offseeker_durable::{WriterLock, same_settings};
use offseeker_remote::Stop;
use serde_json::{Value, json};

use crate::alarms::{Alarm, AlarmSettings, Severity};
use crate::average::MovingAverage;
use crate::memory::available;
use crate::metrics::{Metrics, MetricsLog, PreferenceMetrics, peak_memory};
use crate::reference::unlike;
use crate::{Checkpoint, Checkpoints, Policy, State, TrainError, Update};

/// Watches each step.
type Watch<'a> = Box<dyn FnMut(&Metrics) + 'a>;
/// Looks at the model now and then, and gives what it sees by name.
type Look<'a> = Box<dyn FnMut(&mut dyn Policy) -> Result<BTreeMap<String, f64>, TrainError> + 'a>;

/// A run of training in a folder. The same run, begun again, goes on after its last checkpoint, to the same bits.
///
/// The folder holds `settings.json`, `metrics.jsonl`, `checkpoints/` and, when the run is at its end, `model/`; with the
/// feature `tensorboard` also `tensorboard/`.
pub struct Run<'a> {
    folder: PathBuf,
    stop: Stop,
    every: u64,
    keep: usize,
    alarms: AlarmSettings,
    watch: Option<Watch<'a>>,
    looks: Vec<(u64, Look<'a>)>,
}

impl fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { folder, every, keep, .. } = self;
        f.debug_struct("Run").field("folder", folder).field("every", every).field("keep", keep).finish_non_exhaustive()
    }
}

impl<'a> Run<'a> {
    /// A run in a folder, which is made where it is not there. It keeps two checkpoints, one every hundred steps, beside the
    /// one at its end.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self {
            folder: folder.into(),
            stop: Stop::default(),
            every: 100,
            keep: 2,
            alarms: AlarmSettings::default(),
            watch: None,
            looks: Vec::new(),
        }
    }

    /// Stops when it is asked to, with a checkpoint: between two passes, so that no step is half gone.
    #[must_use]
    pub fn stopped_by(mut self, stop: &Stop) -> Self {
        self.stop = stop.clone();
        self
    }

    /// Writes a checkpoint every so many steps, and keeps the last so many.
    #[must_use]
    pub fn checkpoints(mut self, every: u64, keep: usize) -> Self {
        (self.every, self.keep) = (every.max(1), keep);
        self
    }

    /// Says when something is wrong with a run.
    #[must_use]
    pub fn alarms(mut self, alarms: AlarmSettings) -> Self {
        self.alarms = alarms;
        self
    }

    /// Shows each step.
    #[must_use]
    pub fn watched_by(mut self, watch: impl FnMut(&Metrics) + 'a) -> Self {
        self.watch = Some(Box::new(watch));
        self
    }

    /// Looks at the model every so many steps, and after the last. What is seen goes into the metrics by
    /// its name. A look must not change the model.
    #[must_use]
    pub fn looking(
        mut self,
        every: u64,
        look: impl FnMut(&mut dyn Policy) -> Result<BTreeMap<String, f64>, TrainError> + 'a,
    ) -> Self {
        self.looks.push((every.max(1), Box::new(look)));
        self
    }

    /// Where the run keeps things.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Whether it is asked to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_asked()
    }

    /// Begins, or goes on after the last checkpoint, which the policy is then brought to.
    pub(crate) fn begin(self, policy: &mut dyn Policy, begun: Begun<'_>) -> Result<UnderWay<'a>, TrainError> {
        let Begun { about, steps, average: decay, .. } = begun;
        refuse_what_does_not_fit(policy, &begun)?;
        fs::create_dir_all(&self.folder).map_err(TrainError::io(&self.folder))?;
        let lock = WriterLock::take(&self.folder).map_err(TrainError::io(&self.folder))?;
        let Some(lock) = lock else {
            let what = "another run is under way here; wait for it, or use another folder".to_owned();
            return Err(TrainError::Mismatch { place: self.folder, what });
        };
        let about = json!({"run": about, "model": policy.about()});
        let place = self.folder.join("settings.json");
        same_settings(&place, &about).map_err(|error| unlike(&place, error))?;
        let run = blake3::hash(about.to_string().as_bytes()).to_hex().to_string();
        let checkpoints = Checkpoints::open(&self.folder.join("checkpoints"), self.keep, run)?;
        let last = checkpoints.last(policy.about())?;
        let mut average = decay.map(|decay| MovingAverage::new(&policy.state().values, decay)).transpose()?;
        let step = match last {
            None => 0,
            Some(Checkpoint { step, state, average: kept }) => {
                policy.restore(state)?;
                if let (Some(decay), Some(kept)) = (decay, kept) {
                    average = Some(MovingAverage::resumed(kept.into_owned(), decay, step)?);
                }
                step
            }
        };
        let (metrics, rows) = MetricsLog::open(&self.folder.join("metrics.jsonl"), step)?;
        let (tokens, learnt) = rows.last().map_or((0, 0), |last| (last.tokens, last.learnt_tokens));
        Ok(UnderWay {
            begun: step,
            step,
            steps,
            average,
            checkpoints,
            tokens,
            learnt,
            metrics,
            #[cfg(feature = "tensorboard")]
            board: crate::metrics::TensorBoard::create(&self.folder.join("tensorboard"), &rows)?,
            rows,
            raised: Vec::new(),
            since: Instant::now(),
            _lock: lock,
            run: self,
        })
    }
}

/// What a run is begun with.
#[derive(Clone, Copy)]
pub(crate) struct Begun<'a> {
    /// What it is made of, beside the policy.
    pub(crate) about: &'a Value,
    /// How many steps it has.
    pub(crate) steps: u64,
    /// How much of a running average a step keeps.
    pub(crate) average: Option<f64>,
    /// How many tokens go through the network at once.
    pub(crate) tokens: usize,
    /// How many the longest sequence has.
    pub(crate) longest: usize,
}

/// Says what the training takes of memory, and refuses what the machine does not have.
fn refuse_what_does_not_fit(policy: &dyn Policy, begun: &Begun<'_>) -> Result<(), TrainError> {
    let Some(plan) = policy.memory(begun.tokens, begun.longest, begun.average.is_some())? else { return Ok(()) };
    tracing::info!("memory:\n{plan}");
    match available() {
        // What the policy holds already is not free any more, and needed no more either.
        Some(free) => plan.check(free.saturating_add(plan.held())),
        None => Ok(()),
    }
}

/// How a run ended.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// How many steps are gone.
    pub steps: u64,
    /// Whether it is at its end; else it was asked to stop, and goes on when it is begun again.
    pub is_finished: bool,
    /// Where the model is, where the run is at its end.
    pub model: Option<PathBuf>,
    /// Where the running average of the model is, where one was kept.
    pub average: Option<PathBuf>,
    /// The last step that went now; none where nothing was left to do.
    pub last: Option<Metrics>,
    /// What seemed wrong.
    pub alarms: Vec<Alarm>,
}

impl Outcome {
    /// That of a run that was asked to stop before its first step.
    pub(crate) fn stopped_before_it_began() -> Self {
        Self { steps: 0, is_finished: false, model: None, average: None, last: None, alarms: Vec::new() }
    }
}

/// What a step was.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Gone {
    pub(crate) epoch: f64,
    pub(crate) loss: f64,
    pub(crate) tokens: usize,
    pub(crate) learnt: usize,
    pub(crate) rate: f64,
    pub(crate) norm: f64,
    /// What was seen of its pairs.
    pub(crate) preference: Option<PreferenceMetrics>,
}

/// A run that is under way.
pub(crate) struct UnderWay<'a> {
    run: Run<'a>,
    begun: u64,
    step: u64,
    steps: u64,
    average: Option<MovingAverage>,
    checkpoints: Checkpoints,
    /// How many tokens went through so far, and how many of them were learnt.
    tokens: u64,
    learnt: u64,
    metrics: MetricsLog,
    #[cfg(feature = "tensorboard")]
    board: crate::metrics::TensorBoard,
    rows: Vec<Metrics>,
    raised: Vec<Alarm>,
    since: Instant,
    _lock: WriterLock,
}

impl UnderWay<'_> {
    /// The step that comes next, counted from 0.
    pub(crate) fn next(&mut self) -> Option<u64> {
        self.since = Instant::now();
        (self.step < self.steps).then_some(self.step)
    }

    /// Whether this is the first step of all.
    pub(crate) fn is_first(&self) -> bool {
        self.step == 0
    }

    /// Whether it is asked to stop.
    pub(crate) fn is_stopped(&self) -> bool {
        self.run.is_stopped()
    }

    /// Lets the policy go a step, if the loss is a number.
    pub(crate) fn step(&self, policy: &mut dyn Policy, update: &Update, loss: f64) -> Result<f64, TrainError> {
        if !loss.is_finite() {
            policy.forget();
            let what = format!("the loss is {loss}; lower the learning rate, or look at the rows of this step");
            return Err(TrainError::NotFinite { step: update.step, what });
        }
        policy.step(update)
    }

    /// Notes that a step is gone; writes a checkpoint where it is time for one.
    pub(crate) fn went(&mut self, policy: &mut dyn Policy, gone: Gone) -> Result<(), TrainError> {
        self.step += 1;
        if let Some(average) = &mut self.average {
            average.add(&policy.state().values)?;
        }
        let seconds = self.since.elapsed().as_secs_f64().max(1e-9);
        let mut evaluation = BTreeMap::new();
        for (every, look) in &mut self.run.looks {
            if self.step.is_multiple_of(*every) || self.step == self.steps {
                evaluation.extend(look(policy)?);
            }
        }
        self.tokens += gone.tokens as u64;
        self.learnt += gone.learnt as u64;
        let row = Metrics {
            step: self.step,
            epoch: gone.epoch,
            loss: gone.loss,
            tokens: self.tokens,
            learnt_tokens: self.learnt,
            gradient_norm: gone.norm,
            learning_rate: gone.rate,
            tokens_per_second: gone.tokens as f64 / seconds,
            peak_memory: peak_memory(),
            time: now(),
            preference: gone.preference,
            evaluation,
        };
        self.metrics.append(&row)?;
        #[cfg(feature = "tensorboard")]
        self.board.append(&row)?;
        if let Some(watch) = &mut self.run.watch {
            watch(&row);
        }
        self.rows.push(row);
        if self.step.is_multiple_of(self.run.every) {
            self.checkpoint(policy)?;
        }
        self.look_for_alarms()
    }

    /// Notes what seems wrong, and ends the run where a rule says so.
    fn look_for_alarms(&mut self) -> Result<(), TrainError> {
        let mut raised = self.run.alarms.look(&self.rows, self.steps);
        // What went wrong once goes wrong for a while; it is told once.
        raised.retain(|alarm| self.raised.iter().all(|known| known.sign != alarm.sign));
        raised.iter().for_each(|alarm| tracing::warn!("{alarm}"));
        let fatal = raised.iter().find(|alarm| alarm.severity == Severity::Stop).map(ToString::to_string);
        self.raised.extend(raised);
        match fatal {
            Some(what) => Err(TrainError::Alarm { step: self.step, what }),
            None => Ok(()),
        }
    }

    /// Stops before a step is whole: as if it had not been begun.
    pub(crate) fn stop(self, policy: &mut dyn Policy) -> Result<Outcome, TrainError> {
        policy.forget();
        if self.step > 0 {
            self.checkpoint(policy)?;
        }
        Ok(self.outcome(None, None))
    }

    /// Ends, with a checkpoint and the model.
    pub(crate) fn end(self, policy: &mut dyn Policy) -> Result<Outcome, TrainError> {
        self.checkpoint(policy)?;
        let model = save(policy, &self.run.folder, "model")?;
        let average = match &self.average {
            None => None,
            Some(average) => {
                let state = policy.state();
                let own = state.values.into_owned();
                let (first, second) = (state.first.into_owned(), state.second.into_owned());
                let with = |values: Vec<f32>| State {
                    values: Cow::Owned(values),
                    first: Cow::Owned(first.clone()),
                    second: Cow::Owned(second.clone()),
                };
                policy.restore(with(average.values().to_vec()))?;
                let saved = save(policy, &self.run.folder, "average");
                policy.restore(with(own))?;
                Some(saved?)
            }
        };
        Ok(self.outcome(Some(model), average))
    }

    fn outcome(mut self, model: Option<PathBuf>, average: Option<PathBuf>) -> Outcome {
        let last = self.rows.last().filter(|last| last.step > self.begun).cloned();
        Outcome {
            steps: self.step,
            is_finished: model.is_some(),
            model,
            average,
            last,
            alarms: std::mem::take(&mut self.raised),
        }
    }

    fn checkpoint(&self, policy: &dyn Policy) -> Result<(), TrainError> {
        let average = self.average.as_ref().map(|average| Cow::Borrowed(average.values()));
        let state = policy.state();
        if let Some(at) = state.values.iter().position(|value| !value.is_finite()) {
            let what = format!(
                "weight {at} is {}; no checkpoint is written. Go on from the one before, with a lower learning rate",
                state.values[at]
            );
            return Err(TrainError::NotFinite { step: self.step, what });
        }
        let checkpoint = Checkpoint { step: self.step, state, average };
        self.checkpoints.write(&checkpoint, policy.about())
    }
}

/// Seconds of Unix time.
fn now() -> f64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64())
}

/// Saves what was learnt: into a folder beside its place first, so that what is there is whole.
fn save(policy: &dyn Policy, folder: &Path, name: &str) -> Result<PathBuf, TrainError> {
    let place = folder.join(name);
    if place.exists() {
        return Ok(place);
    }
    let draft = folder.join(format!(".draft-{name}"));
    if draft.exists() {
        fs::remove_dir_all(&draft).map_err(TrainError::io(&draft))?;
    }
    policy.save(&draft)?;
    fs::rename(&draft, &place).map_err(TrainError::io(&place))?;
    offseeker_durable::sync_folder(folder).map_err(TrainError::io(folder))?;
    Ok(place)
}
