use super::*;
use crate::native::{Shown, Sitting};

fn line(seq: u64, writer: u32, number: u32) -> Line {
    Line {
        seq,
        writer,
        number,
    }
}

fn room() -> RoomName {
    "r".parse().unwrap()
}

/// Writer 1 has sent three messages and was told that all are stored; the log is `log`, and the
/// one view of it has shown `view`.
fn judge(log: &[Line], view: &[Line]) -> Verification {
    let mut profile = Profile::new(1);
    profile.sent = vec![room(); 3];
    profile.acked = vec![0, 1, 2];
    let shown = Shown {
        lines: view.to_vec(),
        rewound: 0,
    };
    profile.sittings.push(Sitting {
        rooms: [(room(), shown)].into(),
        from_start: true,
        ..Sitting::default()
    });
    Verification::of(&[(room(), log.to_vec())].into(), [&profile])
}

fn good() -> Vec<Line> {
    vec![line(1, 1, 0), line(2, 1, 1), line(3, 1, 2)]
}

fn faults(log: &[Line], view: &[Line]) -> [usize; 4] {
    let verification = judge(log, view);
    assert_eq!(
        verification.is_sound(),
        verification.words.is_empty(),
        "{verification:?}"
    );
    [
        verification.lost,
        verification.doubled,
        verification.reordered,
        verification.foreign,
    ]
}

#[test]
fn a_whole_run_is_sound() {
    let verification = judge(&good(), &good());
    assert!(verification.is_sound(), "{verification:?}");
    assert_eq!(
        (verification.sent, verification.acked, verification.stored),
        (3, 3, 3)
    );
}

#[test]
fn what_a_log_lacks_doubles_or_reorders_is_found() {
    let short = &good()[..2];
    assert_eq!(faults(short, short), [1, 0, 0, 0]);
    let mut twice = good();
    twice.push(line(4, 1, 2));
    assert_eq!(faults(&twice, &twice), [0, 1, 0, 0]);
    let swapped = [line(1, 1, 1), line(2, 1, 0), line(3, 1, 2)];
    assert_eq!(faults(&swapped, &swapped), [0, 0, 1, 0]);
}

#[test]
fn what_a_view_lacks_doubles_or_makes_up_is_found() {
    let log = good();
    assert_eq!(faults(&log, &log[..2]), [1, 0, 0, 0]);
    assert_eq!(faults(&log, &log[1..]), [1, 0, 0, 0]);
    assert_eq!(faults(&log, &[log[0], log[2]]), [1, 0, 0, 0]);
    assert_eq!(
        faults(&log, &[log[0], log[0], log[1], log[2]]),
        [0, 1, 0, 0]
    );
    assert_eq!(faults(&log, &[log[0], log[1], line(3, 7, 7)]), [0, 0, 0, 1]);
}

#[test]
fn a_later_life_may_begin_late_but_has_no_gap() {
    let mut profile = Profile::new(1);
    profile.sent = vec![room(); 3];
    profile.acked = vec![0, 1, 2];
    let life = |lines: &[Line]| Sitting {
        rooms: [(
            room(),
            Shown {
                lines: lines.to_vec(),
                rewound: 0,
            },
        )]
        .into(),
        ..Sitting::default()
    };
    let logs: Logs = [(room(), good())].into();
    profile.sittings = vec![life(&good()[..1]), life(&good()[1..])];
    assert!(Verification::of(&logs, [&profile]).is_sound());
    profile.sittings = vec![life(&[good()[0], good()[2]]), life(&good()[1..])];
    assert_eq!(Verification::of(&logs, [&profile]).lost, 1);
}
