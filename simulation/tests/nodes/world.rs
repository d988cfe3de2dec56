//! What happens, and what must be true of it.

use crate::bus::Network;
use crate::model::{Entry, Model};
use crate::mutants::Mutant;
use crate::node::{Node, NodePlan};
use crate::reader::{Connection, Reader};
use crate::rng::Rng;
use crate::seeds::{Played, Tally, play};
use backend::auth::{Kind, Visitor};
use backend::bus::Received;
use backend::hub::JoinRequest;
use backend::room::permissions::Requester;
use backend::room::{Position, Subscriber};
use backend::store::sqlite::SqliteStore;
use backend::store::{Body, EventStore, Range};
use common::ids::{RequestId, Seq};
use common::text::RoomName;
use common::user::User;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

const NODES: usize = 3;
const READERS: usize = 5;
const STEPS: usize = 300;
const SEEDS: u64 = 32;
const ROOMS: [&str; 2] = ["a", "b"];
const USERS: [&str; 4] = ["ada", "bob", "eve", "kim"];

/// Longer than a gap may stay open before it is read.
const GAP: Duration = Duration::from_millis(20);

/// Longer than a node waits before it tells of presence.
const PRESENCE: Duration = Duration::from_secs(2);

/// What happens in the seeds of a test run: a simulation in which nothing goes wrong proves nothing.
const DUE: [&str; 9] = [
    "hints lost",
    "hints delivered",
    "hints delivered twice",
    "messages stored",
    "messages sent again",
    "nodes cut off",
    "nodes frozen",
    "nodes killed",
    "readers at another node",
];

struct World {
    rng: Rng,
    store: Arc<SqliteStore>,
    _folder: TempDir,
    network: Network,
    nodes: Vec<Node>,
    readers: Vec<Reader>,
    /// Up to where each reader has heard its room.
    heard: Vec<u64>,
    model: Model,
    /// What was sent, to be sent again.
    sent: Vec<(RoomName, User, RequestId, String)>,
    lives: u64,
    mutant: Option<Mutant>,
    tell: bool,
    tally: Tally,
}

fn user(name: &str) -> User {
    User {
        id: format!("u-{name}").parse().unwrap(),
        name: name.parse().unwrap(),
    }
}

fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let in_memory = memory.is_dir().then(|| TempDir::new_in(memory).ok());
    in_memory
        .flatten()
        .unwrap_or_else(|| TempDir::new().unwrap())
}

impl World {
    async fn new(seed: u64, mutant: Option<Mutant>, tell: bool) -> Self {
        let folder = folder();
        let path = folder.path().join("shared.sqlite");
        let store = SqliteStore::open(&path, &"e".parse().unwrap()).unwrap();
        let mut world = Self {
            rng: Rng(seed),
            store: Arc::new(store),
            _folder: folder,
            network: Network::default(),
            nodes: Vec::new(),
            readers: Vec::new(),
            heard: vec![0; READERS],
            model: Model::default(),
            sent: Vec::new(),
            lives: 0,
            mutant,
            tell,
            tally: Tally::new(),
        };
        for node in 0..NODES {
            let node = world.start_node(node).await;
            world.nodes.push(node);
        }
        for number in 0..READERS {
            let reader = Reader {
                name: format!("reader-{number}"),
                room: ROOMS[number % ROOMS.len()].parse().unwrap(),
                node: number % NODES,
                membership: None,
                connection: Arc::default(),
            };
            world.readers.push(reader);
            world.enter(number).await;
        }
        world
    }

    async fn start_node(&mut self, node: usize) -> Node {
        self.lives += 1;
        let plan = NodePlan {
            node,
            nodes: NODES,
            life: self.lives,
            clock_off_ms: self.rng.next() % 5000,
            mutant: self.mutant,
        };
        Node::start(&self.store, &self.network, plan).await
    }

    fn count(&mut self, what: &'static str) {
        *self.tally.entry(what).or_default() += 1;
    }

    fn say(&self, what: std::fmt::Arguments<'_>) {
        if self.tell {
            eprintln!("{what}");
        }
    }

    /// A reader comes to its node, with all it has heard before.
    async fn enter(&mut self, number: usize) {
        let reader = &mut self.readers[number];
        let hub = &self.nodes[reader.node].hub;
        reader.connection = Arc::new(Connection::default());
        let visitor = Visitor::guest(user(&reader.name), Kind::Guest);
        let requester = Requester {
            visitor: &visitor,
            address: 0,
        };
        let request = JoinRequest {
            requester,
            shard: 0,
            recipient: Arc::clone(&reader.connection) as Arc<dyn Subscriber>,
            key: number,
        };
        let (membership, mut at) = hub.rooms.join(&reader.room, request).await.unwrap();
        let seen = Seq(self.heard[number]);
        if self.mutant != Some(Mutant::NoLookOnReturn) {
            at = hub
                .head_seen(&membership.room, at, Some(seen))
                .await
                .unwrap();
        }
        // What a client has seen and the log has not, it would load anew: it thinks that it is lost.
        assert!(seen <= at.head, "{} is sent back from {seen}", reader.name);
        let (_, presence) = membership.room.presence_snapshot();
        reader.connection.place(Position {
            event: seen,
            presence,
        });
        membership.room.mark();
        reader.membership = Some(membership);
    }

