//! Application Default Credentials in their forms, and the environment's emulator.

use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::extract::{Request, State};
use axum::response::IntoResponse;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::StatusCode;
use serde_json::{Value, json};
use talent_events::{ConnectError, TalentClient, TrackError};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::support::fixed::TOKEN;
use crate::support::{Result, Service, TENANT, Then, child, event};

const SCOPE: &str = "https://www.googleapis.com/auth/jobs";

/// Gives out tokens by HTTP, as the metadata server and OAuth's token endpoint do; dropped, it stops.
struct Tokens {
    address: std::net::SocketAddr,
    requests: Arc<Mutex<Vec<Asked>>>,
    task: AbortHandle,
}

struct Asked {
    uri: String,
    flavor: Option<String>,
    body: String,
}

impl Tokens {
    async fn start(status: StatusCode, answer: Value) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let requests = Arc::default();
        let router = axum::Router::new().fallback(answer_with).with_state((status, answer, Arc::clone(&requests)));
        let served = tokio::spawn(async move { axum::serve(listener, router).await });
        Ok(Self { address, requests, task: served.abort_handle() })
    }

    fn asked(&self) -> Vec<Asked> {
        std::mem::take(&mut self.requests.lock().expect("no panic while it was held"))
    }
}

impl Drop for Tokens {
    fn drop(&mut self) {
        self.task.abort();
    }
}

type Answer = (StatusCode, Value, Arc<Mutex<Vec<Asked>>>);

async fn answer_with(State((status, answer, requests)): State<Answer>, request: Request) -> impl IntoResponse {
    let uri = request.uri().to_string();
    let flavor = request.headers().get("metadata-flavor").and_then(|v| v.to_str().ok()).map(str::to_owned);
    let body = axum::body::to_bytes(request.into_body(), 1 << 20).await.unwrap_or_default();
    let body = String::from_utf8_lossy(&body).into_owned();
    requests.lock().expect("no panic while it was held").push(Asked { uri, flavor, body });
    (status, axum::Json(answer))
}

fn token() -> Value {
    json!({"access_token": TOKEN, "expires_in": 3600, "token_type": "Bearer"})
}

/// A home with a credentials' file.
struct Home(TempDir);

impl Home {
    fn new(credentials: &Value) -> Result<Self> {
        let home = TempDir::new()?;
        std::fs::write(home.path().join("credentials.json"), credentials.to_string())?;
        Ok(Self(home))
    }

    fn credentials(&self) -> PathBuf {
        self.0.path().join("credentials.json")
    }

    /// Runs the test as a child that finds the file by `GOOGLE_APPLICATION_CREDENTIALS`.
    async fn run(&self, test: &str, endpoint: &str) -> Result<String> {
        let credentials = self.credentials();
        let environment = [
            ("GOOGLE_APPLICATION_CREDENTIALS", credentials.to_str().ok_or("a path in UTF-8")?),
            ("GOOGLE_CLOUD_QUOTA_PROJECT", "billed"),
        ];
        child::run(module_path!(), test, endpoint, self.0.path(), &environment).await
    }
}

/// In the child: one call with all that the environment says.
async fn call(endpoint: String) -> Result {
    let client = TalentClient::builder(TENANT).endpoint(endpoint).connect().await?;
    match client.create_client_event(&event()).await {
        Ok(_) => println!("delivered"),
        Err(error) => println!("{} {error} {error:?}", if error.is_retryable() { "unavailable" } else { "refused" }),
    }
    println!("{client:?}");
    Ok(())
}

/// The `authorization` of the one call that the service saw.
fn authorization(service: &Service) -> Result<String> {
    let [seen] = &service.seen()[..] else { return Err("not one call".into()) };
    Ok(seen.headers.get("authorization").ok_or("no authorization")?.to_str()?.to_owned())
}

#[tokio::test]
async fn the_metadata_server_is_asked() -> Result {
    if let Some(endpoint) = child::argument() {
        return call(endpoint).await;
    }
    let service = Service::start(Then::Echo).await?;
    let metadata = Tokens::start(StatusCode::OK, token()).await?;
    let home = TempDir::new()?;
    let host = metadata.address.to_string();
    let environment = [("GCE_METADATA_HOST", &*host), ("GOOGLE_CLOUD_QUOTA_PROJECT", "billed")];
    const TEST: &str = "the_metadata_server_is_asked";
    let said = child::run(module_path!(), TEST, &service.endpoint(), home.path(), &environment).await?;
    assert!(said.contains("delivered") && !said.contains(TOKEN), "{said}");

    let [seen] = &service.seen()[..] else { panic!("one call") };
    let header = |name: &str| seen.headers.get(name).map(|v| v.as_bytes());
    assert_eq!(header("authorization"), Some(format!("Bearer {TOKEN}").as_bytes()));
    assert_eq!(header("x-goog-user-project"), Some(&b"billed"[..]));
    let asked = metadata.asked();
    let asked = asked.iter().find(|asked| asked.uri.contains("/token")).ok_or("no token was asked for")?;
    assert_eq!(asked.flavor.as_deref(), Some("Google"));
    assert!(asked.uri.contains("auth%2Fjobs") || asked.uri.contains(SCOPE), "{}", asked.uri);
    Ok(())
}

