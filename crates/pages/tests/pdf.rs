//! Whether PDF files are read, and whether any can do harm.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::process::{Command, Stdio};
use std::time::Duration;

use offseeker_pages::{Hints, Page, PageError, PdfOptions, Reader};
use proptest::prelude::*;

const URL: &str = "https://karlin.example/mill.pdf";

/// A file of these objects, the first of which is its catalogue, with this in its trailer.
fn file(objects: &[String], trailer: &str) -> Vec<u8> {
    let mut out = "%PDF-1.4\n%\u{e2}\u{e3}\n".to_owned();
    let mut places = Vec::new();
    for (number, object) in objects.iter().enumerate() {
        places.push(out.len());
        out += &format!("{} 0 obj\n{object}\nendobj\n", number + 1);
    }
    let table = out.len();
    out += &format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for place in places {
        out += &format!("{place:010} 00000 n \n");
    }
    out += &format!("trailer\n<< /Size {} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n", objects.len() + 1);
    out.into_bytes()
}

fn stream(dictionary: &str, content: &str) -> String {
    format!("<< {dictionary} /Length {} >>\nstream\n{content}\nendstream", content.len())
}

/// A file with a page for each of these contents.
fn pages(contents: &[&str]) -> Vec<u8> {
    let kids: String = (0..contents.len()).map(|page| format!("{} 0 R ", 5 + 2 * page)).collect();
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R /Lang (en) >>".to_owned(),
        format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", contents.len()),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned(),
        "<< /Title (The mill) /CreationDate (D:20240301120000Z) >>".to_owned(),
    ];
    for (page, content) in contents.iter().enumerate() {
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents {} 0 R \
             /Resources << /Font << /F1 3 0 R >> >> >>",
            6 + 2 * page
        ));
        objects.push(stream("", content));
    }
    file(&objects, "/Info 4 0 R")
}

fn text(lines: &[&str]) -> String {
    let lines: String = lines.iter().map(|line| format!("({line}) Tj 0 -20 Td ")).collect();
    format!("BT /F1 12 Tf 20 250 Td {lines} ET")
}

fn mill() -> Vec<u8> {
    pages(&[&text(&["The mill stands on the Orsa.", "It was built in 1702."]), &text(&["It burnt down twice."])])
}

fn on_thread() -> PdfOptions {
    PdfOptions { worker: None, ..PdfOptions::default() }
}

fn in_process() -> PdfOptions {
    PdfOptions::default().worker(env!("CARGO_BIN_EXE_offseeker-pdf"))
}

fn read(bytes: &[u8], pdf: PdfOptions) -> Result<Page, PageError> {
    Reader { pdf, ..Reader::default() }.read(bytes, &Hints::new(URL).content_type("application/pdf"))
}

#[test]
fn a_worker_is_found_beside_the_program() {
    let found = PdfOptions::default().worker.unwrap();
    assert_eq!(
        found.program.canonicalize().unwrap(),
        std::fs::canonicalize(env!("CARGO_BIN_EXE_offseeker-pdf")).unwrap()
    );
}

#[test]
fn text_is_read_page_by_page() {
    for options in [on_thread(), in_process()] {
        let page = read(&mill(), options).unwrap();
        assert_eq!(page.text, "The mill stands on the Orsa.\nIt was built in 1702.\n\nIt burnt down twice.");
        assert_eq!((page.title.as_str(), page.date.as_deref()), ("The mill", Some("2024-03-01")));
        assert_eq!((page.language.as_deref(), page.url.as_str()), (Some("en"), URL));
    }
}

#[test]
fn what_is_left_out_is_said() {
    for options in [on_thread(), in_process()] {
        let text = |options| read(&mill(), options).unwrap().text;
        let few = text(PdfOptions { pages: 1, ..options.clone() });
        assert!(few.ends_with("1702.\n\n[The text ends here, after page 1 of 2: no more pages are read.]"), "{few}");
        let short = text(PdfOptions { text: 10, ..options });
        assert!(short.ends_with("1702.\n\n[The text ends here, after page 1 of 2: no more text is read.]"), "{short}");
    }
}

