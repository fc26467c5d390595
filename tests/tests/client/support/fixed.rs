//! Credentials that are what they are.

use google_cloud_auth::credentials::{CacheableResource, Credentials, CredentialsProvider, EntityTag};
use google_cloud_auth::errors::CredentialsError;
use http::{Extensions, HeaderMap, HeaderName, HeaderValue};

/// No log, error or Debug form may hold it.
pub(crate) const TOKEN: &str = "ya29.s3cret-t0ken";

#[derive(Debug)]
enum Fixed {
    Headers(HeaderMap),
    Hangs,
    Fails,
}

impl CredentialsProvider for Fixed {
    async fn headers(&self, _: Extensions) -> Result<CacheableResource<HeaderMap>, CredentialsError> {
        match self {
            Self::Headers(headers) => {
                Ok(CacheableResource::New { entity_tag: EntityTag::new(), data: headers.clone() })
            }
            Self::Hangs => std::future::pending().await,
            Self::Fails => Err(CredentialsError::from_msg(true, "the token server is down")),
        }
    }

    async fn universe_domain(&self) -> Option<String> {
        None
    }
}

/// A bearer token, a quota project and a header that nobody foresaw.
pub(crate) fn credentials() -> Credentials {
    let headers = [
        ("authorization", format!("Bearer {TOKEN}")),
        ("x-goog-user-project", "billed".into()),
        ("x-unforeseen", "sent too".into()),
    ];
    let headers = headers
        .into_iter()
        .filter_map(|(name, value)| Some((HeaderName::from_static(name), HeaderValue::try_from(value).ok()?)));
    Fixed::Headers(headers.collect()).into()
}

/// They never come.
pub(crate) fn hanging() -> Credentials {
    Fixed::Hangs.into()
}

/// They cannot be had now.
pub(crate) fn failing() -> Credentials {
    Fixed::Fails.into()
}
