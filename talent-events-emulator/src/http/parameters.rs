//! The system parameters of a Google API, in the query.

use axum::extract::Query;
use axum::http::Uri;
use talent_events::InvalidField;
use tonic::Status;

use super::refusal::invalid_request;
use crate::text::invalid;

/// The parameters that change a response. Other system parameters are accepted without effect, `fields` among them.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Parameters {
    pub(crate) pretty: bool,
    /// `$alt=json;enum-encoding=int`, as Google's own clients ask.
    pub(crate) enums_as_numbers: bool,
    pub(crate) has_token: bool,
}

const IGNORED: [&str; 9] =
    ["$.xgafv", "fields", "key", "quotaUser", "userIp", "userProject", "uploadType", "upload_protocol", "unique"];

impl Parameters {
    /// Reports all errors at once. No error repeats a value, because a value may be a key or a token.
    pub(crate) fn read(query: Option<&str>) -> Result<Self, Status> {
        let mut parameters = Self { pretty: true, enums_as_numbers: false, has_token: false };
        let Some(query) = query.filter(|query| !query.is_empty()) else { return Ok(parameters) };
        let mut errors = Vec::new();
        for (name, value) in &query_pairs(query)? {
            let mut error = |found: &str, expected: &'static str| {
                let name = InvalidField::quote(name);
                errors.push(invalid("query", expected, format!("{found} {name}")));
            };
            match name.strip_prefix('$').unwrap_or(name) {
                "alt" => match value.as_str() {
                    "json" | "" => {}
                    "json;enum-encoding=int" => parameters.enums_as_numbers = true,
                    _ => error("another value of", "json or json;enum-encoding=int"),
                },
                "prettyPrint" => match value.as_str() {
                    "true" | "1" | "" => parameters.pretty = true,
                    "false" | "0" => parameters.pretty = false,
                    _ => error("another value of", "true or false"),
                },
                "access_token" | "oauth_token" => parameters.has_token = !value.is_empty(),
                bare if IGNORED.contains(&bare) || IGNORED.contains(&name.as_str()) => {}
                _ => error("the unknown parameter", "the system parameters of Google's APIs"),
            }
        }
        if errors.is_empty() { Ok(parameters) } else { Err(invalid_request(&errors)) }
    }
}

/// The decoded names and values of a query.
pub(crate) fn query_pairs(query: &str) -> Result<Vec<(String, String)>, Status> {
    let uri = Uri::builder().path_and_query(format!("/?{query}")).build().ok();
    let pairs = uri.and_then(|uri| Query::try_from_uri(&uri).ok());
    pairs.map(|Query(pairs)| pairs).ok_or_else(|| Status::invalid_argument("malformed query in the URI"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_of_googles_clients_are_read() {
        let read = |query| Parameters::read(Some(query)).unwrap();
        let plain = Parameters { pretty: true, enums_as_numbers: false, has_token: false };
        assert_eq!(Parameters::read(None).unwrap(), plain);
        assert_eq!(read("%24alt=json%3Benum-encoding%3Dint"), Parameters { enums_as_numbers: true, ..plain });
        assert_eq!(read("$prettyPrint=false&fields=eventId"), Parameters { pretty: false, ..plain });
        assert_eq!(read("key=s&quotaUser=u&$.xgafv=2&alt=json"), Parameters { ..plain });
        assert_eq!(read("access_token=t"), Parameters { has_token: true, ..plain });
        let status = Parameters::read(Some("alt=proto&colour=secret")).unwrap_err();
        assert!(status.message().starts_with("not a valid request: `query`: expected "), "{status:?}");
        assert!(status.message().contains("found the unknown parameter \"colour\""), "{status:?}");
        assert!(!format!("{status:?}").contains("secret"), "{status:?}");
    }
}
