//! A script that is played again from its beginning at each turn: what was said and seen is taken from the messages.

use std::collections::{BTreeMap, HashMap};

use offseeker_chat::dialect::Turn;
use offseeker_question_synthesis::{Plan, Variable};
use offseeker_search::Hit;
use offseeker_trajectory::{Message, Role, ToolCall};

use super::TeacherOptions;
use super::calls::{self, Manner};
use super::transcript::{Round, Transcript};
use crate::World;
use crate::draw::Draw;
use crate::reading::View;
use crate::words::Words;

/// A script that is played again from its beginning at each turn.
///
/// Each step that it takes is looked up in what was said already. The first that is not there is what is said next. Turns
/// that are no step of it (detours, repetitions) are passed over, so nothing needs to be remembered but the messages.
pub(super) struct Script<'a> {
    pub(super) world: &'a World,
    pub(super) plan: &'a Plan,
    pub(super) options: TeacherOptions,
    manner: Manner,
    /// What was found out so far: the names of things.
    pub(super) known: BTreeMap<Variable, String>,
    transcript: &'a Transcript,
    /// The next round that was not yet played.
    at: usize,
    /// What is to be said before the next step.
    remarks: Vec<String>,
    views: HashMap<String, View>,
    searched: HashMap<String, Vec<Hit>>,
    draw: Draw,
}

/// Where a script stops.
#[derive(Debug)]
pub(super) enum Stop {
    /// At a call whose result is not there yet.
    Call(Turn),
    /// At its end.
    Answer(Turn),
}

/// What the faults of the next turn are drawn from.
pub(super) fn draw(seed: u64, messages: &[Message], sampling: Option<u64>) -> Draw {
    let question = messages.iter().find(|message| message.role != Role::System);
    let question = question.map_or("", |message| message.content.as_str());
    Draw::new(seed).of(question).nth(sampling.unwrap_or_default()).nth(messages.len() as u64)
}

impl<'a> Script<'a> {
    pub(super) fn new(
        world: &'a World,
        plan: &'a Plan,
        transcript: &'a Transcript,
        (options, manner): (TeacherOptions, Manner),
        sampling: Option<u64>,
    ) -> Self {
        let draw = Draw::new(options.seed)
            .of(&transcript.question)
            .nth(sampling.unwrap_or_default())
            .nth(transcript.length as u64);
        Self {
            world,
            plan,
            options,
            manner,
            known: BTreeMap::new(),
            transcript,
            at: 0,
            remarks: Vec::new(),
            views: HashMap::new(),
            searched: HashMap::new(),
            draw,
        }
    }

    /// Plays the script as far as it goes.
    pub(super) fn run(&mut self) -> Stop {
        match self.solve() {
            Ok(answer) => Stop::Answer(self.answering(answer)),
            Err(stop) => *stop,
        }
    }

    /// The answer of one who may look nothing up any more.
    pub(super) fn best_answer(&mut self) -> Turn {
        self.remarks.clear();
        self.remark("give_up", &[]);
        let asked = self.plan.ask.variables();
        let known = asked.iter().find_map(|variable| self.known.get(variable)).cloned();
        let answer = known.unwrap_or_else(|| self.thought("unknown", &[]));
        self.answering(answer)
    }

    fn answering(&mut self, answer: String) -> Turn {
        Turn { reasoning: self.reasoning(), answer: Some(answer), ..Turn::default() }
    }

