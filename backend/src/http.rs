//! The HTTP API: the router, and the state that every handler receives.

mod accounts;
mod admin;
mod audit;
mod fallback;
mod health;
mod json;
mod messages;
mod rooms;
mod session;

use crate::assets;
use crate::request::{AppState, guard, read_limit};
use crate::ws;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::request::Parts;
use axum::http::{HeaderValue, Method, header};
use axum::middleware;
use axum::routing::{delete, get, patch, post, put};
use common::api::paths;
use std::sync::Arc;
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::trace::TraceLayer;

/// What concerns rooms and order in them.
fn rooms() -> Router<AppState> {
    use rooms::{direct, invitations, list, members, node, sanctions, settings};
    Router::new()
        .route(paths::ROOMS, get(list::list).post(settings::make))
        .route(paths::SIMILAR_ROOMS, get(list::similar))
        .route(paths::ONE_ROOM, get(rooms::show).patch(settings::change))
        .route(paths::PRESENCE, get(rooms::presence))
        .route(paths::MEMBERS, get(members::list))
        .route(paths::ONE_MEMBER, put(members::put).delete(members::remove))
        .route(paths::SANCTIONS, get(sanctions::list).post(sanctions::make))
        .route(paths::ONE_SANCTION, delete(sanctions::lift))
        .route(
            paths::INVITATIONS,
            get(invitations::list).post(invitations::make),
        )
        .route(paths::ONE_INVITATION, delete(invitations::take_back))
        .route(paths::DIRECT, post(direct::open))
        .route(paths::NODE_SANCTIONS, get(node::list).post(node::make))
        .route(paths::ONE_NODE_SANCTION, delete(node::lift))
        .route(paths::INVITATION_PREVIEW, post(invitations::look))
        .route(paths::INVITATION_ACCEPT, post(invitations::accept))
}

/// Lets pages of the allowed origins use the API as they may use the socket (the Fetch standard,
/// "CORS protocol"). Origins are named one by one, so credentials may go with requests.
fn cors(app: &AppState) -> CorsLayer {
    let allowed = Arc::clone(&app.allowed_origins);
    let is_allowed = move |origin: &HeaderValue, _: &Parts| {
        let origin = origin.to_str().unwrap_or_default();
        let mut allowed = allowed.iter();
        allowed.any(|allowed| allowed.eq_ignore_ascii_case(origin))
    };
    CorsLayer::new()
        .allow_origin(AllowOrigin::predicate(is_allowed))
        .allow_credentials(true)
        .allow_methods([
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ])
        .allow_headers([header::AUTHORIZATION, header::CONTENT_TYPE])
        .expose_headers([header::RETRY_AFTER])
        .max_age(Duration::from_secs(600))
}

/// The whole HTTP surface. With `page`, also the page.
pub fn router(state: AppState, page: bool) -> Router {
    let api = Router::new()
        .route(
            paths::SESSION,
            get(session::show)
                .post(session::sign_in)
                .delete(session::sign_out),
        )
        .route(paths::SESSION_REFRESH, post(session::refresh))
        .route(
            paths::ACCOUNTS,
            get(admin::accounts).post(accounts::sign_up),
        )
        .route(paths::ONE_ACCOUNT, patch(admin::change_account))
        .route(paths::KEYS, get(admin::keys).post(admin::make_key))
        .route(paths::ONE_KEY, delete(admin::revoke_key))
        .route(paths::OWN_ACCOUNT, get(accounts::account))
        .route(paths::PASSWORD, put(accounts::change_password))
        .route(
            paths::SIGN_INS,
            get(accounts::sign_ins).delete(accounts::end_other_sign_ins),
        )
        .route(paths::ONE_SIGN_IN, delete(accounts::end_sign_in))
        .route(paths::AUDIT, get(audit::page))
        .merge(rooms())
        .route(paths::MESSAGES, get(messages::page).post(messages::publish))
        .route(paths::BROADCASTS, post(messages::broadcast));
    let router = Router::new()
        .merge(api)
        .route(paths::WEBSOCKET, get(ws::upgrade))
        .route(paths::HEALTH, get(health::health))
        .route(paths::READY, get(health::ready))
        .route(
            paths::STATS,
            get(health::stats).layer(middleware::from_fn_with_state(
                state.clone(),
                read_limit::admit_address,
            )),
        );
    let router = if page {
        router.merge(assets::routes())
    } else {
        router
    };
    router
        .fallback(move |method, uri, headers| fallback::unrouted(page, method, uri, headers))
        .method_not_allowed_fallback(fallback::method_not_allowed)
        .layer(middleware::from_fn_with_state(
            state.clone(),
            guard::refuse_foreign,
        ))
        // Outside of what refuses, so that a preflight is answered whatever the method.
        .layer(cors(&state))
        .layer(middleware::from_fn(read_limit::charge))
        .layer(DefaultBodyLimit::max(state.limits.config().body_bytes_max))
        .layer(middleware::map_response_with_state(
            state.clone(),
            guard::harden_response,
        ))
        // Faults are logged where they occur; a line for each refusal would be a second one.
        .layer(TraceLayer::new_for_http().on_failure(()))
        .with_state(state)
}
