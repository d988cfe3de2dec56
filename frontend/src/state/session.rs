//! Who the reader is, and how one may come in here.

use super::saved_state;
use crate::api::{self, ApiError};
use crate::platform::{clock, page, storage};
use common::api::{SessionReply, SignInOptions};
use common::client::Millis;
use common::ids::SignInId;
use common::role::Role;
use common::text::UserName;
use common::token::Password;
use common::user::User;
use leptos::ev;
use leptos::prelude::*;
use leptos::task::spawn_local;

/// The reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Me {
    /// As others see the reader.
    pub user: User,
    /// What the reader is on the node, as last heard over HTTP.
    pub role: Role,
    /// The sign-in of an account; none for a guest.
    pub sign_in: Option<SignInId>,
    /// Until when the present token holds.
    pub holds_until: Option<Millis>,
}

impl Me {
    /// What an answer says about the reader; nothing where it is nobody.
    #[must_use]
    pub fn of(reply: SessionReply, now: Millis) -> Option<Self> {
        Some(Self {
            user: reply.user?,
            role: reply.role,
            sign_in: reply.sign_in,
            holds_until: reply.expires_in_ms.map(|ms| now.plus(ms)),
        })
    }

    /// A guest of this name.
    #[must_use]
    pub fn guest(user: User) -> Self {
        Self {
            user,
            role: Role::Guest,
            sign_in: None,
            holds_until: None,
        }
    }

    /// Whether the reader has an account.
    #[must_use]
    pub fn has_account(&self) -> bool {
        self.sign_in.is_some()
    }

    /// Whether this is the same stay: what merely holds longer now is no reason to begin anew.
    #[must_use]
    fn is_same_stay(&self, other: &Self) -> bool {
        self.user == other.user && self.sign_in == other.sign_in
    }
}

/// Why the reader, who was somebody, is nobody now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SessionEnd {
    /// The sign-in of an account has ended, on this device's behalf or another's.
    Ended,
    /// A guest's name is not held any more.
    Released,
    /// A guest wants to sign in to an account.
    Changing,
}

/// What is known about the reader.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Session {
    /// The server has not answered yet.
    Unknown,
    /// The server could not be asked.
    Failed(ApiError),
    /// Nobody: a name must be chosen, or somebody must sign in.
    Nobody(Option<SessionEnd>),
    /// Somebody.
    Known(Me),
}

impl Session {
    fn is_like(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Known(one), Self::Known(other)) => one.is_same_stay(other),
            _ => self == other,
        }
    }

    /// What it is when this somebody is nobody any more.
    fn session_end(&self) -> Option<SessionEnd> {
        match self {
            Self::Known(me) if me.has_account() => Some(SessionEnd::Ended),
            Self::Known(_) => Some(SessionEnd::Released),
            Self::Nobody(session_end) => *session_end,
            Self::Unknown | Self::Failed(_) => None,
        }
    }
}

/// Owner of the session.
#[derive(Clone, Copy)]
pub struct SessionState {
    session: RwSignal<Session>,
    ways: RwSignal<SignInOptions>,
}

impl SessionState {
    /// A session nobody has asked about yet. Follows what other tabs of this browser do.
    #[must_use]
    pub fn new() -> Self {
        let state = Self {
            session: RwSignal::new(Session::Unknown),
            ways: RwSignal::new(SignInOptions {
                guests: true,
                sign_up: true,
                claimed: true,
                claim_code: false,
            }),
        };
        let elsewhere = window_event_listener(ev::storage, move |event| {
            if storage::changed_key(&event).is_some_and(|key| saved_state::is_session(&key)) {
                state.check();
            }
        });
        on_cleanup(move || elsewhere.remove());
        state
    }

    /// The session, tracked.
    #[must_use]
    pub fn get(self) -> Session {
        self.session.get()
    }

    /// How one may come in here, tracked.
    #[must_use]
    pub fn ways(self) -> SignInOptions {
        self.ways.get()
    }

    /// Whether the reader has an account, tracked.
    #[must_use]
    pub fn has_account(self) -> bool {
        self.session
            .with(|session| matches!(session, Session::Known(me) if me.has_account()))
    }

    /// Asks the server who the reader is. What was known before stays until it answers.
    pub fn load(self) {
        spawn_local(async move {
            match api::session::session().await {
                Ok(reply) => self.take(reply, None),
                Err(error) => self.set(Session::Failed(error)),
            }
        });
    }

