//! `wss://`, as behind a proxy that ends TLS.
#![cfg(feature = "tls")]

use crate::support::{Server, soon, until};
use hubbub_client::{Client, Options, Status};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use rustls::pki_types::PrivateKeyDer;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use std::net::SocketAddr;
use std::sync::Arc;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// Takes TLS off what comes, and hands it to the server. Gives its port.
async fn proxy(server: SocketAddr, certified: &CertifiedKey<rcgen::KeyPair>) -> u16 {
    let key = PrivateKeyDer::try_from(certified.signing_key.serialize_der()).unwrap();
    let certificates = vec![certified.cert.der().clone()];
    let config = ServerConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(certificates, key)
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut inner) = acceptor.accept(stream).await else {
                    return;
                };
                let mut outer = TcpStream::connect(server).await.unwrap();
                let _ = tokio::io::copy_bidirectional(&mut inner, &mut outer).await;
            });
        }
    });
    port
}

fn provider() -> Arc<rustls::crypto::CryptoProvider> {
    Arc::new(rustls::crypto::aws_lc_rs::default_provider())
}

#[tokio::test]
async fn a_server_is_reached_by_tls_if_its_certificate_is_trusted() {
    let certified = generate_simple_self_signed(vec!["localhost".to_owned()]).unwrap();
    // As behind nginx, which passes the name on that the browser asked for.
    let server = Server::start().await;
    let port = proxy(server.address, &certified).await;
    let mut roots = RootCertStore::empty();
    roots.add(certified.cert.der().clone()).unwrap();
    let config = ClientConfig::builder_with_provider(provider())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let options = Options::new(&format!("wss://localhost:{port}")).unwrap();
    let options = options.name("ada").unwrap();
    let client = Client::start(options.clone().tls(Arc::new(config))).unwrap();
    until(&client, |status| *status == Status::Live).await;
    let stored = soon(client.room(&"general".parse().unwrap()).send("hello")).await;
    assert_eq!(stored.unwrap().seq.unwrap().0, 1);
    // The system does not know this certificate.
    let client = Client::start(options).unwrap();
    until(&client, |status| matches!(status, Status::Retrying { .. })).await;
}
