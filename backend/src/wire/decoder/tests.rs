//! What RFC 6455 asks of a server that reads, case by case; the numbers are those of the Autobahn
//! test suite's groups.

use super::*;

const MAX: usize = 1000;

/// A masked frame as a client sends it; `first` is the first byte of the header.
fn frame(first: u8, payload: &[u8]) -> Vec<u8> {
    let mask = [0x37, 0xfa, 0x21, 0x3d];
    let mut out = vec![first];
    match payload.len() {
        short @ ..126 => out.push(0x80 | short as u8),
        length @ ..65_536 => {
            out.push(0x80 | 126);
            out.extend((length as u16).to_be_bytes());
        }
        length => {
            out.push(0x80 | 127);
            out.extend((length as u64).to_be_bytes());
        }
    }
    out.extend(mask);
    out.extend(payload.iter().zip(mask.iter().cycle()).map(|(b, k)| b ^ k));
    out
}

const TEXT: u8 = 0x81;
const TEXT_BEGINS: u8 = 0x01;
const GOES_ON: u8 = 0x00;
const ENDS: u8 = 0x80;
const BINARY: u8 = 0x82;
const CLOSE: u8 = 0x88;
const PING: u8 = 0x89;
const PONG: u8 = 0x8A;

fn text(text: &str) -> Incoming {
    Incoming::Text(text.to_owned())
}

/// Everything that comes of these bytes in pieces of this size, and the violation at the end if
/// there is one.
fn decoded(bytes: &[u8], piece: usize) -> (Vec<Incoming>, Option<Violation>) {
    let mut decoder = Decoder::default();
    let mut got = Vec::new();
    for chunk in bytes.chunks(piece) {
        decoder.feed(chunk);
        loop {
            match decoder.next(MAX) {
                Ok(Some(incoming)) => got.push(incoming),
                Ok(None) => break,
                Err(violation) => return (got, Some(violation)),
            }
        }
        let held = decoder.bytes.capacity();
        assert_eq!(decoder.is_empty(), held == 0, "what is decoded is not kept");
    }
    (got, None)
}

/// Fed in pieces of every size, which must make no difference.
fn check(frames: &[Vec<u8>], expected: &[Incoming], end: Option<Violation>) {
    let bytes = frames.concat();
    for piece in [1, 2, 3, 7, 64, bytes.len().max(1)] {
        let (got, ended) = decoded(&bytes, piece);
        assert_eq!(
            (got.as_slice(), ended),
            (expected, end),
            "in pieces of {piece}: {bytes:?}"
        );
    }
}

#[test]
fn messages_of_every_length_and_kind_are_read() {
    // 1.1, 1.2: text and binary.
    for length in [0, 1, 125, 126, 127, 999, 1000] {
        let words = "x".repeat(length);
        check(&[frame(TEXT, words.as_bytes())], &[text(&words)], None);
        check(
            &[frame(BINARY, words.as_bytes())],
            &[Incoming::Binary(words.into_bytes())],
            None,
        );
    }
    check(
        &[frame(TEXT, b"a"), frame(TEXT, b"b"), frame(BINARY, b"c")],
        &[text("a"), text("b"), Incoming::Binary(b"c".to_vec())],
        None,
    );
}

#[test]
fn pings_and_pongs_are_read_with_what_they_carry() {
    // 2.
    for payload in [&b""[..], b"hello", &[0xff; 125]] {
        check(
            &[frame(PING, payload), frame(PONG, payload)],
            &[Incoming::Ping(payload.to_vec()), Incoming::Pong],
            None,
        );
    }
    let protocol = Some(Violation::Protocol);
    check(&[frame(PING, &[0; 126])], &[], protocol);
    check(&[frame(0x09, b"in two parts")], &[], protocol);
}

