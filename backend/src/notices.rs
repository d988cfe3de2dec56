//! What was ended, here or by another process: its connections are closed.
//!
//! Everything that ends is written down by the store with what ended it. One task reads that, twice
//! a second and whenever this process has added to it.

use crate::auth::Accounts;
use crate::hub::{Ending, Hub};
use crate::store::{Notice, StoreError};
use common::CloseCode;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::MissedTickBehavior;
use tokio_util::sync::CancellationToken;

/// Time between two looks: what another process ends is closed within a second.
const EVERY: Duration = Duration::from_millis(500);

/// Looks between two that forget old notices: about an hour.
const FORGET_EVERY: u64 = 7200;

/// Starts the task behind what has been written down so far; it ends with `shutdown`.
///
/// # Errors
/// The store cannot be read.
pub async fn start(
    accounts: Arc<Accounts>,
    hub: Arc<Hub>,
    shutdown: CancellationToken,
) -> Result<(), StoreError> {
    let seen = accounts.last_notice().await?;
    tokio::spawn(async move {
        let watch = watch(&accounts, &hub, seen);
        shutdown.run_until_cancelled(watch).await;
    });
    Ok(())
}

async fn watch(accounts: &Accounts, hub: &Hub, mut seen: u64) {
    let mut looks = tokio::time::interval(EVERY);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for look in 1_u64.. {
        tokio::select! {
            _ = looks.tick() => {}
            () = accounts.ended() => {}
        }
        if let Err(error) = read(accounts, hub, &mut seen).await {
            tracing::error!(%error, "notices cannot be read; they are tried again");
        }
        if look.is_multiple_of(FORGET_EVERY)
            && let Err(error) = accounts.last_notice().await
        {
            tracing::warn!(%error, "old notices could not be forgotten");
        }
    }
}

async fn read(accounts: &Accounts, hub: &Hub, seen: &mut u64) -> Result<(), StoreError> {
    loop {
        let notices = accounts.notices(*seen).await?;
        if notices.is_empty() {
            return Ok(());
        }
        for (number, notice) in notices {
            *seen = number;
            if let Some(ending) = ending(notice) {
                hub.end(ending);
            }
        }
    }
}

fn ending(notice: Notice) -> Option<Ending> {
    let (user, sign_in, code) = match notice {
        Notice::UserEnded(user) => (user, None, CloseCode::SignInEnded),
        Notice::SignInEnded(user, id) => (user, Some(id), CloseCode::SignInEnded),
        Notice::RoleChanged(user) => (user, None, CloseCode::RoleChanged),
        Notice::NameHeld(_)
        | Notice::RoomChanged(_)
        | Notice::RoomsChanged { .. }
        | Notice::Kicked(..)
        | Notice::SanctionsChanged => return None,
    };
    Some(Ending {
        user,
        sign_in,
        code,
    })
}
