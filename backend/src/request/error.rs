//! Refusals over HTTP: error frames of the protocol with the HTTP status that fits the code.

use crate::auth::AuthError;
use crate::store::StoreError;
use axum::Json;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use common::{ErrorCode, ErrorFrame};

/// What a handler returns.
pub type HttpResult<T> = Result<T, HttpError>;

/// An error frame on its way out over HTTP.
#[derive(Debug, Clone)]
pub struct HttpError(pub ErrorFrame);

impl HttpError {
    /// A fault of the server's own: the log has the details, the client does not.
    pub fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!(%error, "a request failed");
        Self(ErrorFrame::new(
            ErrorCode::Internal,
            "the server failed; try again",
        ))
    }

    /// The node is going away.
    #[must_use]
    pub fn shutting_down() -> Self {
        Self(ErrorFrame::new(
            ErrorCode::ShuttingDown,
            "the server is going away",
        ))
    }

    /// A field that is not what it should be.
    #[must_use]
    pub fn invalid(code: ErrorCode, what: &str, why: impl std::fmt::Display) -> Self {
        Self(ErrorFrame::new(code, format!("{what} is refused: {why}")))
    }
}

fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::NotFound
        | ErrorCode::NoSuchRoom
        | ErrorCode::NoSuchUser
        | ErrorCode::NoSuchInvitation
        | ErrorCode::NoSuchSanction => StatusCode::NOT_FOUND,
        ErrorCode::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
        ErrorCode::UnsupportedVersion => StatusCode::UPGRADE_REQUIRED,
        ErrorCode::BodyTooLarge | ErrorCode::MessageTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        ErrorCode::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
        ErrorCode::ForeignOrigin
        | ErrorCode::ReservedRoom
        | ErrorCode::Forbidden
        | ErrorCode::Banned
        | ErrorCode::Muted
        | ErrorCode::RoomLocked
        | ErrorCode::RoomArchived
        | ErrorCode::ClaimRequired
        | ErrorCode::NotOffered => StatusCode::FORBIDDEN,
        ErrorCode::ForeignHost => StatusCode::MISDIRECTED_REQUEST,
        ErrorCode::Unauthenticated | ErrorCode::TokenExpired | ErrorCode::SignInRefused => {
            StatusCode::UNAUTHORIZED
        }
        ErrorCode::RateLimited | ErrorCode::SlowMode | ErrorCode::TooManyConnections => {
            StatusCode::TOO_MANY_REQUESTS
        }
        ErrorCode::NameTaken | ErrorCode::RoomTaken | ErrorCode::IdReused => StatusCode::CONFLICT,
        ErrorCode::Overloaded | ErrorCode::StoreUnavailable | ErrorCode::ShuttingDown => {
            StatusCode::SERVICE_UNAVAILABLE
        }
        ErrorCode::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        _ => StatusCode::BAD_REQUEST,
    }
}

impl IntoResponse for HttpError {
    fn into_response(self) -> Response {
        let retry_after = self.0.retry_after_ms.map(|ms| ms.div_ceil(1000));
        let is_other_version = self.0.code == ErrorCode::UnsupportedVersion;
        let mut response = (status(self.0.code), Json(self.0)).into_response();
        if let Some(seconds) = retry_after {
            response
                .headers_mut()
                .insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        if is_other_version {
            // RFC 6455, section 4.4, and RFC 9110, section 15.5.22.
            let headers = response.headers_mut();
            headers.insert(header::UPGRADE, HeaderValue::from_static("websocket"));
            headers.insert(
                header::SEC_WEBSOCKET_VERSION,
                HeaderValue::from_static("13"),
            );
        }
        response
    }
}

impl From<StoreError> for HttpError {
    fn from(error: StoreError) -> Self {
        Self(error.to_frame())
    }
}

impl From<AuthError> for HttpError {
    fn from(error: AuthError) -> Self {
        let code = match error {
            AuthError::NameTaken(_) => ErrorCode::NameTaken,
            AuthError::InvalidName(_) => ErrorCode::InvalidName,
            AuthError::Refused => ErrorCode::SignInRefused,
            AuthError::Unauthenticated => ErrorCode::Unauthenticated,
            AuthError::Expired => ErrorCode::TokenExpired,
            AuthError::InvalidPassword(_) => ErrorCode::InvalidPassword,
            AuthError::ClaimRequired => ErrorCode::ClaimRequired,
            AuthError::NotOffered(_) => ErrorCode::NotOffered,
            AuthError::Overloaded => ErrorCode::Overloaded,
            AuthError::Store(error) => return error.into(),
            AuthError::RandomSource(_) | AuthError::Hashing(_) | AuthError::Keys(_) => {
                return Self::internal(&error);
            }
        };
        Self(ErrorFrame::new(code, error.to_string()))
    }
}
