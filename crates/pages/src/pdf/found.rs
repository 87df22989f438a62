//! Where the program is that reads PDF files.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::{AtomicBool, Ordering};

use super::{PdfWorker, serve_pdf};

/// The program that comes with this crate.
const PROGRAM: &str = "offseeker-pdf";

/// The argument by which a program that does other things too is told to read a file.
const ROLE: &str = "--offseeker-reads-a-pdf";

/// Whether this program reads files when it is told to.
static SERVES: AtomicBool = AtomicBool::new(false);

/// Lets this program read PDF files for itself, each in a new process of it: call it first in `main`. Where the program
/// was started for that, it reads a file and ends here.
pub fn serve_pdf_if_worker() {
    if std::env::args_os().nth(1).as_deref() == Some(OsStr::new(ROLE)) {
        let done = serve_pdf();
        std::process::exit(i32::from(done != ExitCode::SUCCESS));
    }
    SERVES.store(true, Ordering::Relaxed);
}

impl PdfWorker {
    /// The program that there is: this one, where it called [`serve_pdf_if_worker`]; `offseeker-pdf` beside this one, or
    /// where this one's folder is; or on the `PATH`.
    #[must_use]
    pub fn find() -> Option<Self> {
        let own = std::env::current_exe().ok();
        if let (true, Some(own)) = (SERVES.load(Ordering::Relaxed), &own) {
            return Some(Self { arguments: vec![ROLE.to_owned()], ..Self::new(own) });
        }
        let path = std::env::var_os("PATH").unwrap_or_default();
        let near = own.iter().flat_map(|own| own.ancestors().skip(1).take(2)).map(Path::to_owned);
        let named = format!("{PROGRAM}{}", std::env::consts::EXE_SUFFIX);
        let found = near.chain(std::env::split_paths(&path).filter(|folder| folder.is_absolute()));
        found.map(|folder| folder.join(&named)).find(|program: &PathBuf| program.is_file()).map(Self::new)
    }
}
