//! Everybody is measured on the same questions.

use std::collections::BTreeMap;

use offseeker_trajectory::Question;
use serde_json::json;

use super::without_pace;
use crate::config::{Contestant, TeacherKind};
use crate::desk::Desk;
use crate::folder::write_json;
use crate::questions::{Planned, Set};
use crate::results::{ALL, Comparison, Line, Results, hundredths, measurement};
use crate::stages::{Attempting, Measured, Measuring, measure};
use crate::verified::Verified;
use crate::{Asking, Crew, Flow, Key, PipelineError, Stage, model, teaching};

/// What was measured, by who, on what, and at which temperature in hundredths.
type Measurements = BTreeMap<(Contestant, Set, u32), Vec<Measured>>;

impl Desk {
    /// Everybody is measured.
    pub(crate) async fn evaluation(
        &self,
        questions: &Key,
        student: &Key,
        sft: &Key,
        dpo: &Key,
    ) -> Result<Key, PipelineError> {
        let config = &self.config;
        let part = json!({
            "evaluation": without_pace(&config.evaluation),
            "agent": config.agent,
            "teacher": config.teacher,
            "seed": config.seed,
        });
        let work = async {
            let results = Contest::of(self)?.results().await?;
            write_json(&self.folder.results(), &results)?;
            let attempts = results.lines.iter().filter(|line| line.category == ALL);
            let attempts: usize = attempts.map(|line| line.figures.counts.attempts).sum();
            Ok(Flow::new(attempts, results.lines.len()).counting("comparisons", results.comparisons.len()))
        };
        self.make(Stage::Evaluation, &part, &[questions, student, sft, dpo], work).await
    }
}

/// Everybody, and what they are asked.
struct Contest<'a> {
    desk: &'a Desk,
    questions: BTreeMap<Set, Vec<Planned>>,
    verified: Verified,
    /// The best temperature, as far as it is known.
    best: f64,
    /// How many attempts have been measured.
    done: u64,
}

impl<'a> Contest<'a> {
    fn of(desk: &'a Desk) -> Result<Self, PipelineError> {
        let sets = [Set::Development, Set::Test, Set::Fresh];
        let files = desk.files();
        let questions = sets.into_iter().map(|set| Ok((set, files.planned(set)?)));
        let questions = questions.collect::<Result<_, PipelineError>>()?;
        Ok(Self { desk, questions, verified: desk.verified(&sets)?, best: 0.0, done: 0 })
    }

    /// Measures everybody: the best temperature on questions of development, and all figures on others.
    async fn results(mut self) -> Result<Results, PipelineError> {
        let development = self.development().await?;
        let mut measured = Measurements::new();
        for (contestant, set, temperature) in self.quoted() {
            let attempts = self.measure(contestant, set, temperature).await?;
            measured.insert((contestant, set, hundredths(temperature)), attempts);
        }
        let lines = measured.iter().flat_map(|((contestant, set, temperature), attempts)| {
            Line::of(*contestant, *set, of_hundredths(*temperature), attempts)
        });
        let lines = lines.collect();
        Ok(Results { best_temperature: self.best, development, lines, comparisons: comparisons(&measured) })
    }

    /// Finds the temperature at which the fine-tuned student is best on questions of development; of several the lowest.
    async fn development(&mut self) -> Result<Vec<Line>, PipelineError> {
        let mut development = Vec::new();
        for (contestant, set, temperature) in self.tried() {
            let attempts = self.measure(contestant, set, temperature).await?;
            let lines = Line::of(contestant, set, temperature, &attempts);
            development.extend(lines.into_iter().filter(|line| line.category == ALL));
        }
        let better = |left: &&Line, right: &&Line| {
            left.mean().total_cmp(&right.mean()).then(right.temperature.total_cmp(&left.temperature))
        };
        self.best = development.iter().max_by(better).map_or(0.0, |line| line.temperature);
        Ok(development)
    }

    /// What is measured to choose a temperature.
    fn tried(&self) -> Vec<(Contestant, Set, f64)> {
        let temperatures = &self.desk.config.evaluation.temperatures;
        let has_questions = !self.questions[&Set::Development].is_empty();
        let tried = temperatures.iter().filter(|_| has_questions);
        tried.map(|temperature| (Contestant::Sft, Set::Development, *temperature)).collect()
    }

