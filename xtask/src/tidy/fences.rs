//! Which folders may name which crates. To open a gate, add a place here with its reason.

use super::Complaint;
use super::codepath::{CodePath, paths};
use super::source::SourceFile;

/// A crate that is named only in some places.
struct Fence {
    /// The crate; a `*` at the end stands for any rest.
    krate: &'static str,
    /// Where the fence stands.
    within: &'static str,
    /// Where the crate is at home.
    allowed: &'static [&'static str],
    reason: &'static str,
}

const STORE: &[&str] = &["backend/src/store"];
const REDIS: &[&str] = &[
    "backend/src/bus",
    "backend/src/redis_server",
    "backend/src/store/redis_streams",
];
const WEB: &[&str] = &[
    "backend/src/http",
    "backend/src/ws",
    "backend/src/app",
    "backend/src/assets",
    "backend/src/request",
    "backend/src/worker",
];
const BROWSER: &[&str] = &[
    "frontend/src/platform",
    "frontend/src/socket",
    "frontend/src/main.rs",
];

const STORE_REASON: &str = "only the store knows its database";
const WEB_REASON: &str = "only request, http, ws, app, assets and worker know the web server";
const BROWSER_REASON: &str =
    "only platform and socket touch the browser, so that the rest is plain";

const FENCES: &[Fence] = &[
    Fence {
        krate: "sqlx",
        within: "backend/src",
        allowed: STORE,
        reason: STORE_REASON,
    },
    Fence {
        krate: "rusqlite",
        within: "backend/src",
        allowed: STORE,
        reason: STORE_REASON,
    },
    Fence {
        krate: "redis",
        within: "backend/src",
        allowed: REDIS,
        reason: "only the bus, and the logs that nodes share in memory, know Redis",
    },
    Fence {
        krate: "axum",
        within: "backend/src",
        allowed: WEB,
        reason: WEB_REASON,
    },
    Fence {
        krate: "tower_http",
        within: "backend/src",
        allowed: WEB,
        reason: WEB_REASON,
    },
    Fence {
        krate: "web_sys",
        within: "frontend/src",
        allowed: BROWSER,
        reason: BROWSER_REASON,
    },
    Fence {
        krate: "js_sys",
        within: "frontend/src",
        allowed: BROWSER,
        reason: BROWSER_REASON,
    },
    Fence {
        krate: "gloo*",
        within: "frontend/src",
        allowed: BROWSER,
        reason: BROWSER_REASON,
    },
    Fence {
        krate: "wasm_bindgen",
        within: "frontend/src",
        allowed: BROWSER,
        reason: BROWSER_REASON,
    },
    Fence {
        krate: "wasm_bindgen_futures",
        within: "frontend/src",
        allowed: BROWSER,
        reason: BROWSER_REASON,
    },
    Fence {
        krate: "anyhow",
        within: "",
        allowed: &["backend/src/main.rs", "load", "xtask"],
        reason: "an error that tells the client what to do has a type",
    },
];

/// Crates that hand other crates on: `leptos::web_sys` is `web_sys`.
const HANDS_ON: &[&str] = &["leptos", "gloo", "tower"];

/// Complains about crates named outside of their fence.
pub(super) fn check(file: &SourceFile) -> Vec<Complaint> {
    if !file.is("rs") {
        return Vec::new();
    }
    let fences: Vec<&Fence> = FENCES.iter().filter(|fence| fence.forbids(file)).collect();
    if fences.is_empty() {
        return Vec::new();
    }
    let mut complaints = Vec::new();
    for path in paths(&file.text) {
        for fence in fences.iter().filter(|fence| fence.names(&path)) {
            let Fence {
                krate,
                allowed,
                reason,
                ..
            } = fence;
            let places = allowed.join(", ");
            let text = format!("{krate} belongs in {places}: {reason}");
            complaints.push(Complaint::new(file, path.line, text));
        }
    }
    complaints
}

impl Fence {
    fn forbids(&self, file: &SourceFile) -> bool {
        (self.within.is_empty() || file.is_in(self.within))
            && !self.allowed.iter().any(|place| file.is_in(place))
    }

    fn names(&self, path: &CodePath) -> bool {
        let mut segments = path.segments.iter().map(String::as_str);
        let first = segments.next().unwrap_or_default();
        self.is_crate(first)
            || (HANDS_ON.contains(&first)
                && segments.next().is_some_and(|name| self.is_crate(name)))
    }

    fn is_crate(&self, name: &str) -> bool {
        match self.krate.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => name == self.krate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tidy::source::sample;

    fn check_sample(path: &str, text: &str, lines: &[usize]) {
        let found: Vec<usize> = check(&sample(path, text)).iter().map(|c| c.line).collect();
        assert_eq!(found, lines, "{path}: {text}");
    }

    #[test]
    fn crates_stay_in_their_folders() {
        let sql = "//! Job.\nuse sqlx::SqlitePool;\n";
        check_sample("backend/src/store/sqlite.rs", sql, &[]);
        check_sample("backend/src/store.rs", sql, &[]);
        check_sample("backend/src/room/actor.rs", sql, &[2]);
        check_sample("backend/tests/crash.rs", sql, &[]);
        check_sample(
            "backend/src/hub.rs",
            "fn f() { redis::Client::open(\"\") }",
            &[1],
        );
        check_sample("backend/src/bus/redis.rs", "use redis::Client;", &[]);
        check_sample(
            "backend/src/app.rs",
            "use crate::bus::{redis::RedisBus};",
            &[],
        );
        check_sample(
            "backend/src/session/actor.rs",
            "use {a::b, axum::Router};",
            &[1],
        );
        check_sample("backend/src/ws/upgrade.rs", "use axum::Router;", &[]);
    }

    #[test]
    fn the_browser_is_touched_in_two_places() {
        let window = "let w = web_sys::window();";
        check_sample("frontend/src/platform.rs", window, &[]);
        check_sample("frontend/src/socket/web.rs", window, &[]);
        check_sample("frontend/src/components/composer.rs", window, &[1]);
        check_sample("frontend/src/app.rs", "use gloo_net::websocket;", &[1]);
        check_sample(
            "frontend/src/app.rs",
            "use leptos::{prelude::*, web_sys::Event};",
            &[1],
        );
        check_sample(
            "frontend/src/app.rs",
            "use leptos::prelude::*; // web_sys::Event",
            &[],
        );
    }

    #[test]
    fn anyhow_is_for_main_and_xtask() {
        check_sample("backend/src/main.rs", "use anyhow::Result;", &[]);
        check_sample("xtask/src/run.rs", "use anyhow::Result;", &[]);
        check_sample("backend/src/store.rs", "use anyhow::Result;", &[1]);
        check_sample("common/src/codec.rs", "fn f() -> anyhow::Result<()>", &[1]);
    }
}
