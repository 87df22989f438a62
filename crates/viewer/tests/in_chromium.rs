//! The page in a real browser: what it shows, what clicks and keys do, and that it asks for nothing.
//!
//! Where Chromium is missing the test says so and passes. `OFFSEEKER_PICTURES` names a folder for pictures of the page.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod chromium;
mod fixture;

use std::path::{Path, PathBuf};

use chromium::Chromium;
use serde_json::json;

/// How many plain attempts are on the page beside the four that are looked at.
const PLAIN: u32 = 2000;

/// The page in a browser, and a place for pictures.
struct Looked {
    chromium: Chromium,
    address: String,
    pictures: PathBuf,
}

impl Looked {
    /// Goes to a part of the page that is open.
    fn at(&mut self, part: &str) {
        let shown = if part.contains('=') {
            part.to_owned()
        } else {
            format!("{}=", if part.is_empty() { "overview" } else { part })
        };
        self.chromium.value(&format!(
            "document.body.dataset.shown = ''; location.hash === {hash} ? dispatchEvent(new Event('hashchange')) : location.hash = {hash}",
            hash = json!(format!("#{part}"))
        ));
        self.chromium.wait(&format!("document.body.dataset.shown === {}", json!(shown)));
    }

    /// Opens the file anew at a part of it.
    fn open(&mut self, part: &str) {
        let address = format!("{}#{part}", self.address);
        self.chromium.open(&address);
    }

    fn picture(&mut self, name: &str) {
        // What moves into its place has done so a moment later.
        std::thread::sleep(std::time::Duration::from_millis(120));
        self.chromium.picture(&self.pictures.join(format!("{name}.png")));
    }
}

