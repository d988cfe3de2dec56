//! A key set that is fetched from a URL when it is due, by one request at a time.

use super::keys::Keys;
use crate::auth::KeysError;
use common::time::Timestamp;
use jsonwebtoken::Algorithm;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use ureq::Agent;
use ureq::tls::{RootCerts, TlsConfig, TlsProvider};

/// How long a fetch may take. Requests that need the keys wait for it.
const FETCH_MAX: Duration = Duration::from_secs(5);

/// Bytes of a key set.
const SET_BYTES_MAX: u64 = 256 * 1024;

/// Keys are fetched anew when they are so old (milliseconds): one that was taken out of the set
/// opens nothing any more.
const OLD_MS: u64 = 60 * 60 * 1000;

/// Between two fetches (milliseconds), whatever keys are asked for and whatever went wrong.
const AGAIN_MS: u64 = 60 * 1000;

/// See the module.
pub(super) struct Remote {
    url: String,
    agent: Agent,
    times: Mutex<Times>,
}

#[derive(Default)]
struct Times {
    /// Of the last try.
    tried: Option<Timestamp>,
    /// Of the last one that went well.
    fetched: Option<Timestamp>,
}

impl Times {
    fn is_due(&self, is_known: bool, now: Timestamp) -> bool {
        let since = |then: Timestamp| now.0.saturating_sub(then.0);
        let rested = self.tried.is_none_or(|then| since(then) >= AGAIN_MS);
        let is_old = self.fetched.is_none_or(|then| since(then) >= OLD_MS);
        rested && (is_old || !is_known)
    }
}

impl Remote {
    pub(super) fn new(url: &str) -> Self {
        let provider = rustls::crypto::aws_lc_rs::default_provider();
        let tls = TlsConfig::builder()
            .provider(TlsProvider::Rustls)
            .root_certs(RootCerts::PlatformVerifier)
            .unversioned_rustls_crypto_provider(Arc::new(provider))
            .build();
        let agent = Agent::config_builder()
            .tls_config(tls)
            .timeout_global(Some(FETCH_MAX))
            // A redirection could lead from a safe place to another.
            .max_redirects(0)
            .build();
        Self {
            url: url.to_owned(),
            agent: agent.into(),
            times: Mutex::default(),
        }
    }

    /// The keys, where it is time to fetch them; none where it is not.
    pub(super) async fn renew(
        &self,
        is_known: bool,
        algorithm: Algorithm,
        now: impl Fn() -> Timestamp,
    ) -> Option<Result<Keys, KeysError>> {
        let mut times = self.times.lock().await;
        if !times.is_due(is_known, now()) {
            return None;
        }
        times.tried = Some(now());
        let fetched = self.fetch().await;
        let keys = fetched.and_then(|text| Keys::parse(&text, algorithm, &self.url));
        if keys.is_ok() {
            times.fetched = Some(now());
        }
        Some(keys)
    }

    async fn fetch(&self) -> Result<String, KeysError> {
        let (agent, url) = (self.agent.clone(), self.url.clone());
        let fetched = tokio::task::spawn_blocking(move || get(&agent, &url)).await;
        let fetched = fetched.map_err(|error| error.to_string());
        let text = fetched.and_then(|text| text.map_err(|error| error.to_string()));
        text.map_err(|why| KeysError::Unreachable {
            url: self.url.clone(),
            why,
        })
    }
}

fn get(agent: &Agent, url: &str) -> Result<String, ureq::Error> {
    let mut answer = agent.get(url).call()?;
    let body = answer.body_mut().with_config().limit(SET_BYTES_MAX);
    body.read_to_string()
}
