//! `/api/v1/session`: who the user is, signing in, and signing out.

use super::{ApiError, act, is_good, json, read, send, send_once};
use common::api::paths;
use common::api::{AccountSignIn, Refresh, SessionReply, SignIn, SignUp};
use common::text::UserName;
use common::token::Password;

/// What became of getting new tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refreshing {
    /// There are new ones.
    Done(Box<SessionReply>),
    /// There are none to be had any more: the sign-in has ended.
    Over,
    /// The server could not be asked.
    Unreachable,
}

/// Whom the server takes this browser for.
///
/// # Errors
/// See [`ApiError`].
pub async fn session() -> Result<SessionReply, ApiError> {
    let reply = send("GET", paths::SESSION, None).await?;
    if reply.status == 401 {
        return Ok(SessionReply::default());
    }
    read(&reply)
}

/// Signs in as a guest.
///
/// # Errors
/// See [`ApiError`]; the name may be taken.
pub async fn continue_as_guest(name: UserName) -> Result<SessionReply, ApiError> {
    let body = json(&SignIn { name })?;
    read(&send_once("POST", paths::SESSION, Some(&body)).await?)
}

/// Signs in to an account.
///
/// # Errors
/// See [`ApiError`]; it is not said whether name or password is wrong.
pub async fn sign_in(name: UserName, password: Password) -> Result<SessionReply, ApiError> {
    let body = json(&AccountSignIn {
        name,
        password,
        tokens: false,
        label: None,
    })?;
    read(&send_once("POST", paths::SESSION, Some(&body)).await?)
}

/// Makes an account, of the guest whom the cookie names if it is the guest's name, and signs in.
///
/// # Errors
/// See [`ApiError`].
pub async fn sign_up(
    name: UserName,
    password: Password,
    claim: Option<String>,
) -> Result<SessionReply, ApiError> {
    let body = json(&SignUp {
        name,
        password,
        claim,
        tokens: false,
        label: None,
    })?;
    read(&send_once("POST", paths::ACCOUNTS, Some(&body)).await?)
}

/// Gets new tokens. Tabs that do it at the same time get the same ones.
pub async fn refresh() -> Refreshing {
    let Ok(body) = json(&Refresh::default()) else {
        return Refreshing::Unreachable;
    };
    match send_once("POST", paths::SESSION_REFRESH, Some(&body)).await {
        Ok(reply) if is_good(&reply) => read(&reply).map_or(Refreshing::Unreachable, |reply| {
            Refreshing::Done(Box::new(reply))
        }),
        Ok(reply) if reply.status == 401 => Refreshing::Over,
        // Busy, away, or a proxy that answers for it: the tokens may be as good as before.
        Ok(_) | Err(_) => Refreshing::Unreachable,
    }
}

/// Signs out.
///
/// # Errors
/// See [`ApiError`].
pub async fn sign_out() -> Result<(), ApiError> {
    act("DELETE", paths::SESSION, None).await
}
