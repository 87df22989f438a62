//! A model without weights that solves the questions of a world, as well and as badly as it is told to.

mod calls;
mod candidates;
mod script;
mod solving;
mod transcript;

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use offseeker_agent_loop::Protocol;
use offseeker_chat::dialect::{Dialect, Turn};
use offseeker_chat::{ChatError, ChatModel, Reply, Request};
use offseeker_question_synthesis::Plan;
use offseeker_trajectory::{Message, Usage};
use serde::{Deserialize, Serialize};

use self::calls::Manner;
use self::script::{Script, Stop};
use self::transcript::{Notice, Transcript};
use crate::{Task, World};

/// How badly a teacher works: how often it does each thing that people do wrong. All are nought where nobody says so.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TeacherOptions {
    /// What its faults are drawn from.
    pub seed: u64,
    /// How often it takes the first hit for what is described, without checking it. This makes it wrong.
    pub guess: f64,
    /// How often a turn reads a page that has nothing to do with the question.
    pub detour: f64,
    /// How often it reads a page of which the search showed already that it does not fit, and then sees so.
    pub wrong_hypothesis: f64,
    /// How often a turn does again what the turn before did.
    pub loops: f64,
    /// How often a turn is a call that cannot be read.
    pub malformed: f64,
}

/// A model without weights that solves the questions of a world in the form of thoughts, calls and an answer.
///
/// It knows the plan of each question, but copies what it says from what it saw: it searches, reads pages, states what it
/// found beside what is wanted before it says whether they agree, and takes another way where a page is silent. Where
/// nothing that it can search for leads on, it claims to remember a name and looks that up.
///
/// It keeps nothing between requests: what it says next follows from the messages, its options, and the seed of the
/// sampling. So any number of attempts may ask it at once, and attempts with other seeds have other faults.
///
/// ```
/// use std::sync::Arc;
///
/// use offseeker_agent_loop::Agent;
/// use offseeker_tools::{Kit, Profile};
/// use offseeker_toy_world::{Category, Part, Teacher, TeacherOptions, World, WorldOptions};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let world = Arc::new(World::new(WorldOptions::default())?);
/// let tasks = world.tasks(Category::TwoHops, Part::Train, 3, 1)?;
/// let teacher = Teacher::new(world.clone(), &tasks, TeacherOptions::default());
///
/// let corpus = Arc::new(world.corpus());
/// let profile = Profile::shipped("offseeker").expect("it is shipped").without(&["search_wiki", "execute_code"]);
/// let agent = Agent::new(Arc::new(teacher), Kit::new(profile).searching(corpus.clone()).reading(corpus));
///
/// let attempt = agent.attempt(&tasks[0].question).await;
/// assert_eq!(attempt.answer.as_deref(), Some(tasks[0].question.answers[0].text.as_str()));
/// # Ok(())
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct Teacher {
    name: String,
    world: Arc<World>,
    plans: Arc<HashMap<String, Plan>>,
    options: TeacherOptions,
    manner: Manner,
    protocol: Protocol,
    dialect: &'static Dialect,
}

impl Teacher {
    /// A teacher who knows the plans of these questions, and speaks OffSeeker's protocol.
    #[must_use]
    pub fn new(world: Arc<World>, tasks: &[Task], options: TeacherOptions) -> Self {
        let plans = tasks.iter().map(|task| (task.question.text.trim().to_owned(), task.plan.clone()));
        let json = serde_json::to_string(&options).expect("options are numbers");
        let hash = blake3::hash(format!("{} {json}", world.name()).as_bytes()).to_hex();
        let (protocol, dialect) = spoken(Manner::OffSeeker);
        Self {
            name: format!("teacher:{}", &hash[..16]),
            world,
            plans: Arc::new(plans.collect()),
            options,
            manner: Manner::OffSeeker,
            protocol,
            dialect,
        }
    }

    /// Speaks the protocol `few-words` and uses the tools of the profile `few-words`, which a small model learns from the
    /// fewest tokens. The world is best one at [no address](World::at), so that a page is called as what it is about.
    #[must_use]
    pub fn in_few_words(self) -> Self {
        let (protocol, dialect) = spoken(Manner::FewWords);
        Self { name: format!("{}:few-words", self.name), manner: Manner::FewWords, protocol, dialect, ..self }
    }

    /// What it says next.
    fn next(&self, request: Request<'_>) -> Result<Turn, ChatError> {
        let transcript = Transcript::read(request.messages, &self.protocol, self.dialect);
        let plan = self.plans.get(&transcript.question).ok_or_else(|| {
            ChatError::invalid("the conversation does not begin with a question that the teacher was given")
        })?;
        let mut script =
            Script::new(&self.world, plan, &transcript, (self.options, self.manner), request.sampling.seed);
        let is_last = transcript.notice == Some(Notice::LastTurn);
        let stop = script.run();
        Ok(match stop {
            Stop::Call(turn) if !is_last => turn,
            Stop::Call(_) => script.best_answer(),
            Stop::Answer(turn) => turn,
        })
    }

    /// The turn as the dialect writes it, perhaps so that nobody can read it.
    fn written(&self, turn: &Turn, is_malformed: bool) -> Result<String, ChatError> {
        let text = self.dialect.render(turn).map_err(|error| ChatError::broken(error.to_string()))?;
        if !is_malformed || turn.calls.is_empty() {
            return Ok(text);
        }
        // As people write who forget what a call looks like.
        if self.manner == Manner::FewWords {
            let name = &turn.calls[0].name;
            return Ok(text.replace(&format!("<{name}>"), &format!("{name} ")).replace(&format!("</{name}>"), ""));
        }
        let Some((before, call)) = text.split_once("{\"name\"") else { return Ok(text) };
        let after = call.rfind('}').map_or("", |end| &call[end + 1..]);
        Ok(format!("{before}{}, please{after}", turn.calls[0].name))
    }

    fn is_malformed(&self, request: Request<'_>) -> bool {
        let was_corrected = Transcript::read(request.messages, &self.protocol, self.dialect).notice.is_some();
        let draw = script::draw(self.options.seed, request.messages, request.sampling.seed);
        !was_corrected && draw.of("malformed").happens(0, self.options.malformed)
    }
}

/// The protocol of a manner, and the dialect of that.
fn spoken(manner: Manner) -> (Protocol, &'static Dialect) {
    let protocol = Protocol::shipped(manner.name()).expect("the protocols of teachers are shipped");
    let dialect = protocol.dialect().expect("the dialects of shipped protocols are shipped");
    (protocol, dialect)
}

#[async_trait]
impl ChatModel for Teacher {
    fn name(&self) -> &str {
        &self.name
    }

    async fn reply(&self, request: Request<'_>) -> Result<Reply, ChatError> {
        let turn = self.next(request)?;
        let text = self.written(&turn, self.is_malformed(request))?;
        let words = |text: &str| offseeker_pages::estimate_tokens(text) as u64;
        let usage = Usage {
            requests: 1,
            prompt_tokens: request.messages.iter().map(|message| words(&message.content)).sum(),
            completion_tokens: words(&text),
            ..Usage::default()
        };
        Ok(Reply { usage, ..Reply::new(Message::assistant(text)) })
    }
}
