//! Which of my files say something about this? Keeps a full-text index of a folder, and asks it.
//!
//! ```text
//! cargo run --release --example search_my_files -- DIR QUERY
//! cargo run --release --example search_my_files -- --index PATH DIR QUERY
//! ```
//!
//! The first run reads every text, Markdown and HTML file in the folder; later ones only what was changed since, by time
//! and size. The index is in the folder for caches that the system has for you, never in yours; `--index` puts it
//! elsewhere. Without arguments it makes a few files of its own and shows itself.

use std::collections::BTreeMap;
use std::error::Error;
use std::fs;
use std::io::{ErrorKind, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Instant, SystemTime};

use offseeker::search::{
    IndexWriter, LARGEST_DOCUMENT, LocalIndex, Query, Settings, TextFile, WriterOptions, text_files,
};

/// The time and size that each file had when it was read, by its address.
type Seen = BTreeMap<String, (u128, u64)>;

const USAGE: &str = "it is used as: search_my_files [--index PATH] DIR QUERY";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let done =
        if arguments.is_empty() { show_itself() } else { read_arguments(&arguments).and_then(|asked| run(&asked)) };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

struct Asked {
    folder: PathBuf,
    query: String,
    index: PathBuf,
}

fn read_arguments(arguments: &[String]) -> Result<Asked, Box<dyn Error>> {
    let (index, rest) = match arguments {
        [flag, path, rest @ ..] if flag == "--index" => (Some(PathBuf::from(path)), rest),
        [flag, ..] if flag.starts_with('-') => return Err(format!("{flag} is not known; {USAGE}").into()),
        rest => (None, rest),
    };
    let [folder, query @ ..] = rest else { return Err(format!("there is no folder; {USAGE}").into()) };
    if query.is_empty() {
        return Err(format!("there is no query; {USAGE}").into());
    }
    let whole = fs::canonicalize(folder).map_err(|error| format!("{folder} cannot be read: {error}"))?;
    if !whole.is_dir() {
        return Err(format!("{folder} is a file; give the folder that it is in").into());
    }
    let index = index.map_or_else(|| default_index(&whole), Ok)?;
    Ok(Asked { folder: whole, query: query.join(" "), index })
}

/// A place of its own for each folder, where the system keeps what can be made again.
fn default_index(folder: &Path) -> Result<PathBuf, Box<dyn Error>> {
    let variable = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
    let home = || variable("HOME");
    let cache = if cfg!(windows) {
        variable("LOCALAPPDATA")
    } else if cfg!(target_os = "macos") {
        home().map(|home| home.join("Library/Caches"))
    } else {
        variable("XDG_CACHE_HOME").or_else(|| home().map(|home| home.join(".cache")))
    };
    let cache = cache.ok_or("the system names no folder for caches; say where the index goes with --index PATH")?;
    // Readable, and another for each path.
    let name: String =
        folder.to_string_lossy().chars().map(|char| if char.is_alphanumeric() { char } else { '-' }).collect();
    let short: String = name.trim_matches('-').chars().rev().take(60).collect::<Vec<_>>().into_iter().rev().collect();
    let number = folder
        .to_string_lossy()
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3));
    Ok(cache.join("offseeker").join("my-files").join(format!("{short}-{number:016x}")))
}

fn run(asked: &Asked) -> Result<(), Box<dyn Error>> {
    say(&format!("folder  {}", asked.folder.display()))?;
    say(&format!("index   {}", asked.index.display()))?;
    let mut index = LocalIndex::open_or_create(asked.index.join("index"), Settings::default())?;
    update(&mut index, asked)?;

    let start = Instant::now();
    let hits = index.find(&Query::new(&asked.query))?;
    say(&format!("query   {} ({} of {} files, {:.1?})\n", asked.query, hits.len(), index.len(), start.elapsed()))?;
    for (place, hit) in hits.iter().enumerate() {
        say(&format!("{:>2}  {}  ({:.2})", place + 1, hit.title, hit.score.unwrap_or_default()))?;
        say(&format!("    {}", hit.url))?;
        say(&format!("    {}\n", hit.snippet))?;
    }
    if hits.is_empty() {
        say("Nothing has any of these words.")?;
    }
    Ok(())
}

