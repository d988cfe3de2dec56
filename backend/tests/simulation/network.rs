//! What becomes of connections: bytes go both ways in their order, for as long as the line holds.

use crate::server::ConnectionNumber;
use crate::wire::{Fetched, Heard, Wire, masked};
use crate::world::{Chunk, ConnectionRegistration, Event, World};
use common::client::{Attempt, Input};

impl World {
    /// A connection gets through to the server, or does not.
    pub(crate) fn register_connection(&mut self, number: ConnectionNumber) {
        let refused = self.faulty && self.rng.below(10) == 0;
        let back_after = 1 + self.rng.next() % 3000;
        let Some(wire) = self.wires.get_mut(&number).filter(|wire| !wire.cut) else {
            return;
        };
        let node = self.server.node.as_mut();
        let Some(node) = node.filter(|_| !refused && !self.server.leaving) else {
            return self.report(number, ConnectionRegistration::Closed);
        };
        let user = &self.peers[wire.peer].user;
        wire.socket = Some(node.connect(user, number, back_after));
        self.report(number, ConnectionRegistration::Opened);
        self.serve();
    }

    /// Lets the server do what there is to do, and the network fetch what it says.
    pub(crate) fn serve(&mut self) {
        self.steps += 1;
        for _ in 0..4 {
            self.server.turn(self.now, &self.ledger);
            if !self.fetch() {
                return;
            }
        }
    }

    /// Whether there was anything.
    pub(crate) fn fetch(&mut self) -> bool {
        let numbers: Vec<_> = self.wires.keys().copied().collect();
        let mut is_any = false;
        for number in numbers {
            while let Some(wire) = self.wires.get_mut(&number) {
                let arrival = match wire.fetch(self.now, &mut self.rng) {
                    Fetched::Nothing => break,
                    Fetched::Bytes(bytes) => ConnectionRegistration::Bytes(Chunk(bytes)),
                    Fetched::End => ConnectionRegistration::Closed,
                };
                is_any = true;
                self.report(number, arrival);
            }
        }
        is_any
    }

    /// Sends something down the wire.
    fn report(&mut self, number: ConnectionNumber, arrival: ConnectionRegistration) {
        let delay = self.delay(80);
        let Some(wire) = self.wires.get_mut(&number) else {
            return;
        };
        let slow = if self.now < wire.slow_until { 400 } else { 0 };
        wire.to_client = wire.to_client.max(self.now + delay + slow);
        wire.line.push_back(arrival);
        let time = wire.to_client;
        self.at(time, Event::ToClient(number));
    }

    /// Sends something up the wire, in two pieces now and then.
    pub(crate) fn submit(&mut self, number: ConnectionNumber, opcode: u8, payload: &[u8]) {
        let mask = u32::try_from(self.rng.next() >> 32).unwrap().to_be_bytes();
        let mut bytes = masked(opcode, payload, mask);
        let at = match self.rng.below(4) {
            0 => self.rng.below(bytes.len()),
            _ => 0,
        };
        let rest = bytes.split_off(at);
        for piece in [bytes, rest] {
            let delay = self.delay(80);
            let Some(wire) = self.wires.get_mut(&number).filter(|_| !piece.is_empty()) else {
                continue;
            };
            wire.to_server = wire.to_server.max(self.now + delay);
            let time = wire.to_server;
            self.at(time, Event::ToServer(number, Chunk(piece)));
        }
    }

    pub(crate) fn reach_client(&mut self, number: ConnectionNumber) {
        let Some(wire) = self.wires.get_mut(&number) else {
            return;
        };
        let arrival = wire.line.pop_front().expect("one for each time");
        let (peer, attempt, cut) = (wire.peer, wire.attempt, wire.cut);
        match arrival {
            ConnectionRegistration::Closed => {
                let code = wire.close_code;
                self.wires.remove(&number);
                self.closed(number, peer, attempt, code);
            }
            _ if cut => {}
            ConnectionRegistration::Opened => self.pass_on(number, Input::Opened { attempt }),
            ConnectionRegistration::Bytes(Chunk(bytes)) => {
                wire.arrived(&bytes);
                while let Some(heard) = self.wires.get_mut(&number).and_then(Wire::next) {
                    self.hear(number, heard);
                }
            }
        }
    }

    /// The client's end makes something of what the server said.
    fn hear(&mut self, number: ConnectionNumber, heard: Heard) {
        let wire = self.wires.get_mut(&number).expect("it was heard on it");
        match heard {
            // What a browser does by itself.
            Heard::Ping => self.submit(number, 10, &[]),
            Heard::Close => {
                let code = wire.close_code.unwrap_or(1005).to_be_bytes();
                if let Some(count) = wire.close_code.and_then(closed_by) {
                    self.server.count(count);
                }
                self.submit(number, 8, &code);
            }
            Heard::Frame(frame) => {
                if self.tell {
                    let said = format!("{frame:?}");
                    eprintln!("         {number} {said:.300}");
                }
                let attempt = wire.attempt;
                let kind = wire.stream.hear(&frame, &self.server.truth);
                if let Some(kind) = kind {
                    self.server.count(kind);
                }
                let frame = *frame;
                self.pass_on(number, Input::Received { attempt, frame });
            }
        }
    }

    /// To the core, unless the page was loaded anew since.
    fn pass_on(&mut self, number: ConnectionNumber, input: Input) {
        let Some(wire) = self.wires.get(&number) else {
            return;
        };
        if wire.page == self.peers[wire.peer].page {
            self.apply(wire.peer, input);
        }
    }

    /// What is under way is lost. Each end hears of it some time, or has to find out by itself.
    pub(crate) fn cut(&mut self, number: ConnectionNumber) {
        let Some(wire) = self.wires.get_mut(&number) else {
            return;
        };
        wire.cut = true;
        let (peer, attempt, page) = (wire.peer, wire.attempt, wire.page);
        if self.rng.below(3) > 0 && self.peers[peer].page == page {
            self.closed(number, peer, attempt, None);
        }
        self.after(10_000, Event::GoneFromServer(number));
    }

    fn closed(
        &mut self,
        number: ConnectionNumber,
        peer: usize,
        attempt: Attempt,
        code: Option<u16>,
    ) {
        let socket = &mut self.peers[peer].socket;
        if *socket == Some((attempt, number)) {
            *socket = None;
            let code = code.or(Some(1006));
            self.apply(peer, Input::Closed { attempt, code });
        }
    }

    /// A client lets go of its socket. What the socket still has to say, a careless shell passes
    /// on; the core must not mind.
    pub(crate) fn hang_up(&mut self, number: ConnectionNumber) {
        self.after(1000, Event::GoneFromServer(number));
    }
}

fn closed_by(code: u16) -> Option<&'static str> {
    Some(match code {
        4000 => "goodbyes",
        4001 => "silent clients closed",
        4002 => "slow readers closed",
        4004 => "readers closed for a fault of the disk",
        4005 => "readers closed for what they have lost",
        _ => return None,
    })
}
