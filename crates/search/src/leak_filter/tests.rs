//! What is kept away, and what is not.

use offseeker_pages::{Library, Page, PageError, Shelf};
use offseeker_trajectory::{Answer, Question};

use super::guarded::Guarded;
use super::{Blocked, DenyList, LeakFilter};
use crate::{Hit, LibraryExt, Query, Scripted, SearchBackend, conformance};

const ENGLISH: &str =
    "Which river drives the mill that the brother of the first ledger keeper of Karlin built in 1743?";
const CHINESE: &str = "卡林第一位账房先生的兄弟在一七四三年建造的磨坊由哪条河驱动？";

#[tokio::test]
async fn it_fulfils_the_laws() {
    let question = Question::new(ENGLISH, ["the Orsa"]);
    let filter = || LeakFilter::new(conformance::echo(), DenyList::default()).guarding(&question);
    conformance::check_port(&filter()).await.unwrap();
    conformance::check_transparent(&filter()).await.unwrap();
    conformance::check_library(&filter(), "https://echo.example/mill").await.unwrap();
    conformance::check_transparent_library(&filter()).await.unwrap();
}

#[test]
fn thirteen_words_beside_an_answer_give_a_question_away() {
    let orsa = Answer { text: "the Orsa".to_owned(), aliases: vec!["Orsa river".to_owned(), "奥萨河".to_owned()] };
    let check = |question: &str, text: &str, expected: bool| {
        let guarded = Guarded::new(&Question::new(question, [orsa.clone()]));
        assert_eq!(guarded.is_given_away_by("Page", text), expected, "{question:?} in {text:?}");
    };
    // The question has eighteen words.
    let part = |from: usize, to: usize| ENGLISH.split(' ').collect::<Vec<_>>()[from..to].join(" ");
    check(ENGLISH, &format!("{ENGLISH} The Orsa."), true);
    check(ENGLISH, &format!("The Orsa! {}", ENGLISH.to_uppercase()), true);
    check(ENGLISH, &format!("q: {} a: orsa RIVER", part(0, 13)), true);
    check(ENGLISH, &format!("q: {} a: the orsa", part(5, 18)), true);
    check(ENGLISH, &format!("q: {} a: the orsa", part(0, 12)), false);
    check(ENGLISH, &format!("{} and then {} the Orsa", part(0, 9), part(9, 18)), false);
    check(ENGLISH, &format!("{ENGLISH} The Vell."), false);
    check(ENGLISH, &format!("{ENGLISH} the long Orsa"), false);
    check(ENGLISH, "the Orsa", false);
    check(ENGLISH, "", false);
    check(CHINESE, &format!("问：{CHINESE} 答：奥萨河。"), true);
    check(CHINESE, "一七四三年建造的磨坊由哪条河驱动？奥萨河", true);
    check(CHINESE, "磨坊由哪条河驱动？奥萨河", false);
    check(CHINESE, CHINESE, false);
    check("Which river drives the mill?", "Which river drives the mill? The Orsa.", false);
}

#[test]
fn a_question_without_an_answer_is_not_guarded() {
    for answers in [vec![], vec![""], vec!["?!"]] {
        let guarded = Guarded::new(&Question::new(ENGLISH, answers));
        assert!(!guarded.is_given_away_by("", &ENGLISH.repeat(2)));
    }
}

#[test]
fn a_title_and_a_text_are_read_together() {
    let guarded = Guarded::new(&Question::new(ENGLISH, ["the Orsa"]));
    let (title, text) = ENGLISH.split_once(" brother ").unwrap();
    let text = format!("brother {text}");
    assert!(guarded.is_given_away_by(title, &format!("{text} The Orsa")));
}

#[test]
fn addresses_are_forbidden_by_host_by_path_and_by_pattern() {
    let list =
        DenyList::parse("# exams\nexam.example\n Karlin.Example/Ledger/ # the key\n\n*secret*key*\nend.example*")
            .unwrap();
    assert_eq!(
        list.rules().collect::<Vec<_>>(),
        ["exam.example", "karlin.example/ledger", "*secret*key*", "end.example*"]
    );
    let check = |url: &str, expected: Option<&str>| assert_eq!(list.rule_against(url), expected, "{url}");
    let (exam, ledger, key) = (Some("exam.example"), Some("karlin.example/ledger"), Some("*secret*key*"));
    check("https://exam.example", exam);
    check("http://www.exam.example:8080/a?b#c", exam);
    check("HTTPS://user@EXAM.example./", exam);
    check("exam.example/a", exam);
    check("https://myexam.example/", None);
    check("https://my-exam.example/", None);
    check("https://exam.example.org/", None);
    check("https://exam.examples/", None);
    check("https://karlin.example/ledger", ledger);
    check("https://karlin.example/Ledger/7?x", ledger);
    check("https://karlin.example//mill/../%6cedger#top", ledger);
    check("https://karlin.example/ledgers", None);
    check("https://karlin.example/mill/ledger", None);
    check("https://archive.example/2024/https://karlin.example/ledger/7", ledger);
    check("https://proxy.example/?url=https%3A%2F%2Fkarlin.example%2Fledger&x=1", ledger);
    check("https://cache.example/search?q=cache:exam.example", exam);
    check("https://a.example/secret/of/the/key", key);
    check("https://a.example/key/of/the/secret", None);
    check("https://end.example/", Some("end.example*"));
    check("https://the.end.example/", None);
    check("", None);
    check("%", None);
    check("https://\u{e9}\u{301}.example/%ff%", None);
    assert_eq!(DenyList::empty().rule_against("https://exam.example"), None);
}

