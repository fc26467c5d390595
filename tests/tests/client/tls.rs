//! By TLS, with a certificate authority of our own.

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair};
use talent_events::{ConnectError, EventId, TalentClient, TrackError};
use tonic::transport::{Identity, ServerTlsConfig};

use crate::support::{Result, Service, TENANT, Then, child, event, fixed};

/// A service that calls itself `host`, and the PEM of the authority that says so.
async fn service_named(host: &str) -> Result<(Service, String)> {
    let mut authority = CertificateParams::new([])?;
    // A name of its own, as two with one name are told apart by their keys alone.
    authority.distinguished_name.push(DnType::CommonName, EventId::generate().as_str());
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority_key = KeyPair::generate()?;
    let root = authority.self_signed(&authority_key)?.pem();
    let key = KeyPair::generate()?;
    let leaf = CertificateParams::new([host.to_owned()])?.signed_by(&key, &Issuer::new(authority, authority_key))?;
    let tls = ServerTlsConfig::new().identity(Identity::from_pem(leaf.pem(), key.serialize_pem()));
    Ok((Service::start_tls(Then::Echo, tls).await?, root))
}

fn client(service: &Service) -> talent_events::client::TalentClientBuilder {
    TalentClient::builder(TENANT)
        .endpoint(format!("https://localhost:{}", service.address.port()))
        .credentials(fixed::credentials())
}

#[tokio::test]
async fn a_root_of_ones_own_is_believed() -> Result {
    let (service, root) = service_named("localhost").await?;
    let client = client(&service).root_certificate(root).connect().await?;
    client.create_client_event(&event()).await?;
    let [seen] = &service.seen()[..] else { panic!("one call") };
    assert!(seen.headers.contains_key("authorization"));
    Ok(())
}

#[tokio::test]
async fn several_roots_add_up() -> Result {
    let (service, root) = service_named("localhost").await?;
    let (_, other) = service_named("localhost").await?;
    let client = client(&service).root_certificate(other).root_certificate(root).connect().await?;
    client.create_client_event(&event()).await?;
    Ok(())
}

/// Said in words, nothing was sent, and the event is kept.
async fn not_trusted(service: &Service, client: TalentClient, why: &str) {
    let error = client.create_client_event(&event()).await.unwrap_err();
    assert!(matches!(error, TrackError::Unavailable { .. }) && !error.may_have_arrived(), "{error:?}");
    assert!(error.to_string().contains(why), "{error}");
    assert!(!format!("{error} {error:?}").contains(fixed::TOKEN));
    assert!(service.seen().is_empty());
}

#[tokio::test]
async fn another_root_is_not() -> Result {
    let (service, _) = service_named("localhost").await?;
    let (_, other) = service_named("localhost").await?;
    not_trusted(&service, client(&service).root_certificate(other).connect().await?, "UnknownIssuer").await;
    Ok(())
}

#[tokio::test]
async fn another_name_is_not() -> Result {
    let (service, root) = service_named("jobs.example.com").await?;
    let client = client(&service).root_certificate(root).connect().await?;
    not_trusted(&service, client, "certificate not valid for name \"localhost\"").await;
    Ok(())
}

#[tokio::test]
async fn plaintext_is_not() -> Result {
    let service = Service::start(Then::Echo).await?;
    let (_, root) = service_named("localhost").await?;
    let client = client(&service).root_certificate(root).connect().await?;
    not_trusted(&service, client, "corrupt message").await;
    Ok(())
}

#[tokio::test]
async fn a_root_that_is_none_is_told() -> Result {
    let (service, root) = service_named("localhost").await?;
    let broken = root.replacen("MI", "!!", 1);
    let not_x509 = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    for (pem, said) in
        [("", "0 bytes without"), ("no PEM", "6 bytes without"), (&broken, "no PEM ("), (not_x509, "cannot be a root")]
    {
        let error = client(&service).root_certificate(pem).connect().await.unwrap_err();
        assert!(matches!(error, ConnectError::Invalid(_)), "{error:?}");
        let text = error.to_string();
        assert!(text.starts_with("`root_certificate`: expected ") && text.contains(said), "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn the_systems_roots_are_believed_and_are_needed() -> Result {
    const TEST: &str = "the_systems_roots_are_believed_and_are_needed";
    if let Some(endpoint) = child::argument() {
        let builder = TalentClient::builder(TENANT).endpoint(endpoint).credentials(fixed::credentials());
        match builder.connect().await {
            Ok(client) => println!("delivered {}", client.create_client_event(&event()).await?.event_id),
            Err(error @ ConnectError::NoSystemRoots(_)) => println!("refused: {error}"),
            Err(other) => return Err(other.into()),
        }
        return Ok(());
    }
    let (service, root) = service_named("localhost").await?;
    let endpoint = format!("https://localhost:{}", service.address.port());
    let home = tempfile::tempdir()?;
    let file = |name: &str| home.path().join(name).to_string_lossy().into_owned();
    std::fs::write(file("roots.pem"), root)?;

    let with = |roots: String| {
        let (endpoint, home) = (&endpoint, home.path());
        async move { child::run(module_path!(), TEST, endpoint, home, &[("SSL_CERT_FILE", &roots)]).await }
    };
    let said = with(file("roots.pem")).await?;
    assert!(said.contains("delivered "), "{said}");
    let said = with(file("none.pem")).await?;
    assert!(said.contains("refused: found no root certificates on this system"), "{said}");
    Ok(())
}