#[test]
fn what_cannot_be_read_is_said() {
    let encrypted = String::from_utf8_lossy(&mill()).replace(
        "/Info 4 0 R",
        &format!(
            "/Info 4 0 R /ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /P -4 /O <{0}> /U <{0}> >>",
            "11".repeat(32)
        ),
    );
    let mill = mill();
    for (what, bytes, reason) in [
        ("encrypted", encrypted.as_bytes(), "encrypted; it needs a password"),
        ("an image", &pages(&["q 100 0 0 100 0 0 cm BI /W 1 /H 1 /BPC 8 /CS /G ID x EI Q"]), "without text"),
        ("empty", &pages(&[""]), "without text"),
        ("no pages", &pages(&[]), "PDF file"),
        ("a beginning", &mill[..40], "PDF file"),
        ("a header", b"%PDF-1.7", "PDF file"),
        ("nonsense", &[b"%PDF-1.7\n".as_slice(), &[0xa5; 5_000]].concat(), "PDF file"),
    ] {
        for options in [on_thread(), in_process()] {
            let error = read(bytes, options).expect_err(what);
            assert!(
                matches!(&error, PageError::Unreadable { reason: found, .. } if found.contains(reason)),
                "{what}: {error:?}"
            );
        }
    }
}

#[test]
fn a_worker_that_is_no_worker_is_said() {
    let error = read(&mill(), PdfOptions::default().worker("/nowhere/offseeker-pdf")).unwrap_err();
    assert!(matches!(&error, PageError::Broken { reason } if reason.contains("/nowhere/offseeker-pdf")), "{error:?}");
    let output = Command::new(env!("CARGO_BIN_EXE_offseeker-pdf")).stdin(Stdio::null()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("give limits"));
}

/// Files that were made to do harm.
fn bombs() -> Vec<(&'static str, Vec<u8>)> {
    let content = text(&["The end."]);
    let with = |objects: &[String], trailer: &str| file(objects, trailer);
    let page = |resources: &str| {
        vec![
            "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
            "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
            format!(
                "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 4 0 R /Resources << {resources} >> >>"
            ),
        ]
    };
    let and = |mut objects: Vec<String>, more: &[String]| {
        objects.extend_from_slice(more);
        objects
    };
    let font = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>".to_owned();
    let deep = |open: &str, close: &str, times: usize| format!("{}{}", open.repeat(times), close.repeat(times));
    vec![
        ("deep arrays", with(&[deep("[", "]", 1_000_000)], "")),
        ("deep dictionaries", with(&[deep("<< /A ", ">>", 300_000)], "")),
        ("deep arrays in a page", with(&and(page(""), &[stream("", &deep("[", "]", 1_000_000))]), "")),
        ("a catalogue that is its own pages", with(&["<< /Type /Catalog /Pages 1 0 R /Kids [1 0 R] /Count 99 >>".to_owned()], "")),
        ("pages that are their own kids", with(&["<< /Type /Catalog /Pages 2 0 R >>".to_owned(), "<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 9 >>".to_owned()], "")),
        ("a billion pages", with(&["<< /Type /Catalog /Pages 2 0 R >>".to_owned(), "<< /Type /Pages /Kids [] /Count 1000000000 >>".to_owned()], "")),
        ("a negative count", with(&["<< /Type /Catalog /Pages 2 0 R >>".to_owned(), "<< /Type /Pages /Kids [] /Count -5 >>".to_owned()], "")),
        ("a form in itself", with(&and(page("/XObject << /X 5 0 R >>"), &[
            stream("", "/X Do"),
            stream("/Type /XObject /Subtype /Form /Resources << /XObject << /X 5 0 R >> >>", "/X Do /X Do"),
        ]), "")),
        ("forms in forms", with(&and(page("/XObject << /X 5 0 R >>"), &(0..30).map(|number| {
            let uses = "/X Do ".repeat(10);
            let resources = format!("/Type /XObject /Subtype /Form /Resources << /XObject << /X {} 0 R >> >>", number + 5);
            if number == 0 { stream("", "/X Do") } else { stream(&resources, &uses) }
        }).collect::<Vec<_>>()), "")),
        ("states without end", with(&and(page(""), &[stream("", &"q ".repeat(1_000_000))]), "")),
        ("words without end", with(&and(page("/Font << /F1 5 0 R >>"), &[stream("", &format!("BT /F1 1 Tf {} ET", "(a) Tj 1 1 Td ".repeat(60_000))), font.clone()]), "")),
        ("a length that is not", with(&and(page(""), &["<< /Length 99999999999 >>\nstream\nx\nendstream".to_owned()]), "")),
        ("a length that is itself", with(&and(page(""), &["<< /Length 4 0 R >>\nstream\nx\nendstream".to_owned()]), "")),
        ("a filter many times over", with(&and(page(""), &[stream(&format!("/Filter [{}]", "/ASCIIHexDecode ".repeat(5_000)), &"41".repeat(20_000))]), "")),
        ("a map of all characters", with(&and(page("/Font << /F1 5 0 R >>"), &[
            stream("", &content),
            "<< /Type /Font /Subtype /Type0 /BaseFont /A /Encoding /Identity-H /DescendantFonts [7 0 R] /ToUnicode 6 0 R >>".to_owned(),
            stream("", "begincmap 1 begincodespacerange <00000000> <FFFFFFFF> endcodespacerange 1 beginbfrange <00000000> <FFFFFFFF> <0041> endbfrange endcmap"),
            "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /A /W [0 4294967295 500] >>".to_owned(),
        ]), "")),
        ("a table of its own", {
            let mut bytes = with(&[font], "/Prev 9");
            bytes.extend_from_slice(b"xref\n0 4294967295\ntrailer << /Prev 0 >>\nstartxref\n99999999999999999999\n%%EOF");
            bytes
        }),
    ]
}

