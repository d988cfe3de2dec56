//! The members of the rooms that are measured: some write, each with one message under way, and
//! all read.

use super::frames::{Connection, Kind};
use anyhow::{Context, Result, bail};
use common::ClientFrame;
use common::codec::encode_client;
use common::command::{Join, PostMessage};
use common::ids::RequestId;
use common::text::RoomName;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::watch;
use tokio::time::Instant;

/// What all members of a level have done.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) joined: AtomicU64,
    pub(super) sent: AtomicU64,
    pub(super) acked: AtomicU64,
    pub(super) delivered: AtomicU64,
    pub(super) failed: AtomicU64,
    /// The first failure in words.
    failure: Mutex<Option<String>>,
    /// Times to ack are kept only while this is on.
    pub(super) measuring: AtomicBool,
    times: Mutex<Vec<Duration>>,
}

impl Tally {
    /// The times to ack that were measured, shortest first.
    pub(super) fn take_times(&self) -> Vec<Duration> {
        let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
        let mut times = std::mem::take(&mut *times);
        times.sort_unstable();
        times
    }

    /// An error, where a member has failed.
    pub(super) fn check(&self) -> Result<()> {
        let failed = self.failed.load(Relaxed);
        if failed == 0 {
            return Ok(());
        }
        let failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        bail!(
            "{failed} members failed: {}",
            failure.as_deref().unwrap_or_default()
        )
    }

    fn acked(&self, took: Duration) {
        self.acked.fetch_add(1, Relaxed);
        if self.measuring.load(Relaxed) {
            let mut times = self.times.lock().unwrap_or_else(PoisonError::into_inner);
            times.push(took);
        }
    }

    fn failed(&self, error: &anyhow::Error) {
        self.failed.fetch_add(1, Relaxed);
        let mut failure = self.failure.lock().unwrap_or_else(PoisonError::into_inner);
        failure.get_or_insert_with(|| format!("{error:#}"));
    }
}

/// Whether members write now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Phase {
    Gather,
    Write,
    Rest,
}

/// One member of one room.
pub(super) struct Member {
    pub(super) server: SocketAddr,
    pub(super) name: String,
    pub(super) room: RoomName,
    pub(super) writes: bool,
    /// Bytes of `content` in each message.
    pub(super) bytes: usize,
}

impl Member {
    /// Joins, writes while it is time to, and reads until it is dropped.
    pub(super) async fn run(self, tally: &Tally, phase: watch::Receiver<Phase>) {
        if let Err(error) = self.live(tally, phase).await {
            tally.failed(&error);
        }
    }

    async fn live(&self, tally: &Tally, mut phase: watch::Receiver<Phase>) -> Result<()> {
        let mut connection = Connection::open(self.server, &self.name).await?;
        let join = ClientFrame::Join(Join {
            id: None,
            room: self.room.clone(),
            last: None,
            since: None,
            epoch: None,
        });
        connection.send(&encode_client(&join)).await?;
        while connection.next().await? != Kind::Joined {}
        tally.joined.fetch_add(1, Relaxed);
        let mut number = 0;
        let mut sent_at = None;
        loop {
            let now = *phase.borrow_and_update();
            if self.writes && sent_at.is_none() && now == Phase::Write {
                number += 1;
                sent_at = Some(Instant::now());
                tally.sent.fetch_add(1, Relaxed);
                connection.send(&self.message(number)?).await?;
            }
            let kind = tokio::select! {
                kind = connection.next() => kind?,
                changed = phase.changed() => {
                    changed?;
                    continue;
                }
            };
            match kind {
                Kind::Message => {
                    tally.delivered.fetch_add(1, Relaxed);
                }
                Kind::Ack => {
                    if let Some(sent_at) = sent_at.take() {
                        tally.acked(sent_at.elapsed());
                    }
                }
                Kind::Refused => bail!("a message was refused"),
                Kind::Closed => bail!("the server closed the connection"),
                Kind::Joined | Kind::Other => {}
            }
        }
    }

    fn message(&self, number: u64) -> Result<String> {
        let frame = ClientFrame::Message(PostMessage {
            id: Some(RequestId::from_random(number)),
            room: self.room.clone(),
            content: Some("x".repeat(self.bytes).parse().context("making words")?),
            data: None,
        });
        Ok(encode_client(&frame))
    }
}
