//! Bans and mutes, prepared for a check with every frame.

use crate::store::Sanction;
use common::ids::UserId;
use common::room::SanctionKind;
use common::text::Line;
use common::time::Timestamp;
use std::collections::HashMap;

/// Those of one room, or of the node.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Sanctions {
    bans: Held,
    mutes: Held,
}

/// How long one holds, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Term {
    /// Until when; for good where there is none.
    pub until: Option<Timestamp>,
    /// Why.
    pub reason: Option<Line>,
}

impl Term {
    fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// Milliseconds that are left, where it ends.
    #[must_use]
    pub fn left_ms(&self, now: Timestamp) -> Option<u64> {
        self.until.map(|until| until.0.saturating_sub(now.0))
    }

    /// The longer of two.
    fn longer(self, other: Self) -> Self {
        match (self.until, other.until) {
            (None, _) => self,
            (_, None) => other,
            (one, two) if one >= two => self,
            _ => other,
        }
    }
}

/// Those of one kind.
#[derive(Debug, Default, PartialEq, Eq)]
struct Held {
    users: HashMap<UserId, Term>,
    addresses: HashMap<u64, Term>,
}

impl Held {
    fn add(&mut self, sanction: &Sanction) {
        let term = Term {
            until: sanction.until,
            reason: sanction.reason.clone(),
        };
        for address in &sanction.addresses {
            let known = self.addresses.remove(address);
            let longer = known.map_or(term.clone(), |known| known.longer(term.clone()));
            self.addresses.insert(*address, longer);
        }
        self.users.insert(sanction.user.id.clone(), term);
    }

    fn find(&self, user: &UserId, address: Option<u64>, now: Timestamp) -> Option<&Term> {
        let by_user = self.users.get(user);
        let by_address = address.and_then(|address| self.addresses.get(&address));
        let mut found = by_user.into_iter().chain(by_address);
        found.find(|term| term.holds(now))
    }

    fn terms(&self) -> impl Iterator<Item = &Term> {
        self.users.values().chain(self.addresses.values())
    }
}

impl Sanctions {
    /// These, ready to be asked for.
    #[must_use]
    pub fn of(list: &[Sanction]) -> Self {
        let mut all = Self::default();
        for sanction in list {
            match sanction.kind {
                SanctionKind::Ban => all.bans.add(sanction),
                SanctionKind::Mute => all.mutes.add(sanction),
            }
        }
        all
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.bans.users.is_empty() && self.mutes.users.is_empty()
    }

    /// The ban that holds for this user, or for the address where one is named.
    #[must_use]
    pub fn ban(&self, user: &UserId, address: Option<u64>, now: Timestamp) -> Option<&Term> {
        self.bans.find(user, address, now)
    }

    /// The mute that holds, likewise.
    #[must_use]
    pub fn mute(&self, user: &UserId, address: Option<u64>, now: Timestamp) -> Option<&Term> {
        self.mutes.find(user, address, now)
    }

    /// Whether addresses are treated alike.
    #[must_use]
    pub fn same_addresses(&self, other: &Self) -> bool {
        self.bans.addresses == other.bans.addresses && self.mutes.addresses == other.mutes.addresses
    }

    /// Users who are not treated alike.
    pub fn differing<'a>(&'a self, other: &'a Self) -> impl Iterator<Item = &'a UserId> {
        let pairs = [(&self.bans, &other.bans), (&self.mutes, &other.mutes)];
        pairs.into_iter().flat_map(|(one, two)| {
            let all = one.users.keys().chain(two.users.keys());
            all.filter(|user| one.users.get(*user) != two.users.get(*user))
        })
    }

    /// When the next one ends.
    #[must_use]
    pub fn next_end(&self) -> Option<Timestamp> {
        let terms = self.bans.terms().chain(self.mutes.terms());
        terms.filter_map(|term| term.until).min()
    }
}
