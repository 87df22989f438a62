//! The load: many requests, many at once, and what is measured of them.

use std::time::{Duration, Instant};

use futures::StreamExt;
use offseeker::chat::{ChatModel, OpenAi, Options, Request, Sampling};
use offseeker::trajectory::Message;
use serde::{Deserialize, Serialize};

use crate::cpu::cpu_seconds;
use crate::memory::memory;

/// Requests in a round.
pub(crate) const REQUESTS: usize = 2_000;
/// Requests under way at once.
pub(crate) const AT_ONCE: usize = 256;
/// Rounds that count; one more goes before them.
pub(crate) const ROUNDS: usize = 7;

/// What a client did.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Measured {
    pub(crate) requests_per_second: f64,
    pub(crate) requests_per_cpu_second: f64,
    pub(crate) own_p50_ms: f64,
    pub(crate) own_p99_ms: f64,
    pub(crate) peak_rss_mb: f64,
}

/// Runs the rounds and measures them.
pub(crate) fn run(base: &str, latency_ms: u64, stream: bool) -> Measured {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime can be made");
    runtime.block_on(async {
        let model = OpenAi::new(base, "made", None, Options { stream, ..Options::default() }).expect("the URL is good");
        let messages = conversation();
        round(&model, &messages).await;
        let cpu = cpu_seconds();
        let mut rates = Vec::new();
        let mut times = Vec::new();
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            times.extend(round(&model, &messages).await);
            rates.push(per_second(REQUESTS, begun.elapsed().as_secs_f64()));
        }
        let cpu = cpu_seconds() - cpu;
        times.sort_unstable();
        rates.sort_unstable_by(f64::total_cmp);
        let own = |quantile: usize| {
            let at = times[(times.len() - 1) * quantile / 100];
            at.saturating_sub(Duration::from_millis(latency_ms)).as_secs_f64() * 1e3
        };
        Measured {
            requests_per_second: rates[rates.len() / 2],
            requests_per_cpu_second: per_second(REQUESTS * ROUNDS, cpu),
            own_p50_ms: own(50),
            own_p99_ms: own(99),
            peak_rss_mb: memory("VmHWM") / (1 << 20) as f64,
        }
    })
}

async fn round(model: &OpenAi, messages: &[Message]) -> Vec<Duration> {
    let sampling = Sampling { temperature: Some(0.6), max_tokens: Some(512), ..Sampling::default() };
    let request = Request::new(messages).sampling(&sampling);
    let one = |_| async move {
        let begun = Instant::now();
        let reply = model.reply(request).await.expect("the server answers");
        assert_eq!(reply.usage.completion_tokens, 64);
        begun.elapsed()
    };
    futures::stream::iter(0..REQUESTS).map(one).buffer_unordered(AT_ONCE).collect().await
}

/// About two kilobytes, as after a first search.
fn conversation() -> Vec<Message> {
    vec![
        Message::system("You answer questions by searching. ".repeat(12)),
        Message::user("Which river does the mill of Karlin stand on?"),
        Message::assistant(
            "<tool_call>{\"name\": \"search\", \"arguments\": {\"query\": [\"Karlin mill\"]}}</tool_call>",
        ),
        Message::user(format!("<tool_response>{}</tool_response>", "The mill of Karlin is a water mill. ".repeat(40))),
    ]
}

// Counts of requests are small.
#[allow(clippy::cast_precision_loss)]
fn per_second(requests: usize, seconds: f64) -> f64 {
    requests as f64 / seconds
}
