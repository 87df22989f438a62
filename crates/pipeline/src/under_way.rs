//! The stages of a run, each with what it stands on.

mod contest;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use offseeker_chat::ChatModel;
use offseeker_entity_graph::PackedGraph;
use offseeker_grading::Grader;
use offseeker_grading::scorers::Match;
use offseeker_language_model::AdapterConfig;
use offseeker_trajectory::Question;
use serde::Serialize;
use serde_json::{Value, json};

use crate::config::{CorpusKind, FolderStudent, StudentKind, TeacherKind};
use crate::desk::Desk;
use crate::folder::read_json;
use crate::questions::{QuestionFiles, Set, hops_of};
use crate::stages::{self, Attempting, Learning, Pairing, Sampling};
use crate::verified::Verified;
use crate::{Asking, Flow, Key, PipelineError, Report, Stage, model, teaching};

impl Desk {
    /// Pages become a graph.
    pub(crate) async fn graph(&self) -> Result<Key, PipelineError> {
        let part = json!({
            "corpus": self.config.corpus,
            "pages": self.corpora.names(),
            "by": self.grows_by_model().then_some(&self.config.teacher.endpoint),
        });
        let work = async {
            let (mut nodes, mut edges, mut pages) = (0, 0, 0);
            for corpus in self.corpora.all() {
                self.watch(Stage::Graph).go_on()?;
                let graph = stages::graph(corpus, self.growing_model()?, &self.folder.graph(&corpus.name)).await?;
                (nodes, edges) = (nodes + graph.node_count(), edges + graph.edge_count());
                pages += corpus.pages()?.count();
            }
            Ok(Flow::new(pages, nodes).counting("relations", edges))
        };
        self.make(Stage::Graph, &part, &[], work).await
    }

    /// Parts of the graph become questions.
    pub(crate) async fn questions(&self, graph: &Key) -> Result<Key, PipelineError> {
        let work = async {
            let (watch, files, config) = (self.watch(Stage::Questions), self.files(), &self.config.questions);
            let graphs = self.graphs()?;
            match (self.config.corpus.kind, self.corpora.learnt.first()) {
                (CorpusKind::Folder, Some(corpus)) => {
                    let graph = graphs.get(&corpus.name).cloned().expect("each corpus has a graph");
                    stages::planned(corpus, graph, &config.planned, &files, &watch).await
                }
                _ => {
                    let entities = graphs.values().map(|graph| graph.node_count()).sum::<usize>();
                    let flow = stages::questions(&self.corpora, &graphs, config, &files, &watch)?;
                    Ok(Flow { came: entities as u64, ..flow })
                }
            }
        };
        self.make(Stage::Questions, &json!(self.config.questions), &[graph], work).await
    }

    /// The teacher attempts the questions to learn from.
    pub(crate) async fn attempts(&self, questions: &Key) -> Result<Key, PipelineError> {
        let config = &self.config;
        let part = json!({
            "teacher": config.teacher,
            "attempts": without_pace(&config.attempts),
            "agent": config.agent,
            "seed": config.seed,
        });
        let work = async {
            let asked = self.files().planned(Set::Train)?;
            let crew = teaching::teacher(config, &self.corpora, &asked)?;
            let asked: Vec<Question> = asked.into_iter().map(|it| it.question).collect();
            let how = self.attempting("teacher", config.attempts.times, config.attempts.at_once);
            stages::attempt(&asked, &crew, &how, &self.folder.teacher_attempts(), &self.watch(Stage::Attempts)).await
        };
        self.make(Stage::Attempts, &part, &[questions], work).await
    }

    /// Its attempts are graded.
    pub(crate) async fn grades(&self, attempts: &Key) -> Result<Key, PipelineError> {
        let work = async {
            let verified = self.verified(&[Set::Train])?;
            stages::grade(&self.folder.teacher_attempts(), Some(verified), &self.watch(Stage::Grades)).await
        };
        self.make(Stage::Grades, &Value::Null, &[attempts], work).await
    }

