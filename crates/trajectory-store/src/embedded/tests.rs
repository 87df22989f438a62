//! The store in a file keeps the laws, and does what the one in memory does.

use crate::conformance;
use crate::embedded::{Embedded, Options};

#[tokio::test]
async fn it_fulfils_the_laws() {
    let folder = tempfile::tempdir().unwrap();
    let open = |name: &str| Embedded::open(folder.path().join(name), &Options::default()).unwrap();
    conformance::check_store(&open("attempts")).await.unwrap();
    conformance::check_queue(&open("work")).await.unwrap();
}
