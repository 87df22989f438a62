//! Finds the addresses of a name, and lets only public ones through.

use std::fmt::{self, Debug};
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use async_trait::async_trait;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::guard::not_public;

/// Finds the addresses of a name.
#[async_trait]
pub trait Resolver: Debug + Send + Sync {
    /// Gives the addresses of a name.
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>>;
}

/// Asks the operating system.
#[derive(Debug)]
pub(crate) struct System;

#[async_trait]
impl Resolver for System {
    async fn resolve(&self, name: &str) -> io::Result<Vec<IpAddr>> {
        Ok(tokio::net::lookup_host((name, 0)).await?.map(|address| address.ip()).collect())
    }
}

/// A name that leads to an address that is not public.
#[derive(Debug, Clone)]
pub(crate) struct Forbidden(pub(crate) String);

impl fmt::Display for Forbidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Forbidden {}

/// Finds the addresses of a name once, for the connection that goes to one of them: what was checked is what is
/// connected to, so that a name that changes its address between check and connection gains nothing.
pub(crate) struct Checked {
    pub(crate) resolver: Arc<dyn Resolver>,
    /// Whether addresses that are not public are let through.
    pub(crate) trusting: bool,
}

impl Resolve for Checked {
    fn resolve(&self, name: Name) -> Resolving {
        let (resolver, trusting) = (self.resolver.clone(), self.trusting);
        Box::pin(async move {
            let addresses = resolver.resolve(name.as_str()).await?;
            if !trusting {
                only_public(name.as_str(), &addresses)?;
            }
            let addresses = addresses.into_iter().map(|address| SocketAddr::new(address, 0));
            Ok(Box::new(addresses) as Addrs)
        })
    }
}

/// Checks that a name leads to public addresses alone: one that is not is enough to forbid it.
pub(crate) fn only_public(name: &str, addresses: &[IpAddr]) -> Result<(), Forbidden> {
    match addresses.iter().find_map(|address| not_public(*address)) {
        Some(reason) => Err(Forbidden(format!("{name} leads astray: {reason}"))),
        None => Ok(()),
    }
}
