//! One database: a pool of connections to it.
//!
//! Connections are driven by the store's own runtime, so that they outlive whichever worker asked for
//! them first, and can be used from every thread.

use super::OpenError;
use super::epoch;
use super::sql::{LIMITS, execute};
use super::tls::Verification;
use crate::clock::RandomSource;
use crate::store::StoreError;
use deadpool_postgres::{
    Client, Connect, Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolConfig,
    RecyclingMethod, Runtime, Timeouts, Transaction,
};
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio_postgres::config::{Host, TargetSessionAttrs};
use tokio_postgres_rustls::MakeRustlsConnect;

/// How long a connection may take to be made.
const CONNECT_MAX: Duration = Duration::from_secs(3);

/// How long a request waits for a connection of the pool.
const WAIT_MAX: Duration = Duration::from_secs(5);

/// A peer that acknowledges nothing for this long is gone: RFC 5482.
const SILENT_MAX: Duration = Duration::from_secs(8);

/// The lock that transactions take that must not overlap; see [`Database::exclusive`].
const EXCLUSIVE: i64 = 0x6875_6262_7562_0001;

/// See the module.
pub(super) struct Database {
    pool: Pool,
    /// Hosts, ports and name, for messages.
    name: String,
}

impl Database {
    /// A pool of up to `connections`; none is made yet.
    pub(super) fn new(
        url: &str,
        connections: usize,
        runtime: Handle,
        random: Arc<dyn RandomSource>,
    ) -> Result<Self, OpenError> {
        let (url, verification) = Verification::take_from(url);
        let mut config: tokio_postgres::Config =
            url.parse().map_err(|error| OpenError::address(&error))?;
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(CONNECT_MAX);
        }
        config.tcp_user_timeout(SILENT_MAX);
        config.keepalives_idle(SILENT_MAX);
        // Of several hosts, the one that takes writes.
        config.target_session_attrs(TargetSessionAttrs::ReadWrite);
        if config.get_application_name().is_none() {
            config.application_name("hubbub");
        }
        let name = name_of(&config);
        let tls = verification.connector().map_err(OpenError::Tls)?;
        let connect = OnRuntime { runtime, tls };
        let recycling_method = RecyclingMethod::Fast;
        let manager = Manager::from_connect(config, connect, ManagerConfig { recycling_method });
        let check_timeline = Hook::async_fn(move |client, _| {
            let random = Arc::clone(&random);
            Box::pin(async move {
                let checked = epoch::check_timeline(client, &*random).await;
                checked.map_err(|error| HookError::message(error.to_string()))
            })
        });
        let pool = Pool::builder(manager)
            .config(PoolConfig {
                timeouts: Timeouts {
                    wait: Some(WAIT_MAX),
                    create: Some(CONNECT_MAX),
                    recycle: Some(CONNECT_MAX),
                },
                ..PoolConfig::new(connections)
            })
            .runtime(Runtime::Tokio1)
            .post_create(check_timeline)
            .build()
            .map_err(|error| OpenError::Tls(error.to_string()))?;
        Ok(Self { pool, name })
    }

    /// Says which database it is that cannot be used.
    pub(super) fn unreachable(&self, reason: StoreError) -> OpenError {
        let database = self.name.clone();
        OpenError::Unreachable { database, reason }
    }

    /// A connection of the pool.
    pub(super) async fn client(&self) -> Result<Client, StoreError> {
        Ok(self.pool.get().await?)
    }

    /// A connection that is closed, and not returned to the pool, unless [`Lease::done`] is called.
    pub(super) async fn lease(&self) -> Result<Lease, StoreError> {
        Ok(Lease(Some(self.pool.get().await?)))
    }
}

/// Such as `db1:5432,db2:5432/hubbub`; no user and no password.
fn name_of(config: &tokio_postgres::Config) -> String {
    let ports = config.get_ports();
    let hosts = config.get_hosts().iter().enumerate().map(|(number, host)| {
        let port = ports.get(number).or(ports.first()).copied();
        let host = match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        };
        format!("{host}:{}", port.unwrap_or(5432))
    });
    let hosts: Vec<String> = hosts.collect();
    format!(
        "{}/{}",
        hosts.join(","),
        config.get_dbname().unwrap_or_default()
    )
}

/// Begins a transaction that overlaps with no other one of this kind, on any node: what they decide by
/// reading stays true until they have written. Invalidations are written by these alone, so that their
/// numbers become visible in order.
pub(super) async fn exclusive(client: &mut Client) -> Result<Transaction<'_>, StoreError> {
    let step = client.transaction().await?;
    step.batch_execute(LIMITS).await?;
    execute(&step, "SELECT pg_advisory_xact_lock($1)", &[&EXCLUSIVE]).await?;
    Ok(step)
}

/// See [`Database::lease`].
pub(super) struct Lease(Option<Client>);

impl Lease {
    /// No transaction is open: the connection can be used by others.
    pub(super) fn done(mut self) {
        drop(self.0.take());
    }

    pub(super) fn client(&self) -> Result<&Client, StoreError> {
        self.0.as_ref().ok_or(StoreError::Closed)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // The server ends the transaction with the connection.
        drop(self.0.take().map(Object::take));
    }
}

/// Makes connections on the store's runtime.
struct OnRuntime {
    runtime: Handle,
    tls: MakeRustlsConnect,
}

type Connected = (tokio_postgres::Client, JoinHandle<()>);

impl Connect for OnRuntime {
    fn connect(
        &self,
        config: &tokio_postgres::Config,
    ) -> BoxFuture<'_, Result<Connected, tokio_postgres::Error>> {
        let (config, tls, runtime) = (config.clone(), self.tls.clone(), self.runtime.clone());
        let driver = runtime.clone();
        let connecting = self.runtime.spawn(async move {
            let (client, connection) = config.connect(tls).await?;
            let task = driver.spawn(async move {
                if let Err(error) = connection.await {
                    tracing::debug!(%error, "a connection to PostgreSQL has ended");
                }
            });
            Ok((client, task))
        });
        Box::pin(async move {
            match connecting.await {
                Ok(connected) => connected,
                // The runtime ends with the store, and nothing is asked of it any more.
                Err(_) => std::future::pending().await,
            }
        })
    }
}
