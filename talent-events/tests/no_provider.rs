//! Without a crypto provider, TLS is a typed error and never a panic; what needs no TLS works.
#![cfg(all(feature = "client", not(feature = "tls-aws-lc")))]

use talent_events::{ConnectError, TalentClient};

const TENANT: &str = "projects/acme/tenants/board";

#[tokio::test]
async fn tls_and_credentials_need_a_provider() {
    // By TLS, and for the library that fetches tokens.
    for endpoint in ["https://jobs.googleapis.com", "http://localhost:1"] {
        let error = TalentClient::builder(TENANT).endpoint(endpoint).connect().await.unwrap_err();
        assert!(matches!(error, ConnectError::NoCryptoProvider), "{error:?}");
        assert!(error.to_string().contains("tls-aws-lc"), "{error}");
    }
}

#[tokio::test]
async fn an_emulator_needs_none() -> Result<(), ConnectError> {
    TalentClient::builder(TENANT).emulator("localhost:1").connect().await.map(drop)
}
