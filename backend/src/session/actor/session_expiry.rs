//! When the authentication of a connection expires: at the end of its token's lifetime, after a grace
//! period in which the client can authenticate again.

use super::{End, Session};
use crate::auth::{AuthError, Visitor};
use crate::room::PermissionHolder;
use common::command::Authenticate;
use common::ids::RequestId;
use common::reply::Expiring;
use common::{CloseCode, ErrorCode, ErrorFrame, ServerFrame};
use std::time::Duration;

impl Session {
    /// Sees to it that the session is told when the stay runs out.
    pub(super) fn schedule_expiry(&self) {
        if let Some(until) = self.visitor.until() {
            let left_ms = until.0.saturating_sub(self.hub.now().0);
            self.link.tell_after(Duration::from_millis(left_ms));
        }
    }

    /// The shard's clock is that of its last tick, so it may tell a tick too soon.
    fn is_early(&self) -> bool {
        let now = self.hub.now();
        self.visitor.until().is_some_and(|until| now < until)
    }

    /// The time has come. The first time the client is asked for a proof; the second time it goes.
    pub(super) fn check_expiry(&mut self) -> Option<End> {
        if !self.is_asked && self.is_early() {
            self.schedule_expiry();
            return None;
        }
        let grace = self.config.accounts.config().expiry_grace;
        if self.is_asked || grace.is_zero() {
            let why = "the sign-in ran out";
            return Some(End::Close(CloseCode::SignInExpired, why));
        }
        self.is_asked = true;
        let close_in_ms = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        self.link
            .push(&ServerFrame::Expiring(Expiring { close_in_ms }));
        self.link.tell_after(grace);
        None
    }

    /// Looks anew who this is, and until when. The connection keeps its place.
    pub(super) async fn authenticate(&mut self, proof: Authenticate) {
        let id = proof.id.clone();
        match self.prove(proof).await {
            Err(error) => self.refuse(error.answering(id)),
            Ok(visitor) => self.extend_session(visitor, id),
        }
    }

    async fn prove(&self, proof: Authenticate) -> Result<Visitor, ErrorFrame> {
        let (accounts, as_of) = (&self.config.accounts, self.hub.connections.disconnects());
        let found = match (&proof.token, self.visitor.sign_in_session()) {
            (Some(token), _) if self.visitor.until().is_some() => {
                accounts.by_bearer(token.expose(), as_of).await
            }
            (None, Some(session)) => accounts.by_sign_in(&session.sign_in, as_of).await,
            _ => {
                let why = "this connection rests on no token; come anew with one";
                return Err(ErrorFrame::new(ErrorCode::Unauthenticated, why));
            }
        };
        let visitor = found.map_err(|error| explain(&error))?;
        if visitor.user.id != self.visitor.user.id {
            let why = "the token is another user's; come anew with it";
            return Err(ErrorFrame::new(ErrorCode::Forbidden, why));
        }
        Ok(visitor)
    }

    fn extend_session(&mut self, visitor: Visitor, id: Option<RequestId>) {
        self.visitor = visitor;
        self.is_asked = false;
        // It may rest on another sign-in now, and what ended meanwhile ends it.
        self.arrival = Some(Self::register_connection(
            &self.hub,
            &self.visitor,
            &self.link,
        ));
        self.schedule_expiry();
        // It may have another role now.
        self.link.recheck_permissions();
        self.done(id);
    }
}

fn explain(error: &AuthError) -> ErrorFrame {
    let code = match error {
        AuthError::Expired => ErrorCode::TokenExpired,
        AuthError::Store(error) => return error.to_frame(),
        _ => ErrorCode::Unauthenticated,
    };
    ErrorFrame::new(code, error.to_string())
}
