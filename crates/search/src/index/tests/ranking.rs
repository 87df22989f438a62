//! Tests of what is found, and in which order.

use std::collections::HashMap;

use super::*;
use crate::index::analyzer::Analyzer;
use crate::{Hit, Language};

#[test]
fn scores_are_those_of_the_formula() {
    let plain = Settings { language: Language::None, ..Settings::default() };
    check(plain);
    check(Settings { k1: 1.2, b: 0.75, ..plain });
    check(Settings { k1: 0.0, ..plain });
    check(Settings { b: 1.0, title: 3.0, ..plain });
    check(Settings { title: 0.0, text: 0.5, ..plain });
    check(Settings { title: 2.0, text: 0.0, ..plain });
}

/// Compares with every document scored one by one, over more than one window and more than one segment.
#[track_caller]
fn check(settings: Settings) {
    let pages: Vec<Page> = (0..6_000).map(random_page).collect();
    let mut made = made(settings, &pages[..4_500]);
    made.write(&pages[4_500..]);
    for query in ["w0", "w0 w1 w2", "w3 w40 w41 w0", "w150 w151 w152", "w7 w7 w90", "w399 w398", "t1 w2", "nothing"] {
        for limit in [1, 10, 200] {
            let found = made.index.find(&Query::new(query).limit(limit)).unwrap();
            let expected = expected(&pages, &settings, query);
            assert_eq!(found.len(), expected.len().min(limit), "{settings:?} {query} {limit}");
            for (hit, (_, score)) in found.iter().zip(&expected) {
                let near = (f64::from(hit.score.unwrap()) - score).abs() < 1e-4 * score.max(1.0);
                assert!(near, "{settings:?} {query} {limit}: {hit:?} {score}");
            }
            check_ties(&found, &expected);
        }
    }
}

/// Every hit has the score of its own document, and equals come in the order in which they were put in.
#[track_caller]
fn check_ties(found: &[Hit], expected: &[(usize, f64)]) {
    let scores: HashMap<usize, f64> = expected.iter().copied().collect();
    for pair in found.windows(2) {
        let place = |hit: &Hit| hit.url[1..].parse::<usize>().unwrap();
        assert!((f64::from(pair[0].score.unwrap()) - scores[&place(&pair[0])]).abs() < 1e-3);
        assert!(pair[0].score != pair[1].score || place(&pair[0]) < place(&pair[1]), "{pair:?}");
    }
}

fn expected(pages: &[Page], settings: &Settings, query: &str) -> Vec<(usize, f64)> {
    let (title, text) = (f64::from(settings.title), f64::from(settings.text));
    let (k1, b) = (f64::from(settings.k1), f64::from(settings.b));
    let count = |text: &str, term: &str| text.split(' ').filter(|word| *word == term).count() as f64;
    let length =
        |page: &Page| title * page.title.split(' ').count() as f64 + text * page.text.split(' ').count() as f64;
    let average = pages.iter().map(length).sum::<f64>() / pages.len() as f64;
    let mut scores = vec![0.0; pages.len()];
    for term in query.split(' ') {
        let has = |page: &&Page| count(&page.title, term) + count(&page.text, term) > 0.0;
        let with_it = pages.iter().filter(has).count() as f64;
        let rarity = (1.0 + (pages.len() as f64 - with_it + 0.5) / (with_it + 0.5)).ln();
        for (page, score) in pages.iter().zip(&mut scores) {
            let times = title * count(&page.title, term) + text * count(&page.text, term);
            if times > 0.0 {
                *score += rarity * times * (k1 + 1.0) / (times + k1 * (1.0 - b + b * length(page) / average));
            }
        }
    }
    let mut ranked: Vec<(usize, f64)> = scores.into_iter().enumerate().filter(|(_, score)| *score > 0.0).collect();
    ranked.sort_by(|left, right| right.1.total_cmp(&left.1).then(left.0.cmp(&right.0)));
    ranked
}