    async fn step(&mut self) {
        match self.rng.below(100) {
            0..=34 => self.post(),
            35..=79 => self.deliver(),
            80..=84 => self.go_elsewhere().await,
            85..=89 => self.cut_or_freeze(),
            90 | 91 => self.kill().await,
            92..=95 => self.compare().await,
            96 => tokio::time::sleep(PRESENCE).await,
            _ => tokio::time::sleep(GAP).await,
        }
        self.flush().await;
    }

    fn post(&mut self) {
        let node = self.rng.below(NODES);
        if self.nodes[node].is_frozen {
            return;
        }
        let again = self.rng.below(5) == 0;
        let at = self.rng.below(self.sent.len());
        let (room, user, id, content) = match self.sent.get(at) {
            Some(sent) if again => sent.clone(),
            _ => {
                let room: RoomName = self.rng.one_of(&ROOMS).parse().unwrap();
                let user = user(self.rng.one_of(&USERS));
                let id: RequestId = format!("m{}", self.sent.len()).parse().unwrap();
                let content = format!("message {id} of {} in {room}", user.name);
                let sent = (room, user, id, content);
                self.sent.push(sent.clone());
                sent
            }
        };
        let placed = self.nodes[node].post(&room, &user, &id, &content);
        self.say(format_args!("{content}: {} at node {node}", placed.seq));
        let entry = Entry {
            user: user.id,
            content,
        };
        let at = (placed.seq, placed.timestamp);
        match self.model.stored(&room, id, entry, at) {
            true => self.count("messages sent again"),
            false => self.count("messages stored"),
        }
    }

    /// Something on the bus arrives, twice, or not at all; it need not be the oldest.
    fn deliver(&mut self) {
        let mut network = self.network.lock();
        let at = self.rng.below(network.len());
        let Some(message) = network.get(at).cloned() else {
            return;
        };
        let (from, to) = (&self.nodes[message.from], &self.nodes[message.to]);
        if to.is_frozen {
            // It waits in the node's socket.
            return;
        }
        let is_lost = from.is_cut_off || to.is_cut_off || self.rng.below(8) == 0;
        let is_repeated = self.rng.below(8) == 0;
        if is_lost || !is_repeated {
            network.swap_remove(at);
        }
        drop(network);
        self.count(match (is_lost, is_repeated) {
            (true, _) => "hints lost",
            (false, true) => "hints delivered twice",
            (false, false) => "hints delivered",
        });
        if !is_lost {
            self.say(format_args!("{message:?}"));
            self.nodes[message.to].hub.receive(message.decode());
        }
    }

    async fn go_elsewhere(&mut self) {
        let number = self.rng.below(READERS);
        self.move_reader(number).await;
    }

    async fn move_reader(&mut self, number: usize) {
        let node = self.rng.below(NODES);
        if self.nodes[node].is_frozen {
            return;
        }
        self.hear(number);
        let reader = &mut self.readers[number];
        reader.membership = None;
        reader.node = node;
        self.say(format_args!("reader {number} is at node {node}"));
        self.count("readers at another node");
        self.enter(number).await;
    }

    fn cut_or_freeze(&mut self) {
        let at = self.rng.below(NODES);
        let cut = self.rng.below(2) == 0;
        let node = &mut self.nodes[at];
        let flag = match cut {
            true => &mut node.is_cut_off,
            false => &mut node.is_frozen,
        };
        *flag = !*flag;
        if *flag {
            self.count(if cut { "nodes cut off" } else { "nodes frozen" });
        }
    }

    async fn kill(&mut self) {
        let at = self.rng.below(NODES);
        let readers: Vec<usize> = (0..READERS)
            .filter(|number| self.readers[*number].node == at)
            .collect();
        for number in &readers {
            // What it was sent before has arrived.
            self.hear(*number);
            self.readers[*number].membership = None;
        }
        let new = self.start_node(at).await;
        let killed = std::mem::replace(&mut self.nodes[at], new);
        killed.kill();
        self.count("nodes killed");
        self.say(format_args!("node {at} is killed"));
        for number in readers {
            let to = (0..NODES).find(|node| !self.nodes[*node].is_frozen);
            self.readers[number].node = to.unwrap_or(at);
            self.enter(number).await;
        }
    }

