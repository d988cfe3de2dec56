//! The HTTP side: the router, and what every handler is given.

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
use std::sync::Arc;
use std::time::Duration;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::trace::TraceLayer;

/// What concerns rooms and order in them.
fn rooms() -> Router<AppState> {
    use rooms::{direct, invitations, list, members, node, sanctions, settings};
    Router::new()
        .route("/rooms", get(list::list).post(settings::make))
        .route("/rooms/similar", get(list::similar))
        .route("/rooms/{room}", get(rooms::show).patch(settings::change))
        .route("/rooms/{room}/presence", get(rooms::presence))
        .route("/rooms/{room}/members", get(members::list))
        .route(
            "/rooms/{room}/members/{user}",
            put(members::put).delete(members::remove),
        )
        .route(
            "/rooms/{room}/sanctions",
            get(sanctions::list).post(sanctions::make),
        )
        .route("/rooms/{room}/sanctions/{id}", delete(sanctions::lift))
        .route(
            "/rooms/{room}/invitations",
            get(invitations::list).post(invitations::make),
        )
        .route(
            "/rooms/{room}/invitations/{id}",
            delete(invitations::take_back),
        )
        .route("/direct", post(direct::open))
        .route("/sanctions", get(node::list).post(node::make))
        .route("/sanctions/{id}", delete(node::lift))
        .route("/invitations/look", post(invitations::look))
        .route("/invitations/accept", post(invitations::accept))
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
            "/session",
            get(session::show)
                .post(session::sign_in)
                .delete(session::sign_out),
        )
        .route("/session/refresh", post(session::refresh))
        .route("/accounts", get(admin::accounts).post(accounts::sign_up))
        .route("/accounts/{user}", patch(admin::change_account))
        .route("/keys", get(admin::keys).post(admin::make_key))
        .route("/keys/{id}", delete(admin::revoke_key))
        .route("/account", get(accounts::account))
        .route("/password", put(accounts::change_password))
        .route(
            "/sign-ins",
            get(accounts::sign_ins).delete(accounts::end_other_sign_ins),
        )
        .route("/sign-ins/{id}", delete(accounts::end_sign_in))
        .route("/audit", get(audit::page))
        .merge(rooms())
        .route(
            "/rooms/{room}/messages",
            get(messages::page).post(messages::publish),
        )
        .route("/broadcasts", post(messages::broadcast));
    let router = Router::new()
        .nest("/api/v1", api)
        .route("/ws", get(ws::upgrade))
        .route("/health", get(health::health))
        .route("/ready", get(health::ready))
        .route(
            "/stats",
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
        .layer(TraceLayer::new_for_http())
        .with_state(state)
}
