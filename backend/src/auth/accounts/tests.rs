//! Accounts over SQLite, with a clock that the test sets.

use super::*;
use crate::auth::scope::Scopes;
use crate::auth::{Kind, Visitor};
use crate::clock::Clock;
use crate::store::sqlite::SqliteStore;
use std::sync::atomic::AtomicU64;
use tempfile::TempDir;

struct ManualClock(AtomicU64);

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

struct Fixture {
    accounts: Accounts,
    hands: Arc<ManualClock>,
    _folder: TempDir,
}

impl Fixture {
    async fn new(exposed: bool) -> Self {
        let hands = Arc::new(ManualClock(AtomicU64::new(1_700_000_000_000)));
        let environment = Environment {
            clock: hands.clone(),
            random: Environment::system().random,
        };
        let (store, folder) = SqliteStore::temporary();
        let config = AuthConfig::default();
        let accounts = {
            let clock = Arc::clone(&environment.clock);
            let audit = Audit::new(store.clone(), clock);
            let code = exposed.then(|| "code".to_owned());
            Accounts::start(store, environment, audit, config, code).await
        };
        Self {
            accounts: accounts.unwrap(),
            hands,
            _folder: folder,
        }
    }

    fn pass(&self, seconds: u64) {
        self.hands.0.fetch_add(seconds * 1000, Ordering::Relaxed);
    }

    async fn sign_up(&self, name: &str, claim: Option<&str>) -> Result<Issued, AuthError> {
        let wanted = SignUp {
            name: name.parse().unwrap(),
            password: password(name),
            guest: None,
            claim: claim.map(str::to_owned),
            label: "a test\n".to_owned(),
        };
        self.accounts.sign_up(wanted).await
    }

    async fn sign_in(&self, name: &str, secret: Password) -> Result<Issued, AuthError> {
        let name = name.parse().unwrap();
        self.accounts.sign_in(&name, &secret, String::new()).await
    }

    async fn is_in(&self, issued: &Issued) -> bool {
        let access = issued.access.expose();
        self.accounts.by_access(access, 0).await.is_ok()
    }
}

fn password(name: &str) -> Password {
    format!("the password of {name}").into()
}

#[tokio::test]
async fn whoever_comes_first_becomes_admin_and_needs_the_code_where_others_can_come() {
    let fixture = Fixture::new(true).await;
    let code = fixture.accounts.claim_code().unwrap().to_owned();
    for wrong in [None, Some("0000000000000"), Some("")] {
        let refused = fixture.sign_up("Eve", wrong).await;
        assert!(
            matches!(refused, Err(AuthError::ClaimRequired)),
            "{wrong:?}"
        );
    }
    let first = fixture.sign_up("Ada", Some(&code)).await.unwrap();
    assert_eq!(first.account.role, Role::Admin);
    assert_eq!(fixture.accounts.claim_code(), None);
    let second = fixture.sign_up("Eve", None).await.unwrap();
    assert_eq!(second.account.role, Role::Member);
    let alone = Fixture::new(false).await;
    assert_eq!(alone.accounts.claim_code(), None);
    assert!(alone.sign_up("Ada", None).await.is_ok());
}

#[tokio::test]
async fn a_wrong_name_a_wrong_password_and_a_disabled_account_are_refused_alike() {
    let fixture = Fixture::new(false).await;
    let ada = fixture.sign_up("Ada", None).await.unwrap().account.user;
    assert!(fixture.sign_in("ADA", password("Ada")).await.is_ok());
    for (name, secret) in [("Ada", password("Eve")), ("Eve", password("Ada"))] {
        let refused = fixture.sign_in(name, secret).await;
        assert!(matches!(refused, Err(AuthError::Refused)), "{name}");
    }
    let out = AccountChange::Disabled(true);
    assert!(fixture.accounts.change(&ada.id, out).await.unwrap());
    let refused = fixture.sign_in("Ada", password("Ada")).await;
    assert!(matches!(refused, Err(AuthError::Refused)));
}

