//! Questions about presence, for light clients in one room whose plan watches it.

use super::presence::PresenceReceived;
use super::tally::lock_ignoring_poison;
use super::{Ledger, LightClients};
use anyhow::{Context as _, Result};
use std::sync::MutexGuard;

impl LightClients {
    /// Whether the first so many members all know that they are alone.
    pub(crate) fn all_know(&self, members: usize) -> Result<bool> {
        self.tally.check()?;
        let mut ledger = self.watched()?;
        let book = ledger.presence.as_mut().context(UNWATCHED)?;
        Ok(book.all_know(members, members))
    }

    /// What the first so many members were told since this was last asked, and whether they know
    /// that it is they who are there.
    pub(crate) fn heard(&self, members: usize) -> Result<PresenceReceived> {
        let names = (0..members).map(|number| self.plan.name(number)).collect();
        let mut ledger = self.watched()?;
        let book = ledger.presence.as_mut().context(UNWATCHED)?;
        Ok(book.take(members, &names))
    }

    /// All but the first so many members are gone at once and without a word, like closed tabs.
    pub(crate) fn leave_but(&self, members: usize) {
        let leaving = self.tasks.iter().skip(members);
        leaving.for_each(tokio::task::AbortHandle::abort);
    }

    fn watched(&self) -> Result<MutexGuard<'_, Ledger>> {
        let ledger = self.ledgers.first().context("there are no rooms")?;
        Ok(lock_ignoring_poison(ledger))
    }
}

const UNWATCHED: &str = "the plan does not watch presence";
