//! Questions about rivers, a model that answers them by rule, and a store that remembers what was written together.

use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use futures::stream::BoxStream;
use offseeker_agent_loop::{Agent, Tools};
use offseeker_chat::{ChatError, Reply, Request, Scripted};
use offseeker_tools::{Function, Observation};
use offseeker_trajectory::{Message, Node, Origin, Source, Trajectory, TrajectoryId, View};
use offseeker_trajectory_store::{Claim, Entry, Filter, InMemory, StoreError, Stored, TrajectoryStore};

/// A store that remembers what was written together.
#[derive(Debug, Default)]
pub(crate) struct Witness {
    pub(crate) inside: InMemory,
    writes: Mutex<Vec<Vec<Entry>>>,
}

impl Witness {
    pub(crate) fn writes(&self) -> Vec<Vec<Entry>> {
        self.writes.lock().unwrap().clone()
    }

    /// A store in which only the first of these writes came through.
    pub(crate) async fn after(&self, writes: usize) -> Arc<InMemory> {
        let store = Arc::new(InMemory::new());
        for entries in self.writes().into_iter().take(writes) {
            store.write(entries, None).await.unwrap();
        }
        store
    }
}

#[async_trait]
impl TrajectoryStore for Witness {
    async fn write(&self, entries: Vec<Entry>, claim: Option<&Claim>) -> Result<(), StoreError> {
        self.writes.lock().unwrap().push(entries.clone());
        self.inside.write(entries, claim).await
    }

    async fn read(&self, ids: &[TrajectoryId]) -> Result<Vec<Stored>, StoreError> {
        self.inside.read(ids).await
    }

    fn scan(&self, filter: &Filter) -> BoxStream<'_, Result<TrajectoryId, StoreError>> {
        self.inside.scan(filter)
    }
}

/// A model that answers each request by a rule over the texts of its messages, from the question on.
pub(crate) fn model(rule: impl Fn(&[&str]) -> String + Send + Sync + 'static) -> Arc<Scripted> {
    fallible(move |texts| Ok(rule(texts)))
}

pub(crate) fn fallible(rule: impl Fn(&[&str]) -> Result<String, ChatError> + Send + Sync + 'static) -> Arc<Scripted> {
    Arc::new(Scripted::by(move |request: Request<'_>| {
        let texts = request.messages.iter().filter(|message| message.role.as_str() != "system");
        let texts: Vec<&str> = texts.map(|message| message.content.as_str()).collect();
        rule(&texts).map(|text| Reply::new(Message::assistant(text)))
    }))
}

pub(crate) fn call(tool: &str, key: &str, value: &str) -> String {
    format!("<tool_call>{{\"name\": \"{tool}\", \"arguments\": {{\"{key}\": \"{value}\"}}}}</tool_call>")
}

#[derive(serde::Deserialize, schemars::JsonSchema)]
struct Place {
    name: String,
}

/// An agent that can look rivers up.
pub(crate) fn reader(model: Arc<Scripted>) -> Agent {
    let tools = Tools::made_of(|| {
        let look = Function::new("look", "Looks a place up.", async |place: Place| {
            let source = Source { url: format!("map:{}", place.name), view: View::Page };
            Ok(Observation::ok(format!("{} lies on the Orsa.", place.name)).showing([source]))
        });
        vec![Box::new(look) as _]
    });
    Agent::new(model, tools)
}

/// The attempt without what differs from one making to the next.
pub(crate) fn timeless(trajectory: &Trajectory) -> Trajectory {
    let mut bare = Trajectory::new(trajectory.question.clone(), trajectory.attempt);
    for node in trajectory.nodes() {
        let mut node = Node { at: None, ..node.clone() };
        if let Origin::Observed(observed) = &mut node.origin {
            observed.elapsed_ms = 0;
        }
        bare.push(node).unwrap();
    }
    bare.id = trajectory.id.clone();
    bare.stop.clone_from(&trajectory.stop);
    bare.answer.clone_from(&trajectory.answer);
    bare.metadata.clone_from(&trajectory.metadata);
    bare
}

/// How many replies are written down.
pub(crate) fn replies(writes: &[Vec<Entry>]) -> usize {
    let is_reply = |entry: &&Entry| matches!(entry, Entry::Node { node, .. } if node.as_sampled().is_some());
    writes.iter().flatten().filter(is_reply).count()
}
