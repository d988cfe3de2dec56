//! JSON bodies of requests.

use crate::request::error::HttpError;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request};
use axum::http::{HeaderMap, StatusCode, header};
use common::json::{self, JsonError, replace_lone_surrogates};
use common::{ErrorCode, ErrorFrame};
use serde::de::DeserializeOwned;

/// The text of a body that is declared as JSON. (Requiring the declaration also keeps plain HTML forms
/// of other sites out.)
pub(super) struct JsonText(pub(super) String);

/// A JSON body, read as a `T`.
pub(super) struct JsonBody<T>(pub(super) T);

impl<S: Send + Sync> FromRequest<S> for JsonText {
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Self, HttpError> {
        if !is_json(request.headers()) {
            let why = "the body must be declared as `Content-Type: application/json`";
            return Err(refuse(ErrorCode::UnsupportedMediaType, why));
        }
        let body = Bytes::from_request(request, state).await;
        let body = body.map_err(|rejection| match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => refuse(
                ErrorCode::BodyTooLarge,
                "the body is larger than this address accepts",
            ),
            _ => refuse(
                ErrorCode::MalformedFrame,
                "the body did not arrive completely",
            ),
        })?;
        let text = std::str::from_utf8(&body)
            .map_err(|_| refuse(ErrorCode::MalformedFrame, "the body is not valid UTF-8"))?;
        Ok(Self(text.to_owned()))
    }
}

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = HttpError;

    async fn from_request(request: Request, state: &S) -> Result<Self, HttpError> {
        let JsonText(text) = JsonText::from_request(request, state).await?;
        let read = json::read(&replace_lone_surrogates(&text));
        read.map(Self).map_err(|error| match error {
            JsonError::Syntax(why) => refuse(ErrorCode::MalformedFrame, why),
            JsonError::Field(why) => refuse(ErrorCode::InvalidField, why),
        })
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok())
        .and_then(|kind| kind.split(';').next())
        .unwrap_or_default();
    kind.trim().eq_ignore_ascii_case("application/json")
}

fn refuse(code: ErrorCode, why: impl Into<String>) -> HttpError {
    HttpError(ErrorFrame::new(code, why))
}
