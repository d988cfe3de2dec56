//! The limit of what is read over HTTP: requests are counted before they are answered, and the bytes of
//! responses afterwards. Both are charged to the client's payer.

use super::AppState;
use super::address::Address;
use super::error::HttpError;
use crate::limits::{Limit, Payer, PayerBuckets};
use axum::body::HttpBody as _;
use axum::extract::{Request, State};
use axum::http::{Extensions, Method};
use axum::middleware::Next;
use axum::response::Response;
use std::sync::{Arc, OnceLock};

/// Who is charged for the answer; set while the request is handled.
#[derive(Clone, Default)]
struct Account(Arc<OnceLock<Arc<PayerBuckets>>>);

/// Charges for the bytes of an answer to a reading request.
pub async fn charge(mut request: Request, next: Next) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return next.run(request).await;
    }
    let account = Account::default();
    request.extensions_mut().insert(account.clone());
    let response = next.run(request).await;
    if let Some(buckets) = account.0.get() {
        let bytes = response.body().size_hint().lower();
        buckets.charge_read(usize::try_from(bytes).unwrap_or(usize::MAX));
    }
    response
}

/// Takes a token for a reading request, and notes who is charged for its answer. Does nothing for other
/// requests.
///
/// # Errors
/// The payer has read too much in a short time.
pub fn admit(app: &AppState, extensions: &Extensions, payer: &Payer) -> Result<(), HttpError> {
    let Some(account) = extensions.get::<Account>() else {
        return Ok(());
    };
    let buckets = app.limits.buckets(payer);
    buckets.take(Limit::Reads).map_err(HttpError)?;
    buckets.take(Limit::ReadBytes).map_err(HttpError)?;
    // A request has one payer; where it were asked for twice, the first one stays.
    let _ = account.0.set(buckets);
    Ok(())
}

/// Admits a reading request from an address, regardless of the user.
pub async fn admit_address(
    State(app): State<AppState>,
    Address(subnet): Address,
    request: Request,
    next: Next,
) -> Result<Response, HttpError> {
    admit(&app, request.extensions(), &Payer::Address(subnet.number()))?;
    Ok(next.run(request).await)
}
