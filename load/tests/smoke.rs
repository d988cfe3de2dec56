//! Every scenario in small, on the real server: `cargo xtask test --only load`. The figures of such
//! runs say nothing; that nothing is lost, doubled or reordered does.
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test that meets the unexpected must fail loudly"
)]

use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// Runs a scenario that keeps its last runs in this folder.
fn load(target: &Path, line: &str) -> Output {
    let words: Vec<&str> = line.split_whitespace().collect();
    Command::new(env!("CARGO_BIN_EXE_load"))
        .args(words)
        .env("HUBBUB_TARGET_DIR", target)
        .output()
        .unwrap()
}

fn words(output: &Output) -> String {
    let (out, error) = (&output.stdout, &output.stderr);
    String::from_utf8_lossy(out).into_owned() + &String::from_utf8_lossy(error)
}

/// Runs a scenario, and returns the figures of its cases by their names.
fn run(line: &str) -> Vec<Value> {
    let target = TempDir::new().unwrap();
    let json = target.path().join("figures.json");
    let line = format!("{line} --json {}", json.display());
    let output = load(target.path(), &line);
    assert!(output.status.success(), "{line}:\n{}", words(&output));
    let report: Value = serde_json::from_slice(&std::fs::read(&json).unwrap()).unwrap();
    assert_eq!(report["scenario"], line.split(' ').next().unwrap());
    report["cases"].as_array().unwrap().clone()
}

fn figure(case: &Value, name: &str) -> f64 {
    let figures = case["figures"].as_array().unwrap();
    let figure = figures.iter().find(|figure| figure["name"] == name);
    let figure = figure.unwrap_or_else(|| panic!("no {name:?} in {case}"));
    figure["value"].as_f64().unwrap()
}

/// A room of 30, whose members are all sent what one of them writes.
fn fan_out(options: &str) {
    let cases = run(&format!("fan-out --members 30 --seconds 1 {options}"));
    // Where the measuring begins and ends, some of the copies of a message are outside.
    let copies = figure(&cases[0], "deliveries") / figure(&cases[0], "messages");
    assert!((15.0..60.0).contains(&copies), "{copies} copies");
}

#[test]
#[ignore = "needs a server: cargo xtask test --only load"]
fn a_durable_room_is_fanned_out_whole() {
    fan_out("");
}

#[test]
#[ignore = "needs a server: cargo xtask test --only load"]
fn a_live_room_is_fanned_out_whole() {
    fan_out("--live");
}

#[test]
#[ignore = "needs a server: cargo xtask test --only load"]
fn a_room_is_fanned_out_whole_by_the_clock() {
    fan_out("--rate 50");
}

#[test]
#[ignore = "needs a server: cargo xtask test --only load"]
fn small_rooms_chat_as_fast_as_it_goes_and_at_half_of_that() {
    let cases = run("chat --rooms 7 --members 4 --writers 2 --seconds 1 --search-seconds 0");
    let rates: Vec<f64> = cases.iter().map(|case| figure(case, "messages")).collect();
    assert_eq!(rates.len(), 2);
    assert!(rates[1] < rates[0], "{rates:?}");
}

#[test]
#[ignore = "needs a server: cargo xtask test --only load"]
fn the_highest_sustained_rate_is_searched_for() {
    let cases = run("chat --rooms 3 --members 3 --seconds 1 --search-to 4000 --live");
    assert_eq!(cases[2]["name"], "highest sustained");
    let rate = figure(&cases[2], "rate");
    // A machine that holds not even the lowest has shown so.
    let has_failed = cases.get(3).is_some_and(|case| figure(case, "rate") > rate);
    assert!(rate == 4000.0 || has_failed, "{cases:?}");
}

#[test]
#[ignore = "needs a server: cargo xtask test --only load"]
fn a_lone_client_hears_itself() {
    let cases = run("echo --seconds 1 --bytes 2000");
    assert!(figure(&cases[0], "round trip, p50") > 0.0);
}

#[test]
#[ignore = "needs a server: cargo xtask test --only load"]
fn connections_that_say_nothing_outlive_many_heartbeats() {
    let cases = run("idle --connections 200 --rooms 10 --heartbeat-ms 200 --seconds 2");
    assert!(figure(&cases[0], "CPU per heartbeat") > 0.0);
}

/// A room that fills and empties; returns both cases.
fn presence(connections: usize) -> Vec<Value> {
    let cases = run(&format!("presence --connections {connections} --live"));
    assert_eq!(cases.len(), 2);
    // The one who stays is told of it.
    assert!(figure(&cases[1], "presence frames") >= 1.0);
    cases
}

#[test]
#[ignore = "needs a server: cargo xtask test --only load"]
fn a_small_room_that_fills_knows_everybody_by_name() {
    presence(60);
}

