//! Many native clients: made, told to write, ended, waited for.

use crate::clock::wait_until;
use crate::native::{NativeClient, Options, Profile, SharedProfile, open};
use crate::rng::Rng;
use anyhow::{Context, Result};
use common::client::Config;
use common::ids::Seq;
use common::text::{RoomName, UserName};
use hubbub_client::{Address, Clock, Identity, Target};
use std::collections::BTreeMap;
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// How many there are, and where.
pub(crate) struct NativeClientPlan {
    pub(crate) clients: usize,
    pub(crate) rooms: usize,
    /// Rooms that each client is in.
    pub(crate) rooms_each: usize,
    pub(crate) server: SocketAddr,
    pub(crate) config: Config,
    /// Clients come from several loopback addresses, as the ports of one would not do.
    pub(crate) many_sources: bool,
}

/// See the module.
pub(crate) struct NativeClients {
    plan: NativeClientPlan,
    address: Address,
    clock: Clock,
    rng: Rng,
    rooms: Vec<RoomName>,
    members: Vec<Member>,
}

struct Member {
    profile: SharedProfile,
    rooms: Vec<RoomName>,
    client: NativeClient,
}

impl NativeClients {
    /// Starts them all; nobody has written anything yet.
    pub(crate) fn start(plan: NativeClientPlan, mut rng: Rng) -> Result<Self> {
        let rooms: Result<Vec<RoomName>, _> = (0..plan.rooms)
            .map(|n| format!("room-{n}").parse())
            .collect();
        let mut natives = Self {
            address: format!("ws://{}", plan.server).parse()?,
            clock: Clock::start(),
            rooms: rooms.context("naming a room")?,
            members: Vec::with_capacity(plan.clients),
            rng: rng.fork(),
            plan,
        };
        for number in 0..natives.plan.clients {
            let writer = u32::try_from(number)?;
            let profile = Arc::new(Mutex::new(Profile::new(writer)));
            let rooms = natives.rooms_of(number);
            let options = natives.options(number, rooms.clone(), true)?;
            let client = NativeClient::start(&profile, options);
            natives.members.push(Member {
                profile,
                rooms,
                client,
            });
        }
        Ok(natives)
    }

    /// Evenly, and so that any two rooms share few members.
    fn rooms_of(&self, client: usize) -> Vec<RoomName> {
        let count = self.rooms.len().max(1);
        let turn = client / count;
        let places = (0..self.plan.rooms_each).map(|k| (client + k * (turn + 1)) % count);
        let mut names: Vec<RoomName> = places
            .filter_map(|room| self.rooms.get(room).cloned())
            .collect();
        names.sort();
        names.dedup();
        names
    }

    fn options(
        &mut self,
        client: usize,
        rooms: Vec<RoomName>,
        from_start: bool,
    ) -> Result<Options> {
        let name: UserName = format!("load-{client}").parse()?;
        let source = self.plan.many_sources.then(|| {
            let last = u8::try_from(client % 16).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::new(127, 0, 1, last + 1))
        });
        Ok(Options {
            target: Target {
                address: self.address.clone(),
                identity: Identity::Name(name),
                source,
            },
            config: self.plan.config.clone(),
            clock: self.clock,
            seed: self.rng.next(),
            rooms,
            from_start,
        })
    }

    /// A client chosen at random writes in one of its rooms.
    pub(crate) fn write_somewhere(&mut self) {
        let at = self.rng.index(self.members.len());
        let Some(member) = self.members.get(at) else {
            return;
        };
        let room = self.rng.index(member.rooms.len());
        if let Some(room) = member.rooms.get(room) {
            member.client.write(room.clone());
        }
    }

    /// A client chosen at random ends without a word, and is at once there again with what it had
    /// stored.
    pub(crate) fn crash_somebody(&mut self) {
        let at = self.rng.index(self.members.len());
        let Some(rooms) = self.members.get(at).map(|member| member.rooms.clone()) else {
            return;
        };
        let Ok(options) = self.options(at, rooms, false) else {
            return;
        };
        if let Some(member) = self.members.get_mut(at) {
            member.client = NativeClient::start(&member.profile, options);
        }
    }

    /// Everybody disconnects.
    pub(crate) fn stop(&self) {
        self.members.iter().for_each(|member| member.client.stop());
    }

    pub(crate) fn count(&self) -> usize {
        self.members.len()
    }

    pub(crate) fn live(&self) -> usize {
        let live = self.members.iter().filter(|member| member.client.is_live());
        live.count()
    }

    pub(crate) fn unsent(&self) -> usize {
        self.members
            .iter()
            .map(|member| member.client.unsent())
            .sum()
    }

    /// Messages taken in, and those of them acked.
    pub(crate) fn written(&self) -> (usize, usize) {
        self.members.iter().fold((0, 0), |(sent, acked), member| {
            let profile = open(&member.profile);
            (sent + profile.sent.len(), acked + profile.acked.len())
        })
    }

    /// The longest time for which any client, once live, was not.
    pub(crate) fn longest_away(&self) -> Duration {
        let longest = self.members.iter().filter_map(|member| {
            let profile = open(&member.profile);
            let sittings = profile.sittings.iter();
            sittings.map(|sitting| sitting.longest_away).max()
        });
        longest.max().unwrap_or_default()
    }

    /// Waits until every client is live.
    pub(crate) async fn wait_live(&self, time_max: Duration) -> Result<Duration> {
        let waited = wait_until("every client live", time_max, || {
            self.live() == self.members.len()
        });
        waited
            .await
            .with_context(|| format!("{} of {} are live", self.live(), self.members.len()))
    }

    /// Waits until every client is live, has nothing unsent, and shows every room to these heads.
    pub(crate) async fn wait_whole(
        &self,
        heads: &BTreeMap<RoomName, Seq>,
        time_max: Duration,
    ) -> Result<Duration> {
        let is_whole = |member: &Member| {
            let profile = open(&member.profile);
            let mut rooms = member.rooms.iter();
            rooms.all(|room| profile.shows(room, heads.get(room).copied().unwrap_or_default()))
        };
        let behind = || {
            self.members
                .iter()
                .filter(|member| !is_whole(member))
                .count()
        };
        wait_until("every view whole", time_max, || behind() == 0)
            .await
            .with_context(|| format!("{} clients do not show the whole log", behind()))
    }

    pub(crate) fn rooms(&self) -> &[RoomName] {
        &self.rooms
    }

    /// Gives the books, without the clients.
    pub(crate) fn profiles(&self) -> Vec<SharedProfile> {
        let profiles = self.members.iter().map(|member| member.profile.clone());
        profiles.collect()
    }
}
