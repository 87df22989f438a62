//! What chats and bare completions are asked alike.

use offseeker_chat::Sampling;
use serde_json::json;

use super::Server;
use super::body::Body;
use super::failure::Failure;

/// The most choices of one request.
const MOST_CHOICES: u32 = 128;
/// The most stop strings.
const MOST_STOPS: usize = 64;

/// What chats and bare completions are asked alike.
pub(super) struct Asked {
    pub(super) sampling: Sampling,
    /// How many choices.
    pub(super) choices: u32,
    pub(super) stream: bool,
    pub(super) include_usage: bool,
    /// What the request belongs to.
    pub(super) session: Option<String>,
}

impl Asked {
    /// `most` are the fields that say how much may be written, the first that is there counts.
    pub(super) fn read(server: &Server, body: &Body, most: &[&str]) -> Result<Self, Failure> {
        server.check_name(body.text("model")?)?;
        refuse_unknown(body)?;
        let max_tokens = most.iter().find(|field| body.get(field).is_some());
        let mut sampling = Sampling {
            temperature: body.number("temperature")?,
            top_p: body.number("top_p")?,
            max_tokens: max_tokens.map_or(Ok(None), |field| body.count(field))?,
            stop: body.texts("stop")?,
            seed: body.seed()?,
            logprobs: false,
            token_ids: body.flag("return_token_ids")?,
            ..Sampling::default()
        };
        check(&sampling)?;
        for field in ["top_k", "chat_template_kwargs"] {
            if let Some(value) = body.get(field) {
                sampling.extra.insert(field.to_owned(), value.clone());
            }
        }
        let choices = body.count("n")?.unwrap_or(1);
        if choices == 0 || choices > MOST_CHOICES {
            return Err(Failure::field("n", format!("is {choices}; it is between 1 and {MOST_CHOICES}")));
        }
        let include_usage = body.object("stream_options")?.and_then(|options| options.get("include_usage")?.as_bool());
        Ok(Self {
            sampling,
            choices,
            stream: body.flag("stream")?,
            include_usage: include_usage.unwrap_or(false),
            session: body.text("prompt_cache_key")?.map(str::to_owned),
        })
    }

    /// How the choice of a number is sampled: each from a seed of its own.
    pub(super) fn of_choice(&self, choice: u32) -> Sampling {
        let seed = self.sampling.seed.map(|seed| seed.wrapping_add(u64::from(choice)));
        Sampling { seed, ..self.sampling.clone() }
    }
}

fn refuse_unknown(body: &Body) -> Result<(), Failure> {
    let nothing = [json!(0), json!(0.0)];
    for field in ["frequency_penalty", "presence_penalty", "min_p", "min_tokens"] {
        body.only(field, &nothing, "that is not done here; leave it out")?;
    }
    body.only("repetition_penalty", &[json!(1), json!(1.0)], "that is not done here; leave it out")?;
    body.only("logit_bias", &[json!({})], "that is not done here; leave it out")?;
    body.only("response_format", &[json!({"type": "text"})], "replies have no other form than text here")
}

/// Says of what every model samples by whether it is possible; what is possible with one alone, that one says.
fn check(sampling: &Sampling) -> Result<(), Failure> {
    if let Some(temperature) = sampling.temperature.filter(|it| !(0.0..=100.0).contains(it)) {
        return Err(Failure::field("temperature", format!("is {temperature}; it is 0 or more")));
    }
    if let Some(top_p) = sampling.top_p.filter(|it| !(*it > 0.0 && *it <= 1.0)) {
        return Err(Failure::field("top_p", format!("is {top_p}; it is above 0 and at most 1")));
    }
    if sampling.max_tokens == Some(0) {
        return Err(Failure::field("max_tokens", "is 0; it is at least 1"));
    }
    if sampling.stop.len() > MOST_STOPS {
        return Err(Failure::field("stop", format!("has more than {MOST_STOPS} texts")));
    }
    Ok(())
}