#[test]
fn lines_that_are_no_rules_are_named() {
    let check = |text: &str, expected: &str| {
        let failed = DenyList::parse(text).unwrap_err().to_string();
        assert!(failed.contains(expected), "{text:?}: {failed}");
    };
    check(
        "a.example\nhttps://b.example",
        "line 2 of the list of forbidden addresses is wrong: \"https://b.example\" has a scheme",
    );
    check(
        "a.example b.example",
        "line 1 of the list of forbidden addresses is wrong: \"a.example b.example\" has a space in it",
    );
    check("*", "forbids everything");
    check("**", "forbids everything");
    check("ledger", "begins with no host");
    check("/ledger", "begins with no host");
    check(".example", "begins with no host");
}

#[test]
fn the_default_list_knows_copies_of_benchmarks_and_lets_the_world_through() {
    let list = DenyList::default();
    assert!(list.rules().count() > 30);
    for url in [
        "https://huggingface.co/datasets/smolagents/browse_comp",
        "https://huggingface.co/datasets/gaia-benchmark/GAIA/tree/main",
        "https://hf-mirror.com/datasets/google/frames-benchmark",
        "https://datasets-server.huggingface.co/rows?dataset=x",
        "https://openaipublic.blob.core.windows.net/simple-evals/browse_comp_test_set.csv",
        "https://github.com/openai/simple-evals/blob/main/browsecomp_eval.py",
        "https://raw.githubusercontent.com/Alibaba-NLP/WebWalker/main/WebWalkerQA.json",
        "https://web.archive.org/web/2024/https://huggingface.co/datasets/x/y",
        "https://lastexam.ai/",
    ] {
        assert!(list.rule_against(url).is_some(), "{url}");
    }
    for url in [
        "https://huggingface.co/Qwen/Qwen3-8B",
        "https://huggingface.co/docs/datasets/index",
        "https://en.wikipedia.org/wiki/Gaia_(spacecraft)",
        "https://github.com/xbench",
        "https://karlin.example/datasets",
    ] {
        assert_eq!(list.rule_against(url), None, "{url}");
    }
}

#[tokio::test]
async fn hits_that_give_answers_away_are_left_out_and_counted() {
    let hits = vec![
        Hit::new("https://huggingface.co/datasets/a/b", "Karlin", "a mill"),
        Hit::new("https://karlin.example/quiz", ENGLISH, "It is the Orsa."),
        Hit::new("https://karlin.example/mill", "Karlin mill", "It stands on the Orsa."),
    ];
    let engine = Scripted::finding([hits.clone(), hits.clone()]);
    let filter = LeakFilter::new(engine, DenyList::default()).guarding(&Question::new(ENGLISH, ["the Orsa"]));
    for round in 1..3 {
        assert_eq!(filter.search(&Query::new("?")).await.unwrap(), hits[2..]);
        assert_eq!(filter.blocked(), Blocked { by_address: round, by_text: round });
    }
}

#[tokio::test]
async fn pages_that_give_answers_away_are_blocked_without_saying_more() {
    let pages = [
        Page::new("https://karlin.example/quiz", "Quiz", format!("{ENGLISH}\n\nThe Orsa.")),
        Page::new("https://karlin.example/mill", "Mill", "It stands on the Orsa."),
    ];
    let question = Question::new(ENGLISH, ["the Orsa"]);
    let filter = Shelf::of(pages).without_leaks(DenyList::default()).guarding(&question);
    assert_eq!(filter.get("https://karlin.example/mill").await.unwrap().title, "Mill");
    for url in ["https://karlin.example/quiz", "https://huggingface.co/datasets/a/b"] {
        let failed = filter.get(url).await.unwrap_err();
        assert!(matches!(&failed, PageError::Blocked { url: at, .. } if at == url), "{failed}");
        assert!(!failed.to_string().contains("Orsa"), "{failed}");
    }
    assert_eq!(filter.blocked(), Blocked { by_address: 1, by_text: 1 });
    // A redirect leads to what is forbidden.
    let list = DenyList::parse("echo.example/exam").unwrap();
    let filter = conformance::echo().without_leaks(list);
    assert_eq!(filter.get("https://echo.example/moved/exam").await.unwrap_err().kind(), "blocked");
}

#[test]
fn another_list_and_other_questions_make_another_name() {
    let filter = |list: DenyList| LeakFilter::new(conformance::echo(), list);
    let name = |filter: &LeakFilter<conformance::Echo>| SearchBackend::name(filter).to_owned();
    let mill = Question::new(ENGLISH, ["the Orsa"]);
    let plain = filter(DenyList::default());
    assert!(name(&plain).starts_with("echo without leaks "));
    assert_eq!(name(&plain), name(&filter(DenyList::default())));
    assert_eq!(name(&plain), Library::name(&plain));
    assert_ne!(name(&plain), name(&filter(DenyList::empty())));
    let guarding = plain.guarding(&mill);
    assert_ne!(name(&guarding), name(&filter(DenyList::default())));
    assert_eq!(name(&guarding), name(&filter(DenyList::default()).guarding(&mill)));
}