    /// What passes five stages becomes samples.
    pub(crate) async fn samples(&self, grades: &Key) -> Result<Key, PipelineError> {
        let config = &self.config;
        let (filter, order) = (&config.filter, &config.sft);
        let cut = [order.renamings, order.opening_renamings, order.seed];
        let part = json!({"filter": filter, "cut": cut, "opening": order.opening, "chains": order.chains});
        let work = async {
            let how = Sampling { recipe: filter, order, corpora: &self.corpora };
            stages::samples(&self.folder.teacher_attempts(), &how, &self.folder, &self.watch(Stage::Samples)).await
        };
        self.make(Stage::Samples, &part, &[grades], work).await
    }

    /// A student is made, or taken from a folder.
    pub(crate) async fn student(&self, attempts: &Key) -> Result<Key, PipelineError> {
        let part = json!({"student": self.config.student, "protocol": self.config.agent.protocol});
        let work = async {
            if self.config.student.kind == StudentKind::Folder {
                return Ok(Flow::new(0, 1));
            }
            let (config, to) = (&self.config.student.fresh, self.folder.training("untrained"));
            let (store, protocol) = (self.folder.teacher_attempts(), &self.config.agent.protocol);
            stages::student(&store, &self.corpora, protocol, config, &to, &self.watch(Stage::Student)).await
        };
        self.make(Stage::Student, &part, &[attempts], work).await
    }

    /// It learns from samples.
    pub(crate) async fn sft(&self, student: &Key, samples: &Key) -> Result<Key, PipelineError> {
        let config = self.config.sft.clone();
        let part = json!({"settings": config.settings(), "longest": config.longest});
        let work = async {
            let learning = self.learning(self.untrained(), "sft");
            let (data, watch) = (self.folder.data("samples.jsonl"), self.watch(Stage::Sft));
            blocking(move || stages::learn(&data, &learning, &config, &watch)).await
        };
        self.make(Stage::Sft, &part, &[student, samples], work).await
    }

    /// It attempts questions to learn from.
    pub(crate) async fn rollouts(&self, questions: &Key, sft: &Key) -> Result<Key, PipelineError> {
        let config = &self.config;
        let part = json!({
            "rollouts": without_pace(&config.rollouts),
            "agent": config.agent,
            "seed": config.seed,
        });
        let work = async {
            let asked = some_of(self.files().read(Set::Train)?, config.rollouts.questions, config.seed);
            let asking = Asking::new(&config.agent, config.rollouts.temperature, config.seed);
            let crew = teaching::student(config, &self.corpora, "sft", &self.fine_tuned(), &asking)?;
            let how = self.attempting("student", config.rollouts.times, config.rollouts.at_once);
            stages::attempt(&asked, &crew, &how, &self.folder.student_attempts(), &self.watch(Stage::Rollouts)).await
        };
        self.make(Stage::Rollouts, &part, &[questions, sft], work).await
    }

    /// Its attempts are graded.
    pub(crate) async fn rollout_grades(&self, rollouts: &Key) -> Result<Key, PipelineError> {
        let work = async {
            let verified = self.verified(&[Set::Train])?;
            stages::grade(&self.folder.student_attempts(), Some(verified), &self.watch(Stage::RolloutGrades)).await
        };
        self.make(Stage::RolloutGrades, &Value::Null, &[rollouts], work).await
    }

    /// The best are paired with the worst.
    pub(crate) async fn pairs(&self, grades: &Key) -> Result<Key, PipelineError> {
        let mut graders = vec![Match.name().to_owned()];
        graders.extend(self.config.pairs.verified.then(|| Verified::NAME.to_owned()));
        let rules = self.config.pairs.rules(graders);
        let renamings = self.config.pairs.renamings;
        let work = async {
            let how = Pairing { rules: &rules, renamings, corpora: &self.corpora };
            stages::pairs(&self.folder.student_attempts(), &how, &self.folder, &self.watch(Stage::Pairs)).await
        };
        self.make(Stage::Pairs, &json!({"rules": rules, "renamings": renamings}), &[grades], work).await
    }

    /// It learns from pairs.
    pub(crate) async fn dpo(&self, sft: &Key, pairs: &Key) -> Result<Key, PipelineError> {
        let config = self.config.dpo.clone();
        let part = json!({"settings": config.settings(String::new()), "longest": config.longest});
        let work = async {
            let learning = self.learning(self.fine_tuned(), "dpo");
            let (data, watch) = (self.folder.data("pairs.jsonl"), self.watch(Stage::Dpo));
            blocking(move || stages::prefer(&data, &learning, &config, &watch)).await
        };
        self.make(Stage::Dpo, &part, &[sft, pairs], work).await
    }