/// Whatever a file does, reading it in a process of its own comes back in time with a page or a reason.
#[test]
fn no_file_can_do_harm() {
    for (what, bytes) in bombs() {
        let time = Duration::from_secs(5);
        let begun = std::time::Instant::now();
        let read = read(&bytes, PdfOptions { time, ..in_process() });
        let outcome = match &read {
            Ok(page) => format!("{} bytes of text", page.text.len()),
            Err(error) => error.to_string(),
        };
        println!("{what}: {:?}: {outcome}", begun.elapsed());
        assert!(!matches!(read, Err(PageError::Broken { .. })), "{what}: {outcome}");
    }
}

/// What is nested in plain sight does no harm to a thread either.
#[test]
fn deep_files_do_no_harm_to_a_thread() {
    for (open, close, depth) in
        [("[", "]", 1_000_000), ("<< /A ", ">>", 300_000), ("[", "]", 19_000), ("<< /A ", ">>", 19_000)]
    {
        let object = format!("{}{}", open.repeat(depth), close.repeat(depth));
        let catalogue = "<< /Type /Catalog /Pages 2 0 R /A 3 0 R >>".to_owned();
        let pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned();
        for objects in [vec![object.clone()], vec![catalogue, pages, object]] {
            let error = read(&file(&objects, ""), on_thread()).unwrap_err();
            assert_eq!(error.kind(), "unreadable", "{open} {depth}: {error:?}");
        }
    }
}

#[test]
fn a_worker_that_hangs_is_ended() {
    let mut options = in_process();
    let worker = options.worker.as_mut().unwrap();
    worker.program = "/bin/sh".into();
    worker.arguments = vec!["-c".to_owned(), "exec sleep 600".to_owned()];
    options.time = Duration::from_millis(200);
    let error = read(&mill(), options).unwrap_err();
    assert!(matches!(error, PageError::Timeout { .. }), "{error:?}");
}

#[test]
fn a_worker_without_memory_says_that_it_fails() {
    let mut options = in_process();
    options.worker.as_mut().unwrap().memory = 300 << 20;
    let large = text(&["x".repeat(100).as_str()]).repeat(500);
    let many: Vec<&str> = std::iter::repeat_n(large.as_str(), 300).collect();
    match read(&pages(&many), options) {
        Ok(page) => assert!(page.text.contains("xxx")),
        Err(error) => assert_eq!(error.kind(), "unreadable", "{error:?}"),
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(48) })]

    #[test]
    fn a_damaged_file_is_read_or_refused(at in 0_usize..1_000, with in proptest::collection::vec(any::<u8>(), 1..20), cut in any::<bool>()) {
        let mut bytes = mill();
        let at = at % bytes.len();
        let end = if cut { bytes.len() } else { (at + with.len()).min(bytes.len()) };
        bytes.splice(at..end, with);
        let read = read(&bytes, PdfOptions { time: Duration::from_secs(5), ..on_thread() });
        prop_assert!(!matches!(read, Err(PageError::Broken { .. })), "{read:?}");
    }
}
