//! Load and faults for the real server, `$HUBBUB_BIN`, on this machine: what the server and the
//! client core promise, tried with real sockets. `cargo xtask load` and `cargo xtask chaos` build
//! the server and run this.

mod chaos;
mod chat;
mod clock;
mod cluster;
mod durable;
mod echo;
mod environment;
mod fan_out;
mod final_check;
mod gate;
mod http;
mod idle;
mod light_clients;
mod mass_return;
mod native;
mod native_clients;
mod nodes;
mod options;
mod presence;
mod progress;
mod proxy;
mod report;
mod rng;
mod run_scenario;
mod scaling;
mod server;
mod slow_readers;
mod storm;
mod times;
mod verification;
mod wire;

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
    FanOut(fan_out::FanOutArguments),
    Chat(chat::ChatArguments),
    Echo(echo::EchoArguments),
    Idle(idle::IdleArguments),
    Storm(storm::StormArguments),
    Scaling(scaling::ScalingArguments),
    Presence(presence::PresenceArguments),
    SlowReaders(slow_readers::SlowReadersArguments),
    Durable(durable::DurableArguments),
    MassReturn(mass_return::MassReturnArguments),
    Cluster(cluster::ClusterArguments),
    Chaos(chaos::ChaosArguments),
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
        Scenario::FanOut(arguments) => fan_out::fan_out(arguments).await,
        Scenario::Chat(arguments) => chat::chat(arguments).await,
        Scenario::Echo(arguments) => echo::echo(arguments).await,
        Scenario::Idle(arguments) => idle::idle(arguments).await,
        Scenario::Storm(arguments) => storm::storm(arguments).await,
        Scenario::Scaling(arguments) => scaling::scaling(arguments).await,
        Scenario::Presence(arguments) => presence::presence(arguments).await,
        Scenario::SlowReaders(arguments) => slow_readers::slow_readers(arguments).await,
        Scenario::Chaos(arguments) => chaos::chaos(arguments).await,
        Scenario::Durable(arguments) => durable::durable(arguments).await,
        Scenario::Cluster(arguments) => cluster::cluster(arguments).await,
        Scenario::MassReturn(arguments) => mass_return::mass_return(arguments).await,
    }
}
