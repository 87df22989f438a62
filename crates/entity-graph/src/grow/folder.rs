//! The pages of a folder, with where their links lead.

use std::fs::{self, File};
use std::io::Read;
use std::path::Path;

use offseeker_pages::{Hints, Page, PageError, Reader};
use offseeker_search::{CorpusError, TextFile, text_files};
use url::Url;

/// Where files stand while they are read: links of files are made whole only where they lead into the web.
const STAND_IN: &str = "http://folder.invalid";
const FILES: &str = "file://";

/// The pages of a folder and the folders in it, in the order of their names: Markdown, HTML and plain text.
///
/// Unlike a [`Corpus`](offseeker_search::Corpus), it keeps the links from file to file, and what Markdown says of itself
/// before it begins is kept as lines of its text. A file that is no text is an error, and after it comes the next one.
///
/// # Errors
///
/// When the folder cannot be read.
pub fn folder_pages(folder: impl AsRef<Path>) -> Result<impl Iterator<Item = Result<Page, CorpusError>>, CorpusError> {
    Ok(text_files(folder)?.into_iter().map(|file| page(&file)))
}

fn page(file: &TextFile) -> Result<Page, CorpusError> {
    let reader = Reader::default();
    let unreadable =
        |error: std::io::Error| CorpusError::Unreadable { path: file.path.clone(), reason: error.to_string() };
    let mut bytes = Vec::new();
    let opened = File::open(&file.path).map_err(unreadable)?;
    opened.take(reader.largest as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    let ending = file.path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
    let content_type = match ending.as_str() {
        "html" | "htm" => "text/html",
        "xhtml" => "application/xhtml+xml",
        "md" | "markdown" => "text/markdown",
        _ => "text/plain",
    };
    let stand_in = file.url.replacen(FILES, STAND_IN, 1);
    let read = reader.read(&bytes, &Hints::new(stand_in).content_type(content_type));
    let mut page = read.map_err(|error| {
        let reason = match error {
            PageError::Unreadable { reason, .. } => reason,
            other => other.to_string(),
        };
        CorpusError::NoText { path: file.path.clone(), reason }
    })?;
    page.url.clone_from(&file.url);
    page.links.iter_mut().for_each(|link| link.url = whole(&link.url));
    if content_type == "text/markdown" {
        page.text = format!("{}{}", front_matter(&String::from_utf8_lossy(&bytes)), page.text);
    }
    if page.title.trim().is_empty() {
        page.title = file.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    }
    Ok(page)
}

/// Where a link leads: to the file, where it leads to one; to the index of a folder, where it leads to that.
fn whole(url: &str) -> String {
    let Some(path) = url.strip_prefix(STAND_IN) else { return url.to_owned() };
    let mut url = format!("{FILES}{path}");
    let place = url.split(['#', '?']).next().and_then(|bare| Url::parse(bare).ok()?.to_file_path().ok());
    if place.is_some_and(|place| fs::metadata(place).is_ok_and(|known| known.is_dir())) {
        url.truncate(url.find(['#', '?']).unwrap_or(url.len()));
        url = format!("{}/index.html", url.trim_end_matches('/'));
    }
    url
}

/// The fields before a text in Markdown that have a value of one line, as lines.
fn front_matter(text: &str) -> String {
    let text = text.replace("\r\n", "\n");
    let inner = || text.trim_start_matches('\u{feff}').strip_prefix("---\n")?.split_once("\n---\n");
    let Some((front, _)) = inner() else { return String::new() };
    let fields = front.lines().filter_map(|line| line.split_once(": "));
    let mut out: String = fields
        .filter(|(name, value)| !name.starts_with([' ', '-', '#']) && !value.trim().is_empty())
        .map(|(name, value)| format!("{name}: {}\n", value.trim().trim_matches(['"', '\''])))
        .collect();
    if !out.is_empty() {
        out.push('\n');
    }
    out
}
