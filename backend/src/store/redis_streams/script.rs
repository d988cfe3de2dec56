//! What is asked of Redis, in scripts where several keys must go together. Redis runs one at a time.

use super::connection::Redis;
use super::entry::{Sent, decode, encode};
use super::replica::{Draft, Replica, Sends};
use crate::store::columns::parsed;
use crate::store::{NewEvent, RoomHead, RoomRow, StoreError, StoredEvent};
use common::ids::{Epoch, RequestId, Seq, UserId};
use common::text::RoomName;
use common::time::Timestamp;
use redis::{cmd, pipe};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Seconds that a log stays after the last look at it. A node looks at its live rooms once a second.
const LOG_LIFE: u64 = 10 * 60;

/// Looks at the heads of live rooms in which each of them is given another while to live once.
const ROUNDS: usize = 8;

/// Seconds that a send is known.
const SENT_LIFE: u64 = 25 * 60 * 60;

/// Sends of one user that are known.
const SENT_MAX: usize = 5000;

/// Keys: log, events, erased. Arguments: a fresh epoch, the epoch and the head that are known, seconds.
/// Answers with epoch, head, floor, the events after what is known (or all), and those of them that are
/// erased.
const SYNC: &str = "
    local epoch = redis.call('HGET', KEYS[1], 'epoch')
    if not epoch then
        epoch = ARGV[1]
        redis.call('HSET', KEYS[1], 'epoch', epoch, 'head', 0, 'floor', 0, 'at', 0)
        redis.call('DEL', KEYS[2], KEYS[3])
    end
    for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[4]) end
    local at = redis.call('HMGET', KEYS[1], 'head', 'floor')
    local since = tonumber(ARGV[3])
    if ARGV[2] ~= epoch or since < tonumber(at[2]) or since > tonumber(at[1]) then since = 0 end
    local events, erased = {}, {}
    if tonumber(at[1]) > since then
        for _, entry in ipairs(redis.call('XRANGE', KEYS[2], (since + 1) .. '-0', '+')) do
            events[#events + 1] = entry[1]
            events[#events + 1] = entry[2][2]
        end
        local all = redis.call('HGETALL', KEYS[3])
        for i = 1, #all, 2 do
            if tonumber(all[i]) > since then
                erased[#erased + 1] = all[i]
                erased[#erased + 1] = all[i + 1]
            end
        end
    end
    return {epoch, at[1], at[2], events, erased}";

/// Keys: log, events, erased, rooms. Arguments: the epoch and the head before; head, floor and time after;
/// seconds; how many rooms there may be; the room; seconds for which sends are known, and how many of one
/// user; the number of new events, and of each its position and what it is; the same of those that are
/// erased; and of each send the user's key, the `id` and where it is. All of it or nothing, so that no
/// event is stored whose send is not known.
const WRITE: &str = "
    local at = redis.call('HMGET', KEYS[1], 'epoch', 'head')
    if at[1] ~= ARGV[1] or at[2] ~= ARGV[2] then return 'behind' end
    if at[2] == '0' and redis.call('ZCARD', KEYS[4]) >= tonumber(ARGV[7]) then return 'full' end
    local next = 12
    for _ = 1, tonumber(ARGV[11]) do
        redis.call('XADD', KEYS[2], ARGV[next] .. '-0', 'e', ARGV[next + 1])
        next = next + 2
    end
    next = next + 1
    for _ = 1, tonumber(ARGV[next - 1]) do
        redis.call('XDEL', KEYS[2], ARGV[next] .. '-0')
        redis.call('HSET', KEYS[3], ARGV[next], ARGV[next + 1])
        next = next + 2
    end
    while ARGV[next] do
        -- No user's id has a space in it.
        local order = ARGV[next] .. ' order'
        if redis.call('HSET', ARGV[next], ARGV[next + 1], ARGV[next + 2]) == 1 then
            redis.call('RPUSH', order, ARGV[next + 1])
        end
        while redis.call('LLEN', order) > tonumber(ARGV[10]) do
            redis.call('HDEL', ARGV[next], redis.call('LPOP', order))
        end
        redis.call('EXPIRE', ARGV[next], ARGV[9])
        redis.call('EXPIRE', order, ARGV[9])
        next = next + 3
    end
    redis.call('XTRIM', KEYS[2], 'MINID', (tonumber(ARGV[4]) + 1) .. '-0')
    for _, seq in ipairs(redis.call('HKEYS', KEYS[3])) do
        if tonumber(seq) <= tonumber(ARGV[4]) then redis.call('HDEL', KEYS[3], seq) end
    end
    redis.call('HSET', KEYS[1], 'head', ARGV[3], 'floor', ARGV[4], 'at', ARGV[5])
    for i = 1, 3 do redis.call('EXPIRE', KEYS[i], ARGV[6]) end
    redis.call('ZADD', KEYS[4], ARGV[5], ARGV[8])
    return 'done'";

/// Keys: log, events, erased. Arguments: the epoch, the floor.
const TRIM: &str = "
    local at = redis.call('HMGET', KEYS[1], 'epoch', 'floor')
    if at[1] ~= ARGV[1] or tonumber(at[2]) >= tonumber(ARGV[2]) then return 0 end
    redis.call('HSET', KEYS[1], 'floor', ARGV[2])
    redis.call('XTRIM', KEYS[2], 'MINID', (tonumber(ARGV[2]) + 1) .. '-0')
    for _, seq in ipairs(redis.call('HKEYS', KEYS[3])) do
        if tonumber(seq) <= tonumber(ARGV[2]) then redis.call('HDEL', KEYS[3], seq) end
    end
    return 1";

type Synced = (String, u64, u64, Vec<String>, Vec<(u64, String)>);

/// What became of an attempt to write.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Written {
    Done,
    /// Another node has written meanwhile.
    Behind,
    /// There are as many logs as there may be.
    Full,
}

/// Brings a replica up to date.
pub(super) async fn sync(
    redis: &Redis,
    room: &RoomName,
    replica: &mut Replica,
    random: u64,
) -> Result<(), StoreError> {
    let known = replica.known();
    let (known, head) = known.map_or((String::new(), 0), |(epoch, head)| {
        (epoch.to_string(), head.0)
    });
    let mut command = cmd("EVAL");
    command.arg(SYNC).arg(3);
    command
        .arg(redis.log(room))
        .arg(redis.events(room))
        .arg(redis.erased(room));
    command.arg(Epoch::from_random(random).as_str());
    command.arg(known).arg(head).arg(LOG_LIFE);
    let (epoch, head, floor, events, erased): Synced = redis.query(&command).await?;
    let at = RoomHead {
        epoch: parsed(&epoch)?,
        floor: Seq(floor),
        head: Seq(head),
    };
    let mut merged: BTreeMap<u64, String> = erased.into_iter().collect();
    let mut entries = events.into_iter();
    while let (Some(id), Some(entry)) = (entries.next(), entries.next()) {
        let seq = id.split_once('-').and_then(|(seq, _)| seq.parse().ok());
        let damaged = || StoreError::UnreadableRow(format!("an entry {id} in Redis").into());
        merged.insert(seq.ok_or_else(damaged)?, entry);
    }
    let events = merged
        .into_iter()
        .map(|(seq, entry)| decode(room, seq, &entry));
    replica.update(&at, events.collect::<Result<Vec<StoredEvent>, _>>()?)
}

/// Those of these events' sends that are known.
pub(super) async fn sent(redis: &Redis, events: &[NewEvent]) -> Result<Sends, StoreError> {
    let sends = events
        .iter()
        .filter_map(|event| Some((&event.author.id, event.id.as_ref()?)));
    let sends: BTreeSet<(&UserId, &RequestId)> = sends.collect();
    if sends.is_empty() {
        return Ok(Sends::new());
    }
    let mut commands = pipe();
    for (user, id) in &sends {
        commands.hget(redis.sent(user), id.as_str());
    }
    let found: Vec<Option<String>> = redis.query_all(&commands).await?;
    let known = sends
        .into_iter()
        .zip(found)
        .filter_map(|((user, id), found)| {
            let sent = Sent::decode(&found?);
            Some(sent.map(|sent| ((user.clone(), id.clone()), sent)))
        });
    known.collect()
}

/// Writes a draft, unless another node was faster.
pub(super) async fn write(
    redis: &Redis,
    room: &RoomName,
    draft: &Draft,
    rooms_max: usize,
) -> Result<Written, StoreError> {
    let mut command = cmd("EVAL");
    command.arg(WRITE).arg(4);
    command
        .arg(redis.log(room))
        .arg(redis.events(room))
        .arg(redis.erased(room));
    command.arg(redis.rooms());
    command
        .arg(draft.before.epoch.as_str())
        .arg(draft.before.head.0);
    command
        .arg(draft.after.head.0)
        .arg(draft.after.floor.0)
        .arg(draft.last_at.0);
    command.arg(LOG_LIFE).arg(rooms_max).arg(room.as_str());
    command.arg(SENT_LIFE).arg(SENT_MAX);
    // One that is erased by another one of the same draft is never told.
    let erased: BTreeMap<u64, &StoredEvent> = draft
        .erased
        .iter()
        .map(|event| (event.seq.0, event))
        .collect();
    let added = draft
        .added
        .iter()
        .filter(|event| !erased.contains_key(&event.seq.0));
    let added: Vec<&StoredEvent> = added.collect();
    command.arg(added.len());
    for event in added {
        command.arg(event.seq.0).arg(encode(&event.event));
    }
    command.arg(erased.len());
    for (seq, event) in erased {
        command.arg(seq).arg(encode(&event.event));
    }
    for (user, id, sent) in &draft.sent {
        command
            .arg(redis.sent(user))
            .arg(id.as_str())
            .arg(sent.encode());
    }
    let answer: String = redis.query(&command).await?;
    match answer.as_str() {
        "done" => Ok(Written::Done),
        "full" => Ok(Written::Full),
        _ => Ok(Written::Behind),
    }
}

/// What retention does not keep is gone.
pub(super) async fn trim(redis: &Redis, room: &RoomName, at: &RoomHead) -> Result<(), StoreError> {
    let mut command = cmd("EVAL");
    command.arg(TRIM).arg(3);
    command
        .arg(redis.log(room))
        .arg(redis.events(room))
        .arg(redis.erased(room));
    command.arg(at.epoch.as_str()).arg(at.floor.0);
    redis.query(&command).await
}

/// The state of those of these rooms that were written to. In each round, some of them are given another
/// while to live, and all in [`ROUNDS`].
pub(super) async fn heads(
    redis: &Redis,
    rooms: &[RoomName],
    round: usize,
) -> Result<HashMap<RoomName, RoomHead>, StoreError> {
    if rooms.is_empty() {
        return Ok(HashMap::new());
    }
    let mut commands = pipe();
    for (number, room) in rooms.iter().enumerate() {
        commands
            .cmd("HMGET")
            .arg(redis.log(room))
            .arg(&["epoch", "head", "floor"]);
        if (number + round).is_multiple_of(ROUNDS) {
            for key in [redis.log(room), redis.events(room), redis.erased(room)] {
                commands.cmd("EXPIRE").arg(key).arg(LOG_LIFE).ignore();
            }
        }
    }
    type Found = (Option<String>, Option<u64>, Option<u64>);
    let found: Vec<Found> = redis.query_all(&commands).await?;
    let mut heads = HashMap::new();
    for (room, found) in rooms.iter().zip(found) {
        if let (Some(epoch), Some(head @ 1..), Some(floor)) = found {
            let at = RoomHead {
                epoch: parsed(&epoch)?,
                floor: Seq(floor),
                head: Seq(head),
            };
            heads.insert(room.clone(), at);
        }
    }
    Ok(heads)
}

/// The rooms that were written to, the latest first. The names of those whose logs have expired go.
pub(super) async fn written(redis: &Redis) -> Result<Vec<RoomRow>, StoreError> {
    let mut command = cmd("ZREVRANGE");
    command.arg(redis.rooms()).arg(0).arg(-1).arg("WITHSCORES");
    let named: Vec<(String, u64)> = redis.query(&command).await?;
    if named.is_empty() {
        return Ok(Vec::new());
    }
    let mut commands = pipe();
    let mut rooms = Vec::new();
    for (name, at) in named {
        let room: RoomName = parsed(&name)?;
        commands.hget(redis.log(&room), "head");
        rooms.push((room, Timestamp(at)));
    }
    let heads: Vec<Option<u64>> = redis.query_all(&commands).await?;
    let (mut rows, mut gone) = (Vec::new(), pipe());
    let mut has_gone = false;
    for ((room, last_at), head) in rooms.into_iter().zip(heads) {
        match head {
            Some(head @ 1..) => rows.push(RoomRow {
                room,
                head: Seq(head),
                last_at,
            }),
            _ => {
                has_gone = true;
                gone.zrem(redis.rooms(), room.as_str()).ignore();
            }
        }
    }
    if has_gone {
        redis.query_all::<()>(&gone).await?;
    }
    Ok(rows)
}
