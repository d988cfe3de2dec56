//! Tokens as their signer makes them, and as an attacker would like them to be.

use super::*;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair};
use jsonwebtoken::jwk::Jwk;
use jsonwebtoken::{EncodingKey, Header, encode};
use serde_json::json;
use tempfile::TempDir;

struct Fixed(u64);

impl Clock for Fixed {
    fn now(&self) -> Timestamp {
        Timestamp(self.0)
    }
}

/// In seconds.
const NOW: u64 = 1_700_000_000;

const SECRET: &str = "a secret that both programs know!";

fn config(algorithm: TokenAlgorithm) -> TokenConfig {
    let is_shared = algorithm == TokenAlgorithm::HS256;
    TokenConfig {
        algorithm,
        secret: is_shared.then(|| SECRET.to_owned()),
        jwks_file: None,
        jwks_url: None,
        issuer: "https://id.example".to_owned(),
        audience: "hubbub".to_owned(),
        name_claim: "name".to_owned(),
        role_claim: "role".to_owned(),
        role_max: Role::Moderator,
    }
}

fn tokens(config: TokenConfig) -> ForeignTokens {
    ForeignTokens::new(config, Arc::new(Fixed(NOW * 1000))).unwrap()
}

fn claims() -> Value {
    json!({
        "sub": "42",
        "iss": "https://id.example",
        "aud": "hubbub",
        "exp": NOW + 60,
        "name": "Ada",
    })
}

fn with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    match value {
        Value::Null => drop(claims.as_object_mut().unwrap().remove(name)),
        value => claims[name] = value,
    }
    claims
}

fn sign(algorithm: Algorithm, key: &EncodingKey, claims: &Value) -> String {
    encode(&Header::new(algorithm), claims, key).unwrap()
}

fn shared(claims: &Value) -> String {
    let key = EncodingKey::from_secret(SECRET.as_bytes());
    sign(Algorithm::HS256, &key, claims)
}

#[test]
fn a_token_says_who_one_is_and_no_more_than_it_may() {
    let tokens = tokens(config(TokenAlgorithm::HS256));
    for (claims, name, role) in [
        (claims(), "Ada", Role::Member),
        (with("name", Value::Null), "42", Role::Member),
        (with("aud", json!(["other", "hubbub"])), "Ada", Role::Member),
        (with("role", json!("moderator")), "Ada", Role::Moderator),
        (with("role", json!("admin")), "Ada", Role::Moderator),
        (with("role", json!("guest")), "Ada", Role::Member),
        (with("role", json!("emperor")), "Ada", Role::Member),
        // Within what clocks may be off.
        (with("exp", json!(NOW - 20)), "Ada", Role::Member),
        (with("nbf", json!(NOW + 20)), "Ada", Role::Member),
    ] {
        let visitor = tokens.open(&shared(&claims)).unwrap();
        assert_eq!(visitor.user.id.as_str(), "@42");
        assert_eq!(
            (visitor.user.name.as_str(), visitor.role),
            (name, role),
            "{claims}"
        );
    }
}

#[test]
fn what_is_forged_expired_or_meant_for_others_is_refused() {
    let tokens = tokens(config(TokenAlgorithm::HS256));
    for claims in [
        with("exp", json!(NOW - 31)),
        with("exp", Value::Null),
        with("exp", json!(-1)),
        with("exp", json!("tomorrow")),
        with("nbf", json!(NOW + 31)),
        with("aud", json!("other")),
        with("aud", Value::Null),
        with("iss", json!("https://evil.example")),
        with("iss", Value::Null),
        with("sub", Value::Null),
        with("sub", json!("a\nb")),
        with("name", json!("A\u{200b}da")),
    ] {
        assert!(tokens.open(&shared(&claims)).is_err(), "{claims}");
    }
    let good = shared(&claims());
    let other = EncodingKey::from_secret(b"a secret that one program knows!!");
    let mut forged = vec![sign(Algorithm::HS256, &other, &claims())];
    let right = EncodingKey::from_secret(SECRET.as_bytes());
    forged.push(sign(Algorithm::HS512, &right, &claims()));
    // {"alg":"none","typ":"JWT"} and {"alg":"None"}, with and without a signature.
    let (_, rest) = good.split_once('.').unwrap();
    let (body, signature) = rest.split_once('.').unwrap();
    for none in ["eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0", "eyJhbGciOiJOb25lIn0"] {
        forged.push(format!("{none}.{body}."));
        forged.push(format!("{none}.{body}.{signature}"));
    }
    let (head, _) = good.rsplit_once('.').unwrap();
    forged.push(format!("{head}."));
    forged.push(head.to_owned());
    forged.extend(["", ".", "..", "a.b.c"].map(str::to_owned));
    for token in forged {
        let refused = tokens.open(&token);
        assert!(
            matches!(refused, Err(AuthError::Unauthenticated)),
            "{token}"
        );
    }
    assert!(tokens.open(&good).is_ok());
}

