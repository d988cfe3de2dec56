//! The HTTP API, as far as the page uses it: who the reader is and may come in as, accounts, and what
//! is done about rooms. Everything else goes over the socket.
//!
//! The reader's tokens are in cookies that the page cannot see. One that has run out is refreshed
//! here, in passing, and the request made again.

pub mod account;
pub mod admin;
pub mod rooms;
pub mod session;

use crate::platform::fetch::{Reply, fetch};
use common::{ErrorCode, ErrorFrame};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// Why a call came to nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ApiError {
    /// No answer: the network, or the server, is away.
    Unreachable,
    /// The server said no.
    Refused(ErrorFrame),
    /// An answer that is not this protocol's: something else stands at this address.
    Unreadable,
}

impl ApiError {
    /// The server's code, where it said one.
    #[must_use]
    pub fn code(&self) -> Option<ErrorCode> {
        match self {
            Self::Refused(frame) => Some(frame.code),
            Self::Unreachable | Self::Unreadable => None,
        }
    }
}

async fn get<T: DeserializeOwned>(path: &str) -> Result<T, ApiError> {
    read(&send("GET", path, None).await?)
}

/// Sends a request whose answer says nothing beyond "done".
async fn act(method: &str, path: &str, body: Option<&str>) -> Result<(), ApiError> {
    let reply = send(method, path, body).await?;
    if is_good(&reply) {
        Ok(())
    } else {
        Err(refusal(&reply))
    }
}

fn json(body: &impl Serialize) -> Result<String, ApiError> {
    serde_json::to_string(body).map_err(|_| ApiError::Unreadable)
}

/// Sends a request; with new tokens once more, where those of the first one have run out, or were
/// replaced by another tab while it was on its way.
async fn send(method: &str, path: &str, body: Option<&str>) -> Result<Reply, ApiError> {
    let reply = send_once(method, path, body).await?;
    let stale = [ErrorCode::TokenExpired, ErrorCode::Unauthenticated];
    if reply.status != 401
        || !refusal(&reply)
            .code()
            .is_some_and(|code| stale.contains(&code))
    {
        return Ok(reply);
    }
    match session::refresh().await {
        session::Refreshing::Unreachable => Err(ApiError::Unreachable),
        // Where the sign-in has ended, its cookies are gone now, and the answer says the truth.
        session::Refreshing::Done(_) | session::Refreshing::Over => {
            send_once(method, path, body).await
        }
    }
}

async fn send_once(method: &str, path: &str, body: Option<&str>) -> Result<Reply, ApiError> {
    fetch(method, path, body)
        .await
        .map_err(|_| ApiError::Unreachable)
}

fn is_good(reply: &Reply) -> bool {
    (200..300).contains(&reply.status)
}

fn read<T: DeserializeOwned>(reply: &Reply) -> Result<T, ApiError> {
    if !is_good(reply) {
        return Err(refusal(reply));
    }
    common::json::from_str(&reply.text).map_err(|_| ApiError::Unreadable)
}

fn refusal(reply: &Reply) -> ApiError {
    match common::json::from_str(&reply.text) {
        Ok(frame) => ApiError::Refused(frame),
        // A proxy before a server that is away answers for it, and not in JSON.
        Err(_) if matches!(reply.status, 502..=504) => ApiError::Unreachable,
        Err(_) => ApiError::Unreadable,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use common::api::RoomList;
    use wasm_bindgen_test::wasm_bindgen_test;

    #[wasm_bindgen_test]
    fn an_answer_is_good_or_says_why_not() {
        let read = |status, text: &str| {
            read::<RoomList>(&Reply {
                status,
                text: text.to_owned(),
            })
        };
        assert_eq!(
            read(200, r#"{"rooms":[]}"#).map(|list| list.rooms.len()),
            Ok(0)
        );
        assert_eq!(read(200, "<html>"), Err(ApiError::Unreadable));
        assert_eq!(read(502, "bad gateway"), Err(ApiError::Unreachable));
        assert_eq!(read(500, "oh"), Err(ApiError::Unreadable));
        let taken = r#"{"code":"name_taken","message":"taken","retryable":false}"#;
        let Err(ApiError::Refused(frame)) = read(409, taken) else {
            panic!("a refusal");
        };
        assert_eq!(frame.code, ErrorCode::NameTaken);
    }
}
