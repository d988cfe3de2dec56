//! A TCP proxy that does to connections what networks do: cuts them in the middle of a frame,
//! stalls them, delays them, and lets one side believe that they are still there.

mod plan;

use crate::rng::Rng;
use anyhow::Result;
use plan::{Fault, Plan};
use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{ReadHalf, WriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::{sleep, timeout};

/// Longer than anybody takes to find out that a connection is dead.
const HALF_OPEN_MAX: Duration = Duration::from_secs(120);

/// A running proxy. Dropping it cuts everything.
pub(crate) struct Proxy {
    address: SocketAddr,
    weather: Arc<Weather>,
    task: JoinHandle<()>,
}

/// How things are on the network.
#[derive(Default)]
struct Weather {
    stormy: AtomicBool,
    cuts: AtomicUsize,
    one_way: AtomicUsize,
    stalls: AtomicUsize,
    half_opens: AtomicUsize,
    delayed: AtomicUsize,
    connections: AtomicUsize,
}

/// What was done to connections so far.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Faults {
    pub(crate) connections: usize,
    pub(crate) cuts: usize,
    /// Carried in one direction only, before they were cut.
    pub(crate) one_way: usize,
    pub(crate) stalls: usize,
    pub(crate) half_opens: usize,
    /// Connections whose every piece came late.
    pub(crate) delayed: usize,
}

impl Proxy {
    /// A proxy before `server`, on a port that the system chooses. The weather is fine at first.
    pub(crate) async fn start(server: SocketAddr, mut rng: Rng) -> Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let weather = Arc::<Weather>::default();
        let shared = weather.clone();
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let Ok((client, _)) = listener.accept().await else {
                    // Out of descriptors, most likely: some will be given back.
                    sleep(Duration::from_millis(10)).await;
                    continue;
                };
                connections.spawn(connection(client, server, shared.clone(), rng.fork()));
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self {
            address,
            weather,
            task,
        })
    }

    /// Where clients connect to.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on connections fare badly, or well. What is half open stays so.
    pub(crate) fn set_stormy(&self, stormy: bool) {
        self.weather.stormy.store(stormy, Ordering::Relaxed);
    }

    pub(crate) fn faults(&self) -> Faults {
        let count = |counter: &AtomicUsize| counter.load(Ordering::Relaxed);
        Faults {
            connections: count(&self.weather.connections),
            cuts: count(&self.weather.cuts),
            one_way: count(&self.weather.one_way),
            stalls: count(&self.weather.stalls),
            half_opens: count(&self.weather.half_opens),
            delayed: count(&self.weather.delayed),
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Weather {
    fn is_stormy(&self) -> bool {
        self.stormy.load(Ordering::Relaxed)
    }
}

fn add(counter: &AtomicUsize) {
    counter.fetch_add(1, Ordering::Relaxed);
}

/// One client's connection, from beginning to end.
async fn connection(mut client: TcpStream, server: SocketAddr, weather: Arc<Weather>, rng: Rng) {
    // A server that is down refuses, and then the client is refused.
    let Ok(mut server) = TcpStream::connect(server).await else {
        return;
    };
    let _ = (client.set_nodelay(true), server.set_nodelay(true));
    add(&weather.connections);
    match carry(&mut client, &mut server, &weather, Plan::new(rng)).await {
        None => {}
        Some(Fault::Cut { reset }) => {
            add(&weather.cuts);
            if reset {
                let _ = (client.set_zero_linger(), server.set_zero_linger());
            }
        }
        Some(Fault::LoseServer) => {
            add(&weather.half_opens);
            drop(server);
            lock_ignoring_poison(client).await;
        }
        Some(Fault::LoseClient) => {
            add(&weather.half_opens);
            drop(client);
            lock_ignoring_poison(server).await;
        }
        Some(Fault::Stall(_) | Fault::OneWay { .. }) => {}
    }
}

/// Carries bytes both ways until an end, which has no fault, or a fault that ends the connection.
async fn carry(
    client: &mut TcpStream,
    server: &mut TcpStream,
    weather: &Weather,
    mut plan: Plan,
) -> Option<Fault> {
    let (client_reads, client_writes) = client.split();
    let (server_reads, server_writes) = server.split();
    let jitter = plan.jitter();
    if jitter.is_some() && weather.is_stormy() {
        add(&weather.delayed);
    }
    let line = |rng| Line {
        weather,
        jitter,
        rng,
    };
    let mut up = pin!(line(plan.fork()).pump(client_reads, server_writes));
    let mut down = pin!(line(plan.fork()).pump(server_reads, client_writes));
    loop {
        let (wait, fault) = plan.next();
        tokio::select! {
            _ = &mut up => return None,
            _ = &mut down => return None,
            () = sleep(wait) => {}
        }
        match fault {
            _ if !weather.is_stormy() => {}
            Fault::Stall(time) => {
                add(&weather.stalls);
                sleep(time).await;
            }
            Fault::OneWay { up: only_up, time } => {
                add(&weather.one_way);
                let _ = match only_up {
                    true => timeout(time, &mut up).await,
                    false => timeout(time, &mut down).await,
                };
                return Some(Fault::Cut { reset: true });
            }
            // A moment in which nothing is carried: what came last was half a frame, or none.
            other => return Some(other),
        }
    }
}

/// One direction of a connection.
struct Line<'a> {
    weather: &'a Weather,
    jitter: Option<Duration>,
    rng: Rng,
}

impl Line<'_> {
    async fn pump(mut self, mut from: ReadHalf<'_>, mut to: WriteHalf<'_>) -> io::Result<()> {
        let mut buffer = [0; 2048];
        loop {
            let length = from.read(&mut buffer).await?;
            let Some(piece) = buffer.get(..length).filter(|piece| !piece.is_empty()) else {
                return Ok(());
            };
            let Some(jitter) = self.jitter.filter(|_| self.weather.is_stormy()) else {
                to.write_all(piece).await?;
                continue;
            };
            // In two pieces, with a pause before each: a cut may fall between them.
            let (first, rest) = piece.split_at(self.rng.index(piece.len()));
            for part in [first, rest] {
                sleep(jitter.mul_f64(self.part())).await;
                to.write_all(part).await?;
            }
        }
    }

    /// Something between nothing and all.
    fn part(&mut self) -> f64 {
        f64::from(u16::try_from(self.rng.range(0, 1000)).unwrap_or(0)) / 1000.0
    }
}

/// Keeps a connection open and silent until the other side has had enough of it.
async fn lock_ignoring_poison(mut stream: TcpStream) {
    let mut buffer = [0; 512];
    let drained = async { while matches!(stream.read(&mut buffer).await, Ok(1..)) {} };
    let _ = timeout(HALF_OPEN_MAX, drained).await;
}
