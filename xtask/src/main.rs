//! The project's own commands, run as `cargo xtask <command>`.
//!
//! `run` starts the whole product, `dev` the editing loop, `test` says whether the tree is sound,
//! `tidy` checks the conventions that no other tool knows.

mod autobahn;
mod clock;
mod command;
mod dev;
mod fingerprint;
mod fuzz;
mod health;
mod load;
mod page;
mod paths;
mod profile;
mod run;
mod server;
mod step;
mod supervise;
mod test;
mod tidy;
mod tools;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Hubbub's own commands.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Build the page and the server and start the server.
    Run(run::RunArguments),
    /// Start the backend beside `trunk serve`: an edit reloads the page.
    Dev(dev::DevArguments),
    /// Run everything that says whether the tree is sound.
    Test(test::TestArguments),
    /// Put load on the real server, see `cargo xtask load --help`.
    Load(load::LoadArguments),
    /// Kill the server and break the network under writing clients, and check that nothing is lost.
    Chaos(load::ChaosArguments),
    /// Fuzz every decoder that faces the network.
    Fuzz(fuzz::FuzzArguments),
    /// Run the Autobahn test suite against the server's WebSocket pieces; needs its `wstest`.
    Autobahn(autobahn::AutobahnArguments),
    /// Check the conventions of the tree.
    Tidy,
}

fn main() -> ExitCode {
    match execute(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn execute(command: Command) -> Result<ExitCode> {
    let workspace = paths::Workspace::find()?;
    match command {
        Command::Run(arguments) => run::run(&workspace, &arguments),
        Command::Dev(arguments) => dev::dev(&workspace, &arguments),
        Command::Test(arguments) => test::test(&workspace, &arguments),
        Command::Load(arguments) => load::load(&workspace, &arguments),
        Command::Chaos(arguments) => load::chaos(&workspace, &arguments),
        Command::Fuzz(arguments) => fuzz::fuzz(&workspace, &arguments),
        Command::Autobahn(arguments) => autobahn::autobahn(&workspace, &arguments),
        Command::Tidy => tidy::tidy(&workspace.root),
    }
}
