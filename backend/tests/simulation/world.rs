//! Time, the network, and the order in which things happen.

use crate::checks;
use crate::disk::Decision;
use crate::ledger::Ledger;
use crate::peer::Peer;
use crate::person::{ROOMS, refused};
use crate::rng::Rng;
use crate::server::{ConnectionNumber, Server};
use crate::time::Time;
use crate::wire::Wire;
use common::client::{Command, Input, OutboxEntry};
use common::ids::RequestId;
use common::text::RoomName;
use std::collections::BTreeMap;
use std::fmt;

/// How often the server looks at the time when nothing else happens, in milliseconds.
const PULSE_MS: u64 = 70;

pub(crate) struct World {
    pub(crate) rng: Rng,
    pub(crate) now: Time,
    pub(crate) server: Server,
    pub(crate) peers: Vec<Peer>,
    pub(crate) wires: BTreeMap<ConnectionNumber, Wire>,
    /// What each browser keeps through a reload. Two tabs of one share it.
    pub(crate) stored: Vec<BTreeMap<RequestId, OutboxEntry>>,
    pub(crate) ledger: Ledger,
    /// Things go wrong.
    pub(crate) faulty: bool,
    pub(crate) steps: u64,
    /// By time, and by age where that is the same.
    agenda: BTreeMap<(Time, u64), Event>,
    pub(crate) agenda_count: u64,
    /// The disk is slow until then.
    pub(crate) disk_slow_until: Time,
    /// The program is killed behind the next commit that stores something.
    pub(crate) dying: bool,
    /// Commits that may find something to do: clients have said something.
    commits_due: usize,
    /// Large messages take their time: not every seed has them.
    pub(crate) floods_left: usize,
    /// Nothing new goes wrong before this.
    pub(crate) calm_until: Time,
    /// The program is killed and restarted rarely: so that there is time for all else.
    pub(crate) sturdy: bool,
    pub(crate) tell: bool,
}

#[derive(Debug)]
pub(crate) enum Event {
    /// A new connection reaches the server.
    Arrive(ConnectionNumber),
    ToServer(ConnectionNumber, Chunk),
    /// The network tells the server that the other end is gone.
    GoneFromServer(ConnectionNumber),
    /// The next of what is on the line reaches the client.
    ToClient(ConnectionNumber),
    Tick {
        peer: usize,
        timer: u64,
    },
    Act {
        peer: usize,
    },
    /// The other tab has removed this from the storage.
    Forgotten {
        peer: usize,
        page: u64,
        id: RequestId,
    },
    Commit,
    /// Retention has its turn.
    Prune,
    Pulse,
    Fault,
    /// The program has been started again.
    Start,
    /// The program that has said goodbye ends.
    Exit,
}

/// What a client's socket reports.
#[derive(Debug)]
pub(crate) enum ConnectionRegistration {
    Opened,
    Bytes(Chunk),
    Closed,
}

pub(crate) struct Chunk(pub(crate) Vec<u8>);

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

impl World {
    pub(crate) fn new(seed: u64, tell: bool) -> Self {
        let mut rng = Rng(seed);
        let peers: Vec<_> = (0..2 + rng.below(4))
            .map(|number| Peer::new(number, rng.next()))
            .collect();
        let mut world = Self {
            now: 0,
            server: Server::new(rng.next()),
            stored: vec![BTreeMap::new(); peers.len()],
            ledger: Ledger::default(),
            peers,
            wires: BTreeMap::new(),
            faulty: true,
            steps: 0,
            agenda: BTreeMap::new(),
            agenda_count: 0,
            disk_slow_until: 0,
            dying: false,
            commits_due: 0,
            floods_left: rng.below(3),
            calm_until: 0,
            sturdy: rng.below(2) == 0,
            tell,
            rng,
        };
        world.server.start(0, &world.ledger);
        world.server.write_history(&world.ledger);
        for peer in 0..world.peers.len() {
            world.start(peer);
            world.after(100, Event::Act { peer });
        }
        world.after(500, Event::Fault);
        world.after(1, Event::Commit);
        world.after(1, Event::Pulse);
        world
    }

    /// Opens the rooms and starts, as a page does that was just loaded.
    pub(crate) fn start(&mut self, peer: usize) {
        let commands = self.peers[peer].first_commands(&mut self.rng);
        for command in commands {
            self.apply(peer, Input::Command(command));
        }
        self.apply(peer, Input::Start);
    }

    pub(crate) fn at(&mut self, time: Time, event: Event) {
        self.agenda_count += 1;
        self.agenda.insert((time, self.agenda_count), event);
    }

    /// At some time within the next `ms`.
    pub(crate) fn after(&mut self, ms: u64, event: Event) {
        let time = self.now + self.delay(ms);
        self.at(time, event);
    }

    pub(crate) fn delay(&mut self, ms: u64) -> u64 {
        1 + self.rng.next() % ms
    }

    /// Lets the next thing happen. False when that is after `end`.
    fn step(&mut self, end: Time) -> bool {
        let Some(entry) = self
            .agenda
            .first_entry()
            .filter(|entry| entry.key().0 <= end)
        else {
            self.now = end;
            return false;
        };
        let ((time, age), event) = entry.remove_entry();
        self.now = time;
        if let Some(until) = self.asleep(&event) {
            // It happens when the client wakes, and in the same order.
            self.agenda.insert((until, age), event);
            return true;
        }
        if !matches!(event, Event::Pulse | Event::Commit) {
            self.say(format_args!("{event:?}"));
        }
        self.happen(event);
        true
    }

