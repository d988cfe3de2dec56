//! Rooms full of light clients that write, read and keep a book: what all scenarios but those of
//! the client core are made of. One small task for each client, all on one thread.

mod ledger;
mod member;
mod plan;
mod presence;
mod presence_checks;
mod talk;
mod tally;

pub(crate) use ledger::Faults;
pub(crate) use plan::{LightClientPlan, SendRate, Stall};
pub(crate) use presence::PresenceReceived;
pub(crate) use talk::Talk;

use crate::clock::wait_until;
use crate::progress::Progress;
use crate::report::Case;
use crate::server::Server;
use crate::times::{Times, per_second};
use anyhow::{Context, Result, ensure};
use ledger::Ledger;
use member::{BACKLOG_MAX, Member, Phase};
use presence::PresenceBook;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use talk::{CounterSnapshot, rss_mib};
use tally::{Tally, lock_ignoring_poison};
use tokio::sync::{Semaphore, watch};
use tokio::task::{AbortHandle, JoinSet};
use tokio::time::{Instant, sleep};

/// For everybody to join.
const GATHER_MAX: Duration = Duration::from_secs(120);

/// For the last deliveries to come.
const SETTLE_MAX: Duration = Duration::from_secs(30);

/// Before the measuring begins.
const WARM_UP: Duration = Duration::from_secs(1);

/// Between two looks at the server's memory.
const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Everybody in their rooms. Dropping it closes all connections without a word.
pub(crate) struct LightClients {
    plan: Arc<LightClientPlan>,
    ledgers: Vec<Arc<Mutex<Ledger>>>,
    tally: Arc<Tally>,
    phase: watch::Sender<Phase>,
    /// By number, to end some before the others.
    tasks: Vec<AbortHandle>,
    _members: JoinSet<()>,
}

/// What the books say in the end.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Ledgers {
    pub(crate) faults: Faults,
    /// Of those who stalled.
    pub(crate) stalled: Faults,
    /// Connections that the server closed, because they had stalled.
    pub(crate) closed: u64,
    pub(crate) unacked: u64,
}

impl LightClients {
    /// Connects the clients, lets them write for `time`, and waits for the last deliveries.
    pub(crate) async fn run(
        plan: LightClientPlan,
        servers: &[Server],
        time: Duration,
        progress: &mut Progress,
    ) -> Result<(Talk, Ledgers)> {
        let clients = Self::gather(plan, progress).await?;
        let talk = clients
            .talk(clients.plan.pace, servers, time, progress)
            .await?;
        ensure!(
            !talk.overrun,
            "the server is {BACKLOG_MAX} messages of one writer behind this rate"
        );
        let books = clients.settle(progress).await?;
        // Where every message under way was lost, nothing goes on; then the books say why.
        ensure!(
            !talk.times.is_empty() || !books.are_sound(),
            "no message arrived while it was measured"
        );
        Ok((talk, books))
    }

    /// Opens all connections; returns when everybody has joined.
    pub(crate) async fn gather(plan: LightClientPlan, progress: &mut Progress) -> Result<Self> {
        let mut clients = Self {
            ledgers: Vec::new(),
            tally: Arc::default(),
            phase: watch::Sender::new(Phase::Gather),
            tasks: Vec::new(),
            _members: JoinSet::new(),
            plan: Arc::new(plan),
        };
        for room in 0..clients.plan.rooms {
            let writers = clients.plan.writers_in(room);
            let mut ledger = Ledger::new(&clients.plan.room(room)?, clients.plan.members, writers);
            if clients.plan.watches_presence {
                ledger.presence = Some(PresenceBook::new(clients.plan.members));
            }
            clients.ledgers.push(Arc::new(Mutex::new(ledger)));
        }
        let connect_permits = Arc::new(Semaphore::new(clients.plan.at_once));
        for number in 0..clients.plan.people() {
            let member = clients.member(number, connect_permits.clone())?;
            let task = clients._members.spawn(member.run());
            clients.tasks.push(task);
        }
        let everybody = u64::try_from(clients.plan.people())?;
        let tally = clients.tally.clone();
        wait_until("everybody in the rooms", GATHER_MAX, || {
            let joined = tally.joined.load(Relaxed);
            progress.say(|| format!("{joined} of {everybody} have joined"));
            joined == everybody || tally.check().is_err()
        })
        .await
        .with_context(|| format!("{} of {everybody} joined", tally.joined.load(Relaxed)))?;
        tally.check()?;
        Ok(clients)
    }

