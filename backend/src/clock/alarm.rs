//! Timers shorter than a millisecond. The event loop's timers have a resolution of one millisecond; on
//! Linux, `timerfd_create(2)` is more precise.

#[cfg(target_os = "linux")]
pub use linux::Alarm;
#[cfg(not(target_os = "linux"))]
pub use none::Alarm;

#[cfg(target_os = "linux")]
mod linux {
    use nix::sys::time::TimeSpec;
    use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
    use std::io::{self, ErrorKind};
    use std::os::fd::AsFd as _;
    use std::time::Duration;
    use tokio::net::unix::pipe::Receiver;

    /// A timer of the system's, one wait at a time.
    pub struct Alarm {
        timer: TimerFd,
        /// The same descriptor, read through the event loop. Not a pipe, but a pipe is what the
        /// event loop takes a foreign descriptor for without further promises.
        sign_ins_changed: Receiver,
    }

    impl Alarm {
        /// One for the event loop that this is called in.
        ///
        /// # Errors
        /// The system has no descriptor left.
        pub fn new() -> io::Result<Self> {
            let flags = TimerFlags::TFD_NONBLOCK | TimerFlags::TFD_CLOEXEC;
            let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, flags)?;
            let sign_ins_changed = timer.as_fd().try_clone_to_owned()?;
            let sign_ins_changed = Receiver::from_owned_fd_unchecked(sign_ins_changed)?;
            Ok(Self {
                timer,
                sign_ins_changed,
            })
        }

        /// Waits for so long, give or take what the system takes to wake the thread.
        ///
        /// # Errors
        /// The system refuses the timer.
        pub async fn wait(&self, time: Duration) -> io::Result<()> {
            // No time at all would turn the timer off.
            let time = time.max(Duration::from_nanos(1));
            let once = Expiration::OneShot(TimeSpec::from_duration(time));
            self.timer.set(once, TimerSetTimeFlags::empty())?;
            loop {
                self.sign_ins_changed.readable().await?;
                // What rang for a wait that was given up may be told of here, and is not there.
                match self.sign_ins_changed.try_read(&mut [0; 8]) {
                    Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                    rung => return rung.map(drop),
                }
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;
        use tokio::time::Instant;

        #[tokio::test]
        async fn it_rings_after_the_time_and_not_before_also_where_a_wait_was_given_up() {
            let alarm = Alarm::new().unwrap();
            for micros in [0, 100, 300, 1500] {
                let time = Duration::from_micros(micros);
                let given_up = alarm.wait(Duration::from_micros(50));
                drop(futures_util::poll!(std::pin::pin!(given_up)));
                let began = Instant::now();
                alarm.wait(time).await.unwrap();
                assert!(began.elapsed() >= time);
            }
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod none {
    use std::io;
    use std::time::Duration;

    /// There is none.
    pub enum Alarm {}

    impl Alarm {
        /// Fails.
        ///
        /// # Errors
        /// There is none.
        pub fn new() -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        /// Is never called.
        ///
        /// # Errors
        /// None.
        pub async fn wait(&self, _: Duration) -> io::Result<()> {
            match *self {}
        }
    }
}