fn authorized_user(tokens: &Tokens) -> Value {
    json!({
        "type": "authorized_user",
        "client_id": "a-client",
        "client_secret": "s3cret-client",
        "refresh_token": "s3cret-refresh",
        "token_uri": format!("http://{}/token", tokens.address),
    })
}

#[tokio::test]
async fn a_users_login_is_refreshed() -> Result {
    if let Some(endpoint) = child::argument() {
        return call(endpoint).await;
    }
    let service = Service::start(Then::Echo).await?;
    let tokens = Tokens::start(StatusCode::OK, token()).await?;
    let said = Home::new(&authorized_user(&tokens))?.run("a_users_login_is_refreshed", &service.endpoint()).await?;
    assert!(said.contains("delivered") && !said.contains("s3cret"), "{said}");
    assert_eq!(authorization(&service)?, format!("Bearer {TOKEN}"));
    let asked = tokens.asked();
    assert!(asked[0].body.contains("s3cret-refresh") && asked[0].body.contains(SCOPE), "{}", asked[0].body);
    Ok(())
}

#[tokio::test]
async fn a_login_that_is_gone_is_not_permitted_and_says_why() -> Result {
    if let Some(endpoint) = child::argument() {
        return call(endpoint).await;
    }
    let service = Service::start(Then::Echo).await?;
    let gone = json!({"error": "invalid_grant", "error_description": "Token has been expired or revoked."});
    let tokens = Tokens::start(StatusCode::BAD_REQUEST, gone).await?;
    let home = Home::new(&authorized_user(&tokens))?;
    let said = home.run("a_login_that_is_gone_is_not_permitted_and_says_why", &service.endpoint()).await?;
    assert!(said.contains("refused not permitted to create events: no credentials: "), "{said}");
    assert!(said.contains("invalid_grant: Token has been expired or revoked."), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
    assert!(service.seen().is_empty());
    Ok(())
}

#[tokio::test]
async fn tokens_that_do_not_come_for_now_make_it_unavailable() -> Result {
    if let Some(endpoint) = child::argument() {
        return call(endpoint).await;
    }
    let service = Service::start(Then::Echo).await?;
    let tokens = Tokens::start(StatusCode::SERVICE_UNAVAILABLE, json!({})).await?;
    let home = Home::new(&authorized_user(&tokens))?;
    let said = home.run("tokens_that_do_not_come_for_now_make_it_unavailable", &service.endpoint()).await?;
    assert!(said.contains("unavailable the service is unavailable: no credentials: "), "{said}");
    assert!(said.contains("503") && !said.contains("s3cret"), "{said}");
    assert!(service.seen().is_empty());
    Ok(())
}

#[tokio::test]
async fn a_service_account_signs_for_itself() -> Result {
    if let Some(endpoint) = child::argument() {
        return call(endpoint).await;
    }
    let service = Service::start(Then::Echo).await?;
    let key = rcgen::KeyPair::generate_rsa_for(&rcgen::PKCS_RSA_SHA256, rcgen::RsaKeySize::_2048)?;
    let account = json!({
        "type": "service_account",
        "project_id": "acme",
        "private_key_id": "k1",
        "private_key": key.serialize_pem(),
        "client_email": "board@acme.iam.gserviceaccount.com",
        "universe_domain": "googleapis.com",
    });
    let said = Home::new(&account)?.run("a_service_account_signs_for_itself", &service.endpoint()).await?;
    assert!(said.contains("delivered") && !said.contains("PRIVATE KEY"), "{said}");

    let authorization = authorization(&service)?;
    let token = authorization.strip_prefix("Bearer ").ok_or("no bearer token")?;
    let claims = token.split('.').nth(1).ok_or("no claims")?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims)?)?;
    assert_eq!(claims["scope"], SCOPE);
    assert_eq!(claims["iss"], "board@acme.iam.gserviceaccount.com");
    assert!(!said.contains(token));
    Ok(())
}

fn workload(tokens: &Tokens, home: &std::path::Path, field: &str) -> Value {
    json!({
        "type": "external_account",
        "audience": "//iam.googleapis.com/projects/1/locations/global/workloadIdentityPools/p/providers/q",
        "subject_token_type": "urn:ietf:params:oauth:token-type:jwt",
        "token_url": format!("http://{}/v1/token", tokens.address),
        "credential_source": {
            "file": home.join("subject.json"),
            "format": {"type": "json", "subject_token_field_name": field},
        },
    })
}

