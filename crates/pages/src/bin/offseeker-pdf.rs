//! Reads one PDF file in a process of its own, for `offseeker_pages::PdfWorker`.

use std::process::ExitCode;

fn main() -> ExitCode {
    offseeker_pages::serve_pdf()
}
