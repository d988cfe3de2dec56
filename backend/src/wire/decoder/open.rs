//! A message that has arrived in part: some of its frames, or part of a frame.

use super::{Data, Incoming, Violation, data_message, unmask};

/// See the module.
#[derive(Debug)]
pub(super) struct Open {
    kind: Data,
    bytes: Vec<u8>,
    /// How many of the bytes of a text are known to be whole characters.
    checked: usize,
    /// The frame that is coming; none between two.
    frame: Option<Coming>,
    is_whole: bool,
}

/// A frame that has come in part.
#[derive(Debug)]
struct Coming {
    /// Bytes of its payload that are still to come.
    left: usize,
    /// For the next of them.
    mask: [u8; 4],
    is_final: bool,
}

impl Open {
    /// A message of which nothing has come.
    pub(super) fn new(kind: Data) -> Self {
        Self {
            kind,
            bytes: Vec::new(),
            checked: 0,
            frame: None,
            is_whole: false,
        }
    }

    /// Bytes that have come.
    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether a frame is coming; otherwise the next header is.
    pub(super) fn is_coming(&self) -> bool {
        self.frame.is_some()
    }

    /// Whether the last frame has come.
    pub(super) fn is_whole(&self) -> bool {
        self.is_whole
    }

    /// Begins a frame with a payload of this length.
    pub(super) fn begin(&mut self, length: usize, mask: [u8; 4], is_final: bool) {
        self.frame = Some(Coming {
            left: length,
            mask,
            is_final,
        });
    }

    /// Takes what there is of the frame; returns how many bytes that were.
    ///
    /// # Errors
    /// The text cannot become UTF-8 any more, whatever comes. (Whether it is, in the end, is for
    /// [`into_message`](Self::into_message) to say.)
    pub(super) fn take(&mut self, unread: &[u8]) -> Result<usize, Violation> {
        let Some(frame) = &mut self.frame else {
            return Ok(0);
        };
        let piece = unread.get(..frame.left).unwrap_or(unread);
        let before = self.bytes.len();
        self.bytes.extend_from_slice(piece);
        unmask(self.bytes.get_mut(before..).unwrap_or_default(), frame.mask);
        frame.mask.rotate_left(piece.len() % 4);
        frame.left -= piece.len();
        if frame.left == 0 {
            self.is_whole = frame.is_final;
            self.frame = None;
        }
        if self.kind == Data::Text && !self.is_whole {
            self.check()?;
        }
        Ok(piece.len())
    }

    /// Looks at what has come since the last time. A character that is cut is not wrong.
    fn check(&mut self) -> Result<(), Violation> {
        let new = self.bytes.get(self.checked..).unwrap_or_default();
        self.checked += match std::str::from_utf8(new) {
            Ok(text) => text.len(),
            Err(cut) if cut.error_len().is_none() => cut.valid_up_to(),
            Err(_) => return Err(Violation::Utf8),
        };
        Ok(())
    }

    /// The message, when it has come whole.
    pub(super) fn into_message(self) -> Result<Incoming, Violation> {
        data_message(self.kind, self.bytes)
    }
}
