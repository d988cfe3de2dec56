//! `hubbub user …` and `hubbub key …`: accounts and keys from the command line, also while servers use
//! the store. They notice changes within a second.

use crate::app::{self, AppError};
use crate::audit::AuditContext;
use crate::auth::scope::Scopes;
use crate::auth::{Accounts, AuthError};
use crate::clock::Environment;
use crate::config::{Config, ConfigError, StoreConfig};
use crate::store::{Account, AccountChange};
use clap::{Args, Subcommand};
use common::api::AuditAction;
use common::ids::{IdError, KeyId};
use common::role::Role;
use common::text::{TextError, UserName};
use common::token::Password;
use std::fmt::Write as _;
use std::path::PathBuf;

/// Accounts in a list.
const ACCOUNTS_MAX: usize = 100_000;

/// Which store, in the words of the server's own options.
#[derive(Debug, Args)]
pub struct StoreOptions {
    /// The server's configuration file, whose `[store]` counts.
    #[arg(long, global = true, value_name = "FILE", env = "HUBBUB_CONFIG")]
    pub config: Option<PathBuf>,
    /// Folder of the SQLite database [default: data].
    #[arg(long, global = true, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
}

impl StoreOptions {
    /// The file's `[store]` with the command line's changes.
    ///
    /// # Errors
    /// The file is refused.
    pub fn store(&self) -> Result<StoreConfig, ConfigError> {
        let mut store = match &self.config {
            Some(file) => Config::load(file)?.store,
            None => StoreConfig::default(),
        };
        if let Some(folder) = &self.data_dir {
            store.data_dir.clone_from(folder);
        }
        Ok(store)
    }
}

/// `hubbub user …`.
#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Make an account. The node's first becomes admin, whatever the role says.
    Create {
        /// The name to be shown by.
        name: String,
        /// What it is on the node: member, moderator or admin.
        #[arg(long, default_value_t = Role::Member)]
        role: Role,
        /// Read the password from the first line of standard input; else one is made and printed.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Give an account another role.
    Promote {
        /// Its name.
        name: String,
        /// What it is to be on the node: member, moderator or admin.
        role: Role,
    },
    /// Put another password in the place of one that was forgotten; every sign-in ends.
    ResetPassword {
        /// The account's name.
        name: String,
        /// Read the password from the first line of standard input; else one is made and printed.
        #[arg(long)]
        password_stdin: bool,
    },
    /// Keep an account out; every sign-in ends.
    Disable {
        /// Its name.
        name: String,
    },
    /// Let an account in again.
    Enable {
        /// Its name.
        name: String,
    },
    /// List the accounts: name, role, and whether it is kept out.
    List,
}

/// `hubbub key …`.
#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// Make a key for a program, and print it: it is shown this once.
    Create {
        /// The name that the program acts under; nobody else may have it.
        name: String,
        /// What it covers: read, write, broadcast, moderate, admin, with commas between them.
        #[arg(long, default_value = "read,write")]
        scopes: String,
    },
    /// List the keys: id, name, scopes.
    List,
    /// Revoke a key; its connections are closed.
    Revoke {
        /// Its id, as the list has it.
        id: String,
    },
}

