//! The estimate of memory against what a pass allocates, byte by byte.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use offseeker_language_model::{Adapter, AdapterConfig, Batch, Config, Gradients, Keep, Network, Pass, Weights};
use offseeker_trainer::memory::{MemoryRequest, Trained};

/// Counts what is allocated.
struct Counting;

static NOW: AtomicU64 = AtomicU64::new(0);
static MOST: AtomicU64 = AtomicU64::new(0);

#[allow(unsafe_code)]
// SAFETY: all is left to the system; only numbers are kept beside.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let now = NOW.fetch_add(layout.size() as u64, Relaxed) + layout.size() as u64;
        MOST.fetch_max(now, Relaxed);
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        NOW.fetch_sub(layout.size() as u64, Relaxed);
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// The most bytes that were allocated at once while something ran, beyond those that were there before.
fn measured(run: impl FnOnce()) -> u64 {
    let before = NOW.load(Relaxed);
    MOST.store(before, Relaxed);
    run();
    MOST.load(Relaxed) - before
}

fn batch(lengths: &[usize]) -> Batch {
    let mut batch = Batch::new();
    for length in lengths {
        let tokens: Vec<u32> = (0..*length as u32).map(|at| at * 7 % 1000).collect();
        let chosen: Vec<bool> = (0..*length).map(|at| at > 0).collect();
        batch.push(&tokens, &chosen).unwrap();
    }
    batch
}

fn check(name: &str, estimate: u64, found: u64) {
    let ratio = estimate as f64 / found as f64;
    println!("{name}: {estimate} estimated, {found} allocated, {ratio:.3}");
    assert!((ratio - 1.0).abs() < 0.15, "{name}: {estimate} estimated, {found} allocated");
}

/// One test, so that no other allocates at the same time.
#[test]
fn estimates_are_what_is_allocated() {
    // What a pool of threads has for itself is not what a training costs.
    let pool = rayon::ThreadPoolBuilder::new().num_threads(2).build().unwrap();
    pool.broadcast(|_| ());
    pool.install(check_all);
}

fn check_all() {
    let wide = Config { intermediate_size: 512, head_dim: 96, ..Config::small(2048, 192, 3, 2) };
    let config = &wide;
    check_forward(config, &[200, 200, 201]);
    let adapter = || Trained::Adapter(AdapterConfig::new(8));
    for (trained, lengths, keep) in [
        (Trained::Weights, &[600, 1][..], Keep::Everything),
        (Trained::Weights, &[200, 200, 201], Keep::Inputs),
        (adapter(), &[200, 200, 201], Keep::Everything),
        (adapter(), &[600, 1], Keep::Inputs),
    ] {
        check_training(
            &format!("{keep:?}, {lengths:?}, adapter: {}", trained != Trained::Weights),
            config,
            lengths,
            &trained,
            keep,
        );
    }
}

fn check_training(name: &str, config: &Config, lengths: &[usize], trained: &Trained, keep: Keep) {
    let (tokens, longest) = (lengths.iter().sum(), *lengths.iter().max().unwrap());
    let plan = MemoryRequest { longest, keep, ..MemoryRequest::new(config.clone(), trained.clone(), tokens) };
    let plan = plan.plan().unwrap();
    let estimate: u64 = plan.terms.iter().filter(|term| is_of_pass(term.name)).map(|term| term.bytes).sum();
    let mut of_pass = 0;
    let all = measured(|| {
        let before = NOW.load(Relaxed);
        let weights = Weights::from_seed(config, 1).unwrap();
        let adapter = match trained {
            Trained::Adapter(adapter) => Some(Adapter::from_seed(config, adapter, 2).unwrap()),
            _ => None,
        };
        let mut gradients = adapter.as_ref().map_or_else(|| Gradients::of_weights(&weights), Gradients::of_adapter);
        let moments = [0; 2].map(|_| vec![0.0_f32; gradients.values().len()]);
        let held = NOW.load(Relaxed) - before;
        of_pass = measured(|| {
            let network = Network::new(&weights);
            let network = adapter.as_ref().map_or(network, |it| Network::with_adapter(&weights, it).unwrap());
            let (batch, mut pass) = (batch(lengths), Pass::new(keep));
            let log_probabilities = network.forward(&batch, &mut pass).unwrap();
            let upstream = vec![1.0; log_probabilities.len()];
            network.backward(&mut pass, &upstream, &mut gradients).unwrap();
        });
        // What is held beside the large slices are layouts and the like.
        assert!(held.abs_diff(plan.total() - estimate) < 16 << 10, "{name}: {held} held");
        drop(moments);
    });
    check(&format!("pass, {name}"), estimate, of_pass);
    check(&format!("all, {name}"), plan.total(), all);
}

fn is_of_pass(name: &str) -> bool {
    ["kept for the way back", "work of a layer", "stream and angles", "head"].contains(&name)
}

fn check_forward(config: &Config, lengths: &[usize]) {
    let (tokens, longest) = (lengths.iter().sum(), *lengths.iter().max().unwrap());
    let request = MemoryRequest { longest, ..MemoryRequest::new(config.clone(), Trained::Nothing, tokens) };
    let plan = request.plan().unwrap();
    let weights = Weights::from_seed(config, 1).unwrap();
    let found = measured(|| {
        Network::new(&weights).forward(&batch(lengths), &mut Pass::new(Keep::Nothing)).unwrap();
    });
    check("forward alone", plan.total() - plan.terms[0].bytes, found);
}
