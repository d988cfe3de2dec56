//! The reader's own account: `/api/v1/account`, `/api/v1/password`, `/api/v1/sign-ins`.

use super::{ApiError, act, get, json};
use common::api::paths::{self, fill};
use common::api::{AccountSummary, ChangePassword, SignInList, SignInSummary};
use common::ids::SignInId;
use common::token::Password;

/// The account.
///
/// # Errors
/// See [`ApiError`].
pub async fn account() -> Result<AccountSummary, ApiError> {
    get(paths::OWN_ACCOUNT).await
}

/// Changes the password; all other sign-ins end.
///
/// # Errors
/// See [`ApiError`]; the present one may be wrong.
pub async fn change_password(present: Password, new: Password) -> Result<(), ApiError> {
    let body = json(&ChangePassword { present, new })?;
    act("PUT", paths::PASSWORD, Some(&body)).await
}

/// Where the account is signed in, the latest used first.
///
/// # Errors
/// See [`ApiError`].
pub async fn sign_ins() -> Result<Vec<SignInSummary>, ApiError> {
    get::<SignInList>(paths::SIGN_INS)
        .await
        .map(|list| list.sign_ins)
}

/// Ends one of them.
///
/// # Errors
/// See [`ApiError`].
pub async fn end_sign_in(id: &SignInId) -> Result<(), ApiError> {
    act("DELETE", &fill(paths::ONE_SIGN_IN, &[id.as_str()]), None).await
}

/// Ends all but this one.
///
/// # Errors
/// See [`ApiError`].
pub async fn end_other_sign_ins() -> Result<(), ApiError> {
    act("DELETE", paths::SIGN_INS, None).await
}