/// Why it was not done.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The configuration file is refused.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// The database cannot be used.
    #[error(transparent)]
    App(#[from] AppError),
    /// It was refused.
    #[error(transparent)]
    Auth(#[from] AuthError),
    /// Not a name.
    #[error("the name is refused: {0}")]
    Name(#[from] TextError),
    /// Not an id.
    #[error("the id is refused: {0}")]
    Id(#[from] IdError),
    /// Not scopes.
    #[error(transparent)]
    Scopes(#[from] crate::auth::scope::UnknownScope),
    /// Nobody has an account by this name.
    #[error("nobody has an account by the name {0:?}")]
    NoAccount(UserName),
    /// There is no such key.
    #[error("there is no such key")]
    NoKey,
    /// A guest is somebody without an account.
    #[error("an account is member, moderator or admin")]
    NoRole,
    /// Standard input cannot be read.
    #[error("cannot read the password: {0}")]
    Input(#[from] std::io::Error),
    /// There is no randomness.
    #[error(transparent)]
    RandomSource(#[from] crate::clock::NoRandomness),
}

/// Does it, and says what to print.
///
/// # Errors
/// See [`PeopleError`].
pub async fn user(options: &StoreOptions, command: UserCommand) -> Result<String, PeopleError> {
    let environment = Environment::system();
    let accounts = app::accounts(&options.store()?, environment.clone()).await?;
    let done = change_users(&accounts, &environment, command).await;
    accounts.audit().flush().await.map_err(AuthError::from)?;
    done
}

async fn change_users(
    accounts: &Accounts,
    environment: &Environment,
    command: UserCommand,
) -> Result<String, PeopleError> {
    match command {
        UserCommand::Create {
            name,
            role,
            password_stdin,
        } => {
            check(role)?;
            let (password, shown) = password(password_stdin, environment)?;
            let name = name.parse()?;
            let made = accounts.create(name, &password, role, None, true).await?;
            let Account { user, role, .. } = made;
            note(
                accounts,
                AuditAction::SignedUp,
                format!("{} as {role}", user.id),
            );
            Ok(format!("{} is there now, as {role}{shown}", user.name))
        }
        UserCommand::Promote { name, role } => {
            check(role)?;
            let account = change(accounts, &name, AccountChange::Role(role)).await?;
            let subject = format!("{} to {role}", account.user.id);
            note(accounts, AuditAction::RoleChanged, subject);
            Ok(format!("{} is {role} now", account.user.name))
        }
        UserCommand::ResetPassword {
            name,
            password_stdin,
        } => {
            let account = find(accounts, &name).await?;
            let (password, shown) = password(password_stdin, environment)?;
            accounts.reset_password(&account.user.id, &password).await?;
            note(
                accounts,
                AuditAction::PasswordChanged,
                account.user.id.to_string(),
            );
            let name = account.user.name;
            Ok(format!("{name} has another password now{shown}"))
        }
        UserCommand::Disable { name } => {
            let account = change(accounts, &name, AccountChange::Disabled(true)).await?;
            note(
                accounts,
                AuditAction::AccountDisabled,
                account.user.id.to_string(),
            );
            Ok(format!("{} is kept out now", account.user.name))
        }
        UserCommand::Enable { name } => {
            let account = change(accounts, &name, AccountChange::Disabled(false)).await?;
            note(
                accounts,
                AuditAction::AccountEnabled,
                account.user.id.to_string(),
            );
            Ok(format!("{} is let in again", account.user.name))
        }
        UserCommand::List => Ok(list(&accounts.list(ACCOUNTS_MAX).await?)),
    }
}

/// Does it, and says what to print.
///
/// # Errors
/// See [`PeopleError`].
pub async fn key(options: &StoreOptions, command: KeyCommand) -> Result<String, PeopleError> {
    let accounts = app::accounts(&options.store()?, Environment::system()).await?;
    let done = change_keys(&accounts, command).await;
    accounts.audit().flush().await.map_err(AuthError::from)?;
    done
}

async fn change_keys(accounts: &Accounts, command: KeyCommand) -> Result<String, PeopleError> {
    match command {
        KeyCommand::Create { name, scopes } => {
            let scopes: Scopes = scopes.parse()?;
            let made = accounts.create_key(name.parse()?, scopes).await?;
            let subject = format!("{} for {scopes}", made.key.id);
            note(accounts, AuditAction::KeyCreated, subject);
            Ok(made.secret.expose().to_owned())
        }
        KeyCommand::List => {
            let mut lines = String::new();
            for key in accounts.keys().await? {
                let scopes = Scopes::from_bits(key.scopes);
                // Writing to a string does not fail.
                let _ = writeln!(lines, "{}\t{}\t{scopes}", key.id, key.user.name);
            }
            Ok(lines.trim_end().to_owned())
        }
        KeyCommand::Revoke { id } => match accounts.revoke_key(&id.parse::<KeyId>()?).await? {
            true => {
                note(accounts, AuditAction::KeyRevoked, id);
                Ok("revoked".to_owned())
            }
            false => Err(PeopleError::NoKey),
        },
    }
}

/// Notes what the command line has done: there is no actor.
fn note(accounts: &Accounts, act: AuditAction, subject: String) {
    let audit_context = AuditContext {
        subject: Some(subject),
        ..AuditContext::default()
    };
    accounts.audit().note(act, audit_context);
}

fn check(role: Role) -> Result<(), PeopleError> {
    match role {
        Role::Guest => Err(PeopleError::NoRole),
        Role::Member | Role::Moderator | Role::Admin => Ok(()),
    }
}

async fn find(accounts: &Accounts, name: &str) -> Result<Account, PeopleError> {
    let name: UserName = name.parse()?;
    let found = accounts.find(&name).await?;
    found.ok_or(PeopleError::NoAccount(name))
}

async fn change(
    accounts: &Accounts,
    name: &str,
    change: AccountChange,
) -> Result<Account, PeopleError> {
    let account = find(accounts, name).await?;
    accounts.change(&account.user.id, change).await?;
    Ok(account)
}

fn list(accounts: &[Account]) -> String {
    let mut lines = String::new();
    for Account {
        user,
        role,
        disabled,
        ..
    } in accounts
    {
        let out = if *disabled { "\tdisabled" } else { "" };
        // Writing to a string does not fail.
        let _ = writeln!(lines, "{}\t{role}{out}", user.name);
    }
    lines.trim_end().to_owned()
}

/// The password that was given, or one that is made, with what to say of that.
fn password(stdin: bool, environment: &Environment) -> Result<(Password, String), PeopleError> {
    if stdin {
        let mut line = String::new();
        std::io::stdin().read_line(&mut line)?;
        let given = line.trim_end_matches(['\r', '\n']).to_owned();
        return Ok((given.into(), String::new()));
    }
    let made = KeyId::from_random(environment.random.bits()?).to_string();
    let shown = format!(", with the password {made}");
    Ok((made.into(), shown))
}
