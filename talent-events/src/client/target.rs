//! The service's address, and whether credentials may travel there.

use std::net::IpAddr;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

use crate::InvalidField;

use super::error::ConnectError;

/// Google's address of the service.
const GOOGLE: &str = "https://jobs.googleapis.com";

/// The environment variable that names an emulator, `host:port`, if the builder names no target.
pub(super) const EMULATOR_VARIABLE: &str = "TALENT_EMULATOR_HOST";

const ENDPOINT_FORM: &str = "https://host or https://host:port";
const EMULATOR_FORM: &str = "host:port, e.g. localhost:8080, without a scheme";

/// A server's address, and how much the client trusts it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Target {
    /// Gets credentials: over TLS, or in plaintext on this machine only.
    Service(Uri),
    /// Gets plaintext and no credentials.
    Emulator(Uri),
}

impl Target {
    /// The emulator that the environment names, or Google.
    pub(super) fn from_environment() -> Result<Self, ConnectError> {
        match std::env::var(EMULATOR_VARIABLE) {
            Ok(text) if !text.is_empty() => Self::emulator(&text, EMULATOR_VARIABLE),
            Ok(_) | Err(std::env::VarError::NotPresent) => Self::service(GOOGLE),
            Err(std::env::VarError::NotUnicode(_)) => {
                Err(InvalidField::new(EMULATOR_VARIABLE, "bytes that are not UTF-8", EMULATOR_FORM).into())
            }
        }
    }

    /// The service at this URI.
    pub(super) fn service(text: &str) -> Result<Self, ConnectError> {
        let wrong = |what: &str| InvalidField::new("endpoint", format!("{what}{}", shown(text)), ENDPOINT_FORM);
        let uri: Uri = text.parse().map_err(|e| wrong(&format!("no URI ({e})")))?;
        let (Some(scheme), Some(authority)) = (uri.scheme(), uri.authority()) else {
            return Err(wrong("no scheme").into());
        };
        if *scheme != Scheme::HTTPS && *scheme != Scheme::HTTP {
            return Err(wrong(&format!("the scheme `{scheme}`")).into());
        }
        check_authority(authority).map_err(wrong)?;
        if uri.path_and_query().is_some_and(|path| *path != "/") {
            return Err(wrong("a path or query").into());
        }
        if *scheme == Scheme::HTTP && !is_loopback(authority.host()) {
            return Err(ConnectError::Plaintext { host: authority.host().to_owned() });
        }
        Ok(Self::Service(uri))
    }

    /// The emulator at this `host:port`. Errors name `field`.
    pub(super) fn emulator(text: &str, field: &'static str) -> Result<Self, ConnectError> {
        let wrong = |what: &str| InvalidField::new(field, format!("{what}{}", shown(text)), EMULATOR_FORM);
        if text.contains('/') {
            return Err(wrong("a `/`").into());
        }
        let authority: Authority = text.parse().map_err(|e| wrong(&format!("no host and port ({e})")))?;
        check_authority(&authority).map_err(wrong)?;
        if authority.port_u16().is_none_or(|port| port == 0) {
            return Err(wrong("no port").into());
        }
        let mut parts = http::uri::Parts::default();
        parts.scheme = Some(Scheme::HTTP);
        parts.authority = Some(authority);
        parts.path_and_query = Some(PathAndQuery::from_static("/"));
        Ok(Self::Emulator(Uri::from_parts(parts).map_err(|e| wrong(&format!("no host and port ({e})")))?))
    }

    pub(super) fn uri(&self) -> &Uri {
        match self {
            Self::Service(uri) | Self::Emulator(uri) => uri,
        }
    }

    pub(super) fn is_tls(&self) -> bool {
        self.uri().scheme() == Some(&Scheme::HTTPS)
    }
}

/// ` in "…"`, or nothing if the text may hold a password.
fn shown(text: &str) -> String {
    if text.contains('@') { String::new() } else { format!(" in {}", InvalidField::quote(text)) }
}

fn check_authority(authority: &Authority) -> Result<(), &'static str> {
    let (host, all) = (authority.host(), authority.as_str());
    if all.contains('@') {
        Err("a user name or password")
    } else if host.is_empty() {
        Err("no host")
    } else if all.len() > host.len() && authority.port_u16().is_none() {
        Err("a port that is no number from 0 to 65535")
    } else {
        Ok(())
    }
}

/// Whether this is a loopback address, or the one name that RFC 6761 reserves for this machine.
fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    match bare.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => bare.eq_ignore_ascii_case("localhost"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_stays_on_this_machine_or_behind_tls() {
        for endpoint in [
            "https://jobs.googleapis.com",
            "https://example.com:8443/",
            "http://127.0.0.1:80",
            "http://127.8.8.8",
            "http://[::1]:80",
            "http://[::ffff:127.0.0.1]:80",
            "http://LOCALHOST:80",
        ] {
            assert!(matches!(Target::service(endpoint), Ok(Target::Service(_))), "{endpoint}");
        }
        for endpoint in [
            "http://jobs.googleapis.com",
            "http://10.0.0.1:80",
            "http://0.0.0.0:80",
            "http://[::]:80",
            "http://localhost.example.com",
            "http://127.0.0.1.example.com",
            "http://host.docker.internal:80",
        ] {
            assert!(matches!(Target::service(endpoint), Err(ConnectError::Plaintext { .. })), "{endpoint}");
        }
    }

    #[test]
    fn malformed_addresses_say_what_is_wrong() {
        for (endpoint, what) in [
            ("", "no URI (empty string)"),
            ("jobs.googleapis.com", "no scheme in \"jobs.googleapis.com\""),
            ("jobs.googleapis.com:443", "no scheme in \"jobs.googleapis.com:443\""),
            ("ftp://jobs.googleapis.com", "the scheme `ftp` in"),
            ("https://jobs.googleapis.com/v4", "a path or query in"),
            ("https://jobs.googleapis.com:99999", "a port that is no number"),
            ("https://jobs.googleapis.com:", "a port that is no number"),
            ("unix:///run/talent", "no URI (invalid format)"),
        ] {
            let error = Target::service(endpoint).unwrap_err().to_string();
            assert!(error.starts_with("`endpoint`: expected ") && error.contains(what), "{endpoint}: {error}");
        }
        for (emulator, what) in [
            ("localhost", "no port in \"localhost\""),
            ("localhost:0", "no port"),
            ("http://localhost:8080", "a `/` in"),
            ("localhost:http", "a port that is no number"),
            (":8080", "no host in \":8080\""),
            (" localhost:8080", "no host and port"),
        ] {
            let error = Target::emulator(emulator, "emulator").unwrap_err().to_string();
            assert!(error.starts_with("`emulator`: expected ") && error.contains(what), "{emulator}: {error}");
        }
    }

    #[test]
    fn passwords_are_not_repeated() {
        let errors = [
            Target::service("https://me:hunter2@example.com").unwrap_err(),
            Target::service("http://me:hunter2@example.com").unwrap_err(),
            Target::service("https://me:hunter2@exa mple.com").unwrap_err(),
            Target::emulator("me:hunter2@localhost:80", "emulator").unwrap_err(),
        ];
        for error in errors {
            assert!(!format!("{error} {error:?}").contains("hunter2"), "{error:?}");
        }
    }
}
