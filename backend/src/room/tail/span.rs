//! The positions of consecutive events within a chunk of bytes.

use common::ids::Seq;
use std::ops::Range;

/// See the module. It is of one event at the least.
#[derive(Debug, Clone)]
pub struct Span {
    first: Seq,
    /// Where each event ends.
    ends: Box<[u32]>,
}

impl Span {
    /// The events from `first` on, each of which ends there.
    #[must_use]
    pub fn new(first: Seq, ends: &[u32]) -> Self {
        let ends = ends.into();
        Self { first, ends }
    }

    /// One that stands behind the other. None where there are none.
    #[must_use]
    pub fn joined<'a>(spans: impl IntoIterator<Item = &'a Self>) -> Option<Self> {
        let mut spans = spans.into_iter().peekable();
        let first = spans.peek()?.first;
        let (mut ends, mut before) = (Vec::new(), 0);
        for span in spans {
            ends.extend(span.ends.iter().map(|end| before + end));
            before = ends.last().copied().unwrap_or(before);
        }
        Some(Self::new(first, &ends))
    }

    /// The first event.
    #[must_use]
    pub fn first(&self) -> Seq {
        self.first
    }

    /// The last event.
    #[must_use]
    pub fn last(&self) -> Seq {
        Seq(self.first.0 + self.ends.len() as u64 - 1)
    }

    /// Whether an event is among them.
    #[must_use]
    pub fn holds(&self, seq: Seq) -> bool {
        (self.first..=self.last()).contains(&seq)
    }

    /// Bytes of them all.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.ends.last().map_or(0, |end| *end as usize)
    }

    /// Where the bytes of an event are. It is among them.
    #[must_use]
    pub fn place(&self, seq: Seq) -> Range<usize> {
        self.start_of(seq)..self.start_of(seq.next())
    }

    /// Where the event begins. It is among them, or is the one behind them.
    fn start_of(&self, seq: Seq) -> usize {
        let before = usize::try_from(seq.0 - self.first.0).unwrap_or(usize::MAX);
        let end = before.checked_sub(1).and_then(|at| self.ends.get(at));
        end.map_or(0, |end| *end as usize)
    }

    /// Where the events behind the cursor are, as many as `bytes_max` allows and `count_min` at the
    /// least; and the last of them. The first behind the cursor is among them.
    #[must_use]
    pub fn behind(&self, cursor: Seq, bytes_max: usize, count_min: usize) -> (Range<usize>, Seq) {
        let start = self.start_of(cursor.next());
        let skip = usize::try_from(cursor.0 + 1 - self.first.0).unwrap_or(usize::MAX);
        let fits = |end: &&u32| **end as usize - start <= bytes_max;
        let rest = self.ends.iter().skip(skip);
        let count = rest.take_while(fits).count().max(count_min);
        let last = Seq(cursor.0 + count as u64);
        (start..self.start_of(last.next()), last)
    }

    /// An event takes so many bytes now.
    pub fn resize(&mut self, seq: Seq, bytes: usize) {
        let Range { start, end } = self.place(seq);
        for moved in &mut self.ends {
            if *moved as usize >= end {
                *moved = u32::try_from(*moved as usize - end + start + bytes).unwrap_or(u32::MAX);
            }
        }
    }
}
