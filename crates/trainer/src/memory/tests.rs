//! An estimate has the parts that a training has, and says what would take less.

use super::*;

#[test]
fn the_terms_of_a_published_training_are_those_of_its_shape() {
    let config = Config::published("Qwen3-8B").unwrap();
    let plan = MemoryRequest::new(config, Trained::Weights, 49_152).plan().unwrap();
    let term = |name| plan.terms.iter().find(|term| term.name == name).map_or(0, |term| term.bytes);
    let weights = 8_190_735_360;
    assert_eq!(term("weights"), weights * 4);
    assert_eq!(term("gradients"), weights * 4);
    assert_eq!(term("optimizer"), weights * 8);
    assert_eq!(term("kept for the way back"), 49_152 * 4096 * 36 * 4);
    assert_eq!(term("reference weights"), 0);
    assert_eq!(plan.unchunked_logits, 49_152 * 151_936 * 4);
    assert_eq!(plan.total(), plan.terms.iter().map(|term| term.bytes).sum::<u64>());
    assert!(term("head") < 512 << 20, "logits are there by chunks");

    // The figure of the paper's own length.
    let config = Config::published("Qwen3-8B").unwrap();
    let plan = MemoryRequest::new(config, Trained::Weights, 136_000).plan().unwrap();
    assert!((plan.unchunked_logits as f64 / 1e9 - 82.7).abs() < 0.1);
    let text = plan.to_string();
    assert!(text.contains("weights") && text.contains("30.5 GiB") && text.contains("would be 77.0 GiB)"), "{text}");
}

#[test]
fn what_is_asked_for_costs() {
    let config = Config::small(1024, 64, 2, 4);
    let base = MemoryRequest { threads: 1, ..MemoryRequest::new(config, Trained::Weights, 512) };
    let total = |request: &MemoryRequest| request.plan().unwrap().total();
    let weights = Layout::new(&base.config).len() as u64;
    let more = |request: MemoryRequest| total(&request) - total(&base);
    assert_eq!(more(MemoryRequest { average: true, ..base.clone() }), weights * 4);
    assert_eq!(more(MemoryRequest { precision: Precision::Bf16, ..base.clone() }), weights * 2);
    let shared = more(MemoryRequest { reference: ReferencePass::SameWeights, ..base.clone() });
    let own = more(MemoryRequest { reference: ReferencePass::OwnWeights, ..base.clone() });
    assert_eq!(own - shared, weights * 4);
    // A kept layer is everything but its input, which is kept anyway; the one that runs needs no buffers of its own then.
    let saved = 2 * 128 + 2 * 64 + 4 + 64 + 2 * 192;
    assert_eq!(more(MemoryRequest { keep: Keep::Everything, ..base.clone() }), 512 * saved * 4);
    let adapter = MemoryRequest { trained: Trained::Adapter(AdapterConfig::new(4)), ..base.clone() };
    assert!(total(&adapter) < total(&base));
}

#[test]
fn what_does_not_fit_is_refused_with_numbers_and_ways_out() {
    let config = Config::published("Qwen3-0.6B").unwrap();
    let request = MemoryRequest {
        keep: Keep::Everything,
        reference: ReferencePass::OwnWeights,
        ..MemoryRequest::new(config, Trained::Weights, 8192)
    };
    let plan = request.plan().unwrap();
    plan.check(plan.total()).unwrap();
    let said = plan.check(plan.total() - 1).unwrap_err().to_string();
    for part in [
        &format!("the training takes {}", Size(plan.total())),
        ": kept for the way back ",
        "; keep the inputs of layers alone (",
        ", or work out before what the reference says (",
        ", or have 4096 tokens at once (",
        ", or train an adapter of rank 16 (",
    ] {
        assert!(said.contains(part), "{part} in {said}");
    }
    for (_, way) in request.smaller() {
        assert!(way.plan().unwrap().total() < plan.total());
    }
}

#[test]
fn requests_are_checked() {
    let base = MemoryRequest::new(Config::small(64, 32, 1, 1), Trained::Weights, 8);
    let check = |request: MemoryRequest, field: &str| {
        let said = request.plan().unwrap_err().to_string();
        assert!(said.contains(field), "{said}");
    };
    check(MemoryRequest { tokens: 0, ..base.clone() }, "tokens");
    check(MemoryRequest { longest: 9, ..base.clone() }, "longest");
    check(MemoryRequest { keep: Keep::Nothing, ..base.clone() }, "keep");
    check(MemoryRequest { config: Config { head_dim: 3, ..base.config.clone() }, ..base.clone() }, "head_dim");
    let huge = MemoryRequest { tokens: 1 << 40, longest: 1 << 40, ..base };
    assert!(huge.plan().unwrap().check(u64::MAX - 1).is_ok());
}

#[test]
fn what_is_free_is_the_least_of_what_the_system_and_its_groups_say() {
    let check = |files: &[(&str, &str)], expected: Option<u64>| {
        let root = tempfile::tempdir().unwrap();
        for (path, text) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        assert_eq!(available::available_under(root.path()), expected, "{files:?}");
    };
    let system = ("proc/meminfo", "MemTotal: 9999 kB\nMemAvailable:    4096 kB\n");
    let second = ("proc/self/cgroup", "0::/a/b\n");
    check(&[], None);
    check(&[system], Some(4096 << 10));
    let a = [("sys/fs/cgroup/a/memory.max", "1000000\n"), ("sys/fs/cgroup/a/memory.current", "900000\n")];
    let b = [("sys/fs/cgroup/a/b/memory.max", "max\n"), ("sys/fs/cgroup/a/b/memory.current", "5\n")];
    check(&[system, second, a[0], a[1], b[0], b[1]], Some(100_000));
    let stat = ("sys/fs/cgroup/a/memory.stat", "anon 1\ninactive_file 50000\n");
    check(&[system, second, a[0], a[1], stat], Some(150_000));
    check(&[system, second, b[0], b[1]], Some(4096 << 10));
    let first = ("proc/self/cgroup", "7:cpu,memory:/x\n3:pids:/x\n");
    let top = [
        ("sys/fs/cgroup/memory/memory.limit_in_bytes", "3000\n"),
        ("sys/fs/cgroup/memory/memory.usage_in_bytes", "1000\n"),
    ];
    check(&[system, first, top[0], top[1]], Some(2000));
    if cfg!(target_os = "linux") {
        assert!(available().unwrap() > 0);
    }
}