    /// Until when the client sleeps that the event is for.
    fn asleep(&self, event: &Event) -> Option<Time> {
        let peer = match event {
            Event::ToClient(number) => self.wires.get(number)?.peer,
            Event::Tick { peer, .. } | Event::Act { peer } | Event::Forgotten { peer, .. } => *peer,
            _ => return None,
        };
        Some(self.peers[peer].asleep_until).filter(|until| *until > self.now)
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrive(number) => self.register_connection(number),
            Event::ToServer(number, Chunk(bytes)) => {
                if let Some(wire) = self.wires.get_mut(&number).filter(|wire| !wire.cut) {
                    wire.push(&bytes);
                }
                self.commits_due = 3;
                self.serve();
            }
            Event::GoneFromServer(number) => {
                self.wires.remove(&number);
                self.serve();
            }
            Event::ToClient(number) => {
                self.reach_client(number);
                self.serve();
            }
            Event::Tick { peer, timer } => {
                if self.peers[peer].timer == timer {
                    self.apply(peer, Input::Tick);
                }
            }
            Event::Act { peer } => {
                if self.faulty {
                    let command = self.peers[peer].next_command(&mut self.rng);
                    self.apply(peer, Input::Command(command));
                    self.after(900, Event::Act { peer });
                }
            }
            Event::Forgotten { peer, page, id } => {
                if self.peers[peer].page == page {
                    self.apply(peer, Input::RemovedElsewhere { id });
                }
            }
            Event::Commit => {
                self.commit();
                let is_slow = self.now < self.disk_slow_until;
                self.after(if is_slow { 1500 } else { 40 }, Event::Commit);
            }
            Event::Prune => self.server.prune(),
            Event::Pulse => {
                self.serve();
                self.at(self.now + PULSE_MS, Event::Pulse);
            }
            Event::Fault => {
                if self.faulty {
                    self.fault();
                    self.after(1500, Event::Fault);
                }
            }
            Event::Start => self.start_server(),
            Event::Exit => self.exit(),
        }
    }

    fn commit(&mut self) {
        let node = self.server.node.as_ref();
        if self.dying && node.is_some_and(|node| node.disk.is_laden()) {
            self.dying = false;
            return self.crash(Some(Decision::StoreAndDie));
        }
        // Without anything new it is only worth asking now and then.
        if self.commits_due > 0 || self.rng.below(20) == 0 {
            self.commits_due = self.commits_due.saturating_sub(1);
            self.steps += 1;
            self.server.commit(&self.ledger);
            self.serve();
        }
    }

    /// For replaying a seed.
    pub(crate) fn say(&self, what: fmt::Arguments<'_>) {
        if self.tell {
            eprintln!("{:>8} {what}", self.now);
        }
    }

    /// All is well from now on, everybody says a last word, and there is time for it to get
    /// through.
    pub(crate) fn heal(&mut self) {
        self.faulty = false;
        self.server.failing = 0;
        self.dying = false;
        self.disk_slow_until = 0;
        // A program that is about to go is gone by then, and comes back.
        self.run(6_000);
        self.server.calm();
        for wire in self.wires.values_mut() {
            wire.slow_until = 0;
            wire.stalled_until = 0;
        }
        for peer in &mut self.peers {
            peer.asleep_until = self.now;
        }
        // The last refusals arrive.
        self.run(1_000);
        self.everybody(|peer| {
            let rooms = all_rooms();
            peer.open.extend(rooms.clone());
            rooms.map(|room| Command::OpenRoom { room }).collect()
        });
        self.run(45_000);
        // Nobody has to wait for the next event to see the last.
        checks::caught_up(self);
        // What could not be stored is given up: it must show somewhere.
        self.everybody(|peer| {
            let views = peer.core.rooms().chain([peer.core.announcements()]);
            let ids = views.flat_map(|view| refused(&view));
            ids.map(|id| Command::Discard { id }).collect()
        });
        self.run(3_000);
        self.everybody(|peer| {
            let mut words: Vec<_> = all_rooms().map(|room| peer.say(room)).collect();
            words.push(peer.announce());
            words
        });
        self.run(10_000);
        self.everybody(|_| {
            let older = all_rooms().map(|room| Command::LoadOlder { room });
            let seen = all_rooms().map(|room| Command::MarkSeen { room });
            older.chain(seen).collect()
        });
        self.run(10_000);
        self.server.audit(common::ids::Seq::ZERO);
    }

    /// All but the first go.
    pub(crate) fn part(&mut self) {
        for peer in 1..self.peers.len() {
            self.apply(peer, Input::Stop);
        }
        self.run(3_000);
    }

    fn everybody(&mut self, commands: impl Fn(&mut Peer) -> Vec<Command>) {
        for peer in 0..self.peers.len() {
            for command in commands(&mut self.peers[peer]) {
                self.apply(peer, Input::Command(command));
            }
        }
    }

    pub(crate) fn run(&mut self, ms: u64) {
        let end = self.now + ms;
        while self.step(end) {}
    }
}

fn all_rooms() -> impl Iterator<Item = RoomName> + Clone {
    ROOMS.iter().map(|room| room.parse().unwrap())
}
