//! Who the reader is.

use super::memory;
use crate::api::{self, ApiError};
use crate::platform::page;
use common::reply::User;
use common::text::UserName;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// What is known about the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Session {
    /// The server has not answered yet.
    Unknown,
    /// The server could not be asked.
    Failed(ApiError),
    /// Nobody: a name must be chosen.
    Nobody,
    /// This user.
    Known(User),
}

/// Owner of the session.
#[derive(Clone, Copy)]
pub struct SessionState {
    session: RwSignal<Session>,
}

impl SessionState {
    /// A session nobody has asked about yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            session: RwSignal::new(Session::Unknown),
        }
    }

    /// The session, tracked.
    #[must_use]
    pub fn get(self) -> Session {
        self.session.get()
    }

    /// Asks the server who the reader is. What was known before stays until it answers.
    pub fn load(self) {
        spawn_local(async move {
            let session = match api::session().await {
                Ok(Some(user)) => Session::Known(user),
                Ok(None) => Session::Nobody,
                Err(error) => Session::Failed(error),
            };
            self.set(session);
        });
    }

    /// Asks again on behalf of a connection that the server took for somebody else. A failure
    /// changes nothing: the connection will ask again.
    pub fn check(self) {
        spawn_local(async move {
            match api::session().await {
                Ok(Some(user)) => self.set(Session::Known(user)),
                Ok(None) => self.set(Session::Nobody),
                Err(_) => {}
            }
        });
    }

    fn set(self, session: Session) {
        if self.session.try_with_untracked(|old| *old != session) == Some(true) {
            self.session.set(session);
        }
        page::remove_boot_screen();
    }

    /// Signs in under a name.
    ///
    /// # Errors
    /// Why the server would not have it.
    pub async fn sign_in(self, name: UserName) -> Result<(), ApiError> {
        let user = api::sign_in(name).await?;
        self.set(Session::Known(user));
        Ok(())
    }

    /// Signs out and forgets what the browser remembered of this user. Where the server cannot be
    /// told, the user stays signed in.
    ///
    /// # Errors
    /// Why the server could not be told.
    pub async fn sign_out(self) -> Result<(), ApiError> {
        api::sign_out().await?;
        memory::forget_user();
        self.set(Session::Nobody);
        Ok(())
    }
}

impl Default for SessionState {
    fn default() -> Self {
        Self::new()
    }
}
