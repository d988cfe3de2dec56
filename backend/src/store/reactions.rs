//! The reactions of a message: the rules by which every engine accepts another one.

use super::{REACTIONS_MAX, Refusal};
use common::ids::{Seq, UserId};
use common::text::Emoji;
use std::collections::{HashMap, HashSet};

/// The last word of each user on each reaction.
#[derive(Debug, Default)]
pub(super) struct Reactions(HashMap<(UserId, Emoji), (Seq, bool)>);

/// What becomes of an event that wants to change a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    /// The log takes it.
    Take,
    /// It says what the log says already, at this place.
    Said(Seq),
    /// The log does not take it.
    Refuse(Refusal),
}

impl Reactions {
    /// Takes in an event of the log; they come in its order.
    pub(super) fn note(&mut self, seq: Seq, user: UserId, emoji: Emoji, on: bool) {
        self.0.insert((user, emoji), (seq, on));
    }

    /// What becomes of a reaction: one that changes nothing is not said twice, and taking away what
    /// was never there is refused.
    pub(super) fn judge(&self, user: &UserId, emoji: &Emoji, on: bool) -> Decision {
        match self.0.get(&(user.clone(), emoji.clone())) {
            Some((seq, now)) if *now == on => return Decision::Said(*seq),
            None if !on => return Decision::Refuse(Refusal::NoSuchReaction),
            _ => {}
        }
        let present = self
            .0
            .iter()
            .filter(|(_, (_, on))| *on)
            .map(|((_, emoji), _)| emoji);
        let others: HashSet<_> = present.filter(|known| *known != emoji).collect();
        if on && others.len() >= REACTIONS_MAX {
            return Decision::Refuse(Refusal::TooManyReactions);
        }
        Decision::Take
    }
}
