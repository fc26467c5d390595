//! The system parameters of a Google API, in the query.

use axum::extract::Query;
use axum::http::Uri;
use talent_events::InvalidField;
use tonic::Status;

use crate::refusal;

/// What they ask for. Those that only concern Google's own machinery are taken and change nothing, `fields` among them:
/// the answer is whole.
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
    /// All that is wrong with them is told at once. No value is repeated: a key or a token may be among them.
    pub(crate) fn read(query: Option<&str>) -> Result<Self, Status> {
        let mut parameters = Self { pretty: true, enums_as_numbers: false, has_token: false };
        let Some(query) = query.filter(|query| !query.is_empty()) else { return Ok(parameters) };
        let mut wrong = Vec::new();
        for (name, value) in &pairs(query)? {
            let mut complain = |found: &str, allowed: &'static str| {
                let name = InvalidField::quote(name);
                wrong.push(InvalidField::new("query", format!("{found} {name}"), allowed));
            };
            match name.strip_prefix('$').unwrap_or(name) {
                "alt" => match value.as_str() {
                    "json" | "" => {}
                    "json;enum-encoding=int" => parameters.enums_as_numbers = true,
                    _ => complain("another value of", "json or json;enum-encoding=int"),
                },
                "prettyPrint" => match value.as_str() {
                    "true" | "1" | "" => parameters.pretty = true,
                    "false" | "0" => parameters.pretty = false,
                    _ => complain("another value of", "true or false"),
                },
                "access_token" | "oauth_token" => parameters.has_token = !value.is_empty(),
                bare if IGNORED.contains(&bare) || IGNORED.contains(&name.as_str()) => {}
                _ => complain("the unknown parameter", "the system parameters of Google's APIs"),
            }
        }
        if wrong.is_empty() { Ok(parameters) } else { Err(refusal::of_request(&wrong.iter().collect::<Vec<_>>())) }
    }
}

/// The names and values of a query, decoded.
pub(crate) fn pairs(query: &str) -> Result<Vec<(String, String)>, Status> {
    let uri = Uri::builder().path_and_query(format!("/?{query}")).build().ok();
    let pairs = uri.and_then(|uri| Query::try_from_uri(&uri).ok());
    pairs.map(|Query(pairs)| pairs).ok_or_else(|| Status::invalid_argument("the query of the URI is malformed"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_google_s_clients_send_is_understood() {
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
