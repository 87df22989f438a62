//! Which addresses may be asked for a page at all.

use std::collections::HashSet;
use std::net::IpAddr;

use url::{Host, Url};

use super::address::forbidden;
use crate::PageError;

/// The longest address, in bytes.
const LONGEST: usize = 8_192;

/// The ends of names that mean a machine nearby, or none.
const NEARBY: &[&str] = &[
    "localhost",
    "local",
    "localdomain",
    "internal",
    "intranet",
    "private",
    "corp",
    "home",
    "lan",
    "home.arpa",
    "test",
    "invalid",
    "onion",
];

/// Tells addresses on the public web from all others.
#[derive(Debug)]
pub(crate) struct Guard {
    ports: Vec<u16>,
    /// Hosts with their ports that may be asked wherever they are.
    allow: HashSet<(String, u16)>,
}

/// An address that may be asked.
#[derive(Debug, Clone)]
pub(crate) struct Target {
    pub(crate) url: Url,
    /// Whether it was allowed by name, so that where the name leads does not matter.
    pub(crate) trusted: bool,
}

impl Guard {
    /// A guard that lets these ports through, and these hosts with their ports: `127.0.0.1:8080`.
    pub(crate) fn new(ports: &[u16], allow: &[String]) -> Result<Self, PageError> {
        let host = |entry: &String| {
            let url = Url::parse(&format!("http://{entry}")).ok();
            let parts = url.as_ref().and_then(|url| Some((url.host_str()?.to_owned(), url.port_or_known_default()?)));
            let plain = !entry.contains(['/', '@', '?', '#']) && entry.contains(':');
            parts.filter(|_| plain).ok_or_else(|| PageError::InvalidUrl {
                url: entry.clone(),
                reason: "what is allowed is a host with its port, like 127.0.0.1:8080".to_owned(),
            })
        };
        Ok(Self { ports: ports.to_vec(), allow: allow.iter().map(host).collect::<Result<_, _>>()? })
    }

    /// Checks an address, as far as it can be seen from itself: a name may still lead anywhere.
    pub(crate) fn check(&self, url: &str) -> Result<Target, PageError> {
        let invalid = |reason: &str| PageError::InvalidUrl { url: shown(url), reason: reason.to_owned() };
        if url.len() > LONGEST {
            return Err(invalid("it is too long"));
        }
        let mut parsed = Url::parse(url).map_err(|error| invalid(&error.to_string()))?;
        if !matches!(parsed.scheme(), "http" | "https") {
            return Err(invalid("only http and https are read"));
        }
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(invalid("it has a name or a password in it"));
        }
        parsed.set_fragment(None);
        let (Some(host), Some(port)) = (parsed.host_str(), parsed.port_or_known_default()) else {
            return Err(invalid("it has no host"));
        };
        if self.allow.contains(&(host.to_owned(), port)) {
            return Ok(Target { url: parsed, trusted: true });
        }
        match self.reason(&parsed, port) {
            Some(reason) => Err(PageError::Blocked { url: shown(url), reason }),
            None => Ok(Target { url: parsed, trusted: false }),
        }
    }

    fn reason(&self, url: &Url, port: u16) -> Option<String> {
        if !self.ports.contains(&port) {
            return Some(format!("port {port} is none of those that pages are read from"));
        }
        match url.host()? {
            Host::Ipv4(address) => not_public(address.into()),
            Host::Ipv6(address) => not_public(address.into()),
            Host::Domain(name) => nearby(name),
        }
    }
}

/// Why an address of the Internet Protocol may not be asked.
pub(crate) fn not_public(address: IpAddr) -> Option<String> {
    forbidden(address).map(|range| format!("the address {address} is not public: {range}"))
}

fn nearby(name: &str) -> Option<String> {
    let name = name.strip_suffix('.').unwrap_or(name);
    let ends_with = |end: &&&str| name.strip_suffix(**end).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'));
    if !name.contains('.') {
        return Some(format!("the name {name} means a machine nearby: it has no dot"));
    }
    NEARBY.iter().find(ends_with).map(|end| format!("names that end in {end} mean machines nearby"))
}

/// An address as an error shows it: without a name and a password in it, and not too long.
fn shown(url: &str) -> String {
    let authority = url.find("//").map_or(0, |at| at + 2);
    let end = url[authority..].find(['/', '?', '#']).map_or(url.len(), |at| authority + at);
    let clean = match url[authority..end].rfind('@') {
        Some(at) => format!("{}[redacted]{}", &url[..authority], &url[authority + at..]),
        // What is spelled in an odd way may hide a password anywhere.
        None if url.contains('@') && Url::parse(url).map_or(true, |url| url.password().is_some()) => {
            "[redacted]".to_owned()
        }
        None => url.to_owned(),
    };
    clean.chars().take(500).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_shown() {
        for url in ["http://me:secret@a.example/", "http:\\\\me:secret@a.example", "http:me:secret@a.example/@"] {
            let error = Guard::new(&[80], &[]).unwrap().check(url).unwrap_err();
            assert!(error.kind() == "invalid_url" && !error.to_string().contains("secret"), "{error}");
        }
        let error = Guard::new(&[80], &[]).unwrap().check("https://a.example:22/@me").unwrap_err();
        assert!(error.to_string().starts_with("https://a.example:22/@me"), "{error}");
    }

    #[test]
    fn what_is_allowed_is_allowed_on_its_port_alone() {
        let allow = ["127.0.0.1:8081", "[::1]:80", "mirror.local:8080"].map(str::to_owned);
        let guard = Guard::new(&[80, 8080], &allow).unwrap();
        let trusted = |url: &str| guard.check(url).map(|target| target.trusted).ok();
        assert_eq!(trusted("http://127.1:8081/a"), Some(true));
        assert_eq!(trusted("http://127.0.0.1/"), None);
        assert_eq!(trusted("http://127.0.0.2:8081/"), None);
        assert_eq!(trusted("http://[0::1]/"), Some(true));
        assert_eq!(trusted("http://MIRROR.local:8080/"), Some(true));
        assert_eq!(trusted("http://mirror.local/"), None);
        assert_eq!(trusted("http://a.example/#part"), Some(false));
        for wrong in ["127.0.0.1", "http://a:80", "a:80/b", "a b:80", "me@a:80"] {
            assert!(Guard::new(&[], &[wrong.to_owned()]).is_err(), "{wrong}");
        }
    }
}
