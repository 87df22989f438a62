//! Several attempts at one question side by side, and one answer made of theirs.

use std::sync::Arc;

use async_trait::async_trait;
use futures::StreamExt;
use offseeker_chat::{ChatModel, Request};
use offseeker_tools::KitError;
use offseeker_trajectory::{
    CallStatus, Message, Node, NodeId, Observed, Origin, Question, Sampled, StopReason, Trajectory, TrajectoryId,
    content_id,
};
use offseeker_trajectory_store::{Entry, Manifest, ModelUse, Stored};
use serde_json::json;

use super::agent_tool::sources;
use super::fusion::{Fusion, PROMPT, prompt, vote};
use super::record::Record;
use super::researcher::{Researcher, make};
use crate::agent::Made;
use crate::context::{within, without_reasoning};
use crate::{Agent, Halt, Journal, Pause, Stop};

/// What the synthesis is asked for, as it is written down.
const PURPOSE: &str = "synthesis";

/// Several attempts at one question side by side, and one answer made of theirs.
///
/// What it makes is an attempt as well: it begins with the question, what each attempt gave is an observation in it, and
/// the synthesis is a conversation beside it. The attempts themselves are written down beside it, where it is written
/// down at all.
#[derive(Debug, Clone)]
pub struct Panel {
    agent: Agent,
    attempts: u32,
    fusion: Fusion,
}

impl Panel {
    /// So many attempts of an agent, each sampled with seeds of its own; a model makes one answer of theirs.
    #[must_use]
    pub fn new(agent: Agent, attempts: u32) -> Self {
        Self { agent, attempts: attempts.max(1), fusion: Fusion::default() }
    }

    /// Makes one answer of several in another way.
    #[must_use]
    pub fn fused(self, fusion: Fusion) -> Self {
        Self { fusion, ..self }
    }

    /// What a run of this panel is made with: what one of its agent is, and how one answer is made of several.
    ///
    /// # Errors
    ///
    /// When the tools of the agent cannot be made.
    pub fn manifest(&self, name: impl Into<String>, seed: u64) -> Result<Manifest, KitError> {
        let mut manifest = self.agent.manifest(name, seed)?;
        let fusion = match &self.fusion {
            Fusion::Vote => json!("vote"),
            Fusion::Synthesis { model, last, most } => {
                let model = model.as_deref().unwrap_or(&*self.agent.model);
                manifest.models.insert(PURPOSE.to_owned(), ModelUse::new(model.name()));
                manifest.prompts.insert(PURPOSE.to_owned(), content_id(PROMPT).expect("a text has a canonical form"));
                json!({"synthesis": {"last": last, "most": most}})
            }
        };
        manifest.settings.insert("panel".to_owned(), json!({"attempts": self.attempts, "fusion": fusion}));
        Ok(manifest)
    }

    /// Makes one attempt. It never fails: what went wrong is in the trajectory.
    pub async fn attempt(&self, question: &Question) -> Trajectory {
        let beginning = Stored::new(Trajectory::new(question.clone(), 0));
        self.go_on(beginning, &Journal::none(), &Stop::default()).await.for_good()
    }

    /// Makes all attempts, or finds them made.
    async fn members(&self, of: &Trajectory, journal: &Journal, stop: &Stop) -> Result<Vec<Trajectory>, Pause> {
        let beside = journal.beside();
        // Without seeds of their own, a server that is asked the same says the same to all of them.
        let agent = self.agent.clone().seeded_unless(0);
        let member = |number: u32| {
            let mut beginning = Trajectory::new(of.question.clone(), number);
            let named = json!({"parent": of.id, "member": number});
            beginning.id = TrajectoryId::new(content_id(&named).expect("texts have a canonical form"));
            beginning.metadata.insert("parent".to_owned(), of.id.as_str().into());
            make(&agent, beginning, &beside, stop)
        };
        // Boxed, because it can be part of an agent's future in its turn.
        let made = futures::stream::iter((0..self.attempts).map(member)).buffered(self.attempts as usize);
        Box::pin(made.collect::<Vec<_>>()).await.into_iter().collect()
    }

    /// Makes one answer of those of the attempts.
    async fn fuse(&self, record: &mut Record<'_>, members: &[Trajectory], stop: &Stop) -> Result<Option<String>, Halt> {
        let answers = members.iter().filter(|member| member.answer.is_some()).count();
        let Fusion::Synthesis { model, last, most } = &self.fusion else { return Ok(vote(members)) };
        if answers < 2 {
            return Ok(vote(members));
        }
        let dialect = self.agent.protocol.dialect()?;
        let reply = match record.said_beside(PURPOSE) {
            Some(reply) => reply,
            None => {
                let prompt = prompt(&record.trajectory.question.text, members, dialect, *last, *most);
                let model = model.as_deref().unwrap_or(&*self.agent.model);
                match self.ask(record, model, prompt, stop).await {
                    // The attempts have answered, whatever this model makes of them.
                    Err(Halt::Ended(StopReason::Refused | StopReason::Limit { .. })) => return Ok(vote(members)),
                    reply => reply?,
                }
            }
        };
        let bare = without_reasoning(dialect, &reply);
        let answer = within(&bare.content, "answer").map(str::to_owned).or_else(|| dialect.read(&reply).answer);
        Ok(answer.or_else(|| vote(members)))
    }