    /// Asks again, on behalf of a connection that the server took for somebody else, or because
    /// another tab has changed something. A failure changes nothing: it will be asked again.
    pub fn check(self) {
        spawn_local(async move {
            if let Ok(reply) = api::session::session().await {
                let before = self.session.try_with_untracked(Session::session_end);
                let session_end = before.flatten();
                self.take(reply, session_end);
            }
        });
    }

    /// The server has ended this sign-in. Another one, which another tab may have begun meanwhile,
    /// takes its place; else somebody has to sign in, and what is unsent waits for that.
    pub fn ended(self, me: &Me) {
        let me = me.clone();
        spawn_local(async move {
            // Also for the sake of the cookies, which the answer takes away.
            let reply = api::session::session().await.ok();
            if let Some(ways) = reply.as_ref().and_then(|reply| reply.ways) {
                let _ = self.ways.try_set(ways);
            }
            let now_another =
                reply.filter(|reply| reply.sign_in.is_some() && reply.sign_in != me.sign_in);
            match now_another {
                Some(reply) => self.take(reply, None),
                None => self.set(Session::Nobody(Some(SessionEnd::Ended))),
            }
        });
    }

    fn take(self, reply: SessionReply, session_end: Option<SessionEnd>) {
        if let Some(ways) = reply.ways {
            let _ = self.ways.try_set(ways);
        }
        self.set(match Me::of(reply, clock::now()) {
            Some(me) => Session::Known(me),
            None => Session::Nobody(session_end),
        });
    }

    fn set(self, session: Session) {
        if self.session.try_with_untracked(|old| old.is_like(&session)) == Some(false) {
            self.session.set(session);
        }
        page::remove_boot_screen();
    }

    /// Comes in under a name, as a guest.
    ///
    /// # Errors
    /// Why the server would not have it.
    pub async fn continue_as_guest(self, name: UserName) -> Result<(), ApiError> {
        self.arrive(api::session::continue_as_guest(name).await?)
    }

    /// Signs in to an account.
    ///
    /// # Errors
    /// Why the server would not have it.
    pub async fn sign_in(self, name: UserName, password: Password) -> Result<(), ApiError> {
        self.arrive(api::session::sign_in(name, password).await?)
    }

    /// Makes an account, of the guest where the reader is one, and signs in.
    ///
    /// # Errors
    /// Why the server would not have it.
    pub async fn sign_up(
        self,
        name: UserName,
        password: Password,
        claim: Option<String>,
    ) -> Result<(), ApiError> {
        self.arrive(api::session::sign_up(name, password, claim).await?)
    }

    fn arrive(self, reply: SessionReply) -> Result<(), ApiError> {
        let me = Me::of(reply, clock::now()).ok_or(ApiError::Unreadable)?;
        if me.has_account() {
            let _ = self.ways.try_update(|ways| {
                ways.claimed = true;
                ways.claim_code = false;
            });
        }
        self.set(Session::Known(me));
        saved_state::tell_session_changed();
        Ok(())
    }

    /// Leaves a guest's page for that on which one signs in. The guest's name is held until then.
    pub fn change(self) {
        self.set(Session::Nobody(Some(SessionEnd::Changing)));
        spawn_local(async move {
            // There may be accounts since the page was opened.
            let reply = api::session::session().await;
            if let Some(ways) = reply.ok().and_then(|reply| reply.ways) {
                let _ = self.ways.try_set(ways);
            }
        });
    }

    /// Signs out, in all tabs, and forgets what the browser remembered of this user. Where the
    /// server cannot be told, the user stays signed in.
    ///
    /// # Errors
    /// Why the server could not be told.
    pub async fn sign_out(self) -> Result<(), ApiError> {
        api::session::sign_out().await?;
        saved_state::forget_user();
        saved_state::tell_session_changed();
        self.set(Session::Nobody(None));
        Ok(())
    }
}

impl Default for SessionState {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn an_answer_says_who_one_is_and_until_when() {
        let read = |json: &str| Me::of(serde_json::from_str(json).unwrap(), Millis(1000));
        assert_eq!(read(r#"{"user":null}"#), None);
        let guest = read(r#"{"user":{"id":"u1","name":"Ada"}}"#).unwrap();
        assert_eq!(guest, Me::guest(guest.user.clone()));
        let account = read(
            r#"{"user":{"id":"u1","name":"Ada"},"role":"admin","sign_in":"s1","expires_in_ms":500}"#,
        )
        .unwrap();
        assert!(account.has_account() && !guest.has_account());
        assert_eq!(account.holds_until, Some(Millis(1500)));
        assert!(!account.is_same_stay(&guest));
        let later = Me {
            holds_until: None,
            ..account.clone()
        };
        assert!(account.is_same_stay(&later));
    }
}
