//! The figures of `durable`: as a table for people, as JSON for programs.

use serde::Serialize;
use std::time::Duration;

/// How many in a second, and how long each took.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub(super) struct Rate {
    pub(super) per_second: f64,
    pub(super) p50_ms: f64,
    pub(super) p99_ms: f64,
}

/// One number of senders.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Level {
    pub(super) senders: usize,
    pub(super) rooms: usize,
    /// Of each room, the senders included.
    pub(super) members: usize,
    /// Acknowledged messages.
    pub(super) acked: Rate,
    /// Messages that members were sent, in a second.
    pub(super) delivered_per_second: f64,
    /// Deliveries that had not come ten seconds after the last message. Must be 0.
    pub(super) missing: u64,
    /// CPU that the server used, in cores.
    pub(super) server_cores: f64,
    /// CPU that this program used, in cores: it takes it from the server.
    pub(super) generator_cores: f64,
    /// SQLite with one commit for each message in a loop, right before.
    pub(super) one_commit: Rate,
    /// Redis Streams with as many clients and no reader, right before.
    pub(super) redis: Option<Rate>,
}

/// A whole run.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Report {
    /// Bytes of text in each message.
    pub(super) bytes: usize,
    pub(super) levels: Vec<Level>,
}

impl Rate {
    pub(super) fn new(count: usize, time: Duration, p50: Duration, p99: Duration) -> Self {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        Self {
            per_second: f64::from(count) / time.as_secs_f64().max(f64::MIN_POSITIVE),
            p50_ms: p50.as_secs_f64() * 1000.0,
            p99_ms: p99.as_secs_f64() * 1000.0,
        }
    }
}

/// The time within which so many in a hundred were done; `times` are sorted.
pub(super) fn percentile(times: &[Duration], percent: usize) -> Duration {
    let at = times.len() * percent / 100;
    let at = at.min(times.len().saturating_sub(1));
    times.get(at).copied().unwrap_or_default()
}

impl Report {
    /// Markdown, so that it can go into `docs/benchmarks.md` as it is.
    pub(super) fn table(&self) -> String {
        let mut lines = vec![
            "| senders | rooms | acked/s | p50 ms | p99 ms | one commit/s | p50 ms | x one commit \
             | Redis/s | p50 ms | of Redis | delivered/s | server cores | generator cores |"
                .to_owned(),
            format!("|{}", "---:|".repeat(14)),
        ];
        for level in &self.levels {
            let (acked, base) = (level.acked, level.one_commit);
            let redis = level.redis.map_or_else(
                || "- | - | -".to_owned(),
                |redis| {
                    let part = 100.0 * acked.per_second / redis.per_second;
                    format!("{:.0} | {:.2} | {part:.0}%", redis.per_second, redis.p50_ms)
                },
            );
            lines.push(format!(
                "| {} | {} | {:.0} | {:.2} | {:.2} | {:.0} | {:.2} | {:.1} | {redis} | {:.0} | {:.2} | {:.2} |",
                level.senders,
                level.rooms,
                acked.per_second,
                acked.p50_ms,
                acked.p99_ms,
                base.per_second,
                base.p50_ms,
                acked.per_second / base.per_second,
                level.delivered_per_second,
                level.server_cores,
                level.generator_cores,
            ));
        }
        lines.join("\n")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_taken_from_sorted_times() {
        let times: Vec<Duration> = (1..=100).map(Duration::from_millis).collect();
        assert_eq!(percentile(&times, 50), Duration::from_millis(51));
        assert_eq!(percentile(&times, 99), Duration::from_millis(100));
        assert_eq!(percentile(&times[..1], 99), Duration::from_millis(1));
        assert_eq!(percentile(&[], 50), Duration::ZERO);
    }

    #[test]
    fn the_table_leaves_out_a_redis_that_is_not_there() {
        let rate = Rate::new(100, Duration::from_secs(1), Duration::ZERO, Duration::ZERO);
        let level = |redis| Level {
            senders: 1,
            rooms: 1,
            members: 10,
            acked: rate,
            delivered_per_second: 1000.0,
            missing: 0,
            server_cores: 0.5,
            generator_cores: 0.5,
            one_commit: rate,
            redis,
        };
        let report = Report {
            bytes: 128,
            levels: vec![level(None), level(Some(rate))],
        };
        let table = report.table();
        assert!(table.contains("| - | - | - |"), "{table}");
        assert!(table.contains("| 100% |"), "{table}");
    }
}