#[test]
#[ignore = "needs a server: cargo xtask test --only load"]
fn a_large_room_that_fills_costs_a_few_frames_each() {
    let cases = presence(600);
    // Far from one frame for each pair, however slow the machine.
    assert!(figure(&cases[0], "presence frames for each") < 60.0);
}

#[test]
#[ignore = "needs a server: cargo xtask test --only load"]
fn one_worker_and_two_do_the_same_work() {
    let line = "scaling --workers 2 --members 30 --rooms 5 --seconds 1 --rounds 1 --durable";
    let cases = run(line);
    let names: Vec<_> = cases.iter().map(|case| case["name"].as_str()).collect();
    assert_eq!(names.len(), 8, "{names:?}");
    assert_eq!(names[1], Some("large room, 2 workers"));
    for pair in cases.chunks(2) {
        let share = |case| figure(case, "busiest worker, of the workers' CPU");
        assert!(
            share(&pair[0]) > 99.0,
            "one worker does all of it: {pair:?}"
        );
        assert!(share(&pair[1]) >= 50.0, "{pair:?}");
    }
}

#[test]
#[ignore = "needs a server: cargo xtask test --only load"]
fn a_second_run_stands_beside_the_first() {
    let target = TempDir::new().unwrap();
    let line = "storm --connections 100 --rooms 5 --at-once 20";
    let first = load(target.path(), line);
    assert!(first.status.success(), "{}", words(&first));
    assert!(words(&first).contains("No run before to compare with"));
    let second = load(target.path(), line);
    assert!(words(&second).contains("last run"), "{}", words(&second));
    let other = load(target.path(), &format!("{line} --live"));
    assert!(words(&other).contains("No run with these settings before"));
}

#[test]
#[ignore = "needs a server: cargo xtask test --only load"]
fn readers_who_stop_miss_nothing() {
    let cases =
        run("slow-readers --members 10 --stalled 4 --stall-max-ms 400 --rate 1000 --seconds 2");
    assert_eq!(cases.len(), 2);
    assert!(figure(&cases[0], "messages") > 0.0);
}

#[test]
#[ignore = "needs a server: cargo xtask test --only load"]
fn acknowledged_messages_are_counted_beside_single_commits() {
    let cases = run("durable --senders 1,25 --seconds 1 --no-redis");
    assert!(figure(&cases[1], "acked") > 0.0);
    assert!(figure(&cases[1], "one commit for each") > 0.0);
}

#[test]
#[ignore = "needs a server: cargo xtask test --only load"]
fn a_small_group_of_clients_returns() {
    let cases = run("mass-return --clients 50 --rooms 5 --messages 100 --down-ms 50");
    // Those that were written while the server was down, too.
    assert_eq!(figure(&cases[0], "messages sent"), 110.0);
}

#[test]
#[ignore = "needs a server: cargo xtask test --only load"]
fn several_nodes_are_measured_beside_one() {
    let cases = run(
        "cluster --rooms 3 --members 6 --rate 60 --rounds 1 --senders 5 --clients 30 --seconds 1",
    );
    assert!(figure(&cases[2], "CPU, by one node's") > 0.0);
    assert!(figure(&cases[3], "acked") > 0.0);
    assert!(figure(&cases[4], "Redis, commands per join") > 0.0);
    assert_eq!(figure(&cases[5], "messages sent"), 2200.0);
}

#[test]
fn bad_arguments_are_refused_before_anything_is_started() {
    let target = TempDir::new().unwrap();
    for (line, word) in [
        ("fan-out --members 0", "1..=50000"),
        (
            "fan-out --members 10 --in-flight 3 --rate 3",
            "cannot be used with",
        ),
        ("chat --members 2 --writers 3", "writers are members"),
        ("idle --connections 5 --rooms 6", "--rooms 6 is more than"),
        (
            "idle --seconds 1 --heartbeat-ms 900",
            "two heartbeats of 900 ms",
        ),
        ("scaling --workers 1", "--workers 2 or more"),
        ("scaling --pin", "nothing can grow"),
        ("scaling --rounds 10", "1..=9"),
        ("presence --connections 1", "2..=90000"),
        ("presence --at-once 0", "1..=10000"),
        ("storm --connections 5 --rooms 6", "--rooms 6 is more than"),
        ("storm --connections 7 --rooms 3", "dealt out evenly"),
        ("durable --senders 10 --members 0", "1..=1000"),
        ("slow-readers --members 5 --stalled 5", "somebody must read"),
        ("durable --senders 1,none", "none"),
        ("sing", "sing"),
    ] {
        let output = load(target.path(), line);
        assert!(!output.status.success(), "{line}");
        let said = words(&output);
        assert!(
            said.contains("error:") && said.contains(word),
            "{line}: {said}"
        );
    }
}
