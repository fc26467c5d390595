//! With ring installed by the program, TLS is set up.
#![cfg(all(feature = "tls-ring", not(feature = "tls-aws-lc")))]

use google_cloud_auth::credentials::anonymous;
use talent_events::{ClientEvent, JobEvent, JobEventType, TenantName};
use talent_events::{TalentClient, TrackError};

#[tokio::test]
async fn a_handshake_is_begun() -> Result<(), Box<dyn std::error::Error>> {
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "installed already")?;
    // It hangs up on the first bytes, which are a TLS record of a handshake.
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let endpoint = format!("https://localhost:{}", listener.local_addr()?.port());
    let first_byte = std::thread::spawn(move || -> std::io::Result<u8> {
        let mut first = [0];
        std::io::Read::read_exact(&mut listener.accept()?.0, &mut first)?;
        Ok(first[0])
    });

    let tenant: TenantName = "projects/acme/tenants/board".parse()?;
    let credentials = anonymous::Builder::new().build();
    let client = TalentClient::builder(tenant.clone()).endpoint(endpoint).credentials(credentials).connect().await?;
    let event = ClientEvent::new(JobEvent::new(JobEventType::View, [tenant.job("42")?]));
    let error = client.create_client_event(&event).await.unwrap_err();
    assert!(matches!(error, TrackError::Unavailable { .. }), "{error:?}");
    assert_eq!(first_byte.join().map_err(|_| "the listener panicked")??, 0x16);
    Ok(())
}
