//! Whether pages are read as they should be.

use super::read;
use crate::{Page, Reader};

const URL: &str = "https://karlin.example/mill/index.html?a=b";

fn page(html: &str) -> Page {
    read(html, URL, &Reader::default())
}

#[test]
fn blocks_become_markdown() {
    check("", "");
    check("a  b\n<b>c</b><i> d</i>", "a b c d");
    check("<p>a<p>b<div>c<div>d</div></div>e", "a\n\nb\n\nc\n\nd\n\ne");
    check("<h1> a <br>b</h1><h3><span>c</span></h3><h2></h2>d", "# a b\n\n### c\n\nd");
    check("a<br>b<br><br>c", "a\nb\nc");
    check("a<hr>b", "a\n\n---\n\nb");
    check("so\u{ad}ft\u{200b}ly&nbsp;said", "softly said");
    check("10<sup>6</sup> m<sup>2</sup> 1<sup>st</sup> H<sub>2</sub>O a<sup>[1]</sup>", "10^6 m^2 1st H2O a[1]");
    check("He said <q>yes</q>.", "He said “yes”.");
    check("<p hidden>a<p style='x:y;Display : None'>b<p aria-hidden=true>c<p>d", "d");
    check("a<script>b</script><style>c</style><svg><text>d</text></svg><select><option>e</select>", "a");
    check(
        "<math alttext='x^2'><mi>x</mi></math> <img alt='{\\displaystyle y}'> <img alt=photo>",
        "$x^2$ ${\\displaystyle y}$",
    );
}

#[test]
fn lists_and_quotes_become_markdown() {
    check("<ul><li>a<li><p>b</p><p>c</p><li> </ul>d", "- a\n- b\n\n  c\n\nd");
    check("<ol start=3><li>a<li>b<ul><li>c</ul><li>d</ol>", "3. a\n4. b\n   - c\n5. d");
    check("<ul><li><ul><li>a</ul><li>b</ul>", "- - a\n- b");
    check("<blockquote><p>a<p>b<ul><li>c</ul></blockquote>d", "> a\n\n> b\n\n> - c\n\nd");
    check("<dl><dt>a<dd>b<dd>c</dl>", "a\n: b\n: c");
    check("<li>a<li>b", "- a\n- b");
}

#[test]
fn code_is_kept() {
    check("<pre>  a\n\n   b &lt;\n</pre>c", "```\n  a\n\n   b <\n```\n\nc");
    check("<pre><code class='x language-rust'>fn a() {\n    b\n}</code></pre>", "```rust\nfn a() {\n    b\n}\n```");
    check("<div class=highlight-source-c++><pre>a</pre></div>", "```c++\na\n```");
    check("<pre>```\na<br>b</pre>", "````\n```\na\nb\n````");
    check("<ul><li>a<pre>b\nc</pre></ul>", "- a\n\n  ```\n  b\n  c\n  ```");
    check("say <code>a <b>b</b></code>, <code></code><tt>c</tt>", "say `a b`, `c`");
    check("<pre></pre>a<pre>b", "a\n\n```\nb\n```");
}

#[test]
fn tables_of_data_are_kept() {
    check(
        "<table><caption>c</caption><tr><th>a<th>b|c<tr><td>1<br>2<td><p>3</p><p>4</p></table>d",
        "c\n\n| a | b\\|c |\n| --- | --- |\n| 1 2 | 3 4 |\n\nd",
    );
    check(
        "<table><tr><th colspan=2>a<th>b<tr><td rowspan=2>c<td>d<td>e<tr><td>f<td><ul><li>g<li>h</ul></table>",
        "| a |  | b |\n| --- | --- | --- |\n| c | d | e |\n|  | f | g h |",
    );
    check(
        "<ul><li>x<table><tr><td>a<td>b<tr><td>c<td>d</table></ul>",
        "- x\n\n  | a | b |\n  | --- | --- |\n  | c | d |",
    );
    // A table that only places things is none.
    check("<table><tr><td>a<tr><td>b</table>", "a\nb");
    let inner = "<table><tr><td>1<td>2<tr><td>3<td>4</table>";
    check(
        &format!("<table><tr><td>a<td>{inner}<tr><td>b<td>c</table>"),
        "a\n\n| 1 | 2 |\n| --- | --- |\n| 3 | 4 |\n\nb\nc",
    );
}