    /// What came of it is written down.
    pub(crate) async fn report(&self, evaluation: &Key) -> Result<Report, PipelineError> {
        let work = async {
            let report = stages::report(&self.config, &self.folder)?;
            let flow = stages::page(&report, &self.folder, &self.watch(Stage::Report)).await?;
            Ok(Flow::new(report.results.lines.len(), report.results.lines.len())
                .counting("attempts_shown", flow.went as usize))
        };
        self.make(Stage::Report, &json!(self.config), &[evaluation], work).await?;
        let report = read_json(&self.folder.report())?;
        report.ok_or_else(|| PipelineError::Nothing { what: "report.json is not there any more; run again".to_owned() })
    }

    fn files(&self) -> QuestionFiles {
        QuestionFiles::new(self.folder.questions())
    }

    fn graphs(&self) -> Result<BTreeMap<String, Arc<PackedGraph>>, PipelineError> {
        let open = |name: &str| Ok((name.to_owned(), Arc::new(PackedGraph::open(self.folder.graph(name))?)));
        self.corpora.all().map(|corpus| open(&corpus.name)).collect()
    }

    fn grows_by_model(&self) -> bool {
        self.config.questions.planned.grow_by_model && self.config.teacher.kind == TeacherKind::Endpoint
    }

    fn growing_model(&self) -> Result<Option<Arc<dyn ChatModel>>, PipelineError> {
        self.grows_by_model().then(|| teaching::endpoint(&self.config.teacher.endpoint)).transpose()
    }

    fn verified(&self, sets: &[Set]) -> Result<Verified, PipelineError> {
        let mut plans = std::collections::HashMap::new();
        for set in sets {
            plans.extend(self.files().plans(*set)?);
        }
        Ok(Verified::new(plans, model::dialect(&self.config.agent.protocol)?))
    }

    fn attempting(&self, name: &str, times: u32, at_once: usize) -> Attempting {
        Attempting { name: name.to_owned(), times, at_once, seed: self.config.seed }
    }

    /// The folder of the student before it learnt anything.
    fn untrained(&self) -> PathBuf {
        match self.config.student.kind {
            StudentKind::Fresh => self.folder.training("untrained"),
            StudentKind::Folder => self.config.student.folder.path.clone(),
        }
    }

    /// The folder of the fine-tuned student.
    fn fine_tuned(&self) -> PathBuf {
        model::trained(&self.folder.training("sft"))
    }

    fn learning(&self, model: PathBuf, name: &str) -> Learning {
        let FolderStudent { rank, alpha, seed, .. } = self.config.student.folder;
        let has_adapter = self.config.student.kind == StudentKind::Folder && rank > 0;
        let adapter = has_adapter.then(|| {
            let config = AdapterConfig { alpha, ..AdapterConfig::new(rank) };
            (config, seed)
        });
        Learning { model, protocol: self.config.agent.protocol.clone(), adapter, to: self.folder.training(name) }
    }
}

/// A part of the configuration without what only says how many attempts are made at once.
fn without_pace(part: &impl Serialize) -> Value {
    let mut part = json!(part);
    if let Some(fields) = part.as_object_mut() {
        fields.remove("at_once");
    }
    part
}

/// So many questions that take more than the fewest pages, drawn by a seed.
fn some_of(mut questions: Vec<Question>, count: usize, seed: u64) -> Vec<Question> {
    let least = questions.iter().map(hops_of).min().unwrap_or_default();
    if questions.iter().any(|it| hops_of(it) > least) {
        questions.retain(|it| hops_of(it) > least);
    }
    questions.sort_by_cached_key(|it| blake3::hash(format!("{seed}\nrollouts\n{}", it.id).as_bytes()).to_hex());
    questions.truncate(count);
    questions
}

/// Does what takes a thread for long on one of its own.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, PipelineError> + Send + 'static,
) -> Result<T, PipelineError> {
    let done = tokio::task::spawn_blocking(work).await;
    done.map_err(|error| PipelineError::Task { reason: error.to_string() })?
}
