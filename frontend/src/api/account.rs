//! The reader's own account: `/api/v1/account`, `/api/v1/password`, `/api/v1/sign-ins`.

use super::{ApiError, act, get, json};
use common::api::{AccountSummary, ChangePassword, SignInList, SignInSummary};
use common::ids::SignInId;
use common::token::Password;

const ACCOUNT: &str = "/api/v1/account";
const PASSWORD: &str = "/api/v1/password";
const SIGN_INS: &str = "/api/v1/sign-ins";

/// The account.
///
/// # Errors
/// See [`ApiError`].
pub async fn account() -> Result<AccountSummary, ApiError> {
    get(ACCOUNT).await
}

/// Changes the password; all other sign-ins end.
///
/// # Errors
/// See [`ApiError`]; the present one may be wrong.
pub async fn change_password(present: Password, new: Password) -> Result<(), ApiError> {
    let body = json(&ChangePassword { present, new })?;
    act("PUT", PASSWORD, Some(&body)).await
}

/// Where the account is signed in, the latest used first.
///
/// # Errors
/// See [`ApiError`].
pub async fn sign_ins() -> Result<Vec<SignInSummary>, ApiError> {
    get::<SignInList>(SIGN_INS).await.map(|list| list.sign_ins)
}

/// Ends one of them.
///
/// # Errors
/// See [`ApiError`].
pub async fn end_sign_in(id: &SignInId) -> Result<(), ApiError> {
    act("DELETE", &format!("{SIGN_INS}/{id}"), None).await
}

/// Ends all but this one.
///
/// # Errors
/// See [`ApiError`].
pub async fn end_other_sign_ins() -> Result<(), ApiError> {
    act("DELETE", SIGN_INS, None).await
}
