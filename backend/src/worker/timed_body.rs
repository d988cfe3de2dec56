//! A request body with a deadline and a lowest rate: a client that sends one byte at a time must not hold a
//! connection and its buffers for long.

use hyper::body::{Body, Bytes, Frame, Incoming, SizeHint};
use std::io::{Error, ErrorKind};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::time::{Instant, Sleep};

/// The time after which the rate counts.
const GRACE: Duration = Duration::from_secs(5);

/// Bytes a second, at least.
const RATE_MIN: u64 = 1024;

/// See the module.
pub(super) struct TimedBody {
    body: Incoming,
    max: Duration,
    began: Option<Instant>,
    deadline: Option<Pin<Box<Sleep>>>,
    bytes: u64,
}

impl TimedBody {
    pub(super) fn new(body: Incoming, max: Duration) -> Self {
        Self {
            body,
            max,
            began: None,
            deadline: None,
            bytes: 0,
        }
    }

    /// Whether bytes have come too slowly so far.
    fn is_slow(&self) -> bool {
        let elapsed = self.began.map_or(Duration::ZERO, |began| began.elapsed());
        elapsed
            .checked_sub(GRACE)
            .is_some_and(|counted| self.bytes < counted.as_secs() * RATE_MIN)
    }
}

fn timed_out(why: &str) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
    Poll::Ready(Some(Err(Error::new(ErrorKind::TimedOut, why))))
}

impl Body for TimedBody {
    type Data = Bytes;
    type Error = Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Error>>> {
        let this = self.get_mut();
        this.began.get_or_insert_with(Instant::now);
        match Pin::new(&mut this.body).poll_frame(context) {
            Poll::Ready(Some(Ok(frame))) => {
                let length = frame.data_ref().map_or(0, Bytes::len);
                this.bytes += u64::try_from(length).unwrap_or(u64::MAX);
                if this.is_slow() {
                    return timed_out("the body comes too slowly");
                }
                Poll::Ready(Some(Ok(frame)))
            }
            Poll::Ready(Some(Err(error))) => Poll::Ready(Some(Err(Error::other(error)))),
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                let max = this.max;
                let deadline = this
                    .deadline
                    .get_or_insert_with(|| Box::pin(tokio::time::sleep(max)));
                match deadline.as_mut().poll(context) {
                    Poll::Ready(()) => timed_out("the body did not arrive in time"),
                    Poll::Pending => Poll::Pending,
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
