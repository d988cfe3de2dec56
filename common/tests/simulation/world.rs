//! Time, the network, and the order in which things happen.

use crate::checks::Logs;
use crate::ledger::Ledger;
use crate::mutants::Bug;
use crate::peer::Peer;
use crate::person::{ROOMS, refused};
use crate::rng::Rng;
use crate::server::{ConnectionNumber, Out, Server};
use crate::time::Time;
use common::client::{Attempt, Command, Input, OutboxEntry};
use common::ids::RequestId;
use common::text::RoomName;
use common::{ClientFrame, ServerFrame};
use std::collections::BTreeMap;

pub(crate) struct World {
    pub(crate) rng: Rng,
    pub(crate) now: Time,
    pub(crate) server: Server,
    pub(crate) peers: Vec<Peer>,
    pub(crate) wires: BTreeMap<ConnectionNumber, Wire>,
    /// What each browser keeps through a reload. Two tabs of one share it.
    pub(crate) stored: Vec<BTreeMap<RequestId, OutboxEntry>>,
    pub(crate) ledger: Ledger,
    pub(crate) logs: Logs,
    /// Nobody gets through to the server before this.
    pub(crate) server_up_at: Time,
    /// Things go wrong.
    pub(crate) faulty: bool,
    pub(crate) steps: u64,
    /// By time, and by age where that is the same.
    agenda: BTreeMap<(Time, u64), Event>,
    pub(crate) agenda_count: u64,
    commit_due: bool,
    pub(crate) tell: bool,
}

/// One connection as the network sees it.
pub(crate) struct Wire {
    pub(crate) peer: usize,
    pub(crate) attempt: Attempt,
    /// What is under way on it is lost, and neither end may know.
    pub(crate) cut: bool,
    /// Frames do not overtake each other.
    pub(crate) to_server: Time,
    pub(crate) to_client: Time,
}

#[derive(Debug)]
pub(crate) enum Event {
    /// A new connection reaches the server.
    Arrive(ConnectionNumber),
    ToServer(ConnectionNumber, ClientFrame),
    /// The server finds that the other end is gone.
    GoneFromServer(ConnectionNumber),
    ToClient(ConnectionNumber, Arrival),
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
    Fault,
}

/// What a client's socket reports.
#[derive(Debug)]
pub(crate) enum Arrival {
    Opened,
    Frame(ServerFrame),
    Closed(u16),
}

impl World {
    pub(crate) fn new(seed: u64, bug: Bug, tell: bool) -> Self {
        let mut rng = Rng(seed);
        let peers: Vec<_> = (0..2 + rng.below(5))
            .map(|number| Peer::new(number, rng.next()))
            .collect();
        let mut world = Self {
            now: 0,
            server: Server::new(bug, rng.next()),
            stored: vec![BTreeMap::new(); peers.len()],
            ledger: Ledger::default(),
            logs: Logs::default(),
            peers,
            wires: BTreeMap::new(),
            server_up_at: 0,
            faulty: true,
            steps: 0,
            agenda: BTreeMap::new(),
            agenda_count: 0,
            commit_due: false,
            tell,
            rng,
        };
        for peer in 0..world.peers.len() {
            world.start(peer);
            world.after(100, Event::Act { peer });
        }
        world.after(500, Event::Fault);
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
    pub(crate) fn step(&mut self, end: Time) -> bool {
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
        if self.tell {
            eprintln!("{time:>8} {event:?}");
        }
        self.happen(event);
        true
    }

    /// Until when the client sleeps that the event is for.
    fn asleep(&self, event: &Event) -> Option<Time> {
        let peer = match event {
            Event::ToClient(number, _) => self.wires.get(number)?.peer,
            Event::Tick { peer, .. } | Event::Act { peer } | Event::Forgotten { peer, .. } => *peer,
            _ => return None,
        };
        Some(self.peers[peer].asleep_until).filter(|until| *until > self.now)
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Arrive(number) => self.arrive(number),
            Event::ToServer(number, frame) => {
                if self.wires.get(&number).is_some_and(|wire| !wire.cut) {
                    self.with_server(|server, out| server.handle(number, frame, out));
                }
            }
            Event::GoneFromServer(number) => self.server.disconnect(number),
            Event::ToClient(number, arrival) => self.reach_client(number, arrival),
            Event::Tick { peer, timer } => {
                if self.peers[peer].timer == timer {
                    self.apply(peer, Input::Tick);
                }
            }
            Event::Act { peer } => {
                if self.faulty {
                    let command = self.peers[peer].next_command(&mut self.rng);
                    self.apply(peer, Input::Command(command));
                    self.after(1500, Event::Act { peer });
                }
            }
            Event::Forgotten { peer, page, id } => {
                if self.peers[peer].page == page {
                    self.apply(peer, Input::RemovedElsewhere { id });
                }
            }
            Event::Commit => {
                self.commit_due = false;
                self.with_server(Server::commit);
            }
            Event::Fault => {
                if self.faulty {
                    self.fault();
                    self.after(2000, Event::Fault);
                }
            }
        }
    }

