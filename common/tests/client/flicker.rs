//! Whatever the order in which acks and events come, and however often the connection is cut: what
//! is shown of a message is at any time what its author has made of it.

use crate::changes::with_two;
use crate::harness::{By, Harness};
use crate::rng::Rng;
use common::ClientFrame;
use common::ids::RequestId;
use std::collections::VecDeque;

/// A log of changes of message 1, and what is on its way to the client.
struct Server {
    /// The change at seq 3 is the first one.
    log: Vec<(RequestId, ClientFrame)>,
    acks: VecDeque<(RequestId, u64)>,
    /// Events up to here have been sent.
    sent: usize,
}

impl Server {
    fn head(&self) -> u64 {
        2 + u64::try_from(self.log.len()).unwrap()
    }

    /// Stores what the client has sent; a repeat only once.
    fn take(&mut self, harness: &mut Harness) {
        for frame in harness.take() {
            let id = frame.id().unwrap().clone();
            let known = self.log.iter().position(|(known, _)| *known == id);
            let at = known.unwrap_or(self.log.len());
            if known.is_none() {
                self.log.push((id.clone(), frame));
            }
            self.acks.push_back((id, 3 + u64::try_from(at).unwrap()));
        }
    }

    fn send_ack(&mut self, harness: &mut Harness) {
        if let Some((id, seq)) = self.acks.pop_front() {
            harness.ack(&id, seq);
        }
    }

    fn send_event(&mut self, harness: &mut Harness) {
        let Some((id, frame)) = self.log.get(self.sent) else {
            return;
        };
        self.sent += 1;
        let (seq, by) = (2 + u64::try_from(self.sent).unwrap(), By::Me(id));
        match frame {
            ClientFrame::Edit(edit) => {
                harness.edited(seq, 1, edit.content.as_ref().unwrap().as_str(), by);
            }
            ClientFrame::React(react) => harness.reacted(seq, 1, react.on, by),
            ClientFrame::Delete(_) => harness.deleted(seq, 1, by),
            other => panic!("{other:?}"),
        }
    }

    /// The connection is cut, perhaps before the server has heard what was sent last.
    fn cut(&mut self, harness: &mut Harness, heard: bool) {
        if heard {
            self.take(harness);
        }
        harness.cut();
        self.acks.clear();
        let joins = harness.join_all(self.head());
        let since = joins.iter().find(|join| !join.room.is_broadcast());
        let since = since.unwrap().since.unwrap().0;
        self.sent = usize::try_from(since - 2).unwrap();
    }
}

/// What the author has made of the message.
#[derive(Default)]
struct Wanted {
    content: Option<String>,
    reacted: bool,
    deleted: bool,
}

impl Wanted {
    fn act(&mut self, harness: &mut Harness, rng: &mut Rng, step: usize) {
        match rng.below(20) {
            0 => {
                self.deleted = true;
                harness.delete("a", 1);
            }
            1..=10 => {
                self.reacted = !self.reacted;
                harness.react("a", 1, "+1", self.reacted);
            }
            _ => {
                let words = format!("{} {step}", rng.one_of(&["better", "worse"]));
                harness.edit("a", 1, &words);
                self.content = Some(words);
            }
        }
    }

    fn words(&self) -> String {
        if self.deleted {
            return "(deleted)".to_owned();
        }
        let content = self.content.as_deref().unwrap_or("number 1");
        let reaction = if self.reacted { " +1:me" } else { "" };
        format!("{content}{reaction}")
    }
}

fn without_states(shown: &str) -> &str {
    shown.split(" |").next().unwrap()
}

fn run(seed: u64) {
    let (mut rng, mut harness) = (Rng(seed), with_two());
    let (log, acks) = (vec![], VecDeque::new());
    let mut server = Server { log, acks, sent: 0 };
    let mut wanted = Wanted::default();
    for step in 0..120 {
        match rng.below(12) {
            0..=3 if step < 80 => wanted.act(&mut harness, &mut rng, step),
            4..=6 => server.send_ack(&mut harness),
            7 if step < 80 => server.cut(&mut harness, seed.is_multiple_of(2)),
            _ => server.send_event(&mut harness),
        }
        if rng.below(4) > 0 {
            server.take(&mut harness);
        }
        let shown = harness.shown("a", 1);
        assert_eq!(
            without_states(&shown),
            wanted.words(),
            "seed {seed}, step {step}"
        );
    }
    for _ in 0..100 {
        server.take(&mut harness);
        server.send_ack(&mut harness);
        server.send_event(&mut harness);
    }
    assert_eq!(
        harness.shown("a", 1),
        wanted.words(),
        "seed {seed}, the end"
    );
    assert_eq!(harness.client.unsent(), 0, "seed {seed}, the end");
}

#[test]
fn nothing_that_an_author_has_changed_changes_back() {
    (0..300).for_each(run);
}