/// Brings the index to what is in the folder now.
fn update(index: &mut LocalIndex, asked: &Asked) -> Result<(), Box<dyn Error>> {
    let notes = asked.index.join("files.json");
    // Without the notes, or without an index that they belong to, everything is read again: that changes nothing else.
    let seen: Seen = if index.is_empty() { Seen::new() } else { read_notes(&notes) };
    let files = text_files(&asked.folder)?;
    let now: Seen = files.iter().map(|file| (file.url.clone(), stamp(file))).collect();
    let changed: Vec<&TextFile> = files.iter().filter(|file| seen.get(&file.url) != Some(&stamp(file))).collect();
    let gone: Vec<&String> = seen.keys().filter(|url| !now.contains_key(*url)).collect();
    if changed.is_empty() && gone.is_empty() {
        say(&format!("files   {}, nothing changed", files.len()))?;
        return Ok(());
    }
    let mut writer = index.writer(WriterOptions::default())?;
    for url in &gone {
        writer.delete(url)?;
    }
    let unreadable = add(&mut writer, &changed)?;
    writer.finish()?;
    index.refresh()?;
    fs::write(&notes, serde_json::to_vec(&now)?)?;
    say(&format!("files   {}, of which {} read, {} gone", files.len(), changed.len() - unreadable, gone.len()))?;
    Ok(())
}

/// Reads files, shows how far it is, and gives how many could not be read.
fn add(writer: &mut IndexWriter, files: &[&TextFile]) -> Result<usize, Box<dyn Error>> {
    let total: u64 = files.iter().map(|file| file.bytes).sum();
    let (mut done, mut unreadable) = (0, 0);
    for (place, file) in files.iter().enumerate() {
        match file.read(LARGEST_DOCUMENT) {
            Ok(document) => writer.add(document)?,
            Err(error) => {
                eprintln!("\rskipped {error}");
                writer.delete(&file.url)?;
                unreadable += 1;
            }
        }
        done += file.bytes;
        if std::io::stderr().is_terminal() && (place % 50 == 0 || place + 1 == files.len()) {
            eprint!("\rreading {} of {} files, {} %  ", place + 1, files.len(), done * 100 / total.max(1));
            std::io::stderr().flush()?;
        }
    }
    if std::io::stderr().is_terminal() {
        eprintln!();
    }
    Ok(unreadable)
}

fn stamp(file: &TextFile) -> (u128, u64) {
    let since = file.modified.and_then(|time| time.duration_since(SystemTime::UNIX_EPOCH).ok());
    (since.map_or(0, |since| since.as_nanos()), file.bytes)
}

fn read_notes(path: &Path) -> Seen {
    fs::read(path).ok().and_then(|notes| serde_json::from_slice(&notes).ok()).unwrap_or_default()
}

/// Prints a line. Who reads no further, such as `head`, has seen enough.
fn say(line: &str) -> Result<(), Box<dyn Error>> {
    match writeln!(std::io::stdout(), "{line}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        written => Ok(written?),
    }
}

fn show_itself() -> Result<(), Box<dyn Error>> {
    say(&format!("(no arguments: it makes a folder of its own; {USAGE})\n"))?;
    let place = std::env::temp_dir().join(format!("search_my_files-{}", std::process::id()));
    let shown = show_itself_in(&place);
    let removed = fs::remove_dir_all(&place);
    shown.and(removed.map_err(Into::into))
}

fn show_itself_in(place: &Path) -> Result<(), Box<dyn Error>> {
    let folder = place.join("notes");
    fs::create_dir_all(&folder)?;
    let notes = [
        (
            "mill.md",
            "# The Karlin mill\n\nA water mill on the Orsa, built by Ada Voss in 1788. Its wheel broke in the great frost.",
        ),
        ("castle.html", "<title>Karlin castle</title><p>The castle burnt down twice and was rebuilt once.</p>"),
        ("磨坊.txt", "卡林磨坊位于奥尔萨河畔，建于1788年。"),
    ];
    for (name, text) in notes {
        fs::write(folder.join(name), text)?;
    }
    let ask = |query: &str| run(&Asked { folder: folder.clone(), query: query.to_owned(), index: place.join("index") });
    ask("who built mills on the river Orsa?")?;
    fs::write(folder.join("castle.html"), "<title>Karlin castle</title><p>A third fire was put out in time.</p>")?;
    ask("fires in the castle")?;
    ask("磨坊")
}
