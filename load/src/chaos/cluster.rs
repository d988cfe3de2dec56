//! Three nodes on two PostgreSQL servers and Redis behind nginx, and how parts of that fail.

use crate::gate::Gate;
use crate::nodes::{Backing, Nodes};
use crate::rng::Rng;
use crate::server::{QUIET_MS, Server, ServerPlan};
use anyhow::{Context, Result, ensure};
use services::Postgres;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::spawn_blocking;

const NODES: usize = 3;
const DATABASES: usize = 2;

/// What fails, and comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Fault {
    /// A node is killed (-9).
    Kill(usize),
    /// A node does not run for a while (SIGSTOP), and then goes on.
    Freeze(usize),
    /// A node is restarted politely.
    Restart(usize),
    /// A node reaches neither PostgreSQL nor Redis.
    CutOff(usize),
    /// Redis is killed.
    Redis,
    /// A PostgreSQL server crashes.
    Postgres(usize),
}

impl Fault {
    fn any(rng: &mut Rng) -> Self {
        let node = rng.index(NODES);
        match rng.index(6) {
            0 => Self::Kill(node),
            1 => Self::Freeze(node),
            2 => Self::Restart(node),
            3 => Self::Redis,
            4 => Self::CutOff(node),
            _ => Self::Postgres(rng.index(DATABASES)),
        }
    }

    /// What it is called in a table, whichever part it hit.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Kill(_) => "node killed",
            Self::Freeze(_) => "node frozen",
            Self::Restart(_) => "node restarted",
            Self::CutOff(_) => "node cut off",
            Self::Redis => "Redis killed",
            Self::Postgres(_) => "PostgreSQL crashed",
        }
    }

    fn length(self, rng: &mut Rng) -> Duration {
        let ms = match self {
            Self::Freeze(_) | Self::CutOff(_) => rng.range(500, 6_000),
            Self::Restart(_) => 0,
            _ => rng.range(0, 1_000),
        };
        Duration::from_millis(ms)
    }
}

/// See the module. Dropping it ends it all.
pub(super) struct Cluster {
    nodes: Nodes,
    backing: Backing,
    /// What has failed and is not back.
    fault: Option<Fault>,
}

impl Cluster {
    pub(super) async fn start(folder: &Path, heartbeat_ms: u64) -> Result<Self> {
        ensure!(heartbeat_ms < QUIET_MS, "silence must be noticed");
        let backing = Backing::start(DATABASES).await?;
        let plan = ServerPlan::heartbeat(heartbeat_ms);
        Ok(Self {
            nodes: backing.gated_nodes(folder, NODES, plan).await?,
            backing,
            fault: None,
        })
    }

    /// Where clients come.
    pub(super) fn address(&self) -> SocketAddr {
        self.nodes.nginx.address()
    }

    /// Something fails. Returns for how long.
    pub(super) async fn fail(&mut self, rng: &mut Rng) -> Result<(Fault, Duration)> {
        let fault = Fault::any(rng);
        match fault {
            Fault::Kill(node) => self.node(node)?.kill().await?,
            Fault::Freeze(node) => self.node(node)?.freeze()?,
            Fault::Restart(node) => {
                let status = self.node(node)?.stop().await?;
                ensure!(status.success(), "a node ended badly ({status})");
            }
            Fault::CutOff(node) => self.gate(node)?.shut(),
            Fault::Redis => {
                let redis = Arc::clone(&self.backing.redis);
                spawn_blocking(move || redis.stop()).await??;
            }
            Fault::Postgres(number) => {
                let postgres = self.postgres(number)?;
                spawn_blocking(move || postgres.stop()).await??;
            }
        }
        self.fault = Some(fault);
        Ok((fault, fault.length(rng)))
    }

    /// What has failed comes back.
    pub(super) async fn recover(&mut self) -> Result<()> {
        match self.fault.take() {
            None => {}
            Some(Fault::Kill(node) | Fault::Restart(node)) => self.node(node)?.rise().await?,
            Some(Fault::Freeze(node)) => self.node(node)?.thaw()?,
            Some(Fault::CutOff(node)) => self.gate(node)?.open(),
            Some(Fault::Redis) => {
                let redis = Arc::clone(&self.backing.redis);
                spawn_blocking(move || redis.restart()).await??;
            }
            Some(Fault::Postgres(number)) => {
                let postgres = self.postgres(number)?;
                spawn_blocking(move || postgres.restart()).await??;
            }
        }
        Ok(())
    }

    /// All nodes end politely.
    pub(super) async fn stop(&mut self) -> Result<()> {
        for node in &mut self.nodes.nodes {
            let status = node.stop().await.context("after the run")?;
            ensure!(status.success(), "a node ended badly ({status})");
        }
        Ok(())
    }

    fn node(&mut self, number: usize) -> Result<&mut Server> {
        self.nodes
            .nodes
            .get_mut(number)
            .context("there is such a node")
    }

    fn gate(&self, number: usize) -> Result<&Gate> {
        self.nodes.gates.get(number).context("there is such a gate")
    }

    fn postgres(&self, number: usize) -> Result<Arc<Postgres>> {
        let server = self.backing.postgres.get(number).map(Arc::clone);
        server.context("there is such a server")
    }
}