    /// A connection gets through to the server, or does not.
    fn arrive(&mut self, number: ConnectionNumber) {
        let refused = self.now < self.server_up_at || (self.faulty && self.rng.below(10) == 0);
        let Some(wire) = self.wires.get(&number).filter(|wire| !wire.cut) else {
            return;
        };
        if refused {
            return self.report(number, Arrival::Closed(1006));
        }
        let user = self.peers[wire.peer].user.clone();
        self.report(number, Arrival::Opened);
        self.with_server(|server, out| server.connect(number, user, out));
    }

    pub(crate) fn with_server(&mut self, act: impl FnOnce(&mut Server, &mut Out)) {
        let mut out = vec![];
        act(&mut self.server, &mut out);
        self.steps += 1;
        self.logs.check(&mut self.server, &self.ledger);
        for (number, frame) in out {
            self.report(number, Arrival::Frame(frame));
        }
        if self.server.has_uncommitted() && !std::mem::replace(&mut self.commit_due, true) {
            // Now and then the disk is slow.
            let ms = if self.rng.below(8) == 0 { 800 } else { 40 };
            self.after(ms, Event::Commit);
        }
    }

    /// Sends something down the wire.
    fn report(&mut self, number: ConnectionNumber, arrival: Arrival) {
        let delay = self.delay(80);
        let Some(wire) = self.wires.get_mut(&number) else {
            return;
        };
        wire.to_client = match self.server.bug {
            Bug::Overtaking => self.now + delay,
            _ => wire.to_client.max(self.now + delay),
        };
        let time = wire.to_client;
        self.at(time, Event::ToClient(number, arrival));
    }

    fn reach_client(&mut self, number: ConnectionNumber, arrival: Arrival) {
        let Some(wire) = self.wires.get(&number) else {
            return;
        };
        let (peer, attempt, cut) = (wire.peer, wire.attempt, wire.cut);
        let input = match arrival {
            Arrival::Closed(code) => {
                let socket = &mut self.peers[peer].socket;
                if *socket == Some((attempt, number)) {
                    *socket = None;
                }
                Input::Closed {
                    attempt,
                    code: Some(code),
                }
            }
            _ if cut => return,
            Arrival::Opened => Input::Opened { attempt },
            Arrival::Frame(frame) => Input::Received { attempt, frame },
        };
        self.apply(peer, input);
    }

    /// What is under way is lost. Each end hears of it some time, or has to find out by itself.
    pub(crate) fn cut(&mut self, number: ConnectionNumber) {
        let Some(wire) = self.wires.get_mut(&number) else {
            return;
        };
        wire.cut = true;
        if self.rng.below(3) > 0 {
            self.report(number, Arrival::Closed(1006));
        }
        self.after(10_000, Event::GoneFromServer(number));
    }

    /// The server closes: what it said before still arrives.
    pub(crate) fn close(&mut self, number: ConnectionNumber, code: u16) {
        self.server.disconnect(number);
        self.report(number, Arrival::Closed(code));
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
        self.server.faulty = false;
        self.server_up_at = self.now;
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
        self.run(60_000);
        // What could not be stored is given up: it must show somewhere.
        self.everybody(|peer| {
            let views = peer.core.rooms().chain([peer.core.announcements()]);
            let ids = views.flat_map(|view| refused(&view));
            ids.map(|id| Command::Discard { id }).collect()
        });
        self.run(5_000);
        self.everybody(|peer| {
            let mut words: Vec<_> = all_rooms().map(|room| peer.say(room)).collect();
            words.push(peer.announce());
            words
        });
        self.run(20_000);
        self.everybody(|_| {
            let older = all_rooms().map(|room| Command::LoadOlder { room });
            let seen = all_rooms().map(|room| Command::MarkSeen { room });
            older.chain(seen).collect()
        });
        self.run(40_000);
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
