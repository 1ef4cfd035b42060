//! What becomes of connections, as data.

use std::time::Duration;

/// What becomes of one connection. The default: nothing happens to it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Its first moment.
    pub opening: Opening,
    /// Its bytes.
    pub course: Course,
}

/// The first moment of a connection that the proxy has accepted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Opening {
    /// It is let through.
    #[default]
    Through,
    /// Half open: accepted, and nothing is ever read or answered.
    Deaf,
    /// Ended at once, before a byte is read.
    Cut(Cut),
    /// Kept waiting until it is released.
    Held,
}

/// What becomes of the bytes of a connection or of one exchange.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Course {
    /// From the node to the participant.
    pub request: Flow,
    /// From the participant to the node.
    pub answer: Flow,
}

/// What becomes of the bytes of one direction.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Flow {
    /// Added to every piece that is let through.
    pub latency: Duration,
    /// Slow loris: pieces so small, so far apart.
    pub pace: Option<Pace>,
    /// Where it ends; `None`: where its sender ends it.
    pub end: Option<End>,
}

/// A trickle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// Bytes of a piece, at least 1.
    pub bytes: usize,
    /// Between two pieces.
    pub pause: Duration,
}

/// The end of one direction before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct End {
    /// Bytes that are let through. With 0 the end comes when there is a first byte to swallow.
    pub after_bytes: u64,
    /// How it ends.
    pub cut: Cut,
}

/// How a connection ends before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Closed on both sides, as by a process that ends (FIN).
    Close,
    /// Reset on both sides, as by a host that has forgotten it (RST).
    Reset,
    /// It stays open, and every further byte of this direction is swallowed.
    Silence,
}

/// What somebody finds who opens a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Door {
    /// The proxy.
    #[default]
    Open,
    /// Nobody: connections are refused.
    Refused,
    /// Nobody, not even a refusal: SYN packets get no answer.
    Hung,
}

impl Plan {
    /// Half open.
    #[must_use]
    pub fn deaf() -> Self {
        Self { opening: Opening::Deaf, ..Self::default() }
    }

    /// Accepted and ended at once.
    #[must_use]
    pub fn cut_at_once(cut: Cut) -> Self {
        Self { opening: Opening::Cut(cut), ..Self::default() }
    }

    /// Accepted and kept waiting.
    #[must_use]
    pub fn held() -> Self {
        Self { opening: Opening::Held, ..Self::default() }
    }

    /// Ended after so many bytes towards the participant.
    #[must_use]
    pub fn cut_request(after_bytes: u64, cut: Cut) -> Self {
        Self { course: Course::cut_request(after_bytes, cut), ..Self::default() }
    }

    /// Ended after so many bytes towards the node.
    #[must_use]
    pub fn cut_answer(after_bytes: u64, cut: Cut) -> Self {
        Self { course: Course::cut_answer(after_bytes, cut), ..Self::default() }
    }

    /// Trickles towards the participant.
    #[must_use]
    pub fn slow_request(bytes: usize, pause: Duration) -> Self {
        Self { course: Course { request: Flow::slow(bytes, pause), ..Course::default() }, ..Self::default() }
    }

    /// Trickles towards the node.
    #[must_use]
    pub fn slow_answer(bytes: usize, pause: Duration) -> Self {
        Self { course: Course { answer: Flow::slow(bytes, pause), ..Course::default() }, ..Self::default() }
    }
}

impl Course {
    /// Ended after so many bytes towards the participant.
    #[must_use]
    pub fn cut_request(after_bytes: u64, cut: Cut) -> Self {
        Self { request: Flow::cut(after_bytes, cut), ..Self::default() }
    }

    /// Ended after so many bytes towards the node.
    #[must_use]
    pub fn cut_answer(after_bytes: u64, cut: Cut) -> Self {
        Self { answer: Flow::cut(after_bytes, cut), ..Self::default() }
    }
}

impl Flow {
    /// Ends after so many bytes.
    #[must_use]
    pub fn cut(after_bytes: u64, cut: Cut) -> Self {
        Self { end: Some(End { after_bytes, cut }), ..Self::default() }
    }

    /// Trickles.
    #[must_use]
    pub fn slow(bytes: usize, pause: Duration) -> Self {
        Self { pace: Some(Pace { bytes: bytes.max(1), pause }), ..Self::default() }
    }

    /// Every piece so much later.
    #[must_use]
    pub fn late(latency: Duration) -> Self {
        Self { latency, ..Self::default() }
    }
}
