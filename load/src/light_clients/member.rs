//! One member of one room: joins, writes when it is time to, and reads until it is dropped.

use super::ledger::{Ledger, Seen};
use super::plan::{LightClientPlan, SendRate, Stall};
use super::tally::{Tally, lock_ignoring_poison};
use crate::wire::{Connection, Dial, Frame, Frames, Kind, kind};
use anyhow::{Context, Result, bail, ensure};
use common::codec::{decode_server, encode_client};
use common::command::{Join, PostMessage};
use common::ids::{Epoch, Seq};
use common::reply::Joined;
use common::text::RoomName;
use common::{ClientFrame, ServerFrame};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Semaphore, watch};
use tokio::time::{Instant, sleep, sleep_until};

/// How often somebody who was closed comes back.
const RETURNS_MAX: usize = 8;

/// A timer may be late by this much on its own account: the server is not to pay for it.
const TIMER_SLOP: Duration = Duration::from_millis(2);

/// Messages of one writer on their way, beyond which the clock is not followed any more.
pub(super) const BACKLOG_MAX: usize = 20_000;

/// What members do now.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Phase {
    Gather,
    /// Every writer writes one message.
    Call,
    /// At this pace.
    Write(SendRate),
    Rest,
}

/// See the module.
pub(super) struct Member {
    pub(super) plan: Arc<LightClientPlan>,
    /// Counted through all rooms.
    pub(super) number: usize,
    pub(super) seat: usize,
    pub(super) room: RoomName,
    pub(super) writes: bool,
    pub(super) ledger: Arc<Mutex<Ledger>>,
    pub(super) tally: Arc<Tally>,
    /// So many may connect at once.
    pub(super) connect_permits: Arc<Semaphore>,
    pub(super) phase: watch::Receiver<Phase>,
}

impl Member {
    /// Lives until it is dropped; a failure is written down.
    pub(super) async fn run(self) {
        let tally = self.tally.clone();
        if let Err(error) = self.live().await {
            tally.failed(&error);
        }
    }

    async fn live(mut self) -> Result<()> {
        let stall = self.plan.stall(self.seat);
        let began = Instant::now();
        let (mut connection, epoch) = {
            let connect_permits = self.connect_permits.clone();
            let _permit = connect_permits.acquire().await?;
            let dialled = Instant::now();
            let entered = self.enter(None, stall.is_some()).await;
            let entered = entered.with_context(|| {
                let waited = began.elapsed().as_secs_f64();
                format!("joining as {} after {waited:.1} s", self.number)
            })?;
            self.tally.joined(dialled.elapsed());
            entered
        };
        if self.writes {
            return self.write_and_read(connection).await;
        }
        match stall {
            Some(stall) => self.stall_and_read(connection, epoch, stall).await,
            None => loop {
                self.read(&mut connection).await?;
            },
        }
    }

    /// Connects and joins; with `since`, behind what was read before.
    async fn enter(
        &self,
        since: Option<(Seq, Epoch)>,
        is_narrow: bool,
    ) -> Result<(Connection, Epoch)> {
        let dial = Dial {
            server: self.plan.server(self.seat)?,
            source: self.plan.source(self.number),
            is_narrow,
        };
        let mut connection = Connection::open(dial, &self.plan.name(self.number)).await?;
        let (since, epoch) = since.unzip();
        let join = ClientFrame::Join(Join {
            id: None,
            room: self.room.clone(),
            last: None,
            since,
            epoch,
        });
        connection.queue(&encode_client(&join))?;
        connection.flush().await?;
        let mut epoch = None;
        while epoch.is_none() {
            connection
                .frames(|frames| {
                    if let Some(joined) = self.take(frames)? {
                        epoch = Some(joined.epoch);
                    }
                    Ok(())
                })
                .await?;
        }
        Ok((connection, epoch.context("joined without an epoch")?))
    }

    async fn read(&self, connection: &mut Connection) -> Result<()> {
        connection
            .frames(|frames| self.take(frames).map(drop))
            .await
    }

    /// Writes down what has come.
    fn take(&self, frames: &mut Frames<'_>) -> Result<Option<Joined>> {
        let by_ack = matches!(self.plan.pace, SendRate::Acked(_));
        let (now, mut ledger, mut delivered) =
            (Instant::now(), lock_ignoring_poison(&self.ledger), 0);
        let mut joined = None;
        for frame in frames {
            let text = match frame {
                Frame::Text(text) => text,
                Frame::Closed(code) => bail!("the server closed the connection ({code:?})"),
                Frame::Other => continue,
            };
            match ledger.see(self.seat, text, by_ack) {
                Seen::Message { last_of } => {
                    delivered += 1;
                    if let Some(sent_at) = last_of {
                        self.tally.arrived(now.saturating_duration_since(sent_at));
                    }
                    continue;
                }
                Seen::Other => {}
            }
            match kind(text) {
                Kind::Ack => {
                    if let Some(sent_at) = ledger.acked(self.seat) {
                        self.tally.arrived(now.saturating_duration_since(sent_at));
                    }
                }
                Kind::Joined => {
                    let answer = read_joined(text)?;
                    if let Some(book) = &mut ledger.presence {
                        book.joined(now);
                    }
                    ledger.joined(self.seat, answer.after.0, answer.complete);
                    joined = Some(answer);
                }
                Kind::Refused => bail!("refused: {}", String::from_utf8_lossy(text)),
                Kind::Message | Kind::Other => {
                    if let Some(book) = &mut ledger.presence {
                        book.see(self.seat, text, now)?;
                    }
                }
            }
        }
        self.tally.delivered.fetch_add(delivered, Relaxed);
        Ok(joined)
    }