/// A key of each kind with its public half as a key set has it.
fn key_pair(algorithm: Algorithm) -> (EncodingKey, Value) {
    let key = match algorithm {
        Algorithm::ES256 => {
            let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap();
            EncodingKey::from_ec_der(pair.to_pkcs8v1().unwrap().as_ref())
        }
        _ => {
            let pair = Ed25519KeyPair::generate().unwrap();
            EncodingKey::from_ed_der(pair.to_pkcs8v1().unwrap().as_ref())
        }
    };
    let public = Jwk::from_encoding_key(&key, algorithm).unwrap();
    (key, serde_json::to_value(public).unwrap())
}

fn named(mut jwk: Value, id: &str) -> Value {
    jwk["kid"] = json!(id);
    jwk
}

fn with_keys(algorithm: TokenAlgorithm, keys: &Value) -> Result<ForeignTokens, KeysError> {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("keys.json");
    std::fs::write(&path, keys.to_string()).unwrap();
    let config = TokenConfig {
        jwks_file: Some(path),
        ..config(algorithm)
    };
    ForeignTokens::new(config, Arc::new(Fixed(NOW * 1000)))
}

#[test]
fn a_key_set_has_the_keys_by_their_ids_and_a_swapped_key_opens_nothing() {
    for (pinned, algorithm) in [
        (TokenAlgorithm::EdDsa, Algorithm::EdDSA),
        (TokenAlgorithm::ES256, Algorithm::ES256),
    ] {
        let (old, old_jwk) = key_pair(algorithm);
        let (new, new_jwk) = key_pair(algorithm);
        let (stranger, _) = key_pair(algorithm);
        let public = new_jwk["x"].as_str().unwrap().to_owned();
        let set = json!({"keys": [named(old_jwk, "old"), named(new_jwk, "new")]});
        let tokens = with_keys(pinned, &set).unwrap();
        let token = |key: &EncodingKey, id: Option<&str>, algorithm: Algorithm| {
            let header = Header {
                kid: id.map(str::to_owned),
                ..Header::new(algorithm)
            };
            encode(&header, &claims(), key).unwrap()
        };
        for (key, id, opens) in [
            (&old, Some("old"), true),
            (&new, Some("new"), true),
            (&old, Some("new"), false),
            (&stranger, Some("new"), false),
            (&new, Some("other"), false),
            (&new, None, false),
        ] {
            let opened = tokens.open(&token(key, id, algorithm));
            assert_eq!(opened.is_ok(), opens, "{algorithm:?} {id:?}");
        }
        // The public key, taken for a shared secret.
        let swapped = EncodingKey::from_secret(public.as_bytes());
        assert!(
            tokens
                .open(&token(&swapped, Some("new"), Algorithm::HS256))
                .is_err()
        );
    }
}

#[test]
fn a_key_set_without_a_fitting_key_is_told_at_the_start() {
    let (_, jwk) = key_pair(Algorithm::EdDSA);
    let set = json!({ "keys": [jwk] });
    assert!(with_keys(TokenAlgorithm::EdDsa, &set).is_ok());
    let other = with_keys(TokenAlgorithm::ES256, &set);
    assert!(matches!(other, Err(KeysError::NoKey { .. })));
    let nonsense = with_keys(TokenAlgorithm::EdDsa, &json!([]));
    assert!(matches!(nonsense, Err(KeysError::Invalid { .. })));
    let config = TokenConfig {
        jwks_file: Some("no/such/file".into()),
        ..config(TokenAlgorithm::EdDsa)
    };
    let missing = ForeignTokens::new(config, Arc::new(Fixed(0)));
    assert!(matches!(missing, Err(KeysError::Unreadable { .. })));
}

/// A clock that is put forward by hand.
#[derive(Default)]
struct ManualClock(std::sync::atomic::AtomicU64);

impl ManualClock {
    fn pass(&self, seconds: u64) {
        self.0
            .fetch_add(seconds * 1000, std::sync::atomic::Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(NOW * 1000 + self.0.load(std::sync::atomic::Ordering::Relaxed))
    }
}

/// A place that answers each request with what is there by then, and counts them.
struct Place {
    url: String,
    answer: Arc<Mutex<String>>,
    asked: Arc<std::sync::atomic::AtomicUsize>,
}

impl Place {
    async fn open(answer: String) -> Self {
        use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let place = Self {
            url,
            answer: Arc::new(Mutex::new(answer)),
            asked: Arc::default(),
        };
        let (answer, asked) = (Arc::clone(&place.answer), Arc::clone(&place.asked));
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                let mut request = [0; 4096];
                drop(stream.read(&mut request).await);
                asked.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                let answer = answer.lock().clone();
                drop(stream.write_all(answer.as_bytes()).await);
            }
        });
        place
    }

    fn say(&self, answer: String) {
        *self.answer.lock() = answer;
    }

    fn asked(&self) -> usize {
        self.asked.load(std::sync::atomic::Ordering::Relaxed)
    }
}