#[test]
fn the_page_is_looked_at() {
    let Some(program) = chromium::found() else {
        eprintln!("skipped: there is no Chromium on the path, and CHROME names none; install the package chromium");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.html");
    fixture::page(folder.path()).write(&path, fixture::attempts(PLAIN)).unwrap();

    let pictures = std::env::var_os("OFFSEEKER_PICTURES").map_or_else(|| folder.path().to_owned(), PathBuf::from);
    std::fs::create_dir_all(&pictures).unwrap();

    let chromium = Chromium::start(&program, 1280, 900);

    let mut looked = Looked { chromium, address: address_of(&path), pictures };
    overview(&mut looked);
    list(&mut looked);
    one_attempt(&mut looked);
    branches_and_tokens(&mut looked);
    comparison_by_keyboard(&mut looked);
    hostile(&mut looked);
    themes_and_widths(&mut looked);

    let Looked { chromium, address, .. } = &looked;
    assert_eq!(chromium.complaints(), Vec::<&serde_json::Value>::new());
    let others: Vec<&str> = chromium
        .asked_for()
        .into_iter()
        .filter(|asked| !asked.starts_with(address) && *asked != "about:blank")
        .collect();
    assert_eq!(others, Vec::<&str>::new(), "the page asks for itself alone");
}

/// With the path of a page in `OFFSEEKER_PAGE` it is that page which is timed.
#[test]
fn a_page_is_there_at_once() {
    let Some(program) = chromium::found() else {
        eprintln!("skipped: there is no Chromium on the path, and CHROME names none; install the package chromium");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = std::env::var_os("OFFSEEKER_PAGE").map_or_else(
        || {
            let path = folder.path().join("run.html");
            fixture::page(folder.path()).write(&path, fixture::attempts(PLAIN)).unwrap();
            path
        },
        PathBuf::from,
    );
    let mut chromium = Chromium::start(&program, 1280, 900);
    chromium.open(&format!("{}#attempts", address_of(&path)));
    let number = |chromium: &mut Chromium, expression: &str| chromium.value(expression).as_f64().unwrap();
    let painted = number(&mut chromium, "performance.getEntriesByName('first-contentful-paint')[0].startTime");
    let loaded = number(&mut chromium, "performance.getEntriesByType('navigation')[0].loadEventEnd");
    let shown = "(async () => { const since = performance.now(); document.body.dataset.shown = ''; \
                 document.querySelector('.rows .row').click(); \
                 while (!document.body.dataset.shown) await new Promise((done) => setTimeout(done, 1)); \
                 document.body.offsetHeight; return performance.now() - since; })()";
    let opened = number(&mut chromium, shown);
    let size = std::fs::metadata(&path).unwrap().len();
    let count = chromium.text("#count");
    eprintln!(
        "{count} attempts, {size} bytes: first paint {painted:.0} ms, loaded {loaded:.0} ms, attempt opened {opened:.0} ms"
    );
    // Far more than it takes, on any machine.
    assert!(painted < 10_000.0 && opened < 5_000.0);
}

fn address_of(path: &Path) -> String {
    format!("file://{}", path.display())
}

fn overview(looked: &mut Looked) {
    looked.open("");
    let it = &mut looked.chromium;
    assert_eq!(it.value("document.title"), "miniature <world> & 7");
    assert_eq!(it.text("#count"), "2,004");
    let funnel = it.text(".funnel");
    for expected in
        ["1,186", "98.8 %", "10 said twice", "4 without a reason", "3,021", "63.7 %", "1,700 wrong", "31.4 s"]
    {
        assert!(funnel.contains(expected), "{expected}: {funnel}");
    }
    let results = it.text("#overview");
    for expected in
        ["68.8 %", "63.8 to 73.8", "+3.8", "−0.4 to +8.0", "52 / 36", "0.110", "Margin of rewards", "2,400 steps"]
    {
        assert!(results.contains(expected), "{expected}: {results}");
    }
    // A curve is read by keys, and its table is there.
    it.value("document.querySelector('.chart svg').focus()");
    it.keys(&["End"]);
    it.wait("document.querySelector('.chart .where').innerText === 'step 2,400'");
    it.keys(&["Home"]);
    assert_eq!(it.text(".chart .where"), "step 1");
    it.click(".chart .values summary");
    it.wait("document.querySelectorAll('.chart .values tbody tr').length > 10");
    it.click(".chart .values summary");
    looked.picture("overview");
}

fn list(looked: &mut Looked) {
    looked.chromium.click("nav a[data-part=attempts]");
    let it = &mut looked.chromium;
    it.wait("document.querySelectorAll('.rows .row').length > 10");
    assert!(it.count(".rows .row") < 100, "only what is in sight is there");
    assert_eq!(it.text(".found"), "2,004 attempts");
    looked.picture("list");

    let it = &mut looked.chromium;
    it.keys(&["/"]);
    it.wait("document.activeElement.type === 'search'");
    it.keys(&["A", "d", "a"]);
    it.wait("document.querySelector('.found').innerText === '2 of 2,004'");
    it.keys(&["Enter"]);
    it.value(
        "{ const select = document.querySelector('[data-facet=fate]'); select.value = 'chosen'; \
              select.dispatchEvent(new Event('change')); }",
    );
    it.wait("document.querySelector('.found').innerText === '1 of 2,004'");
    assert_eq!(it.value("location.hash"), "#attempts&fate=chosen&q=Ada");
    it.click(".filters button");
    it.wait("document.querySelector('.found').innerText === '2,004 attempts'");

    // Sorted by calls, the most first.
    it.click(".head .calls button");
    it.wait("document.querySelector('.rows .row .calls').innerText === '4'");
    assert_eq!(it.value("document.querySelector('.head .calls').getAttribute('aria-sort')"), "descending");
    it.click(".filters button");
    it.value("document.querySelector('.rows').scrollTop = 1e6");
    it.wait("document.querySelector('#row-2003') !== null");
}

fn one_attempt(looked: &mut Looked) {
    looked.at("attempts");
    let it = &mut looked.chromium;
    it.click("#row-0 .question");
    it.wait("document.body.dataset.shown === 'attempt=better'");
    let about = it.text(".about");
    for expected in
        ["✓ correct", "the Orsa", "kept", "chosen", "margin 0.42", "offseeker/match@1", "format 1", "what was compared"]
    {
        assert!(about.contains(expected), "{expected}: {about}");
    }
    // Turn 1 is folded and unfolded by a click.
    let is_open = "document.querySelector('[data-turn=\"1\"] .turn-head').getAttribute('aria-expanded')";
    assert_eq!(it.value(is_open), "true");
    it.click("[data-turn='1'] .turn-head");
    assert_eq!(it.value(is_open), "false");
    assert_eq!(it.text("[data-turn='1'] .gist"), "search(mill, Ada Voss)");
    it.click("[data-turn='1'] .turn-head");
    assert_eq!(it.value(is_open), "true");

    let turn = it.text("[data-turn='1']");
    for expected in ["Search first.", "search", "counts", "masked", "ok ·", "12 ms"] {
        assert!(turn.contains(expected), "{expected}: {turn}");
    }
    assert_eq!(it.count("[data-turn='1'] .piece.learnt"), 2);
    assert_eq!(it.count(".message.observed .learnt, .message.given .learnt"), 0);
    // A long observation is cut, and shown whole.
    let hits = "document.querySelector('[data-turn=\"1\"] .observed .text').textContent.split('hit').length - 1";
    assert!(it.value(hits).as_u64().unwrap() < 20);
    it.click("[data-turn='1'] .show-all");
    assert_eq!(it.value(hits), json!(90));
    // The text as it was written.
    it.click("[data-turn='1'] .sampled button[aria-pressed]");
    assert!(it.text("[data-turn='1'] .sampled").contains("<tool_call>"));
    it.click("[data-turn='1'] .sampled button[aria-pressed]");
    assert!(!it.text("[data-turn='1'] .sampled").contains("<tool_call>"));
    looked.open("attempt=better&turn=2");
    assert!(looked.chromium.value("document.activeElement.parentElement.dataset.turn") == "2");
    looked.at("attempt=better");
    looked.picture("attempt");

    let it = &mut looked.chromium;
    it.click(".compare-link");
    it.wait("document.body.dataset.shown === 'compare=better,worse'");
    it.keys(&["Escape"]);
    it.wait("document.body.dataset.shown === 'attempts='");
}

fn branches_and_tokens(looked: &mut Looked) {
    looked.at("attempt=branching");
    let it = &mut looked.chromium;
    assert!(it.text(".reading").contains("rewritten context"));
    assert!(it.text(".about").contains("the judge could not tell"));
    it.click(".sampled button[title^='Each token']");
    assert_eq!(it.count(".token"), 3);
    assert_eq!(it.count(".token.unlikely"), 1);
    it.value(
        "{ const select = document.querySelector('[aria-label=Conversation]'); select.value = '0'; \
              select.dispatchEvent(new Event('change')); }",
    );
    it.keys(&["e"]);
    let reading = it.text(".reading");
    for expected in
        ["correction", "could not be read", "thrown away: unreadable", "<tool_call>{broken", "search(Karlin mill)"]
    {
        let shown = reading.contains(expected) || expected.starts_with('<') && reading.contains("{broken");
        assert!(shown, "{expected}: {reading}");
    }
    looked.picture("branches");
}

fn comparison_by_keyboard(looked: &mut Looked) {
    looked.at("attempts");
    let it = &mut looked.chromium;
    it.wait("document.activeElement.classList.contains('rows')");
    it.keys(&["Home", "c", "j", "c"]);
    it.wait("document.querySelector('#marks').innerText.includes('Compare the 2 marked')");
    it.keys(&["x"]);
    it.wait("document.body.dataset.shown === 'compare=better,worse'");
    assert!(it.text(".comparing .toolbar").contains("They part in turn 2; 1 turn before it is the same."));
    assert_eq!(it.count(".pair.same"), 2);
    assert_eq!(it.value("document.querySelector('.parting').nextElementSibling.querySelectorAll('.side').length"), 2);
    assert!(it.text(".parting").contains("they part here"));
    it.keys(&["p"]);
    it.wait("document.activeElement.classList.contains('turn-head')");
    looked.picture("comparison");
    let it = &mut looked.chromium;
    it.keys(&["Escape"]);
    it.wait("document.body.dataset.shown === 'attempts='");
    // The same by mouse.
    it.keys(&["Escape"]);
    assert_eq!(it.text("#marks"), "");
    it.click("#row-1 .mark input");
    it.click("#row-0 .mark input");
    it.click("#marks button.strong");
    it.wait("document.body.dataset.shown === 'compare=worse,better'");
    it.keys(&["Escape"]);
    it.wait("document.body.dataset.shown === 'attempts='");
    it.keys(&["j", "Enter"]);
    it.wait("document.body.dataset.shown === 'attempt=branching'");
    it.keys(&["["]);
    it.wait("document.body.dataset.shown === 'attempt=worse'");
    it.keys(&["?"]);
    it.wait("document.querySelector('dialog').open");
    it.keys(&["Escape"]);
}

fn hostile(looked: &mut Looked) {
    looked.at("attempts");
    looked.chromium.click("#row-3 .question");
    let it = &mut looked.chromium;
    it.wait("document.body.dataset.shown.startsWith('attempt=hostile,id&turn=2')");
    it.wait("document.querySelector('.turn') !== null");
    it.value("document.querySelectorAll('.turn-body').forEach((body) => { if (body.hidden) body.previousElementSibling.click(); })");
    let reading = it.text("#attempt");
    for expected in [
        "window.broken=1",
        "U+202E",
        "U+0000",
        "U+001B",
        "4.2 MB more",
        "1.0 MB more are left out of this page",
        "timeout",
    ] {
        assert!(reading.to_lowercase().contains(&expected.to_lowercase()), "{expected}: {reading}");
    }
    assert_eq!(it.value("window.broken === undefined"), json!(true));
    assert_eq!(
        it.value("document.querySelectorAll('a[href^=\"javascript\"], main img, main script').length"),
        json!(0)
    );
    assert_eq!(it.value("/[\\u202e\\u2066]/.test(document.body.innerText)"), json!(false));
    looked.picture("hostile");
    let it = &mut looked.chromium;
    let since = std::time::Instant::now();
    it.click(".show-all");
    it.wait("document.querySelector('.observed .text').textContent.length > 4e6");
    assert!(since.elapsed().as_secs() < 10, "{:?}", since.elapsed());
}

fn themes_and_widths(looked: &mut Looked) {
    looked.open("");
    let ground = "getComputedStyle(document.body).backgroundColor";
    assert_eq!(looked.chromium.value(ground), "rgb(255, 255, 255)");
    looked.chromium.click("#theme");
    assert_eq!(looked.chromium.value(ground), "rgb(20, 23, 26)");
    looked.picture("overview-dark");
    looked.open("attempts");
    for (part, name) in
        [("attempt=better", "attempt-dark"), ("compare=better,worse", "comparison-dark"), ("attempts", "list-dark")]
    {
        looked.at(part);
        assert_eq!(looked.chromium.value(ground), "rgb(20, 23, 26)", "the choice is kept");
        looked.picture(name);
    }
    looked.chromium.keys(&["t"]);
    assert_eq!(looked.chromium.value(ground), "rgb(255, 255, 255)");
    looked.chromium.size(390, 844);
    for (part, name) in [
        ("attempts", "list"),
        ("attempt=better", "attempt"),
        ("compare=better,worse", "comparison"),
        ("overview", "overview"),
    ] {
        looked.at(part);
        let wider = looked.chromium.value("document.documentElement.scrollWidth > innerWidth");
        looked.picture(&format!("{name}-narrow"));
        assert_eq!(wider, json!(false), "{part} fits a narrow screen");
    }
}
