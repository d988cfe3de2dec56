//! Time, and the order in which things happen.

use crate::checks;
use crate::ledger::Ledger;
use crate::peer::Peer;
use crate::person::{ROOMS, refused};
use crate::rng::Rng;
use crate::server::{ConnectionNumber, Server};
use crate::time::Time;
use common::client::{Command, Input, OutboxEntry};
use common::ids::RequestId;
use common::text::RoomName;
use std::collections::BTreeMap;
use std::fmt;

pub(crate) struct World<S: Server> {
    pub(crate) rng: Rng,
    pub(crate) now: Time,
    pub(crate) server: S,
    pub(crate) peers: Vec<Peer>,
    pub(crate) wires: BTreeMap<ConnectionNumber, S::Wire>,
    /// What each browser keeps through a reload. Two tabs of one share it.
    pub(crate) stored: Vec<BTreeMap<RequestId, OutboxEntry>>,
    pub(crate) ledger: Ledger,
    /// Things go wrong.
    pub(crate) faulty: bool,
    pub(crate) steps: u64,
    /// By time, and by age where that is the same.
    agenda: BTreeMap<(Time, u64), Event<S::Event>>,
    pub(crate) agenda_count: u64,
    tell: bool,
}

#[derive(Debug)]
pub(crate) enum Event<E> {
    /// A new connection reaches the server.
    Arrive(ConnectionNumber),
    /// The server finds that the other end is gone.
    GoneFromServer(ConnectionNumber),
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
    Fault,
    /// Of the server and the network.
    Of(E),
}

impl<S: Server> World<S> {
    /// A world with so many clients, in which nothing has happened yet.
    pub(crate) fn new(mut rng: Rng, peers: usize, server: S, tell: bool) -> Self {
        let peers: Vec<_> = (0..peers)
            .map(|number| Peer::new(number, rng.next()))
            .collect();
        Self {
            now: 0,
            server,
            stored: vec![BTreeMap::new(); peers.len()],
            ledger: Ledger::default(),
            peers,
            wires: BTreeMap::new(),
            faulty: true,
            steps: 0,
            agenda: BTreeMap::new(),
            agenda_count: 0,
            tell,
            rng,
        }
    }

    /// Everybody comes, and things begin to go wrong.
    pub(crate) fn begin(&mut self) {
        for peer in 0..self.peers.len() {
            self.start(peer);
            self.after(100, Event::Act { peer });
        }
        self.after(500, Event::Fault);
    }

    /// Opens the rooms and starts, as a page does that was just loaded.
    pub(crate) fn start(&mut self, peer: usize) {
        let commands = self.peers[peer].first_commands(&mut self.rng);
        for command in commands {
            self.apply(peer, Input::Command(command));
        }
        self.apply(peer, Input::Start);
    }

    pub(crate) fn at(&mut self, time: Time, event: Event<S::Event>) {
        self.agenda_count += 1;
        self.agenda.insert((time, self.agenda_count), event);
    }

    /// At some time within the next `ms`.
    pub(crate) fn after(&mut self, ms: u64, event: Event<S::Event>) {
        let time = self.now + self.delay(ms);
        self.at(time, event);
    }

    pub(crate) fn delay(&mut self, ms: u64) -> u64 {
        1 + self.rng.next() % ms
    }

    /// For replaying a seed.
    pub(crate) fn say(&self, what: fmt::Arguments<'_>) {
        if self.tell {
            let said = what.to_string();
            eprintln!("{:>8} {said:.300}", self.now);
        }
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
        self.say(format_args!("{event:?}"));
        self.happen(event);
        true
    }

    /// Until when the client sleeps that the event is for.
    fn asleep(&self, event: &Event<S::Event>) -> Option<Time> {
        let peer = match event {
            Event::Tick { peer, .. } | Event::Act { peer } | Event::Forgotten { peer, .. } => *peer,
            Event::Of(event) => S::peer_of(self, event)?,
            _ => return None,
        };
        Some(self.peers[peer].asleep_until).filter(|until| *until > self.now)
    }

    fn happen(&mut self, event: Event<S::Event>) {
        match event {
            Event::Arrive(number) => S::arrive(self, number),
            Event::GoneFromServer(number) => S::gone(self, number),
            Event::Tick { peer, timer } => {
                if self.peers[peer].timer == timer {
                    self.apply(peer, Input::Tick);
                }
            }
            Event::Act { peer } => {
                if self.faulty {
                    let command = self.peers[peer].next_command(&mut self.rng);
                    self.apply(peer, Input::Command(command));
                    self.after(S::ACT_MS, Event::Act { peer });
                }
            }
            Event::Forgotten { peer, page, id } => {
                if self.peers[peer].page == page {
                    self.apply(peer, Input::RemovedElsewhere { id });
                }
            }
            Event::Fault => {
                if self.faulty {
                    S::fault(self);
                    self.after(S::FAULT_MS, Event::Fault);
                }
            }
            Event::Of(event) => S::happen(self, event),
        }
    }

    /// A client lets go of its socket. What the socket still has to say, a careless shell passes
    /// on; the core must not mind.
    pub(crate) fn hang_up(&mut self, number: ConnectionNumber) {
        self.after(1000, Event::GoneFromServer(number));
    }

    /// All is well from now on, everybody says a last word, and there is time for it to get
    /// through.
    pub(crate) fn heal(&mut self) {
        self.faulty = false;
        S::calm(self);
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
        self.run(S::HEAL_MS.back);
        if !S::MAY_SKIP {
            // Nobody has to wait for the next event to see the last.
            checks::caught_up(self);
        }
        // What could not be stored is given up: it must show somewhere.
        self.everybody(|peer| {
            let views = peer.core.rooms().chain([peer.core.announcements()]);
            let ids = views.flat_map(|view| refused(&view));
            ids.map(|id| Command::Discard { id }).collect()
        });
        self.run(S::HEAL_MS.given_up);
        self.everybody(|peer| {
            let mut words: Vec<_> = all_rooms().map(|room| peer.say(room)).collect();
            words.push(peer.announce());
            words
        });
        self.run(S::HEAL_MS.said);
        self.everybody(|_| {
            let older = all_rooms().map(|room| Command::LoadOlder { room });
            let seen = all_rooms().map(|room| Command::MarkSeen { room });
            older.chain(seen).collect()
        });
        self.run(S::HEAL_MS.read);
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