#[test]
fn links_are_kept_apart() {
    let page = page(
        "<base href=/orsa/><a href=a>The <b>river</b></a>, <a href='#b'>here</a>, <a href='javascript:c'>x</a>, \
         <a href=//d.example>d</a> <a href='mailto:e'>e</a> <a href=f><img src=g></a> <a href='http://[bad'>h</a>",
    );
    assert_eq!(page.text, "The river, here, x, d e h");
    let links: Vec<_> = page.links.iter().map(|link| (link.text.as_str(), link.url.as_str())).collect();
    assert_eq!(links, [("The river", "https://karlin.example/orsa/a"), ("d", "https://d.example/")]);
}

#[test]
fn a_page_says_things_of_itself() {
    about("<title> a\n b </title><h1>c</h1>", ("a b", None, None));
    about("<meta property=og:title content=a><h1>c</h1>", ("a", None, None));
    about("<h1>c <i>d</i></h1><svg><title>x</title></svg>", ("c d", None, None));
    about("<html lang=zh-CN><title>a</title>", ("a", None, Some("zh-CN")));
    about("<meta http-equiv=content-language content='de, en'>", ("", None, Some("de")));
    about("<meta property=og:locale content=en_GB>", ("", None, Some("en-GB")));
    about("<html lang='<b>'>", ("", None, None));
    about("<meta name=date content=2024-03-01>", ("", Some("2024-03-01"), None));
    about(
        "<time datetime=2020-01-01>x</time><meta itemprop=datePublished content=2024-03-01>",
        ("", Some("2024-03-01"), None),
    );
    about("<time datetime=2020-01-01>x</time><time datetime=2021-01-01>x</time>", ("", Some("2020-01-01"), None));
    let data = r#"{"@graph": [{"dateModified": "2024-05-05"}, {"a": {"datePublished": "2024-04-04T10:00:00Z"}}]}"#;
    let html = format!("<script type='application/ld+json'>{data}</script><meta name=date content=2024-03-01>");
    about(&html, ("", Some("2024-04-04T10:00:00Z"), None));
    about("<script type='application/ld+json'>{\"datePublished\": </script>", ("", None, None));
    about("<meta name=date content='nonsense'>", ("", None, None));
}

/// A page of an article of so many sentences among navigation, comments and so on.
fn article(sentences: usize, comment: usize) -> String {
    let text =
        "<p>The mill of Karlin, built on the Orsa in 1702, ground the corn of nine villages, and of the castle.</p>";
    let aside = "<div class=sidebar><ul><li><a href=/x>More of this</a></ul></div>";
    format!(
        "<title>The mill</title><nav><a href=/>Home</a></nav>{aside}<div id=content><h1>The mill</h1>{}</div>\
         <div id=other>{}</div><footer>Imprint</footer>",
        text.repeat(sentences),
        "<div>word word word</div>".repeat(comment),
    )
}

#[test]
fn the_article_is_told_from_what_is_around_it() {
    let whole = page(&article(12, 3));
    assert!(whole.text.contains("ground the corn"), "{}", whole.text);
    assert!(!whole.text.contains("Imprint") && !whole.text.contains("More of this"), "{}", whole.text);
    // What is found is too little of the page: the page counts.
    let listing = page(&article(3, 400));
    assert!(listing.text.contains("word word word\n\nword word word"), "{}", listing.text);
    assert!(!listing.text.contains("Imprint") && !listing.text.contains("Home"), "{}", listing.text);
    // There is nothing but what stands around.
    assert_eq!(page("<nav>a</nav><footer>b</footer>").text, "a\n\nb");
}

