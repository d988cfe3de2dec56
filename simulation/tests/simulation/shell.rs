//! The shell around a core: what the core says is done, and what it claims is looked at.

use crate::checks::{self, Told};
use crate::ledger::says;
use crate::server::Server;
use crate::world::{Event, World};
use common::ServerFrame;
use common::client::{Command, Effect, Input, OutboxEntry};
use common::ids::RequestId;

impl<S: Server> World<S> {
    /// One step: hands the core what happened, does what it says, and checks what it shows.
    pub(crate) fn apply(&mut self, peer: usize, input: Input) {
        self.steps += 1;
        if !matches!(input, Input::Received { .. } | Input::Tick) {
            self.say(format_args!("client {peer}: {input:?}"));
        }
        let attempt = self.peers[peer].socket.map(|(attempt, _)| attempt);
        let heard = match &input {
            Input::Received { attempt: at, frame } if Some(*at) == attempt => Some(frame.clone()),
            _ => None,
        };
        if let Some(ServerFrame::Welcome(_)) = heard {
            self.server.welcomed(&mut self.peers[peer]);
        }
        if let Some(frame) = &heard {
            self.heard(peer, frame);
        }
        let command = match &input {
            Input::Command(command) => Some(command.clone()),
            _ => None,
        };
        let is_forgotten = matches!(input, Input::RemovedElsewhere { .. });
        if let Input::RemovedElsewhere { id } = &input {
            self.peers[peer].holds.remove(id);
        }
        let now = self.peers[peer].clock(self.now);
        let effects = self.peers[peer].core.apply(input, now);
        let mut told = Told::default();
        for effect in effects.into_iter().filter_map(|effect| told.take(effect)) {
            match effect {
                Effect::OutboxPut(entry) => self.put(peer, command.as_ref(), entry),
                Effect::OutboxRemove(id) if is_forgotten => {
                    self.stored[self.peers[peer].browser].remove(&id);
                }
                Effect::OutboxRemove(id) => self.remove(peer, command.as_ref(), &id),
                other => self.carry_out(peer, other),
            }
        }
        let step = checks::Step {
            lives: &self.server,
            ledger: &self.ledger,
            heard: heard.as_ref(),
            marked: match &command {
                Some(Command::MarkSeen { room }) => Some(room),
                _ => None,
            },
            told: &told,
        };
        checks::views(&step, &mut self.peers[peer]);
    }

    /// Whatever a client is told was stored, is.
    fn heard(&mut self, peer: usize, frame: &ServerFrame) {
        let ServerFrame::Ack(ack) = frame else {
            return;
        };
        let Some(fate) = self.ledger.get(&ack.id) else {
            return;
        };
        let user = &self.peers[peer].user.id;
        // A server that acks too early does not know the place.
        let life = match &ack.epoch {
            Some(epoch) => Some(self.server.life_of(epoch)),
            None => self.server.current(&fate.room).0,
        };
        let stored = life.and_then(|life| life.find(user, &ack.id));
        let is_place = |at| ack.seq.is_none_or(|acked| acked == at);
        if stored.is_some_and(|(room, at)| *room == fate.room && is_place(at)) {
            return;
        }
        let event = life.zip(ack.seq);
        let event = event.and_then(|(life, seq)| life.log(&fate.room).event(seq));
        let said = event.is_some_and(|event| says(event, user, &fate.action));
        assert!(said, "{} was acked and is not stored: {fate:?}", ack.id);
        self.ledger.fate(&ack.id).said = true;
    }

    fn put(&mut self, peer: usize, command: Option<&Command>, entry: OutboxEntry) {
        let user = self.peers[peer].user.id.clone();
        let is_new = self.ledger.put(peer, &user, &entry);
        let is_send = matches!(
            command,
            Some(
                Command::Send { .. }
                    | Command::Broadcast { .. }
                    | Command::Edit { .. }
                    | Command::Delete { .. }
                    | Command::React { .. }
            )
        );
        assert!(!is_new || is_send, "{entry:?} came from nowhere");
        let peer = &mut self.peers[peer];
        peer.holds.insert(entry.id.clone(), entry.clone());
        self.stored[peer.browser].insert(entry.id.clone(), entry);
    }

    fn remove(&mut self, peer: usize, command: Option<&Command>, id: &RequestId) {
        let browser = self.peers[peer].browser;
        let was_stored = self.stored[browser].remove(id).is_some();
        let is_shared = browser == 0;
        assert!(was_stored || is_shared, "{id} was not stored");
        self.peers[peer].holds.remove(id);
        let fate = self.ledger.fate(id);
        match command {
            Some(Command::Discard { .. }) => {
                fate.discarded = true;
                fate.loose = true;
            }
            Some(Command::React { .. }) => fate.undone = true,
            _ => {
                let life = self.server.stored_in(&self.peers[peer], &fate.user, id);
                let is_stored = fate.said || life.is_some();
                assert!(is_stored, "{id} has left the outbox and is not in the log");
                fate.confirmed = life;
            }
        }
        // A browser says nothing where nothing was stored.
        for other in 0..self.peers.len() {
            if was_stored && other != peer && self.peers[other].browser == browser {
                let (page, id) = (self.peers[other].page, id.clone());
                let peer = other;
                self.after(1000, Event::Forgotten { peer, page, id });
            }
        }
    }

    fn carry_out(&mut self, peer: usize, effect: Effect) {
        match effect {
            Effect::Connect { attempt } => {
                assert_eq!(self.peers[peer].socket, None, "a second socket");
                self.agenda_count += 1;
                let number = self.agenda_count;
                let wire = S::open(self, peer, attempt);
                self.wires.insert(number, wire);
                self.peers[peer].socket = Some((attempt, number));
                self.after(100, Event::Arrive(number));
            }
            Effect::Disconnect { attempt } => {
                let (socket, number) = self.peers[peer].socket.take().expect("there is no socket");
                assert_eq!(socket, attempt, "not this socket");
                self.hang_up(number);
            }
            Effect::Send(frame) => {
                let (_, number) = self.peers[peer].socket.expect("sent without a socket");
                S::submit(self, number, &frame);
            }
            Effect::WakeAt(at) => {
                let timer = &mut self.peers[peer].timer;
                *timer += 1;
                let timer = *timer;
                let wait = at.since(self.peers[peer].clock(self.now)) + self.rng.next() % 10;
                // Some timers go off a little early.
                let time = self.now + wait.saturating_sub(1);
                self.at(time, Event::Tick { peer, timer });
            }
            _ => {}
        }
    }
}
