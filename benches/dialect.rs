//! How many megabytes a second of model text are taken apart: whole, in the pieces of a stream, and as arguments.
//!
//! `cargo bench --bench dialect`

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use offseeker::chat::arguments;
use offseeker::chat::dialect::Dialect;

/// A turn as a research agent writes it: two kilobytes of reasoning, a few lines of text, two calls.
fn turn(dialect: &Dialect) -> String {
    let reasoning =
        "The mill of Karlin stands on a river, but which? I should look it up, then compare the maps. ".repeat(22);
    let call = match dialect.name.as_str() {
        "qwen-xml" => {
            "<tool_call>\n<function=search>\n<parameter=query>\n[\"Karlin mill\", \"rivers below the Venn\"]\n</parameter>\n</function>\n</tool_call>"
        }
        "search-r1" => "<search>Karlin mill river</search>",
        _ => {
            "<tool_call>\n{\"name\": \"search\", \"arguments\": {\"query\": [\"Karlin mill\", \"rivers below the \\\"Venn\\\"\"]}}\n</tool_call>"
        }
    };
    format!("<think>\n{}\n</think>\n\nI will look at two places.\n{call}", reasoning.trim())
}

fn dialects(criterion: &mut Criterion) {
    for name in ["qwen", "qwen-xml", "search-r1"] {
        let dialect = Dialect::shipped(name).expect("it comes with the crate");
        let text = turn(dialect);
        assert!(dialect.parse(&text).is_well_formed(), "{name}");
        let mut group = criterion.benchmark_group(name);
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function("whole", |bencher| bencher.iter(|| dialect.parse(&text)));
        group.bench_function("in pieces of 16 bytes", |bencher| {
            bencher.iter(|| {
                let mut parser = dialect.parser();
                for piece in text.as_bytes().chunks(16) {
                    parser.push(std::str::from_utf8(piece).expect("the text is ASCII"));
                }
                parser.finish()
            });
        });
        group.finish();
    }
}

fn ladder(criterion: &mut Criterion) {
    let strict = format!("{{\"query\": [{}], \"top\": 10}}", vec!["\"rivers below the Venn\""; 40].join(", "));
    let json5 = strict.replace("\"query\"", "query").replace(']', ",]");
    let mended = strict.replacen("rivers", "\"rivers\"", 1).replace("\", \"", "\" \"");
    let mut group = criterion.benchmark_group("arguments");
    for (name, text) in [("strict", &strict), ("json5", &json5), ("mended", &mended)] {
        arguments::read(text).expect("every step of the ladder reads its text");
        group.throughput(Throughput::Bytes(text.len() as u64));
        group.bench_function(name, |bencher| bencher.iter(|| arguments::read(text)));
    }
    group.finish();
}

criterion_group!(benches, dialects, ladder);
criterion_main!(benches);