#[tokio::test]
async fn two_tabs_may_refresh_at_once_and_a_thief_ends_the_sign_in() {
    let fixture = Fixture::new(false).await;
    let first = fixture.sign_up("Ada", None).await.unwrap();
    let refresh = |issued: &Issued| {
        let token = issued.refresh.clone();
        let accounts = &fixture.accounts;
        async move { accounts.refresh(token.expose()).await }
    };
    let (one, other) = tokio::join!(refresh(&first), refresh(&first));
    let (second, other) = (one.unwrap(), other.unwrap());
    assert_eq!(second.refresh, other.refresh);
    assert_eq!(second.access, other.access);
    assert!(!fixture.is_in(&first).await, "replaced");
    assert!(fixture.is_in(&second).await);
    fixture.pass(31);
    let third = refresh(&second).await.unwrap();
    assert!(fixture.is_in(&third).await);
    // Two generations old: somebody has kept it.
    assert!(matches!(
        refresh(&first).await,
        Err(AuthError::Unauthenticated)
    ));
    assert!(!fixture.is_in(&third).await);
    assert!(refresh(&third).await.is_err(), "the family is dead");
}

#[tokio::test]
async fn tokens_run_out() {
    let fixture = Fixture::new(false).await;
    let first = fixture.sign_up("Ada", None).await.unwrap();
    fixture.pass(10 * 60);
    let late = fixture.accounts.by_access(first.access.expose(), 0).await;
    assert!(matches!(late, Err(AuthError::Expired)));
    let second = fixture.accounts.refresh(first.refresh.expose()).await;
    let second = second.unwrap();
    assert!(fixture.is_in(&second).await);
    fixture.pass(30 * 24 * 60 * 60);
    let late = fixture.accounts.refresh(second.refresh.expose()).await;
    assert!(matches!(late, Err(AuthError::Unauthenticated)));
    for nonsense in ["", "hba_", "hbr_00", first.access.expose()] {
        assert!(fixture.accounts.refresh(nonsense).await.is_err());
    }
}

#[tokio::test]
async fn another_password_ends_every_other_sign_in() {
    let fixture = Fixture::new(false).await;
    let here = fixture.sign_up("Ada", None).await.unwrap();
    let there = fixture.sign_in("Ada", password("Ada")).await.unwrap();
    let (user, kept) = (&here.account.user, Some(here.sign_in.clone()));
    let change = |present: Password, new: &str| {
        let (new, kept) = (new.to_owned().into(), kept.clone());
        let accounts = &fixture.accounts;
        async move { accounts.change_password(user, &present, &new, kept).await }
    };
    let refused = change(password("Eve"), "long enough").await;
    assert!(matches!(refused, Err(AuthError::Refused)));
    let refused = change(password("Ada"), "short").await;
    assert!(matches!(refused, Err(AuthError::InvalidPassword(_))));
    assert!(fixture.is_in(&there).await);
    change(password("Ada"), "long enough").await.unwrap();
    assert!(fixture.is_in(&here).await && !fixture.is_in(&there).await);
    assert!(fixture.sign_in("Ada", password("Ada")).await.is_err());
    let own = fixture.accounts.sign_ins(&user.id).await.unwrap();
    assert_eq!((own.len(), own[0].label.as_str()), (1, "a test"));
    fixture
        .accounts
        .sign_out(None, Some(here.access.expose()))
        .await
        .unwrap();
    assert!(!fixture.is_in(&here).await);
}

#[tokio::test]
async fn a_key_acts_as_a_user_of_its_own_within_its_scopes() {
    let fixture = Fixture::new(false).await;
    let scopes: Scopes = "read,moderate".parse().unwrap();
    let name: UserName = "deploy".parse().unwrap();
    let made = fixture.accounts.create_key(name.clone(), scopes).await;
    let made = made.unwrap();
    let visitor: Visitor = fixture
        .accounts
        .by_bearer(made.secret.expose(), 7)
        .await
        .unwrap();
    assert_eq!(
        (&visitor.user, visitor.role),
        (&made.key.user, Role::Moderator)
    );
    assert!(matches!(&visitor.kind, Kind::Key(keyed) if keyed.scopes == scopes));
    assert_eq!(visitor.as_of(), Some(7));
    let again = fixture.accounts.create_key(name, scopes).await;
    assert!(matches!(again, Err(AuthError::NameTaken(_))));
    assert!(fixture.accounts.revoke_key(&made.key.id).await.unwrap());
    let gone = fixture.accounts.by_bearer(made.secret.expose(), 7).await;
    assert!(matches!(gone, Err(AuthError::Unauthenticated)));
}
