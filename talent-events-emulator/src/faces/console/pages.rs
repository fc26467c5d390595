//! The files of the pages, and the headers that confine them.

use std::sync::Arc;

use axum::Router;
use axum::http::HeaderValue;
use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY};
use axum::response::Response;
use axum::routing::get;

use crate::app::App;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const SCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

macro_rules! files {
    ($($path:literal = $file:literal $kind:ident;)+) => {
        const FILES: &[(&str, &str, &str)] = &[$(($path, $kind, include_str!(concat!("files/", $file)))),+];
    };
}

files! {
    "/" = "live.html" HTML;
    "/timeline" = "timeline.html" HTML;
    "/dashboard" = "dashboard.html" HTML;
    "/console/style.css" = "style.css" CSS;
    "/console/icon.svg" = "icon.svg" SVG;
    "/console/live.js" = "live.js" SCRIPT;
    "/console/timeline.js" = "timeline.js" SCRIPT;
    "/console/dashboard.js" = "dashboard.js" SCRIPT;
    "/console/dom.js" = "dom.js" SCRIPT;
    "/console/api.js" = "api.js" SCRIPT;
    "/console/stream.js" = "stream.js" SCRIPT;
    "/console/event.js" = "event.js" SCRIPT;
    "/console/warnings.js" = "warnings.js" SCRIPT;
    "/console/format.js" = "format.js" SCRIPT;
    "/console/funnel.js" = "funnel.js" SCRIPT;
    "/console/counts.js" = "counts.js" SCRIPT;
    "/console/defects.js" = "defects.js" SCRIPT;
}

/// The pages load nothing from elsewhere and nothing inline, turn no text into markup, and are in no frame.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; \
                      trusted-types 'none'";

pub(super) fn routes() -> Router<Arc<App>> {
    FILES.iter().fold(Router::new(), |router, (path, kind, text)| {
        router.route(path, get(move || async move { ([(CONTENT_TYPE, *kind)], *text) }))
    })
}

pub(super) async fn confine(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;
    use talent_events::JobEventType;

    fn text(path: &str) -> &'static str {
        FILES.iter().find(|file| file.0 == path).unwrap().2
    }

    #[test]
    fn all_named_files_exist() {
        for (path, _, text) in FILES {
            let named = text.split('"').filter(|part| part.starts_with("/console/") && !part.contains("/v1/"));
            for name in named {
                assert!(FILES.iter().any(|file| file.0 == name), "{path} names {name}");
            }
            for import in text.split("from \"./").skip(1) {
                let name = format!("/console/{}", import.split('"').next().unwrap());
                assert!(FILES.iter().any(|file| file.0 == name), "{path} imports {name}");
            }
        }
    }

    #[test]
    fn the_filter_offers_every_type() {
        let offered: Vec<_> =
            text("/").split("<option value=\"").skip(1).map(|o| o.split('"').next().unwrap()).collect();
        let mut types = vec![""];
        types.extend(JobEventType::ALL.map(JobEventType::google_name));
        assert_eq!(offered, types);
    }

    #[test]
    fn no_file_makes_markup_or_loads_other_sites() {
        for (path, _, text) in FILES {
            for forbidden in [
                "innerHTML",
                "outerHTML",
                "insertAdjacentHTML",
                "document.write",
                "eval(",
                "style=\"",
                "onclick",
                "https://",
            ] {
                assert!(!text.contains(forbidden), "{path} has {forbidden}");
            }
            let outside = text.replace("http://www.w3.org/2000/svg", "");
            assert!(!outside.contains("http://"), "{path} names another site");
        }
    }
}
