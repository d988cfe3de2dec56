//! A gate between a node and what it needs: while it is shut, nothing passes, and nobody is told.

use anyhow::{Context, Result};
use std::net::{Ipv4Addr, SocketAddr};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// See the module. Dropping it ends all connections.
pub(crate) struct Gate {
    is_shut: watch::Sender<bool>,
    listeners: JoinSet<()>,
}

impl Gate {
    pub(crate) fn new() -> Self {
        Self {
            is_shut: watch::Sender::new(false),
            listeners: JoinSet::new(),
        }
    }

    /// The same address (`scheme://user@127.0.0.1:PORT/…`) through this gate.
    pub(crate) async fn through(&mut self, url: &str) -> Result<String> {
        let (before, rest) = url.split_once("127.0.0.1:").context("a loopback address")?;
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (port, after) = rest.split_at(digits);
        let target = SocketAddr::from((Ipv4Addr::LOCALHOST, port.parse()?));
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let own = listener.local_addr()?.port();
        let is_shut = self.is_shut.subscribe();
        self.listeners.spawn(forward(listener, target, is_shut));
        Ok(format!("{before}127.0.0.1:{own}{after}"))
    }

    /// From now on nothing passes.
    pub(crate) fn shut(&self) {
        self.is_shut.send_replace(true);
    }

    /// New connections pass; those of before are closed.
    pub(crate) fn open(&self) {
        self.is_shut.send_replace(false);
    }
}

async fn forward(listener: TcpListener, target: SocketAddr, is_shut: watch::Receiver<bool>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        connections.spawn(forward_one(client, target, is_shut.clone()));
        while connections.try_join_next().is_some() {}
    }
}

async fn forward_one(
    mut client: TcpStream,
    target: SocketAddr,
    mut is_shut: watch::Receiver<bool>,
) {
    // Accepted by the system's queue, and then nothing.
    if is_shut.wait_for(|is_shut| !is_shut).await.is_err() {
        return;
    }
    let Ok(mut server) = TcpStream::connect(target).await else {
        return;
    };
    let is_over = tokio::select! {
        // However it ends, both ends are closed.
        _ = copy_bidirectional(&mut client, &mut server) => true,
        shut = is_shut.wait_for(|is_shut| *is_shut) => shut.is_err(),
    };
    if !is_over {
        // Open but silent, until the gate opens again.
        drop(is_shut.wait_for(|is_shut| !is_shut).await);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    #[tokio::test]
    async fn what_is_sent_through_a_shut_gate_goes_nowhere_and_later_connections_pass() {
        let echo = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let port = echo.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((mut socket, _)) = echo.accept().await {
                tokio::spawn(async move {
                    let (mut from, mut to) = socket.split();
                    drop(tokio::io::copy(&mut from, &mut to).await);
                });
            }
        });
        let mut gate = Gate::new();
        let url = format!("redis://127.0.0.1:{port}/x");
        let through = gate.through(&url).await.unwrap();
        assert!(through.starts_with("redis://127.0.0.1:") && through.ends_with("/x"));
        assert_ne!(through, url);
        let address = through.strip_prefix("redis://").unwrap();
        let address = address.strip_suffix("/x").unwrap().to_owned();
        let mut before = TcpStream::connect(&address).await.unwrap();
        let mut byte = [0];
        before.write_all(b"a").await.unwrap();
        before.read_exact(&mut byte).await.unwrap();
        gate.shut();
        let mut during = TcpStream::connect(&address).await.unwrap();
        before.write_all(b"b").await.unwrap();
        during.write_all(b"c").await.unwrap();
        gate.open();
        // What had begun before is over, without an answer.
        assert_ne!(before.read(&mut byte).await.ok(), Some(1));
        during.read_exact(&mut byte).await.unwrap();
        assert_eq!(byte, *b"c");
    }
}
