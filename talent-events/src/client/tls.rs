//! TLS: the crypto provider and the trusted certificate authorities.

use http::Uri;
use rustls::RootCertStore;
use rustls::crypto::CryptoProvider;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject;
use std::time::Duration;
use tonic::transport::{ClientTlsConfig, Endpoint};

use crate::InvalidField;

use super::causes::root_cause;
use super::error::ConnectError;

/// A handshake that takes longer fails.
const HANDSHAKE_TIMEOUT: Duration = Duration::from_secs(10);

/// Checks that there is a crypto provider. With the feature `tls-aws-lc`, tonic and google-cloud-auth bring their own.
/// Without it they use the program's, and panic if there is none.
pub(super) fn check_provider() -> Result<(), ConnectError> {
    if cfg!(feature = "tls-aws-lc") || CryptoProvider::get_default().is_some() {
        Ok(())
    } else {
        Err(ConnectError::NoCryptoProvider)
    }
}

/// The certificate authorities that this system trusts, at least one.
pub(super) fn system_roots() -> Result<RootCertStore, ConnectError> {
    let found = rustls_native_certs::load_native_certs();
    let mut roots = RootCertStore::empty();
    // One unreadable certificate must not cost the others.
    roots.add_parsable_certificates(found.certs);
    if roots.is_empty() {
        return Err(ConnectError::NoSystemRoots(found.errors.first().map(ToString::to_string)));
    }
    Ok(roots)
}

/// The certificate authorities in these PEMs. Each PEM must hold at least one, and all must be readable.
pub(super) fn own_roots(pems: &[Vec<u8>]) -> Result<RootCertStore, ConnectError> {
    let wrong = |found: String| InvalidField::new("root_certificate", found, "PEM with one or more CERTIFICATE blocks");
    let mut roots = RootCertStore::empty();
    for pem in pems {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|e| wrong(format!("text that is no PEM ({e})")))?;
            roots.add(certificate).map_err(|e| wrong(format!("a certificate that cannot be a root ({e})")))?;
        }
        if roots.len() == before {
            return Err(wrong(format!("{} bytes without a CERTIFICATE block", pem.len())).into());
        }
    }
    Ok(roots)
}

/// The endpoint over TLS, with these roots.
pub(super) fn secure(endpoint: Endpoint, roots: RootCertStore, uri: &Uri) -> Result<Endpoint, ConnectError> {
    let config = ClientTlsConfig::new().trust_anchors(roots.roots).timeout(HANDSHAKE_TIMEOUT);
    endpoint.tls_config(config).map_err(|e| ConnectError::Tls(format!("{} for {uri}", root_cause(&e))))
}