#[test]
fn reserved_bits_and_opcodes_are_refused() {
    // 3 and 4.
    let protocol = Some(Violation::Protocol);
    for bit in [0x40, 0x20, 0x10] {
        check(&[frame(TEXT | bit, b"x")], &[], protocol);
        check(&[frame(PING | bit, b"x")], &[], protocol);
    }
    for opcode in [3, 4, 5, 6, 7, 11, 12, 13, 14, 15] {
        check(&[frame(0x80 | opcode, b"")], &[], protocol);
    }
    check(
        &[frame(TEXT, b"before"), frame(0x83, b"")],
        &[text("before")],
        protocol,
    );
}

#[test]
fn fragments_are_put_together_with_control_frames_between_them() {
    // 5.
    check(
        &[
            frame(TEXT_BEGINS, b"one "),
            frame(PING, b"p"),
            frame(GOES_ON, b"two "),
            frame(GOES_ON, b""),
            frame(PONG, b""),
            frame(ENDS, b"three"),
            frame(TEXT, b"four"),
        ],
        &[
            Incoming::Ping(b"p".to_vec()),
            Incoming::Pong,
            text("one two three"),
            text("four"),
        ],
        None,
    );
    let protocol = Some(Violation::Protocol);
    check(&[frame(ENDS, b"of what?")], &[], protocol);
    check(&[frame(GOES_ON, b"of what?")], &[], protocol);
    check(
        &[frame(TEXT_BEGINS, b"a"), frame(TEXT, b"b")],
        &[],
        protocol,
    );
    check(
        &[frame(TEXT_BEGINS, b"a"), frame(0x02, b"b")],
        &[],
        protocol,
    );
}

#[test]
fn texts_are_utf8_whole_also_where_a_character_is_cut_by_a_fragment() {
    // 6.
    let words = "κόσμε 🦀";
    let bytes = words.as_bytes();
    check(&[frame(TEXT, bytes)], &[text(words)], None);
    for cut in 0..bytes.len() {
        let (a, b) = bytes.split_at(cut);
        check(
            &[frame(TEXT_BEGINS, a), frame(ENDS, b)],
            &[text(words)],
            None,
        );
    }
    let utf8 = Some(Violation::Utf8);
    for bad in [
        &b"\xce\xba\xe1\xbd\xb9\xcf\x83\xce\xbc\xce\xb5\xed\xa0\x80edited"[..],
        b"\xf4\x90\x80\x80",
        b"\xc0\xaf",
        b"\xff",
        b"\xce",
    ] {
        check(&[frame(TEXT, bad)], &[], utf8);
        check(&[frame(TEXT_BEGINS, b""), frame(ENDS, bad)], &[], utf8);
    }
}

#[test]
fn closes_are_read_and_their_codes_checked() {
    // 7.
    let close = |code: u16, reason: &[u8]| frame(CLOSE, &[&code.to_be_bytes(), reason].concat());
    check(&[frame(CLOSE, b"")], &[Incoming::Close(None)], None);
    for code in [
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999,
    ] {
        check(&[close(code, b"why")], &[Incoming::Close(Some(code))], None);
    }
    let protocol = Some(Violation::Protocol);
    for code in [
        0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535,
    ] {
        check(&[close(code, b"")], &[], protocol);
    }
    check(&[frame(CLOSE, b"x")], &[], protocol);
    check(&[close(1000, &[b'x'; 124])], &[], protocol);
    check(&[close(1000, b"\xff")], &[], Some(Violation::Utf8));
}

#[test]
fn messages_over_the_bound_are_refused_by_their_header_alone() {
    // 9 and 10, and what a bomb of fragments would be.
    let large = Some(Violation::TooLarge);
    check(&[frame(TEXT, &[b'x'; 1001])], &[], large);
    for header in [
        &[0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4][..],
        &[
            0x81, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4,
        ],
    ] {
        let mut decoder = Decoder::default();
        decoder.feed(header);
        assert_eq!(decoder.next(MAX), Err(Violation::TooLarge));
    }
    let bomb = [
        vec![frame(TEXT_BEGINS, &[b'x'; 400])],
        vec![frame(GOES_ON, &[b'x'; 400]); 2],
    ];
    check(&bomb.concat(), &[], large);
}