fn answer(status: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}")
}

fn set(keys: &[&Value]) -> String {
    answer("200 OK", &json!({ "keys": keys }).to_string())
}

fn remote(place: &Place) -> (ForeignTokens, Arc<ManualClock>) {
    let config = TokenConfig {
        jwks_url: Some(place.url.clone()),
        ..config(TokenAlgorithm::EdDsa)
    };
    let clock = Arc::new(ManualClock::default());
    let tokens = ForeignTokens::new(config, clock.clone()).unwrap();
    (tokens, clock)
}

fn signed(key: &EncodingKey, id: &str) -> String {
    let header = Header {
        kid: Some(id.to_owned()),
        ..Header::new(Algorithm::EdDSA)
    };
    encode(&header, &with("exp", json!(NOW + 86_400)), key).unwrap()
}

#[tokio::test]
async fn keys_at_an_address_are_fetched_when_one_is_not_known_and_when_they_are_old() {
    let (old, old_jwk) = key_pair(Algorithm::EdDSA);
    let (new, new_jwk) = key_pair(Algorithm::EdDSA);
    let (old_jwk, new_jwk) = (named(old_jwk, "old"), named(new_jwk, "new"));
    let place = Place::open(set(&[&old_jwk])).await;
    let (tokens, clock) = remote(&place);
    tokens.begin().await;
    assert!(tokens.admit(&signed(&old, "old")).await.is_ok());
    assert_eq!(place.asked(), 1);

    // A new key: asked for once a minute, however many come with ids that nobody knows.
    place.say(set(&[&old_jwk, &new_jwk]));
    for n in 0..20 {
        let refused = tokens.admit(&signed(&new, &format!("made-up-{n}"))).await;
        assert!(matches!(refused, Err(AuthError::Unauthenticated)));
    }
    assert_eq!(place.asked(), 1, "not within a minute of the last time");
    clock.pass(60);
    assert!(tokens.admit(&signed(&new, "new")).await.is_ok());
    assert!(tokens.admit(&signed(&old, "old")).await.is_ok());
    assert_eq!(place.asked(), 2);

    // A key that was taken out opens nothing any more, an hour later at the latest.
    place.say(set(&[&new_jwk]));
    clock.pass(3600);
    assert!(tokens.admit(&signed(&old, "old")).await.is_err());
    assert!(tokens.admit(&signed(&new, "new")).await.is_ok());
    assert_eq!(place.asked(), 3);
}

#[tokio::test]
async fn keys_that_cannot_be_fetched_leave_the_ones_there_are_and_are_tried_again() {
    let (key, jwk) = key_pair(Algorithm::EdDSA);
    let jwk = named(jwk, "k");
    let (stranger, evil) = key_pair(Algorithm::EdDSA);
    let evil = named(evil, "k");
    let place = Place::open(answer("503 Service Unavailable", "{}")).await;
    let (tokens, clock) = remote(&place);
    tokens.begin().await;
    assert!(tokens.admit(&signed(&key, "k")).await.is_err());
    clock.pass(60);
    place.say(set(&[&jwk]));
    assert!(
        tokens.admit(&signed(&key, "k")).await.is_ok(),
        "it is there by now"
    );

    let elsewhere = Place::open(set(&[&evil])).await;
    let redirect = format!(
        "HTTP/1.1 302 Found\r\nlocation: {}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n",
        elsewhere.url
    );
    let padding = " ".repeat(300 * 1024);
    for bad in [
        answer("404 Not Found", &json!({"keys": [evil]}).to_string()),
        answer("200 OK", "<html>"),
        answer("200 OK", r#"{"keys":[]}"#),
        answer("200 OK", &format!("{padding}{}", json!({"keys": [evil]}))),
        redirect,
        String::new(),
    ] {
        place.say(bad.clone());
        clock.pass(3600);
        let asked = place.asked();
        let bad = bad.get(..60.min(bad.len())).unwrap_or_default();
        assert!(tokens.admit(&signed(&key, "k")).await.is_ok(), "{bad}");
        assert!(
            tokens.admit(&signed(&stranger, "k")).await.is_err(),
            "{bad}"
        );
        assert!(place.asked() > asked, "{bad}");
    }
    assert_eq!(elsewhere.asked(), 0, "redirections are not followed");
}