    /// What is otherwise done once a second.
    async fn compare(&mut self) {
        let node = self.rng.below(NODES);
        if !self.nodes[node].is_frozen {
            self.compare_heads(node).await;
        }
    }

    async fn compare_heads(&self, node: usize) {
        if self.mutant != Some(Mutant::NoComparison) {
            self.nodes[node].hub.check_heads().await.unwrap();
        }
    }

    /// Every node that runs writes to its readers, who read from the store what it does not have.
    async fn flush(&mut self) {
        for node in 0..NODES {
            if !self.nodes[node].is_frozen {
                let shard = Arc::clone(self.nodes[node].hub.shards().get(0).unwrap());
                shard.flush(0).await;
            }
        }
        for number in 0..READERS {
            let reader = &self.readers[number];
            if let Some(position) = reader.connection.behind() {
                let range = Range::After(position);
                let page = self.store.read(&reader.room, range, 10_000).await.unwrap();
                let events = page.events.into_iter().map(|stored| {
                    let Body::Message { content, .. } = stored.event.body else {
                        panic!("there are messages only");
                    };
                    (stored.seq.0, content.unwrap().to_string())
                });
                reader.connection.caught_up(events.collect());
            }
            self.hear(number);
        }
    }

    /// What a reader was given goes on where it had left off, and is what the log has there.
    fn hear(&mut self, number: usize) {
        let reader = &self.readers[number];
        for (seq, content) in reader.connection.take_heard() {
            assert_eq!(seq, self.heard[number] + 1, "{} hears next", reader.name);
            let due = self.model.entry(&reader.room, seq);
            let due = due.map(|entry| entry.content.as_str());
            assert_eq!(
                Some(content.as_str()),
                due,
                "{} hears at {seq}",
                reader.name
            );
            self.heard[number] = seq;
        }
    }

    /// Nothing goes wrong any more: everybody hears everything, and of everybody.
    async fn heal(&mut self) {
        for node in &mut self.nodes {
            (node.is_frozen, node.is_cut_off) = (false, false);
        }
        let rooms: Vec<RoomName> = ROOMS.iter().map(|room| room.parse().unwrap()).collect();
        // A bus that knows what it has lost says so (`bus/redis.rs`), and one that does not is as good
        // for events, but not for presence.
        let knows_losses = self.rng.below(2) == 0;
        for node in 0..if knows_losses { NODES } else { 0 } {
            for life in 1..=self.lives {
                self.nodes[node].hub.receive(Received::NodeGone(life));
            }
            let again = Received::Subscribed(rooms.clone());
            self.nodes[node].hub.receive(again);
        }
        for _ in 0..4 {
            tokio::time::sleep(PRESENCE).await;
            let messages = std::mem::take(&mut *self.network.lock());
            for message in messages {
                self.nodes[message.to].hub.receive(message.decode());
            }
            self.flush().await;
        }
        for node in 0..NODES {
            self.nodes[node].settle(&user("ada"));
            self.compare_heads(node).await;
        }
        self.flush().await;
        for number in 0..READERS {
            let reader = &self.readers[number];
            let head = self.model.head(&reader.room).0;
            assert_eq!(self.heard[number], head, "{} has heard all", reader.name);
        }
        for room in rooms.iter().filter(|_| knows_losses) {
            self.check_presence(room);
        }
    }

    fn check_presence(&self, room: &RoomName) {
        let here = self.readers.iter().filter(|reader| reader.room == *room);
        let due: BTreeSet<String> = here.clone().map(|reader| reader.name.clone()).collect();
        for reader in here {
            let users = self.nodes[reader.node].hub.rooms.users(room).into_iter();
            let users: BTreeSet<String> = users.map(|user| user.name.to_string()).collect();
            assert_eq!(users, due, "who is in {room}, at node {}", reader.node);
        }
    }
}

/// Plays one seed.
pub(crate) fn play_one(seed: u64, mutant: Option<Mutant>, tell: bool) -> Played {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_all().start_paused(true).build().unwrap();
    runtime.block_on(async {
        let mut world = World::new(seed, mutant, tell).await;
        for _ in 0..STEPS {
            world.step().await;
        }
        world.heal().await;
        for reader in &mut world.readers {
            reader.membership = None;
        }
        for node in world.nodes.drain(..) {
            node.kill();
        }
        (STEPS as u64, std::mem::take(&mut world.tally))
    })
}

#[test]
fn readers_of_three_nodes_hear_the_log_whatever_the_bus_does() {
    let run = |seed, tell| play_one(seed, None, tell);
    if let Some((_, tally)) = play("readers_of_three_nodes", SEEDS, run) {
        for due in DUE {
            let times = tally.get(due).copied().unwrap_or_default();
            assert!(times > 0, "there were no {due}");
        }
    }
}
