//! The end of a run with clients: everything comes to rest, the logs are read, and judged.

use crate::clock::wait_until;
use crate::http;
use crate::native::{Line, open};
use crate::native_clients::NativeClients;
use crate::verification::{Logs, Verification};
use anyhow::{Context, Result, bail};
use common::ids::Seq;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// Waits until everybody is live and has sent everything, and every view shows its log's end;
/// then reads every log and judges. Says how long the waiting took.
///
/// What does not come to rest in `time_max` is judged as it stands, and the second value is why.
pub(crate) async fn final_check(
    natives: &NativeClients,
    server: SocketAddr,
    time_max: Duration,
) -> Result<(Verification, Result<Duration>)> {
    let rested = rest(natives, server, time_max).await;
    let logs = read_logs(natives, server).await?;
    let profiles = natives.profiles();
    let books: Vec<_> = profiles.iter().map(|profile| open(profile)).collect();
    let verification = Verification::of(&logs, books.iter().map(|book| &**book));
    Ok((verification, rested))
}

async fn rest(natives: &NativeClients, server: SocketAddr, time_max: Duration) -> Result<Duration> {
    let live = natives.wait_live(time_max).await?;
    let sent = wait_until("everything sent", time_max, || natives.unsent() == 0)
        .await
        .with_context(|| format!("{} messages are unsent", natives.unsent()))?;
    let mut heads = BTreeMap::new();
    for room in natives.rooms() {
        heads.insert(room.clone(), http::head(server, room).await?);
    }
    let whole = natives.wait_whole(&heads, time_max).await?;
    Ok(live + sent + whole)
}

async fn read_logs(natives: &NativeClients, server: SocketAddr) -> Result<Logs> {
    let mut logs = Logs::new();
    for room in natives.rooms() {
        let mut log: Vec<Line> = Vec::new();
        let mut after = Seq::ZERO;
        loop {
            let page = http::page(server, room, after).await?;
            log.extend(page.messages.iter().map(Line::of));
            match page.messages.last() {
                Some(last) if page.more && last.seq > after => after = last.seq,
                _ if page.more => bail!("{room}: a page that does not go on after {after}"),
                _ => break,
            }
        }
        logs.insert(room.clone(), log);
    }
    Ok(logs)
}
