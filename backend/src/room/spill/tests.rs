//! What a slow reader is given from the disk, by example: a real folder and real files.

use super::*;

fn disk(bytes_max: u64) -> (tempfile::TempDir, Arc<SpillDisk>) {
    let folder = tempfile::tempdir().unwrap();
    let disk = SpillDisk::start(folder.path().to_owned(), bytes_max).unwrap();
    (folder, disk)
}

/// Events whose bytes tell which they are.
fn chunk(seqs: Range<u64>) -> Chunk {
    let (mut bytes, mut ends) = (Vec::new(), Vec::new());
    for seq in seqs.clone() {
        bytes.extend_from_slice(format!("{seq};").as_bytes());
        ends.push(u32::try_from(bytes.len()).unwrap());
    }
    Chunk {
        span: Span::new(Seq(seqs.start), &ends),
        bytes: bytes.into(),
    }
}

/// Waits until nothing is on its way to the disk.
async fn written(spill: &Spill) {
    let is_waiting = || {
        let kept = spill.kept.lock();
        let on_way = |run: &Run| matches!(run.at, At::Memory(_));
        let unwiped = |erased: &Erased| !erased.is_wiped;
        kept.runs.iter().any(on_way) || kept.erased.values().any(unwiped)
    };
    while is_waiting() {
        tokio::task::yield_now().await;
    }
}

/// All that lies behind a cursor, reading by reading.
async fn all_behind(spill: &Spill, mut cursor: Seq) -> String {
    let mut text = String::new();
    while let Some((frames, last)) = spill.read(cursor).await.unwrap() {
        assert!(last > cursor);
        cursor = last;
        for frame in frames {
            text += std::str::from_utf8(&frame).unwrap();
        }
    }
    text
}

fn text(seqs: Range<u64>) -> String {
    seqs.map(|seq| format!("{seq};")).collect()
}

#[tokio::test]
async fn readers_at_every_place_get_what_lies_behind_them_from_memory_and_from_disk() {
    let (folder, disk) = disk(1 << 20);
    let spill = Arc::new(Spill::new(disk));
    spill.keep(&[chunk(5..9), chunk(9..10)]);
    spill.keep(&[chunk(10..200)]);
    for _ in ["perhaps on the way", "on disk"] {
        for cursor in [4, 5, 8, 9, 10, 198] {
            let behind = all_behind(&spill, Seq(cursor)).await;
            assert_eq!(behind, text(cursor + 1..200), "behind {cursor}");
        }
        for cursor in [0, 3, 199, 500] {
            let read = spill.read(Seq(cursor)).await.unwrap();
            assert!(read.is_none(), "{cursor} is not here");
        }
        written(&spill).await;
    }
    let named = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(named, 0, "files have no name");
}

#[tokio::test]
async fn one_reading_is_bounded_in_bytes_but_is_of_one_event_at_the_least() {
    let (_folder, disk) = disk(1 << 20);
    let spill = Arc::new(Spill::new(disk));
    let large = READ_BYTES_MAX / 2;
    let ends = [1, 2, 3, 8].map(|n| u32::try_from(n * large).unwrap());
    spill.keep(&[Chunk {
        span: Span::new(Seq(1), &ends),
        bytes: vec![b'x'; 8 * large].into(),
    }]);
    written(&spill).await;
    for (cursor, expected) in [(0, (2, 2)), (2, (3, 1)), (3, (4, 5))] {
        let (frames, last) = spill.read(Seq(cursor)).await.unwrap().unwrap();
        let bytes: usize = frames.iter().map(Frame::len).sum();
        assert_eq!((last.0, bytes / large), expected, "behind {cursor}");
    }
}

#[tokio::test]
async fn what_nobody_wants_any_more_is_dropped_and_its_bytes_are_free() {
    let (_folder, disk) = disk(1 << 20);
    let spill = Arc::new(Spill::new(Arc::clone(&disk)));
    spill.keep(&[chunk(1..100)]);
    spill.keep(&[chunk(100..200)]);
    written(&spill).await;
    let all = disk.bytes();
    spill.release(Seq(98));
    assert_eq!(disk.bytes(), all, "a run goes as a whole");
    spill.release(Seq(99));
    assert_eq!(all_behind(&spill, Seq(99)).await, text(100..200));
    assert_eq!(disk.bytes(), 400);
    spill.release(Seq(500));
    assert!(spill.is_empty());
    assert_eq!(disk.bytes(), 0);
    // And begun anew, in a file of its own.
    spill.keep(&[chunk(300..310)]);
    written(&spill).await;
    assert_eq!(all_behind(&spill, Seq(299)).await, text(300..310));
    // A room that dies takes it along; the disk's thread may be the last to know it.
    drop(spill);
    while disk.bytes() > 0 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn after_a_gap_only_what_came_last_is_kept() {
    let (_folder, disk) = disk(1 << 20);
    let spill = Arc::new(Spill::new(disk));
    spill.keep(&[chunk(1..10)]);
    spill.keep(&[chunk(20..30)]);
    assert!(spill.read(Seq(0)).await.unwrap().is_none());
    assert_eq!(all_behind(&spill, Seq(19)).await, text(20..30));
}

#[tokio::test]
async fn where_there_is_no_room_nothing_is_kept_and_nobody_else_s_is_touched() {
    let (_folder, disk) = disk(600);
    let (one, other) = (
        Arc::new(Spill::new(Arc::clone(&disk))),
        Arc::new(Spill::new(Arc::clone(&disk))),
    );
    one.keep(&[chunk(100..200)]);
    other.keep(&[chunk(100..150)]);
    other.keep(&[chunk(150..200)]);
    assert!(other.is_empty(), "a part would be of no use");
    assert_eq!(disk.bytes(), 400);
    assert_eq!(all_behind(&one, Seq(99)).await, text(100..200));
}

#[tokio::test]
async fn a_disk_that_cannot_be_written_keeps_nothing() {
    let (folder, disk) = disk(1 << 20);
    drop(folder);
    let spill = Arc::new(Spill::new(Arc::clone(&disk)));
    spill.keep(&[chunk(1..10)]);
    while !spill.is_empty() {
        tokio::task::yield_now().await;
    }
    assert!(spill.read(Seq(0)).await.unwrap().is_none());
    assert_eq!(disk.bytes(), 0);
}

#[tokio::test]
async fn what_is_taken_back_is_not_sent_and_is_gone_from_the_file() {
    let (_folder, disk) = disk(1 << 20);
    let spill = Arc::new(Spill::new(disk));
    spill.keep(&[chunk(1..10)]);
    for _ in ["perhaps on the way", "on disk"] {
        for seq in [1, 4, 9, 77] {
            spill.erase(Seq(seq), Frame::from(format!("-{seq};")));
        }
        let behind = all_behind(&spill, Seq(0)).await;
        assert_eq!(behind, "-1;2;3;-4;5;6;7;8;-9;");
        assert_eq!(all_behind(&spill, Seq(3)).await, "-4;5;6;7;8;-9;");
        assert_eq!(all_behind(&spill, Seq(4)).await, "5;6;7;8;-9;");
        written(&spill).await;
    }
    let (file, length) = {
        let kept = spill.kept.lock();
        (Arc::clone(kept.file.as_ref().unwrap()), 18)
    };
    let file = read_at(&file, 0, length).unwrap();
    let file = std::str::from_utf8(&file).unwrap().replace('\0', "_");
    assert_eq!(file, "__2;3;__5;6;7;8;__");
}
