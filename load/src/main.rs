//! Load and faults for the real server, `$HUBBUB_BIN`, on this machine: what the server and the
//! client core promise, tried with real sockets. `cargo xtask load` and `cargo xtask chaos` build
//! the server and run this.

mod chaos;
mod clock;
mod crowd;
mod durable;
mod harvest;
mod http;
mod mass_return;
mod native;
mod place;
mod progress;
mod proxy;
mod rng;
mod server;
mod verdict;

use anyhow::Result;
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Load and faults for a real server on this machine.
#[derive(Parser)]
#[command(name = "load", bin_name = "cargo xtask load")]
struct Arguments {
    #[command(subcommand)]
    scenario: Scenario,
}

#[derive(Subcommand)]
enum Scenario {
    Chaos(chaos::ChaosArguments),
    Durable(durable::DurableArguments),
    MassReturn(mass_return::MassReturnArguments),
}

/// One thread: the other cores are the server's.
#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    match run(Arguments::parse().scenario).await {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

async fn run(scenario: Scenario) -> Result<bool> {
    match scenario {
        Scenario::Chaos(arguments) => chaos::chaos(arguments).await,
        Scenario::Durable(arguments) => durable::durable(arguments).await,
        Scenario::MassReturn(arguments) => mass_return::mass_return(arguments).await,
    }
}
