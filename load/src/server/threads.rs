//! What each thread of the server has used, as the scheduler counts it (`schedstat` in the Linux
//! kernel's documentation): time on a processor, time for which it could have run and had none, and
//! how often it was given one.

use std::collections::BTreeMap;
use std::fs;
use std::ops::AddAssign;
use std::path::Path;
use std::time::Duration;

/// How the server names the threads on which it serves connections; a number follows.
const WORKER: &str = "worker-";

/// Of one thread, or of several.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct ThreadTime {
    pub(crate) cpu: Duration,
    /// Ready to run, while something else had the processor.
    pub(crate) waited: Duration,
    /// How often it was given a processor.
    pub(crate) turns: u64,
}

/// Every thread's time so far, by the number that the system gave it.
#[derive(Debug, Clone, Default)]
pub(crate) struct Threads(BTreeMap<u32, (String, ThreadTime)>);

/// The time between two moments.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Shares {
    /// Of each worker. Empty where the kernel does not count.
    pub(crate) workers: Vec<ThreadTime>,
    /// Of all other threads together.
    pub(crate) others: ThreadTime,
}

impl Threads {
    /// Reads them. A thread that ends meanwhile is left out.
    pub(super) fn take(process: &Path) -> Self {
        let tasks = fs::read_dir(process.join("task")).into_iter().flatten();
        let threads = tasks.flatten().filter_map(|task| {
            let number = task.file_name().to_str()?.parse().ok()?;
            let name = fs::read_to_string(task.path().join("comm")).ok()?;
            let time = fs::read_to_string(task.path().join("schedstat")).ok()?;
            Some((number, (name.trim_end().to_owned(), parse(&time)?)))
        });
        Self(threads.collect())
    }

    /// What they have used since then.
    pub(crate) fn since(&self, before: &Self) -> Shares {
        let mut shares = Shares::default();
        for (number, (name, now)) in &self.0 {
            let then = before.0.get(number).map(|(_, then)| *then);
            let time = now.less(then.unwrap_or_default());
            match name.starts_with(WORKER) {
                true => shares.workers.push(time),
                false => shares.others += time,
            }
        }
        shares
    }
}

impl Shares {
    /// All workers together.
    pub(crate) fn of_workers(&self) -> ThreadTime {
        let mut sum = ThreadTime::default();
        self.workers.iter().for_each(|worker| sum += *worker);
        sum
    }

    /// The parts of the workers' time on processors that the worker with the least and the one
    /// with the most had, in percent.
    pub(crate) fn least_and_most(&self) -> (f64, f64) {
        let all = self.of_workers().cpu.as_secs_f64().max(f64::MIN_POSITIVE);
        let cpus = self.workers.iter().map(|worker| worker.cpu);
        let percent = |cpu: Option<Duration>| cpu.unwrap_or_default().as_secs_f64() * 100.0 / all;
        (percent(cpus.clone().min()), percent(cpus.max()))
    }
}

impl ThreadTime {
    fn less(self, then: Self) -> Self {
        Self {
            cpu: self.cpu.saturating_sub(then.cpu),
            waited: self.waited.saturating_sub(then.waited),
            turns: self.turns.saturating_sub(then.turns),
        }
    }
}

impl AddAssign for ThreadTime {
    fn add_assign(&mut self, other: Self) {
        self.cpu += other.cpu;
        self.waited += other.waited;
        self.turns += other.turns;
    }
}

/// Three numbers: nanoseconds, nanoseconds, a count.
fn parse(schedstat: &str) -> Option<ThreadTime> {
    let mut numbers = schedstat.split_whitespace().map(|word| word.parse().ok());
    Some(ThreadTime {
        cpu: Duration::from_nanos(numbers.next()??),
        waited: Duration::from_nanos(numbers.next()??),
        turns: numbers.next()??,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn time(text: &str) -> ThreadTime {
        parse(text).unwrap()
    }

    #[test]
    fn a_schedstat_is_three_numbers() {
        let read = time("2000000 3000 7\n");
        assert_eq!(read.cpu, Duration::from_millis(2));
        assert_eq!(read.waited, Duration::from_micros(3));
        assert_eq!(read.turns, 7);
        for bad in ["", "1 2", "1 2 x"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn workers_are_told_from_other_threads_and_new_ones_count_from_their_start() {
        let threads = |of: &[(u32, &str, &str)]| {
            let threads = of.iter().map(|(number, name, stat)| {
                let name = (*name).to_owned();
                (*number, (name, time(stat)))
            });
            Threads(threads.collect())
        };
        let before = threads(&[(1, "hubbub", "5 0 1"), (2, "worker-0", "100 10 1")]);
        let after = threads(&[
            (1, "hubbub", "9 1 2"),
            (2, "worker-0", "400 20 4"),
            (3, "worker-1", "100 0 2"),
        ]);
        let shares = after.since(&before);
        assert_eq!(shares.workers, [time("300 10 3"), time("100 0 2")]);
        assert_eq!(shares.others, time("4 1 1"));
        assert_eq!(shares.of_workers(), time("400 10 5"));
        assert_eq!(shares.least_and_most(), (25.0, 75.0));
        assert_eq!(Shares::default().least_and_most(), (0.0, 0.0));
    }

    #[test]
    fn the_threads_of_this_process_are_read() {
        let threads = Threads::take(Path::new("/proc/self"));
        assert!(!threads.0.is_empty());
    }
}