#[test]
fn an_article_keeps_code_tables_and_links() {
    let prose =
        "<p>The mill of Karlin, built on the Orsa in 1702, ground the corn of nine villages, and of the castle.</p>";
    let page = page(&format!(
        "<article><h1>Mill</h1>{0}<pre><code class=language-rust>let a = 1;</code></pre>{0}<table><tr><th>year<th>corn\
         <tr><td>1702<td>12 t</table>{0}<p>See <a href=../orsa>the river Orsa</a>, which drives it all year round.</p>{0}</article>",
        prose.repeat(4),
    ));
    for part in ["```rust\nlet a = 1;\n```", "| year | corn |", "| 1702 | 12 t |", "See the river Orsa, which"] {
        assert!(page.text.contains(part), "{part} is not in {}", page.text);
    }
    assert_eq!(page.links.len(), 1);
    assert_eq!(page.links[0].url, "https://karlin.example/orsa");
}

#[test]
fn what_is_made_to_be_slow_is_read_all_the_same() {
    let many = |from: &str, times: usize| from.repeat(times);
    let numbered = |times: usize| (0..times).map(|number| format!("<font size={number}>")).collect::<String>();
    let attributes = (0..200_000).map(|number| format!(" a{number}")).collect::<String>();
    let nested = "<article><p>The mill, of Karlin.</p>".repeat(5_000);
    for (what, html) in [
        ("deep elements", format!("{}the end", many("<div>", 500_000))),
        ("deep inline elements", format!("{}the end", many("<b>", 500_000))),
        ("deep lists", format!("{}the end", many("<ul><li>", 200_000))),
        ("deep tables", format!("{}the end", many("<table><tr><td>", 100_000))),
        ("deep drawings", format!("{}the end", many("<svg><g>", 100_000))),
        ("deep templates", format!("{}the end", many("<template>", 100_000))),
        ("closed late", format!("{}the end{}", many("<span>", 100_000), many("</span>", 100_000))),
        ("formatting that comes again", format!("<p>{}{}the end", numbered(20_000), many("</p><p>x", 20_000))),
        ("formatting crossed", many("<b><i><a href=x></b><p></i></a>", 20_000) + "the end"),
        ("attributes", format!("<a{attributes}>the end</a>")),
        ("attributes in a drawing", format!("<svg><script><a{attributes}></a></script></svg>the end")),
        (
            "attributes of the body",
            format!("{}the end", (0..100_000).map(|n| format!("<body a{n}>")).collect::<String>()),
        ),
        ("bodies that end", format!("{}the end", many("<div></body><!-- -->", 50_000))),
        ("foster children", format!("<table>{}the end", many("<b>x<i>", 50_000))),
        ("articles in articles", format!("{nested}the end")),
        ("breaks", format!("{}the end", many("<br>", 300_000))),
        ("empty paragraphs", format!("{}the end", many("<p>", 300_000))),
        ("selects", format!("{}</select>the end", many("<select><option>", 50_000))),
        ("frames", format!("{}the end", many("<frameset>", 50_000))),
    ] {
        let read = page(&html);
        // What is within a drawing or a list of choices is not read.
        let unread = ["frames", "deep drawings", "deep templates", "selects"].contains(&what);
        assert!(unread || read.text.ends_with("the end"), "{what}");
    }
}

#[test]
fn a_deep_page_is_read_as_the_text_between_its_tags() {
    let reader = Reader { deepest: 20, ..Reader::default() };
    let html = |depth: usize| format!("<title>t</title>{}<p>a</p><p>b</p>", "<div>".repeat(depth));
    assert_eq!(read(&html(10), URL, &reader).text, "a\n\nb");
    assert_eq!(read(&html(10), URL, &reader).title, "t");
    assert_eq!(read(&html(30), URL, &reader).text, "t\na\nb");
    let small = Reader { most_nodes: 20, ..Reader::default() };
    assert_eq!(read(&"<p>a".repeat(2_000), URL, &small).text, ["a"; 2_000].join("\n"));
}

fn check(html: &str, expected: &str) {
    assert_eq!(page(html).text, expected, "{html}");
}

fn about(html: &str, expected: (&str, Option<&str>, Option<&str>)) {
    let page = page(html);
    assert_eq!((page.title.as_str(), page.date.as_deref(), page.language.as_deref()), expected, "{html}");
}