/// A page of words of which few are frequent; always the same for the same number.
fn random_page(number: usize) -> Page {
    let mut state = number as u64 * 2 + 1;
    let mut next = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / (1_u64 << 31) as f64
    };
    let mut words = |count: usize| (0..count).map(|_| format!("w{}", (400.0_f64.powf(next()) - 1.0) as u32)).collect();
    let (title, text): (Vec<String>, Vec<String>) = (words(3), words(10 + number % 30));
    page(&format!("p{number}"), &format!("t{} {}", number % 5, title.join(" ")), &text.join(" "))
}

#[test]
fn words_are_found_in_their_forms() {
    let made = made(
        Settings::default(),
        &[
            page("mill", "The Karlin mill", "A water mill, built of oak. Its wheels turned by the Orsa's water."),
            page("castle", "Karlin castle", "It burnt down twice."),
            page("cafe", "", "Le café de l'Orsa"),
            page("zh", "卡林磨坊", "卡林磨坊建于1788年，位于奥尔萨河畔。北京大学的学生来过。"),
            page("ja", "カーリンの水車", "オルサ川のほとりにあるコンピュータ博物館。"),
        ],
    );
    let check = |query: &str, expected: &[&str]| {
        let found = made.found(query);
        let right = expected.iter().all(|url| found.iter().any(|found| found == url));
        assert!(right && found.len() == expected.len(), "{query}: {found:?}");
    };
    check("MILLS building", &["mill"]);
    check("wheel", &["mill"]);
    check("orsa", &["mill", "cafe"]);
    check("Karlin", &["mill", "castle"]);
    check("cafe", &["cafe"]);
    check("磨坊", &["zh"]);
    check("大学", &["zh"]);
    check("1788", &["zh"]);
    check("コンピューター", &["ja"]);
    check("水車", &["ja"]);
    check("川", &["ja"]);
}

#[test]
fn no_query_is_an_error() {
    let made = made(Settings::default(), &[page("a", "C++", "The quick AND the dead (or not)"), page("b", "", "")]);
    let long = "word ".repeat(10_000) + &(0..5_000).map(|place| format!("w{place} ")).collect::<String>() + "quick";
    let queries = [
        ("", 0),
        (" \n\t", 0),
        ("🦀🦀", 0),
        ("C++", 1),
        ("\"quick", 1),
        ("AND", 1),
        ("(the", 1),
        ("the the the", 1),
        ("title:quick", 1),
        ("quick~2^-1 +-!", 1),
        ("[* TO *]", 0),
        ("\0\u{feff}\u{200d}", 0),
        (long.as_str(), 1),
        ("/quick/ NOT dead\\", 1),
    ];
    for (query, expected) in queries {
        assert_eq!(made.found(query).len(), expected, "{:?}", query.chars().take(30).collect::<String>());
    }
    for limit in [0, 1, 1_000_000_000] {
        assert!(made.index.find(&Query::new("quick").limit(limit)).unwrap().len() <= limit);
    }
}

#[tokio::test]
async fn a_hit_shows_the_passage_and_the_date() {
    use crate::SearchBackend;
    let text =
        format!("{} The wheel broke in the great frost. {}", "Nothing of note. ".repeat(80), "More. ".repeat(80));
    let written = Page { date: Some("1788-05-01".to_owned()), ..page("a", "Karlin mill", &text) };
    let made = made(Settings::default(), &[written]);
    let hits = made.index.search(&Query::new("frost wheel")).await.unwrap();
    assert_eq!(hits[0].date.as_deref(), Some("1788-05-01"));
    assert!(hits[0].snippet.contains("The wheel broke in the great frost."), "{hits:?}");
    assert!(hits[0].snippet.chars().count() <= 180 && hits[0].score.unwrap() > 0.0);
}

#[test]
fn joined_terms_come_back_apart() {
    for text in ["a b", "ﷺ", "½ cup", "e\u{301}t\u{e9}", "北京 大学", "x\u{a0}y"] {
        let (joined, count) = Analyzer::new(Language::English).joined(text);
        assert_eq!(joined.split(' ').filter(|term| !term.is_empty()).count() as u64, count, "{text:?} {joined:?}");
    }
}
