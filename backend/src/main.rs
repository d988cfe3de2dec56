//! `hubbub`: reads the command line and runs what it names.

use anyhow::Context as _;
use backend::cli::{Cli, Command, ConfigCommand, Serve, accounts, store};
use backend::clock::Environment;
use backend::config::Config;
use backend::shutdown::Shutdown;
use backend::{app, assets, descriptors, telemetry};
use clap::Parser as _;
use std::io::Write as _;
use std::process::ExitCode;

fn main() -> ExitCode {
    match run_command() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody to tell is no reason to end in another way.
            drop(writeln!(std::io::stderr(), "hubbub: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

fn run_command() -> anyhow::Result<()> {
    match Cli::parse().command {
        Command::Serve(options) => serve(&options),
        Command::Backup { store, file } => {
            app::backup(&store.store()?, &file)?;
            say(&format!("copied to {}", file.display()))
        }
        Command::User { store, command } => say(&run(accounts::user(&store, command))?),
        Command::Key { store, command } => say(&run(accounts::key(&store, command))?),
        Command::Store(command) => {
            // Nobody to tell is no reason to end.
            let mut tell = |line: &str| drop(writeln!(std::io::stderr(), "{line}"));
            say(&run(store::run(&command, &mut tell))?)
        }
        Command::Config(ConfigCommand::Check { file }) => {
            Config::load(&file)?;
            say(&format!("{} is valid", file.display()))
        }
    }
}

/// Runs something that waits for the database, and nothing beside it.
fn run<T, E: std::error::Error + Send + Sync + 'static>(
    work: impl Future<Output = Result<T, E>>,
) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    Ok(runtime.block_on(work)?)
}

#[tokio::main(flavor = "current_thread")]
async fn serve(options: &Serve) -> anyhow::Result<()> {
    telemetry::init(options.log_json);
    let config = options.config()?;
    // Before the server says that it is ready: from then on it may be told to stop at any time.
    let shutdown = Shutdown::listen().context("cannot wait for signals")?;
    descriptors::raise(config.limits.connections_max);
    let page = config.server.page;
    let running = app::start(config, Environment::system()).await?;
    say(&format!("listening on http://{}", running.address()))?;
    match running.unclaimed() {
        Some(Some(code)) => say(&format!(
            "nobody has an account here yet; whoever makes the first one becomes admin and needs \
             the claim code {code}"
        ))?,
        Some(None) => tracing::info!(
            "nobody has an account here yet: guests may broadcast, and whoever makes the first \
             account becomes admin"
        ),
        None => {}
    }
    if page && !assets::has_page() {
        tracing::warn!("this program was built without the page; `cargo xtask run` builds both");
    }
    tokio::select! {
        () = shutdown.requested() => tracing::info!("going away"),
        part = running.failure() => tracing::error!(part, "going away after a panic"),
    }
    if let Err(error) = running.stop().await {
        tracing::error!(%error, "gone");
        // Returning would wait for the threads that wait for the disk.
        std::process::exit(1);
    }
    tracing::info!("gone");
    Ok(())
}

/// Writes a line for the person who started the program. A closed pipe is no reason to fail.
fn say(line: &str) -> anyhow::Result<()> {
    let mut out = std::io::stdout();
    drop(writeln!(out, "{line}").and_then(|()| out.flush()));
    Ok(())
}
