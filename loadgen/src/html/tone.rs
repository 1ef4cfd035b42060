//! Whether something is as it should be.

/// How a part is coloured. Colour never says anything alone: the words do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tone {
    /// Neither.
    #[default]
    Plain,
    /// As it should be.
    Good,
    /// Not as it should be.
    Bad,
    /// To be read with care.
    Warn,
    /// Beside the point.
    Quiet,
}

impl Tone {
    /// Good when `holds`, else bad.
    pub fn of(holds: bool) -> Self {
        if holds { Self::Good } else { Self::Bad }
    }

    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Warn => "warn",
            Self::Quiet => "quiet",
        }
    }
}
