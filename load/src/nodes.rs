//! Several nodes on PostgreSQL and Redis behind nginx, on this machine.

use crate::gate::Gate;
use crate::server::{Server, ServerPlan};
use anyhow::Result;
use services::{Durability, Nginx, Postgres, Redis};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// What the nodes share.
pub(crate) struct Backing {
    pub(crate) postgres: Vec<Arc<Postgres>>,
    pub(crate) redis: Arc<Redis>,
}

/// See the module. Dropping it ends it all.
pub(crate) struct Nodes {
    pub(crate) nodes: Vec<Server>,
    pub(crate) nginx: Nginx,
    /// Between each node and what it needs, where that was asked for.
    pub(crate) gates: Vec<Gate>,
}

impl Backing {
    /// So many PostgreSQL servers, synced as in operation, and a Redis.
    pub(crate) async fn start(databases: usize) -> Result<Self> {
        let mut postgres = Vec::new();
        for _ in 0..databases {
            let server = spawn_blocking(|| Postgres::start(Durability::Synced)).await??;
            postgres.push(Arc::new(server));
        }
        let redis = spawn_blocking(Redis::start).await??;
        Ok(Self {
            postgres,
            redis: Arc::new(redis),
        })
    }

    /// So many nodes on a fresh database of each server.
    pub(crate) async fn nodes(
        &self,
        folder: &Path,
        count: usize,
        plan: ServerPlan,
    ) -> Result<Nodes> {
        self.start_nodes(folder, count, plan, false).await
    }

    /// The same, each behind a gate of its own.
    pub(crate) async fn gated_nodes(
        &self,
        folder: &Path,
        count: usize,
        plan: ServerPlan,
    ) -> Result<Nodes> {
        self.start_nodes(folder, count, plan, true).await
    }

    async fn start_nodes(
        &self,
        folder: &Path,
        count: usize,
        plan: ServerPlan,
        is_gated: bool,
    ) -> Result<Nodes> {
        let urls = self.postgres.iter().map(|server| server.create_database());
        let urls = urls.collect::<Result<Vec<String>, _>>()?;
        let (mut nodes, mut gates) = (Vec::new(), Vec::new());
        for number in 0..count {
            let folder = folder.join(format!("node-{number}"));
            let (mut urls, mut redis) = (urls.clone(), self.redis.url());
            if is_gated {
                let mut gate = Gate::new();
                for url in urls.iter_mut().chain([&mut redis]) {
                    *url = gate.through(url).await?;
                }
                gates.push(gate);
            }
            nodes.push(Server::node(&folder, plan, &urls, &redis).await?);
        }
        let addresses: Vec<SocketAddr> = nodes.iter().map(Server::address).collect();
        let nginx = spawn_blocking(move || Nginx::start(&addresses)).await??;
        Ok(Nodes {
            nodes,
            nginx,
            gates,
        })
    }
}

impl Nodes {
    /// Where each node listens.
    pub(crate) fn addresses(&self) -> Vec<SocketAddr> {
        self.nodes.iter().map(Server::address).collect()
    }
}
