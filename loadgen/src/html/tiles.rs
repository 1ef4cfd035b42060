//! Headline figures.

use super::tone::Tone;
use askama::Template;

/// Headline figures in a row, as many as the width allows.
#[derive(Debug, Clone, Default, Template)]
#[template(path = "parts/tiles.html")]
pub struct Tiles {
    tiles: Vec<Tile>,
}

/// One figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tile {
    /// What it is.
    pub label: String,
    /// The figure with its unit.
    pub value: String,
    /// What it is to be read with.
    pub note: String,
    /// Whether it is as it should be.
    pub tone: Tone,
}

impl Tiles {
    /// None yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One more.
    #[must_use]
    pub fn with(self, label: impl Into<String>, value: impl Into<String>, note: impl Into<String>) -> Self {
        self.with_toned(Tone::Plain, label, value, note)
    }

    /// One more, coloured.
    #[must_use]
    pub fn with_toned(
        mut self,
        tone: Tone,
        label: impl Into<String>,
        value: impl Into<String>,
        note: impl Into<String>,
    ) -> Self {
        self.tiles.push(Tile { label: label.into(), value: value.into(), note: note.into(), tone });
        self
    }
}
