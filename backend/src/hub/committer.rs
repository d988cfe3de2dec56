//! The committers: store first, then publish.
//!
//! A committer is a thread that takes what has been posted, as much as there is, appends it to the store
//! as one batch, and publishes it when the store says that it is on disk. While a batch is on its way to
//! disk the next one gathers, so a busy node shares each sync among many messages, and a lone message
//! waits for nobody. There is one for each queue of the store; a room always has the same one.

use super::post::{Overloaded, Post};
use super::publish::Publisher;
use crate::store::EventStore;
use crate::supervisor::Supervisor;
use parking_lot::{Condvar, Mutex};
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// Events in one batch. Bounds the time of one transaction.
const BATCH_MAX: usize = 2048;

/// Bytes of events that may wait for a store, beside their number.
const POSTS_BYTES_MAX: usize = 64 * 1024 * 1024;

/// The committers of a store.
pub(super) struct Committers {
    store: Arc<dyn EventStore>,
    committers: Vec<Committer>,
}

impl Committers {
    /// One for each queue of the store. Up to `posts_max` events may wait for all of them together.
    pub(super) fn start(
        store: &Arc<dyn EventStore>,
        publisher: &Publisher,
        posts_max: usize,
        supervisor: &Supervisor,
    ) -> std::io::Result<Self> {
        let count = store.append_queues().max(1);
        let start = |_| {
            Committer::start(
                Arc::clone(store),
                publisher.clone(),
                posts_max.div_ceil(count),
                POSTS_BYTES_MAX.div_ceil(count),
                supervisor,
            )
        };
        Ok(Self {
            store: Arc::clone(store),
            committers: (0..count).map(start).collect::<Result<_, _>>()?,
        })
    }

    pub(super) fn post(&self, post: Post) -> Result<(), Overloaded> {
        let number = self.store.append_queue(&post.event.room);
        let committer = self.committers.get(number).ok_or(Overloaded)?;
        committer.queue.push(post)
    }

    /// Takes nothing more, and waits until all that was taken is completed, for `timeout` at the most:
    /// a disk may hang. Returns whether all is.
    pub(super) async fn close(&self, timeout: Duration) -> bool {
        let closing = self.committers.iter().map(|one| one.close(timeout));
        let closed = futures_util::future::join_all(closing).await;
        closed.into_iter().all(|is_closed| is_closed)
    }
}

/// The handle to one thread.
struct Committer {
    queue: Arc<Queue>,
    /// With what says that it has ended.
    thread: Mutex<Option<(JoinHandle<()>, oneshot::Receiver<()>)>>,
}

/// What waits for the store.
struct Queue {
    waiting: Mutex<Waiting>,
    changed: Condvar,
    posts_max: usize,
    bytes_max: usize,
}

#[derive(Default)]
struct Waiting {
    posts: Vec<Post>,
    bytes: usize,
    closed: bool,
}

impl Queue {
    fn push(&self, post: Post) -> Result<(), Overloaded> {
        let mut waiting = self.waiting.lock();
        let bytes = waiting.bytes + post.event.body.bytes();
        if waiting.closed || waiting.posts.len() >= self.posts_max || bytes > self.bytes_max {
            return Err(Overloaded);
        }
        waiting.bytes = bytes;
        waiting.posts.push(post);
        let was_empty = waiting.posts.len() == 1;
        drop(waiting);
        if was_empty {
            self.changed.notify_one();
        }
        Ok(())
    }

    /// Waits for something to do, and takes it. None when the queue is closed and empty.
    fn take(&self) -> Option<Vec<Post>> {
        let mut waiting = self.waiting.lock();
        while waiting.posts.is_empty() {
            if waiting.closed {
                return None;
            }
            self.changed.wait(&mut waiting);
        }
        waiting.bytes = 0;
        Some(std::mem::take(&mut waiting.posts))
    }

    fn close(&self) {
        self.waiting.lock().closed = true;
        self.changed.notify_one();
    }
}

/// Held by the thread: where it panics, nothing more is taken that nobody would store.
struct CloseOnExit(Arc<Queue>);

impl Drop for CloseOnExit {
    fn drop(&mut self) {
        self.0.close();
    }
}

impl Committer {
    fn start(
        store: Arc<dyn EventStore>,
        publisher: Publisher,
        posts_max: usize,
        bytes_max: usize,
        supervisor: &Supervisor,
    ) -> std::io::Result<Self> {
        let queue = Arc::new(Queue {
            waiting: Mutex::default(),
            changed: Condvar::new(),
            posts_max,
            bytes_max,
        });
        let inbox = Arc::clone(&queue);
        let (running, ended) = oneshot::channel();
        let guard = supervisor.guard("a committer");
        let thread = std::thread::Builder::new()
            .name("committer".into())
            .spawn(move || {
                let (_guard, _running) = (guard, running);
                let inbox = CloseOnExit(inbox);
                run(&inbox.0, &*store, &publisher);
            })?;
        Ok(Self {
            queue,
            thread: Mutex::new(Some((thread, ended))),
        })
    }

    async fn close(&self, timeout: Duration) -> bool {
        self.queue.close();
        let Some((thread, ended)) = self.thread.lock().take() else {
            return true;
        };
        // The thread drops its end when it is done, however it ends.
        if tokio::time::timeout(timeout, ended).await.is_err() {
            tracing::error!("the disk does not answer: what waits for it is not stored");
            return false;
        }
        let is_well = thread.join().is_ok();
        if !is_well {
            tracing::error!("the committer ended badly");
        }
        is_well
    }
}

impl Drop for Committer {
    fn drop(&mut self) {
        self.queue.close();
    }
}

fn run(queue: &Queue, store: &dyn EventStore, publisher: &Publisher) {
    while let Some(mut posts) = queue.take() {
        while !posts.is_empty() {
            let rest = posts.split_off(posts.len().min(BATCH_MAX));
            let (events, origins): (Vec<_>, Vec<_>) = std::mem::replace(&mut posts, rest)
                .into_iter()
                .map(|post| (post.event, post.origin))
                .unzip();
            let answers = store.append(&events);
            publisher.publish(events, answers, origins);
        }
    }
}

#[cfg(test)]
mod tests;