    /// What is measured to be quoted.
    fn quoted(&self) -> Vec<(Contestant, Set, f64)> {
        let mut quoted = Vec::new();
        for set in [Set::Test, Set::Fresh].into_iter().filter(|set| !self.questions[set].is_empty()) {
            for contestant in self.contestants() {
                quoted.extend(self.temperatures(contestant).into_iter().map(|it| (contestant, set, it)));
            }
        }
        quoted
    }

    /// Who takes part: nobody who is not there.
    fn contestants(&self) -> Vec<Contestant> {
        let desk = self.desk;
        let has_preferred = desk.folder.training("dpo").join("model").exists();
        let is_scripted = desk.config.teacher.kind == TeacherKind::Scripted;
        let is_there = |contestant: &Contestant| match contestant {
            Contestant::Dpo => has_preferred,
            Contestant::FirstHit => is_scripted,
            _ => true,
        };
        desk.config.evaluation.contestants.iter().copied().filter(is_there).collect()
    }

    /// The temperatures at which somebody is asked.
    fn temperatures(&self, contestant: Contestant) -> Vec<f64> {
        let config = &self.desk.config;
        let mut temperatures = match contestant {
            Contestant::Sft | Contestant::Dpo => vec![0.0, config.evaluation.sampled, self.best],
            Contestant::Teacher if config.teacher.kind != TeacherKind::Scripted => vec![config.attempts.temperature],
            _ => vec![0.0],
        };
        temperatures.sort_by(f64::total_cmp);
        temperatures.dedup();
        temperatures
    }

    /// How many times a question is attempted: a greedy attempt is the same however often it is made.
    fn times(&self, temperature: f64) -> u32 {
        if temperature > 0.0 { self.desk.config.evaluation.times } else { 1 }
    }

    /// How many attempts are measured in all.
    fn attempts(&self) -> u64 {
        let all = self.tried().into_iter().chain(self.quoted());
        all.map(|(_, set, temperature)| self.questions[&set].len() as u64 * u64::from(self.times(temperature))).sum()
    }

    async fn measure(&mut self, who: Contestant, set: Set, temperature: f64) -> Result<Vec<Measured>, PipelineError> {
        let desk = self.desk;
        let name = measurement(who, set, temperature);
        let times = self.times(temperature);
        let watch = desk.watch(Stage::Evaluation).part(self.done, self.attempts());
        let questions: Vec<Question> = self.questions[&set].iter().map(|it| it.question.clone()).collect();
        let measuring = Measuring {
            crew: &self.crew(who, set, temperature)?,
            how: &Attempting {
                name: name.clone(),
                times,
                at_once: desk.config.evaluation.at_once,
                seed: desk.config.seed,
            },
            questions: &questions,
            verified: &self.verified,
        };
        let measured = Box::pin(measure(&measuring, &desk.folder.evaluation(&name), &watch)).await?;
        self.done += measured.len() as u64;
        Ok(measured)
    }

    fn crew(&self, who: Contestant, set: Set, temperature: f64) -> Result<Crew, PipelineError> {
        let (desk, questions) = (self.desk, &self.questions[&set]);
        let (config, corpora) = (&desk.config, &desk.corpora);
        let asking = Asking::new(&config.agent, temperature, config.seed);
        match who {
            Contestant::Untrained => teaching::student(config, corpora, "untrained", &desk.untrained(), &asking),
            Contestant::ClosedBook => {
                let asking = Asking { has_tools: false, ..asking };
                teaching::student(config, corpora, "closed_book", &desk.fine_tuned(), &asking)
            }
            Contestant::FirstHit => teaching::first_hit(config, corpora, questions),
            Contestant::Sft => teaching::student(config, corpora, "sft", &desk.fine_tuned(), &asking),
            Contestant::Dpo => {
                let folder = model::trained(&desk.folder.training("dpo"));
                teaching::student(config, corpora, "dpo", &folder, &asking)
            }
            Contestant::Teacher => teaching::teacher(config, corpora, questions),
        }
    }
}

/// What preference changed, at each temperature.
fn comparisons(measured: &Measurements) -> Vec<Comparison> {
    let pairs = measured.iter().filter(|((contestant, ..), _)| *contestant == Contestant::Sft);
    let compared = pairs.filter_map(|((_, set, temperature), one)| {
        let other = measured.get(&(Contestant::Dpo, *set, *temperature))?;
        let (first, second) = ((Contestant::Sft, one.as_slice()), (Contestant::Dpo, other.as_slice()));
        Some(Comparison::of(first, second, *set, of_hundredths(*temperature)))
    });
    compared.flatten().collect()
}

fn of_hundredths(temperature: u32) -> f64 {
    f64::from(temperature) / 100.0
}