    async fn ask(
        &self,
        record: &mut Record<'_>,
        model: &dyn ChatModel,
        prompt: Message,
        stop: &Stop,
    ) -> Result<Message, Halt> {
        let mut sampling = self.agent.protocol.sampling.clone();
        sampling.seed = self.agent.seed;
        let messages = [prompt];
        let reply = tokio::select! {
            reply = model.reply(Request::new(&messages).sampling(&sampling)) => reply.map_err(Halt::of_model)?,
            () = stop.now() => return Err(Pause::Stopped.into()),
        };
        let sampled = Sampled {
            tokens: reply.sampled,
            usage: reply.usage,
            finish: Some(reply.finish),
            model: (model.name() != self.agent.model.name()).then(|| model.name().to_owned()),
            aside: Some(PURPOSE.to_owned()),
            ..Sampled::default()
        };
        let [prompt] = messages;
        let place = record.next_place();
        let reply_node = Node::new(Some(place), reply.message.clone(), Origin::Sampled(sampled));
        record.write(Vec::new(), vec![Node::given(None, prompt), reply_node]).await?;
        Ok(reply.message)
    }

    async fn make(&self, record: &mut Record<'_>, stop: &Stop) -> Result<(), Halt> {
        if record.trajectory.nodes().is_empty() {
            record.trajectory.model = Some(self.agent.model.name().to_owned());
            let begin = Entry::Begin(Box::new(record.trajectory.clone()));
            let question = Node::given(None, Message::user(&record.trajectory.question.text));
            record.write(vec![begin], vec![question]).await?;
        }
        if stop.is_asked() {
            return Err(Pause::Stopped.into());
        }
        let members = self.members(&record.trajectory, record.journal, stop).await?;
        // Members that failed through no fault of theirs are made again when the panel is; till then nothing is said of them.
        if members.iter().all(|member| member.answer.is_none())
            && let Some(failed) = failed(&members)
        {
            return record.end(failed, None).await;
        }
        if record.trajectory.nodes().len() == 1 {
            let observed = members.iter().zip(0..).map(|(member, number)| observed(member, number)).collect();
            record.write(Vec::new(), observed).await?;
        }
        let answer = self.fuse(record, &members, stop).await?;
        let of_first = || members.first().and_then(|member| member.stop.clone()).unwrap_or(StopReason::Malformed);
        let stop = if answer.is_some() { StopReason::Answered } else { of_first() };
        record.end(stop, answer).await
    }
}

#[async_trait]
impl Researcher for Panel {
    async fn go_on(&self, stored: Stored, journal: &Journal, stop: &Stop) -> Made {
        let mut record = Record { journal, trajectory: stored.trajectory };
        if record.trajectory.stop.is_some() {
            return Made { trajectory: record.trajectory, rests: None };
        }
        let mut made = self.make(&mut record, stop).await;
        if let Err(Halt::Ended(stop)) = made {
            made = record.end(stop, None).await;
        }
        let rests = match made {
            Err(Halt::Rests(pause)) => Some(pause),
            _ => None,
        };
        Made { trajectory: record.trajectory, rests }
    }

    fn or_seeded(self: Arc<Self>, seed: u64) -> Arc<dyn Researcher> {
        let panel = Arc::unwrap_or_clone(self);
        Arc::new(Self { agent: panel.agent.seeded_unless(seed), ..panel })
    }
}

/// What an attempt gave, as an observation after those of the attempts before it.
fn observed(member: &Trajectory, number: u32) -> Node {
    let answer = member.answer.as_deref();
    let status = if answer.is_some() { CallStatus::Ok } else { CallStatus::NotFound };
    let text = format!("Researcher {} answered: {}", number + 1, answer.unwrap_or("nothing"));
    let observed = Observed { sources: sources(member), usage: member.usage(), ..Observed::new(status) };
    Node::observed(NodeId::new(number), Message::user(text), observed)
}

/// Why the first member failed that did so through no fault of its own.
fn failed(members: &[Trajectory]) -> Option<StopReason> {
    members.iter().filter_map(|member| member.stop.clone()).find(StopReason::is_infrastructure)
}
