//! The command line.

pub mod accounts;
pub mod store;

use crate::config::{Config, ConfigError};
use clap::{Args, Parser, Subcommand};
use std::net::IpAddr;
use std::path::PathBuf;

/// Hubbub: a real-time hub with a durable log under every room.
#[derive(Debug, Parser)]
#[command(name = "hubbub", version, arg_required_else_help = true)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What the program can do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server.
    Serve(Serve),
    /// Copy the SQLite database to a new file, also while a server is using it.
    Backup {
        /// Which database.
        #[command(flatten)]
        store: accounts::StoreOptions,
        /// The copy; there must be no such file yet.
        file: PathBuf,
    },
    /// Make accounts, change their roles and passwords, keep them out. Works while a server runs.
    User {
        /// Where they are.
        #[command(flatten)]
        store: accounts::StoreOptions,
        /// What to do.
        #[command(subcommand)]
        command: accounts::UserCommand,
    },
    /// Make, list and revoke the keys of programs. Works while a server runs.
    Key {
        /// Where they are.
        #[command(flatten)]
        store: accounts::StoreOptions,
        /// What to do.
        #[command(subcommand)]
        command: accounts::KeyCommand,
    },
    /// Copy a whole store to another engine.
    #[command(subcommand)]
    Store(store::StoreCommand),
    /// Look at configuration files.
    #[command(subcommand)]
    Config(ConfigCommand),
}

/// Options of `hubbub serve`. What is given here wins over the file.
#[derive(Debug, Args)]
pub struct Serve {
    /// Configuration file (TOML); see docs/operations.md.
    #[arg(long, value_name = "FILE", env = "HUBBUB_CONFIG")]
    pub config: Option<PathBuf>,
    /// Address to listen on [default: 127.0.0.1].
    #[arg(long)]
    pub host: Option<IpAddr>,
    /// Port to listen on; 0 lets the system choose [default: 8080].
    #[arg(long)]
    pub port: Option<u16>,
    /// Folder of the SQLite database and of temporary files [default: data].
    #[arg(long, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// Threads that serve connections [default: one for each processor].
    #[arg(long)]
    pub workers: Option<usize>,
    /// Serve the hub and its API only, without the page.
    #[arg(long)]
    pub no_page: bool,
    /// An origin (https://app.example) whose pages may connect besides the server's own.
    #[arg(long, value_name = "ORIGIN")]
    pub allow_origin: Vec<String>,
    /// Write the log as JSON lines.
    #[arg(long)]
    pub log_json: bool,
}

/// `hubbub config …`.
#[derive(Debug, Subcommand)]
pub enum ConfigCommand {
    /// Check a configuration file and say what is wrong with it.
    Check {
        /// The file.
        file: PathBuf,
    },
}

impl Serve {
    /// The file's configuration with the command line's changes.
    ///
    /// # Errors
    /// The file is not taken.
    pub fn config(&self) -> Result<Config, ConfigError> {
        let mut config = match &self.config {
            Some(file) => Config::load(file)?,
            None => Config::default(),
        };
        if let Some(host) = self.host {
            config.server.host = host;
        }
        if let Some(port) = self.port {
            config.server.port = port;
        }
        if let Some(folder) = &self.data_dir {
            config.store.data_dir.clone_from(folder);
        }
        if let Some(workers) = self.workers {
            config.server.workers = workers;
        }
        config.server.page &= !self.no_page;
        config
            .server
            .allowed_origins
            .extend(self.allow_origin.iter().cloned());
        Ok(config)
    }
}