    fn member(&self, number: usize, connect_permits: Arc<Semaphore>) -> Result<Member> {
        let (room, seat) = self.plan.environment(number);
        let ledger = self.ledgers.get(room).context("no such room")?.clone();
        if self.plan.stall(seat).is_some() {
            lock_ignoring_poison(&ledger).will_stall(seat);
        }
        Ok(Member {
            plan: self.plan.clone(),
            number,
            seat,
            room: self.plan.room(room)?,
            writes: number < self.plan.writers,
            ledger,
            tally: self.tally.clone(),
            connect_permits,
            phase: self.phase.subscribe(),
        })
    }

    /// From the beginning of a connection to `joined`, for everybody.
    pub(crate) fn joins(&self) -> Times {
        self.tally.take_joins()
    }

    /// Has every writer write one message, and says what has become of it.
    pub(crate) async fn call(&self, progress: &mut Progress) -> Result<Ledgers> {
        self.phase.send(Phase::Call)?;
        let calls = u64::try_from(self.plan.writers)?;
        let called = || {
            let ledgers = self.ledgers.iter();
            ledgers
                .map(|ledger| lock_ignoring_poison(ledger).written())
                .sum::<u64>()
                == calls
        };
        wait_until("the call", SETTLE_MAX, || {
            called() || self.tally.check().is_err()
        })
        .await?;
        self.settle(progress).await
    }

    /// Lets people talk, and measures; a second goes by before that. They talk until
    /// [`settle`](Self::settle). A pace that waits for acks must be the plan's.
    pub(crate) async fn talk(
        &self,
        pace: SendRate,
        servers: &[Server],
        time: Duration,
        progress: &mut Progress,
    ) -> Result<Talk> {
        self.tally.overrun.store(false, Relaxed);
        let (began, arrived_before) = (Instant::now(), self.tally.arrived.load(Relaxed));
        self.phase.send(Phase::Write(pace))?;
        sleep(WARM_UP).await;
        let before = CounterSnapshot::take(&self.tally, servers)?;
        let mut growth_mib = 0.0_f64;
        self.tally.measuring.store(true, Relaxed);
        let until = before.at + time;
        while Instant::now() < until && !self.tally.overrun.load(Relaxed) {
            sleep((until - Instant::now()).min(LOOK_EVERY)).await;
            growth_mib = growth_mib.max(rss_mib(servers)? - before.rss_mib);
            progress.say(|| {
                let so_far = before.at.elapsed();
                let delivered = self.tally.delivered.load(Relaxed) - before.delivered;
                let rate = per_second(delivered, so_far);
                format!("{} s, {rate:.0} deliveries/s", so_far.as_secs())
            });
            self.tally.check()?;
        }
        self.tally.measuring.store(false, Relaxed);
        let after = CounterSnapshot::take(&self.tally, servers)?;
        Ok(Talk {
            behind: pace.behind(after.at - began, after.arrived - arrived_before),
            overrun: self.tally.overrun.load(Relaxed),
            times: self.tally.take_times(),
            growth_mib,
            ..after.since(&before)
        })
    }

    /// Nobody writes any more; waits for what is on its way. What has not come then is lost.
    pub(crate) async fn settle(&self, progress: &mut Progress) -> Result<Ledgers> {
        self.phase.send(Phase::Rest)?;
        let by_ack = matches!(self.plan.pace, SendRate::Acked(_));
        let is_settled =
            |ledger: &Arc<Mutex<Ledger>>| lock_ignoring_poison(ledger).is_settled(by_ack);
        let settled = wait_until("every delivery", SETTLE_MAX, || {
            progress.say(|| "waiting for the last deliveries".to_owned());
            self.ledgers.iter().all(is_settled) || self.tally.check().is_err()
        });
        // What is missing then is a figure of the report.
        let _ = settled.await;
        self.tally.check()?;
        let mut books = Ledgers {
            faults: Faults::default(),
            stalled: Faults::default(),
            closed: self.tally.closed.load(Relaxed),
            unacked: 0,
        };
        for ledger in &self.ledgers {
            let ledger = lock_ignoring_poison(ledger);
            let (steady, stalled) = ledger.faults();
            books.faults += steady;
            books.stalled += stalled;
            if by_ack {
                books.unacked += ledger.unacked();
            }
        }
        Ok(books)
    }
}

impl Ledgers {
    /// Whether nothing is missing or wrong.
    pub(crate) fn are_sound(&self) -> bool {
        self.unacked == 0 && [self.faults, self.stalled] == [Faults::default(); 2]
    }

    /// The counts that must be zero.
    pub(crate) fn tell(&self, case: Case) -> Case {
        case.with_faults("lost", self.faults.lost + self.faults.told)
            .with_faults("doubled", self.faults.doubled)
            .with_faults("reordered", self.faults.reordered)
            .with_faults("foreign", self.faults.foreign)
    }
}
