//! What the thread does when its network fails, and whether others notice.

use std::sync::atomic::{AtomicBool, Ordering};

use offseeker_trajectory::Message;

use super::*;
use crate::{BytePairTraining, ChatTemplate, Config};

/// A network that fails when it is told to, in one way or the other.
struct Failing {
    inner: Own,
    panics: Arc<AtomicBool>,
    errs: Arc<AtomicBool>,
}

impl Backend for Failing {
    fn vocabulary(&self) -> usize {
        self.inner.vocabulary()
    }

    fn forks(&self) -> bool {
        self.inner.forks()
    }

    fn add(&mut self, capacity: usize) -> Result<usize, ChatError> {
        self.inner.add(capacity)
    }

    fn fork(&mut self, from: usize, length: usize, capacity: usize) -> Result<usize, ChatError> {
        self.inner.fork(from, length, capacity)
    }

    fn cut(&mut self, sequence: usize, length: usize, capacity: usize) -> Result<(), ChatError> {
        self.inner.cut(sequence, length, capacity)
    }

    fn remove(&mut self, sequence: usize) -> Result<(), ChatError> {
        self.inner.remove(sequence)
    }

    fn extend(&mut self, parts: &[(usize, &[u32])], wanted: &[bool]) -> Result<Vec<f32>, ChatError> {
        assert!(!self.panics.swap(false, Ordering::SeqCst), "a cosmic ray");
        let mut logits = self.inner.extend(parts, wanted)?;
        if self.errs.swap(false, Ordering::SeqCst) {
            logits[0] = f32::NAN;
        }
        Ok(logits)
    }

    fn clear(&mut self) -> Result<(), ChatError> {
        self.inner.clear()
    }
}

fn renderer() -> Renderer {
    let tokenizer = BytePairTraining::new(300).train(["the Karlin mill on the Orsa"]).unwrap();
    Renderer::new(Arc::new(tokenizer), ChatTemplate::qwen()).unwrap()
}

fn weights(renderer: &Renderer) -> Arc<Weights> {
    Arc::new(Weights::from_seed(&Config::small(renderer.tokenizer().vocabulary(), 32, 1, 2), 1).unwrap())
}

#[tokio::test]
async fn a_panic_or_a_broken_number_is_an_error_for_those_it_concerns_and_the_model_goes_on() {
    let renderer = renderer();
    let [panics, errs] = [Arc::new(AtomicBool::new(false)), Arc::new(AtomicBool::new(false))];
    let inner = Own::new(weights(&renderer), None).unwrap();
    let backend = Failing { inner, panics: panics.clone(), errs: errs.clone() };
    let options = LocalOptions { context: Some(200), ..LocalOptions::default() };
    let limits = options.limits(&Config::small(300, 32, 1, 2)).unwrap();
    let model = LocalModel::start("failing".to_owned(), backend, renderer, limits, &options).unwrap();
    let asked = [Message::user("Which river?")];
    let sampling = Sampling { seed: Some(3), max_tokens: Some(6), ..Sampling::default() };
    let ask = || model.reply(Request::new(&asked).sampling(&sampling));
    let expected = ask().await.unwrap().message;

    panics.store(true, Ordering::SeqCst);
    for reply in [tokio::join!(ask(), ask())].into_iter().flat_map(|(one, other)| [one, other]) {
        match reply {
            Ok(reply) => assert_eq!(reply.message, expected),
            Err(error) => assert!(error.to_string().contains("a cosmic ray"), "{error}"),
        }
    }
    assert!(!panics.load(Ordering::SeqCst));
    assert_eq!(ask().await.unwrap().message, expected);

    errs.store(true, Ordering::SeqCst);
    let error = ask().await.unwrap_err();
    assert!(matches!(&error, ChatError::Broken { reason } if reason.contains("logit")), "{error}");
    assert_eq!(ask().await.unwrap().message, expected);
}

#[tokio::test]
async fn a_dropped_model_ends_its_thread_and_gives_up_what_is_under_way() {
    let renderer = renderer();
    let weights = weights(&renderer);
    let model = LocalModel::new("dropped", weights.clone(), None, renderer, LocalOptions::default()).unwrap();
    let asked = [Message::user("Which river?")];
    let sampling = Sampling { seed: Some(3), ..Sampling::default() };
    let mut stream = model.stream(Request::new(&asked).sampling(&sampling)).unwrap();
    stream.next().await.unwrap();
    drop(model);
    let end = stream.reply().await;
    assert!(matches!(&end, Err(ChatError::Broken { .. })), "{end:?}");
    for _ in 0..500 {
        if Arc::strong_count(&weights) == 1 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("the thread still holds the weights");
}

#[test]
fn options_that_make_no_sense_are_named() {
    let config = Config::small(300, 32, 1, 2);
    let defaults = |temperature| SamplingDefaults { temperature: Some(temperature), ..SamplingDefaults::default() };
    let base = LocalOptions::default;
    for (options, expected) in [
        (LocalOptions { sequences_at_once: 0, ..base() }, "sequences_at_once"),
        (LocalOptions { tokens_at_once: 15, ..base() }, "tokens_at_once"),
        (LocalOptions { queue: 0, ..base() }, "queue"),
        (LocalOptions { context: Some(1), ..base() }, "context"),
        (LocalOptions { context: Some(100), cache_tokens: Some(99), ..base() }, "context"),
        (LocalOptions { cache_tokens: Some(usize::MAX), ..base() }, "cache_tokens"),
        (LocalOptions { defaults: defaults(-1.0), ..base() }, "defaults"),
    ] {
        let error = options.limits(&config).unwrap_err();
        assert!(error.to_string().starts_with(&format!("the option `{expected}`")), "{error}");
    }
    assert_eq!(base().limits(&config).unwrap().context, 4096);
}