#[test]
fn frames_without_a_mask_are_refused() {
    let mut decoder = Decoder::default();
    decoder.feed(&[0x81, 1, b'x']);
    assert_eq!(decoder.next(MAX), Err(Violation::Protocol));
}

#[test]
fn any_bytes_give_messages_or_a_violation_and_never_more_than_came() {
    // Cheap randomness: a linear congruential generator.
    let mut state = 7_u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as u8
    };
    let valid = [
        frame(TEXT, b"hello"),
        frame(TEXT_BEGINS, b"a"),
        frame(PING, b"p"),
        frame(ENDS, b"b"),
        frame(CLOSE, &1000_u16.to_be_bytes()),
    ]
    .concat();
    for _ in 0..20_000 {
        let mut bytes = valid.clone();
        for _ in 0..1 + random() % 4 {
            let at = usize::from(random()) % bytes.len();
            bytes[at] = random();
        }
        let whole = decoded(&bytes, bytes.len());
        assert_eq!(whole, decoded(&bytes, 1), "in pieces: {bytes:?}");
    }
}

/// How many of these bytes, one by one, it takes until they are known to be wrong, and why.
fn refused_at(bytes: &[u8]) -> Option<(usize, Violation)> {
    let mut decoder = Decoder::default();
    bytes.iter().enumerate().find_map(|(at, byte)| {
        decoder.feed(&[*byte]);
        decoder.next(MAX).err().map(|violation| (at + 1, violation))
    })
}

#[test]
fn a_text_that_cannot_become_utf8_is_refused_before_it_has_come_whole() {
    // 6.4: the first wrong byte is where the sequence cannot go on, 12 bytes into the text.
    const HEADER: usize = 6;
    let good = "κόσμε".as_bytes();
    for bad in [
        &b"\xf4\x90\x80\x80"[..],
        b"\xed\xa0\x80",
        b"\xc0\xaf",
        b"\xff",
    ] {
        let wrong = match bad {
            [0xc0 | 0xff, ..] => 1,
            _ => 2,
        };
        let words = [good, bad, b"edited"].concat();
        // In one frame, and as the second of three.
        let at = HEADER + good.len() + wrong;
        assert_eq!(
            refused_at(&frame(TEXT, &words)),
            Some((at, Violation::Utf8))
        );
        let fragments = [
            frame(TEXT_BEGINS, good),
            frame(GOES_ON, bad),
            frame(ENDS, b"edited"),
        ];
        let at = 2 * HEADER + good.len() + wrong;
        let refused = refused_at(&fragments.concat());
        assert_eq!(refused, Some((at, Violation::Utf8)), "for {bad:?}");
        // Bytes are bytes.
        let fragments = [frame(0x02, bad), frame(ENDS, bad)];
        assert_eq!(refused_at(&fragments.concat()), None);
    }
}

#[test]
fn a_message_over_the_bound_is_refused_by_the_header_that_says_so() {
    let fragments = [
        frame(TEXT_BEGINS, &[b'x'; 900]),
        frame(GOES_ON, &[b'x'; 101]),
    ];
    let (first, header) = (fragments[0].len(), 6);
    let refused = refused_at(&fragments.concat());
    assert_eq!(refused, Some((first + header, Violation::TooLarge)));
    let fragments = [frame(TEXT_BEGINS, &[b'x'; 900]), frame(ENDS, &[b'x'; 100])];
    assert_eq!(refused_at(&fragments.concat()), None);
}

#[test]
fn nothing_is_decoded_nor_held_after_a_violation() {
    for (bytes, violation) in [
        (frame(CLOSE, &999_u16.to_be_bytes()), Violation::Protocol),
        (frame(TEXT, b"\xff"), Violation::Utf8),
        (frame(TEXT, &[b'x'; 1001]), Violation::TooLarge),
    ] {
        let mut decoder = Decoder::default();
        decoder.feed(&bytes);
        for _ in 0..3 {
            assert_eq!(decoder.next(MAX), Err(violation));
            decoder.feed(&frame(TEXT, b"as if nothing had been"));
            assert_eq!(decoder.bytes.capacity(), 0);
        }
    }
}