#[tokio::test]
async fn a_workloads_identity_is_exchanged() -> Result {
    if let Some(endpoint) = child::argument() {
        return call(endpoint).await;
    }
    let service = Service::start(Then::Echo).await?;
    let mut answer = token();
    answer["issued_token_type"] = "urn:ietf:params:oauth:token-type:access_token".into();
    let tokens = Tokens::start(StatusCode::OK, answer).await?;
    let subject = TempDir::new()?;
    std::fs::write(subject.path().join("subject.json"), r#"{"id_token": "s3cret-subject"}"#)?;

    let home = Home::new(&workload(&tokens, subject.path(), "id_token"))?;
    let said = home.run("a_workloads_identity_is_exchanged", &service.endpoint()).await?;
    assert!(said.contains("delivered") && !said.contains("s3cret"), "{said}");
    assert_eq!(authorization(&service)?, format!("Bearer {TOKEN}"));
    assert!(tokens.asked().iter().any(|asked| asked.body.contains("s3cret-subject")));

    // Google's library would quote the file, with the token in it.
    let home = Home::new(&workload(&tokens, subject.path(), "misspelt"))?;
    let said = home.run("a_workloads_identity_is_exchanged", &service.endpoint()).await?;
    assert!(said.contains("refused not permitted") && said.contains("`misspelt`"), "{said}");
    assert!(!said.contains("s3cret"), "{said}");
    Ok(())
}

#[tokio::test]
async fn a_file_that_can_not_be_used_is_told_at_connect() -> Result {
    if child::argument().is_some() {
        let error = TalentClient::connect(TENANT).await.err().ok_or("an error")?;
        assert!(matches!(error, ConnectError::Credentials(_)), "{error:?}");
        println!("{error} {error:?}");
        return Ok(());
    }
    const TEST: &str = "a_file_that_can_not_be_used_is_told_at_connect";
    for (file, why) in [
        (json!({"type": "nonesuch"}), "nonesuch"),
        (json!({"no": "type"}), "no `type` field"),
        (json!("s3cret"), "no `type` field"),
        (json!({"type": "authorized_user", "refresh_token": "s3cret"}), "client_id"),
        (json!({"type": "service_account", "private_key": "s3cret"}), "missing field"),
    ] {
        let said = Home::new(&file)?.run(TEST, "").await?;
        assert!(said.contains("cannot use the Application Default Credentials: "), "{said}");
        assert!(said.contains(why) && !said.contains("s3cret"), "{said}");
    }
    let home = Home::new(&json!({}))?;
    std::fs::remove_file(home.credentials())?;
    let said = home.run(TEST, "").await?;
    assert!(said.contains("credentials.json") && said.contains("GOOGLE_APPLICATION_CREDENTIALS"), "{said}");
    Ok(())
}

#[tokio::test]
async fn the_environment_names_an_emulator() -> Result {
    if let Some(expected) = child::argument() {
        match TalentClient::connect(TENANT).await {
            Ok(client) => {
                println!("{client:?}");
                if expected == "call" {
                    client.create_client_event(&event()).await?;
                }
            }
            Err(error @ ConnectError::Invalid(_)) => println!("{error}"),
            Err(other) => return Err(other.into()),
        }
        // What is said in code is not overruled.
        let client = TalentClient::builder(TENANT).emulator("localhost:1").connect().await?;
        assert!(format!("{client:?}").contains("http://localhost:1/"), "{client:?}");
        return Ok(());
    }
    const TEST: &str = "the_environment_names_an_emulator";
    let service = Service::start(Then::Echo).await?;
    let tokens = Tokens::start(StatusCode::OK, token()).await?;
    let home = Home::new(&authorized_user(&tokens))?;
    let path = home.credentials();
    let with = async |expected: &str, emulator: Option<&str>| {
        let mut environment = vec![("GOOGLE_APPLICATION_CREDENTIALS", path.to_str().unwrap_or_default())];
        environment.extend(emulator.map(|host| ("TALENT_EMULATOR_HOST", host)));
        child::run(module_path!(), TEST, expected, home.0.path(), &environment).await
    };

    let said = with("call", Some(&service.address.to_string())).await?;
    assert!(said.contains("credentials: false"), "{said}");
    let [seen] = &service.seen()[..] else { panic!("one call") };
    assert!(!seen.headers.contains_key("authorization"));
    assert!(tokens.asked().is_empty());

    for unset in [Some(""), None] {
        let said = with("", unset).await?;
        assert!(said.contains("endpoint: https://jobs.googleapis.com/"), "{said}");
        assert!(said.contains("credentials: true"), "{said}");
    }
    for malformed in ["localhost", "http://localhost:8080", "localhost:99999"] {
        let said = with("", Some(malformed)).await?;
        assert!(said.contains("`TALENT_EMULATOR_HOST`: expected ") && said.contains(malformed), "{said}");
    }
    Ok(())
}

#[tokio::test]
async fn a_permanent_refusal_is_not_retried_by_itself() -> Result {
    use crate::support::fixed;

    let service = Service::start(Then::Fail(tonic::Status::unauthenticated("who are you"))).await?;
    let client = TalentClient::builder(TENANT).endpoint(service.endpoint()).credentials(fixed::credentials());
    let error = client.connect().await?.create_client_event(&event()).await.unwrap_err();
    assert!(matches!(error, TrackError::NotPermitted { .. }), "{error:?}");
    assert_eq!(service.seen().len(), 1);
    Ok(())
}
