//! What a slow reader is given from the disk, by example: a real folder and real files.

use super::*;
use std::ops::Range;

fn disk(bytes_max: u64) -> (tempfile::TempDir, Arc<SpillDisk>) {
    let folder = tempfile::tempdir().unwrap();
    let disk = SpillDisk::start(
        folder.path().to_owned(),
        bytes_max,
        &crate::supervisor::Supervisor::default(),
    )
    .unwrap();
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
        let on_way = |run: &Run| !matches!(run.at, At::Disk(..));
        kept.runs.iter().any(on_way) || !kept.wipes.is_empty()
    };
    while is_waiting() {
        tokio::task::yield_now().await;
    }
}

/// All that lies behind a cursor, reading by reading.
async fn all_behind(spill: &Arc<Spill>, mut cursor: Seq) -> String {
    let mut text = String::new();
    while let Some((frame, last)) = spill.read(cursor).await.unwrap() {
        assert!(last > cursor);
        cursor = last;
        text += std::str::from_utf8(&frame).unwrap();
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
    let (_folder, disk) = disk(8 << 20);
    let spill = Arc::new(Spill::new(disk));
    let large = READ_BYTES_MAX / 2;
    let ends = [1, 2, 3, 8].map(|n| u32::try_from(n * large).unwrap());
    spill.keep(&[Chunk {
        span: Span::new(Seq(1), &ends),
        bytes: vec![b'x'; 8 * large].into(),
    }]);
    written(&spill).await;
    for (cursor, expected) in [(0, (2, 2)), (2, (3, 1)), (3, (4, 5))] {
        let (frame, last) = spill.read(Seq(cursor)).await.unwrap().unwrap();
        assert_eq!((last.0, frame.len() / large), expected, "behind {cursor}");
    }
}

/// Waits until so many bytes are kept; what is dropped, the disk's thread drops.
async fn comes_down_to(disk: &SpillDisk, bytes: u64) {
    while disk.bytes() > bytes {
        tokio::task::yield_now().await;
    }
    assert_eq!(disk.bytes(), bytes);
}

#[tokio::test]
async fn what_nobody_wants_any_more_is_dropped_and_its_bytes_are_free() {
    let (_folder, disk) = disk(1 << 20);
    let spill = Arc::new(Spill::new(Arc::clone(&disk)));
    spill.keep(&[chunk(1..100)]);
    spill.keep(&[chunk(100..200)]);
    written(&spill).await;
    spill.release(Seq(98));
    assert_eq!(
        all_behind(&spill, Seq(0)).await,
        text(1..200),
        "a run goes as a whole"
    );
    spill.release(Seq(99));
    assert!(spill.read(Seq(0)).await.unwrap().is_none());
    assert_eq!(all_behind(&spill, Seq(99)).await, text(100..200));
    spill.release(Seq(500));
    assert!(spill.is_empty());
    comes_down_to(&disk, 0).await;
    // And begun anew, in a file of its own.
    spill.keep(&[chunk(300..310)]);
    written(&spill).await;
    assert_eq!(all_behind(&spill, Seq(299)).await, text(300..310));
    drop(spill);
    comes_down_to(&disk, 0).await;
}

#[tokio::test]
async fn files_go_while_somebody_is_always_a_little_behind() {
    let (_folder, disk) = disk(1 << 30);
    let spill = Arc::new(Spill::new(Arc::clone(&disk)));
    let megabyte = 1 << 20;
    for seq in 1..=64 {
        spill.keep(&[Chunk {
            span: Span::new(Seq(seq), &[megabyte]),
            bytes: vec![b'x'; megabyte as usize].into(),
        }]);
        written(&spill).await;
        spill.release(Seq(seq - 1));
        assert!(!spill.is_empty());
        // One file that is wanted in part, and the next.
        while disk.bytes() > 9 * u64::from(megabyte) {
            tokio::task::yield_now().await;
        }
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
async fn where_there_is_no_room_the_oldest_of_the_room_go_and_nobody_else_s_are_touched() {
    // An eighth for each room: two runs and a bit.
    let (_folder, disk) = disk(8 * 900);
    let (one, other) = (
        Arc::new(Spill::new(Arc::clone(&disk))),
        Arc::new(Spill::new(Arc::clone(&disk))),
    );
    one.keep(&[chunk(100..200)]);
    for from in [100, 200, 300, 400] {
        other.keep(&[chunk(from..from + 100)]);
        written(&other).await;
    }
    assert_eq!(other.lost(), Seq(299));
    assert!(other.read(Seq(99)).await.unwrap().is_none());
    assert_eq!(all_behind(&other, Seq(299)).await, text(300..500));
    assert_eq!(one.lost(), Seq::ZERO);
    assert_eq!(all_behind(&one, Seq(99)).await, text(100..200));
    // What is larger than all the room there is is not kept.
    other.keep(&[chunk(500..900)]);
    assert!(other.is_empty());
    assert_eq!(other.lost(), Seq(899));
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
    assert_eq!(spill.lost(), Seq(9));
    comes_down_to(&disk, 0).await;
}

#[tokio::test]
async fn what_is_taken_back_is_not_sent_and_is_gone_from_the_file() {
    let (_folder, disk) = disk(1 << 20);
    let spill = Arc::new(Spill::new(disk));
    spill.keep(&[chunk(1..10)]);
    for sign in ["-", "--"] {
        for seq in [1, 4, 9, 77] {
            let erased = format!("{sign}{seq};");
            spill.erase(Seq(seq), erased.as_bytes());
        }
        let expected = format!("{sign}1;2;3;{sign}4;5;6;7;8;{sign}9;");
        assert_eq!(all_behind(&spill, Seq(0)).await, expected);
        written(&spill).await;
        // Who stands there later is given the same, also when others have gone on.
        spill.release(Seq(8));
        assert_eq!(all_behind(&spill, Seq(0)).await, expected);
        assert_eq!(
            all_behind(&spill, Seq(4)).await,
            format!("5;6;7;8;{sign}9;")
        );
    }
    let segment = spill.kept.lock().segment.clone().unwrap();
    let kept = spill.kept.lock().runs[0].span.bytes();
    let end = segment.end();
    let all = segment.read(0, usize::try_from(end).unwrap()).unwrap();
    let said = all.iter().filter(|byte| **byte != 0).count();
    assert_eq!(said, kept, "of what was there before nothing can be read");
}

#[tokio::test]
async fn a_deletion_does_not_wait_for_the_disk() {
    let (_folder, disk) = disk(1 << 20);
    let spill = Arc::new(Spill::new(disk));
    spill.keep(&[chunk(1..10)]);
    written(&spill).await;
    let segment = spill.kept.lock().segment.clone().unwrap();
    {
        let _hanging = segment.lock();
        spill.erase(Seq(4), b"-4;");
        spill.erase(Seq(5), b"--5;");
        assert!(!spill.is_empty(), "nor does anybody else");
    }
    let expected = "1;2;3;-4;--5;6;7;8;9;";
    assert_eq!(all_behind(&spill, Seq(0)).await, expected);
    written(&spill).await;
    assert_eq!(all_behind(&spill, Seq(0)).await, expected);
}

#[tokio::test]
async fn a_read_beside_an_erasure_gives_what_was_said_or_what_stands_in_its_place() {
    let (_folder, disk) = disk(1 << 20);
    let spill = Arc::new(Spill::new(disk));
    spill.keep(&[chunk(1..1000)]);
    written(&spill).await;
    for seq in 1..200 {
        let (reading, erasing) = (Arc::clone(&spill), Arc::clone(&spill));
        let reading = tokio::spawn(async move { reading.read(Seq(0)).await.unwrap().unwrap() });
        let erasing = tokio::task::spawn_blocking(move || {
            erasing.erase(Seq(seq), format!("-{seq};").as_bytes());
        });
        erasing.await.unwrap();
        let (frame, _) = reading.await.unwrap();
        assert!(frame.iter().all(|byte| *byte != 0), "erasing {seq}");
    }
}