    pub(super) fn words(&self) -> &'static Words {
        self.world.words()
    }

    /// A thought in words.
    pub(super) fn thought(&self, which: &str, values: &[(&str, &str)]) -> String {
        self.words().thoughts[which].with(values)
    }

    /// Adds a thought to what is said before the next step.
    pub(super) fn remark(&mut self, which: &str, values: &[(&str, &str)]) {
        let thought = self.thought(which, values);
        self.remarks.push(thought);
    }

    /// Says what was found: as the page says it, where words are few, so that it is copied and not put otherwise.
    pub(super) fn state(&mut self, label: &str, value: &str, quote: Option<&str>) {
        match quote.filter(|_| self.manner.quotes()) {
            Some(quote) => self.remarks.push(quote.to_owned()),
            None => self.remark("is", &[("label", label), ("value", value)]),
        }
    }

    /// What a property or a relation is called in a plan: as pages call it, where those are quoted.
    pub(super) fn heading<'w>(&self, name: &'w str) -> &'w str
    where
        'static: 'w,
    {
        if self.manner.quotes() { self.words().heading(name) } else { self.words().label(name) }
    }

    /// Adds a thought to what is said before a call, unless it says what the call says and nobody minds.
    fn remark_before_call(&mut self, which: &str, values: &[(&str, &str)]) {
        if self.manner.announces() || which == "guess" {
            self.remark(which, values);
        }
    }

    fn reasoning(&mut self) -> Option<String> {
        let remarks = std::mem::take(&mut self.remarks);
        Some(remarks.join(&self.words().between)).filter(|reasoning| !reasoning.is_empty())
    }

    /// Reads the page about a name. One that was read before is not read again.
    pub(super) fn read(&mut self, name: &str, goal: &str, thought: (&str, &[(&str, &str)])) -> Result<View, Box<Stop>> {
        if let Some(view) = self.views.get(name) {
            return Ok(view.clone());
        }
        let url = format!("{}{name}", self.world.options.base);
        self.remark_before_call(thought.0, thought.1);
        let seen = self.act(&self.manner.visit(&url, goal))?;
        let view = View::of(self.manner.page(seen), name, self.world.options.language, &self.world.names);
        self.views.insert(name.to_owned(), view.clone());
        Ok(view)
    }

    /// What is known of the page about a name without reading it again.
    pub(super) fn view(&self, name: &str) -> Option<&View> {
        self.views.get(name)
    }

    /// Searches. What was searched for before is not searched for again.
    pub(super) fn search(&mut self, query: &str) -> Result<Vec<Hit>, Box<Stop>> {
        if let Some(hits) = self.searched.get(query) {
            return Ok(hits.clone());
        }
        self.remark_before_call("search", &[("query", query)]);
        let hits = self.manner.hits(self.act(&self.manner.search(query))?);
        self.searched.insert(query.to_owned(), hits.clone());
        Ok(hits)
    }

    /// The call that reads the page about a name.
    pub(super) fn visiting(&self, name: &str, goal: &str) -> ToolCall {
        self.manner.visit(&format!("{}{name}", self.world.options.base), goal)
    }

    /// The round in which a call was made, of those that were not yet played.
    pub(super) fn made(&self, call: &ToolCall) -> Option<&'a Round> {
        self.transcript.rounds[self.at..].iter().find(|round| is_of(round, call))
    }

    /// Whether something that happens at a rate happens with the step that is taken next.
    pub(super) fn happens(&self, what: &str, rate: f64) -> bool {
        self.is_ahead() && self.draw.of(what).happens(self.at as u64, rate)
    }

    fn is_ahead(&self) -> bool {
        self.at == self.transcript.rounds.len()
    }

    /// Takes a step: gives what was seen after it, or stops where it was not taken yet.
    fn act(&mut self, call: &ToolCall) -> Result<&'a str, Box<Stop>> {
        while let Some(round) = self.transcript.rounds.get(self.at) {
            self.at += 1;
            if is_of(round, call) {
                self.remarks.clear();
                return Ok(&round.seen);
            }
        }
        let turn = self.repetition(call).or_else(|| self.detour(call)).unwrap_or_else(|| Turn {
            reasoning: self.reasoning(),
            calls: vec![call.clone()],
            ..Turn::default()
        });
        Err(Box::new(Stop::Call(turn)))
    }

    /// The call of the turn before once more, now and then.
    fn repetition(&self, instead_of: &ToolCall) -> Option<Turn> {
        let last = self.transcript.rounds.last()?.call()?;
        // Twice is human; a third time is a circle.
        let times = self.transcript.rounds.iter().filter(|round| is_of(round, last)).count();
        if times > 1 || calls::is_same(last, instead_of) || !self.draw.of("loop").happens(0, self.options.loops) {
            return None;
        }
        let reasoning = self.thought("again", &[("name", &calls::subject_of(last))]);
        let call = ToolCall::new("", last.name.clone(), last.arguments.clone());
        Some(Turn { reasoning: Some(reasoning), calls: vec![call], ..Turn::default() })
    }

    /// A page that has nothing to do with the question, now and then.
    fn detour(&self, instead_of: &ToolCall) -> Option<Turn> {
        let draw = self.draw.of("detour");
        if self.transcript.rounds.is_empty() || !draw.happens(0, self.options.detour) {
            return None;
        }
        let name = self.world.names.of(draw.below(1, self.world.options.entities));
        let call = self.visiting(&name, &name);
        let was_made = self.transcript.rounds.iter().any(|round| is_of(round, &call));
        if was_made || calls::is_same(&call, instead_of) {
            return None;
        }
        let reasoning = self.thought("detour", &[("name", &name)]);
        Some(Turn { reasoning: Some(reasoning), calls: vec![call], ..Turn::default() })
    }
}

/// Whether a round made a call.
fn is_of(round: &Round, call: &ToolCall) -> bool {
    round.call().is_some_and(|made| calls::is_same(made, call))
}