    async fn write_and_read(&mut self, mut connection: Connection) -> Result<()> {
        let arrived = lock_ignoring_poison(&self.ledger).arrived(self.seat);
        let (mut has_called, mut due, mut last) = (false, None, Phase::Gather);
        loop {
            let phase = *self.phase.borrow_and_update();
            if std::mem::replace(&mut last, phase) != phase {
                (has_called, due) = (false, None);
            }
            match phase {
                Phase::Gather | Phase::Rest => {}
                Phase::Call => {
                    if !std::mem::replace(&mut has_called, true) {
                        self.write(&mut connection, Instant::now())?;
                    }
                }
                Phase::Write(pace) => self.write_what_is_due(pace, &mut connection, &mut due)?,
            }
            connection.flush().await?;
            tokio::select! {
                result = self.read(&mut connection) => result?,
                () = arrived.notified() => {}
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {}
                changed = async { self.phase.clone().changed().await } => changed?,
            }
        }
    }

    /// Queues as many messages as the pace allows by now.
    fn write_what_is_due(
        &self,
        pace: SendRate,
        connection: &mut Connection,
        due: &mut Option<Instant>,
    ) -> Result<()> {
        let on_the_way = || lock_ignoring_poison(&self.ledger).on_the_way(self.seat);
        let interval = match pace {
            SendRate::Delivered(window) | SendRate::Acked(window) => {
                while on_the_way() < window {
                    self.write(connection, Instant::now())?;
                }
                return Ok(());
            }
            SendRate::Rate(rate) => self.plan.interval(rate),
        };
        let now = Instant::now();
        // They do not all write in the same moment.
        let share = u32::try_from(self.number).unwrap_or(0);
        let all = u32::try_from(self.plan.writers.max(1)).unwrap_or(1);
        let mut next = due.unwrap_or(now + interval * share / all);
        while next <= now {
            if on_the_way() >= BACKLOG_MAX {
                // What was due meanwhile is not made up for.
                self.tally.overrun.store(true, Relaxed);
                next = now + interval;
                break;
            }
            let is_late = now - next > TIMER_SLOP;
            self.write(connection, if is_late { next } else { now })?;
            next += interval;
        }
        *due = Some(next);
        Ok(())
    }

    fn write(&self, connection: &mut Connection, sent_at: Instant) -> Result<()> {
        let number = lock_ignoring_poison(&self.ledger).set_out(self.seat, sent_at);
        let asks = matches!(self.plan.pace, SendRate::Acked(_));
        let id = asks.then(|| number.to_string().parse()).transpose()?;
        let frame = ClientFrame::Message(PostMessage {
            id,
            room: self.room.clone(),
            content: Some(self.plan.words(self.seat, number)?),
            data: None,
        });
        connection.queue(&encode_client(&frame))
    }

    /// Reads, but for a while; whoever is closed for that comes back to where it left off.
    async fn stall_and_read(
        &mut self,
        mut connection: Connection,
        mut epoch: Epoch,
        stall: Stall,
    ) -> Result<()> {
        while !matches!(*self.phase.borrow_and_update(), Phase::Write(_)) {
            tokio::select! {
                result = self.read(&mut connection) => result?,
                changed = async { self.phase.clone().changed().await } => changed?,
            }
        }
        let mut until = std::pin::pin!(sleep(stall.after));
        loop {
            tokio::select! {
                result = self.read(&mut connection) => result?,
                () = until.as_mut() => break,
            }
        }
        sleep(stall.length).await;
        let mut returns = 0;
        loop {
            let Err(mut error) = self.read(&mut connection).await else {
                continue;
            };
            // In a room that keeps little it may be overtaken again before it has joined.
            (connection, epoch) = loop {
                ensure!(
                    returns < RETURNS_MAX,
                    "closed {RETURNS_MAX} times, the last time because: {error:#}"
                );
                returns += 1;
                self.tally.closed.fetch_add(1, Relaxed);
                let newest = lock_ignoring_poison(&self.ledger).newest(self.seat);
                match self.enter(Some((Seq(newest), epoch.clone())), false).await {
                    Ok(back) => break back,
                    Err(again) => error = again,
                }
            };
        }
    }
}

fn read_joined(text: &[u8]) -> Result<Joined> {
    match decode_server(std::str::from_utf8(text)?)? {
        ServerFrame::Joined(joined) => Ok(joined),
        _ => bail!("not `joined`: {}", String::from_utf8_lossy(text)),
    }
}
