//! Encryption of connections to PostgreSQL, and whether the server must prove who it is.

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};
use rustls_platform_verifier::BuilderVerifierExt;
use std::path::PathBuf;
use std::sync::Arc;
use tokio_postgres_rustls::MakeRustlsConnect;

/// What an address asks for beyond what the driver understands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Verification {
    /// `sslmode=verify-full` (or `verify-ca`, which is taken for it): the certificate must be valid for
    /// the host. Otherwise, as in PostgreSQL's own library, encryption alone is asked for.
    is_required: bool,
    /// `sslrootcert`: a file of certificates to trust in place of the system's.
    roots: Option<PathBuf>,
}

impl Verification {
    /// Takes what is its own out of an address.
    pub(super) fn take_from(url: &str) -> (String, Self) {
        let mut found = Self::default();
        let Some((base, query)) = url.split_once('?') else {
            return (url.to_owned(), found);
        };
        let mut rest = Vec::new();
        for part in query.split('&') {
            match part.split_once('=') {
                Some(("sslmode", "verify-full" | "verify-ca")) => {
                    found.is_required = true;
                    rest.push("sslmode=require");
                }
                Some(("sslrootcert", path)) => found.roots = Some(path.into()),
                _ => rest.push(part),
            }
        }
        let query = rest.join("&");
        let separator = if query.is_empty() { "" } else { "?" };
        (format!("{base}{separator}{query}"), found)
    }

    /// What the driver uses for TLS.
    pub(super) fn connector(&self) -> Result<MakeRustlsConnect, String> {
        let provider = Arc::new(aws_lc_rs::default_provider());
        let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?;
        let builder = match (&self.roots, self.is_required) {
            (_, false) => builder
                .dangerous()
                .with_custom_certificate_verifier(Arc::new(EncryptOnly(provider))),
            (None, true) => builder
                .with_platform_verifier()
                .map_err(|error| error.to_string())?,
            (Some(path), true) => {
                let failed = |error| format!("sslrootcert {}: {error}", path.display());
                let mut roots = RootCertStore::empty();
                for certificate in CertificateDer::pem_file_iter(path)
                    .map_err(|error| failed(error.to_string()))?
                {
                    let certificate = certificate.map_err(|error| failed(error.to_string()))?;
                    roots
                        .add(certificate)
                        .map_err(|error| failed(error.to_string()))?;
                }
                builder.with_root_certificates(roots)
            }
        };
        Ok(MakeRustlsConnect::new(builder.with_no_client_auth()))
    }
}

/// Accepts any certificate: `sslmode=prefer` and `require` protect against listeners, not against
/// somebody who answers in the server's place.
#[derive(Debug)]
struct EncryptOnly(Arc<CryptoProvider>);

impl ServerCertVerifier for EncryptOnly {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signed, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signed, known)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_driver_does_not_understand_is_taken_out_of_the_address() {
        for (url, rest, is_required, roots) in [
            ("postgres://h/d", "postgres://h/d", false, None),
            (
                "postgres://h/d?sslmode=require",
                "postgres://h/d?sslmode=require",
                false,
                None,
            ),
            (
                "postgres://h/d?sslmode=verify-full&sslrootcert=/ca.pem&connect_timeout=3",
                "postgres://h/d?sslmode=require&connect_timeout=3",
                true,
                Some("/ca.pem"),
            ),
            (
                "postgres://h/d?sslrootcert=/ca.pem",
                "postgres://h/d",
                false,
                Some("/ca.pem"),
            ),
        ] {
            let expected = Verification {
                is_required,
                roots: roots.map(PathBuf::from),
            };
            let taken = Verification::take_from(url);
            assert_eq!(taken, (rest.to_owned(), expected), "{url}");
        }
    }
}
