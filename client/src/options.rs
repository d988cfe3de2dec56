//! Options of a client.

use crate::target::{Address, AddressError, Identity};
use crate::tls::Connector;
use common::client::{Config, OutboxEntry};
use common::text::{TextError, UserName};
use common::token::{BadToken, Token};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A token that replaces one that runs out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FreshToken {
    /// The token.
    pub token: Token,
    /// How long it holds; `None` where that is not known. The server says in time when it runs out.
    pub valid_for: Option<Duration>,
}

/// Why there is no new token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RefreshError {
    /// Not now: the client asks again, with growing pauses.
    #[error("no token is to be had now")]
    TryLater,
    /// Never again: the client ends with [`StopReason::SignInEnded`](crate::StopReason::SignInEnded).
    #[error("the sign-in has ended")]
    Ended,
}

pub(crate) type Refreshing = Pin<Box<dyn Future<Output = Result<FreshToken, RefreshError>> + Send>>;
pub(crate) type Refresh = Arc<dyn Fn() -> Refreshing + Send + Sync>;
pub(crate) type OnRefused = Arc<dyn Fn(&OutboxEntry) + Send + Sync>;

/// How a client is made. See each method for what holds where it is not called.
#[derive(Clone)]
pub struct Options {
    pub(crate) address: Address,
    pub(crate) identity: Identity,
    pub(crate) refresh: Option<Refresh>,
    pub(crate) on_refused: Option<OnRefused>,
    pub(crate) outbox: Option<PathBuf>,
    pub(crate) events_max: usize,
    pub(crate) connector: Connector,
    pub(crate) config: Config,
}

impl Options {
    /// A client of this server, for example `ws://127.0.0.1:8080` or `wss://hub.example/chat`.
    ///
    /// # Errors
    /// If this is not the address of a server.
    pub fn new(address: &str) -> Result<Self, AddressError> {
        Ok(Self {
            address: address.parse()?,
            identity: Identity::Anonymous,
            refresh: None,
            on_refused: None,
            outbox: None,
            events_max: 1024,
            connector: Connector::default(),
            config: Config {
                announcements_last: 0,
                ..Config::default()
            },
        })
    }

    /// Connects under this name, without a proof: every program that says it is the same user, and
    /// the server must allow guests. Where neither this nor a token is given, the server gives a
    /// name, another one for each connection.
    ///
    /// # Errors
    /// If this is not a user's name.
    pub fn name(mut self, name: &str) -> Result<Self, TextError> {
        let name: UserName = name.parse()?;
        self.identity = Identity::Name(name);
        Ok(self)
    }

    /// Connects with an API key, an access token, or a token that the server is configured to
    /// accept.
    ///
    /// # Errors
    /// If this is no token.
    pub fn token(mut self, token: &str) -> Result<Self, BadToken> {
        self.identity = Identity::Token(token.parse()?);
        Ok(self)
    }

    /// Gets a new token whenever the present one is about to run out. Without it, the client ends
    /// then.
    #[must_use]
    pub fn refresh<F, R>(mut self, refresh: F) -> Self
    where
        F: Fn() -> R + Send + Sync + 'static,
        R: Future<Output = Result<FreshToken, RefreshError>> + Send + 'static,
    {
        self.refresh = Some(Arc::new(move || Box::pin(refresh())));
        self
    }

    /// Keeps what is unsent in this file, so that it outlives the program. Its folder must exist, and
    /// one client at a time can use it. Needs a name or a token: a guest whose name the server chooses
    /// is another user in the next life. Without it, what is unsent is lost with the program.
    #[must_use]
    pub fn outbox(mut self, path: impl Into<PathBuf>) -> Self {
        self.outbox = Some(path.into());
        self
    }

    /// Is told of every message and change that the server has refused for good and that nobody
    /// waits for, because an earlier life of the program has sent it, or because the
    /// [`Sending`](crate::Sending) was dropped. Without it, a warning is logged.
    #[must_use]
    pub fn on_refused(mut self, told: impl Fn(&OutboxEntry) + Send + Sync + 'static) -> Self {
        self.on_refused = Some(Arc::new(told));
        self
    }

    /// Events of one room that wait in memory for a program that is slower than they come; 1,024
    /// where this is not called, 2 at least. More wait in the server's log.
    #[must_use]
    pub fn events_max(mut self, count: usize) -> Self {
        self.events_max = count;
        self
    }

    /// Uses this configuration of TLS. Without it, the system's certificates decide whom to trust.
    #[cfg(feature = "tls")]
    #[must_use]
    pub fn tls(mut self, config: Arc<rustls::ClientConfig>) -> Self {
        self.connector = Connector(Some(config));
        self
    }

    /// Changes the time limits and bounds of the client core.
    #[must_use]
    pub fn config(mut self, change: impl FnOnce(&mut Config)) -> Self {
        change(&mut self.config);
        self
    }
}

impl std::fmt::Debug for Options {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options")
            .field("address", &self.address)
            .field("identity", &self.identity)
            .field("outbox", &self.outbox)
            .finish_non_exhaustive()
    }
}
