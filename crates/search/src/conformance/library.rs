//! Checks what holds for every library.

use futures::FutureExt;
use futures::future::join_all;
use offseeker_pages::{Library, PageError};

use super::{AT_ONCE, UNICODE, Violation, check_name};

/// Checks what holds for every library, given the address of a page that it has.
///
/// It asks for about twenty pages, most of which are not there.
///
/// # Errors
///
/// When a law is broken.
pub async fn check_library(library: &dyn Library, known: &str) -> Result<(), Violation> {
    let port = Port { library, name: library.name().to_owned(), known };
    check_name(&port.name, library.name())?;
    port.gives("a page that is there is given").await?;
    port.turns_down("an empty address is turned down", "").await?;
    port.turns_down("what is no address is turned down", "no address at all").await?;
    port.turns_down("an address of any letters is turned down", UNICODE).await?;
    port.turns_down("an address of 100 kB is turned down", &format!("gopher://{}", "mill/".repeat(20_000))).await?;
    port.gives_many().await?;
    port.outlives_a_dropped_request().await?;
    check_name(&port.name, library.name())
}

struct Port<'a> {
    library: &'a dyn Library,
    name: String,
    known: &'a str,
}

impl Port<'_> {
    async fn gives(&self, law: &'static str) -> Result<(), Violation> {
        match self.library.get(self.known).await {
            Ok(page) if page.url.is_empty() => {
                Err(Violation::of(&self.name, "a page has an address", format!("that of {} has none", self.known)))
            }
            Ok(_) => Ok(()),
            Err(error) => Err(Violation::of(&self.name, law, format!("it failed: {error}"))),
        }
    }

    /// Turned down for what it is, and usable afterwards.
    async fn turns_down(&self, law: &'static str, url: &str) -> Result<(), Violation> {
        match self.library.get(url).await {
            Err(PageError::NotFound { .. } | PageError::InvalidUrl { .. } | PageError::Blocked { .. }) => {}
            Ok(page) => return Err(Violation::of(&self.name, law, format!("it gave the page {:?}", page.url))),
            Err(error) => return Err(Violation::of(&self.name, law, format!("it failed: {}", error.kind()))),
        }
        self.gives(law).await
    }

    async fn gives_many(&self) -> Result<(), Violation> {
        let law = "pages that are asked for at once are all given";
        let answers = join_all((0..AT_ONCE).map(|_| self.gives(law))).await;
        answers.into_iter().collect()
    }

    async fn outlives_a_dropped_request(&self) -> Result<(), Violation> {
        drop(self.library.get(self.known));
        // Polls it once and drops it in the middle, unless it is done by then.
        let _ = self.library.get(self.known).now_or_never();
        self.gives("a dropped request leaves the library usable").await
    }
}
