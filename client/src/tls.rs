//! The transport below the WebSocket: TCP, or TLS where the address requires it.

#[cfg(feature = "tls")]
pub(crate) use with_tls::{Connector, Transport};

#[cfg(not(feature = "tls"))]
pub(crate) use without_tls::{Connector, Transport};

#[cfg(feature = "tls")]
mod with_tls {
    use crate::target::Address;
    use rustls::ClientConfig;
    use rustls::pki_types::ServerName;
    use std::io;
    use std::sync::Arc;
    use tokio::net::TcpStream;
    use tokio_rustls::TlsConnector;
    use tokio_rustls::client::TlsStream;
    use tokio_util::either::Either;

    pub(crate) type Transport = Either<TcpStream, Box<TlsStream<TcpStream>>>;

    /// The configuration of TLS; without one, the system's certificates decide.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Connector(pub(crate) Option<Arc<ClientConfig>>);

    impl Connector {
        pub(crate) async fn wrap(
            &self,
            address: &Address,
            tcp: TcpStream,
        ) -> io::Result<Transport> {
            if !address.secure {
                return Ok(Either::Left(tcp));
            }
            let config = match &self.0 {
                Some(config) => Arc::clone(config),
                None => Arc::new(system_config()?),
            };
            let name = ServerName::try_from(address.bare_host().to_owned());
            let name = name.map_err(io::Error::other)?;
            let stream = TlsConnector::from(config).connect(name, tcp).await?;
            Ok(Either::Right(Box::new(stream)))
        }
    }

    fn system_config() -> io::Result<ClientConfig> {
        let provider = Arc::new(rustls::crypto::aws_lc_rs::default_provider());
        let verifier = rustls_platform_verifier::Verifier::new(Arc::clone(&provider));
        let builder = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(io::Error::other)?;
        let verifier = Arc::new(verifier.map_err(io::Error::other)?);
        Ok(builder
            .dangerous()
            .with_custom_certificate_verifier(verifier)
            .with_no_client_auth())
    }
}

#[cfg(not(feature = "tls"))]
mod without_tls {
    use crate::target::Address;
    use std::io;
    use tokio::net::TcpStream;

    pub(crate) type Transport = TcpStream;

    /// Nothing to configure.
    #[derive(Debug, Clone, Default)]
    pub(crate) struct Connector(());

    impl Connector {
        #[expect(clippy::unused_async, reason = "as with TLS")]
        pub(crate) async fn wrap(
            &self,
            _address: &Address,
            tcp: TcpStream,
        ) -> io::Result<Transport> {
            Ok(tcp)
        }
    }
}
