//! The application state that every request is served with.

use super::cookies::Cookies;
use super::error::HttpError;
use super::host::Hosts;
use crate::audit::Audit;
use crate::auth::{Accounts, Guests};
use crate::cluster::Cluster;
use crate::hub::Hub;
use crate::invalidation::Invalidations;
use crate::limits::{Limits, Proxies};
use crate::session::SessionConfig;
use crate::store::health::StoreHealth;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// What handlers are given.
#[derive(Clone)]
pub struct AppState {
    /// The hub.
    pub hub: Arc<Hub>,
    /// The other nodes.
    pub cluster: Arc<Cluster>,
    /// What has changed, and when it has taken effect.
    pub invalidations: Invalidations,
    /// Who is who.
    pub guests: Guests,
    /// Who has an account, and who a key.
    pub accounts: Arc<Accounts>,
    /// Where it is noted who did what.
    pub audit: Arc<Audit>,
    /// How cookies are written.
    pub cookies: Cookies,
    /// What sessions are told.
    pub session: Arc<SessionConfig>,
    /// Whether the store works.
    pub store_health: Arc<StoreHealth>,
    /// What a user and an address may cost.
    pub limits: Arc<Limits>,
    /// Whom to believe where a request comes from.
    pub proxies: Arc<Proxies>,
    /// For which hosts it answers.
    pub hosts: Arc<Hosts>,
    /// Origins other than the own that may connect.
    pub allowed_origins: Arc<[String]>,
    /// Cancelled when the node goes away.
    pub shutdown: CancellationToken,
    /// The running sessions.
    pub sessions: TaskTracker,
}

impl AppState {
    /// 64 random bits, or the answer to a request that cannot be served without.
    ///
    /// # Errors
    /// The operating system gives none.
    pub fn random(&self) -> Result<u64, HttpError> {
        let bits = self.hub.environment.random.bits();
        bits.map_err(|error| HttpError::internal(&error))
    }
}
