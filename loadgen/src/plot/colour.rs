//! The colours of plots: apart for eyes that see few colours, dark enough for print, each with a light twin for dark
//! screens.

use plotters::style::RGBColor;

/// A colour with a meaning that stays the same on all pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Colour {
    /// The figure that a page is about.
    Blue,
    /// The one beside it.
    Orange,
    /// What went well.
    Green,
    /// What went wrong, limits.
    Red,
    /// Third kind.
    Purple,
    /// Fourth kind.
    Teal,
    /// Fifth kind.
    Ochre,
    /// Sixth kind.
    Pink,
    /// Seventh kind.
    Brown,
    /// What was asked for, what is left over.
    Grey,
    /// Text.
    Ink,
    /// Labels of axes.
    Muted,
    /// Lines of the grid.
    Grid,
}

impl Colour {
    /// All of them.
    pub(crate) const ALL: [Self; 13] = [
        Self::Blue,
        Self::Orange,
        Self::Green,
        Self::Red,
        Self::Purple,
        Self::Teal,
        Self::Ochre,
        Self::Pink,
        Self::Brown,
        Self::Grey,
        Self::Ink,
        Self::Muted,
        Self::Grid,
    ];

    /// One for the `index`-th of several equals, such as runs that are compared; they repeat after nine.
    pub fn of(index: usize) -> Self {
        Self::ALL[index % 9]
    }

    /// Red, green and blue on paper.
    pub(super) fn rgb(self) -> RGBColor {
        let (red, green, blue) = self.pair().0;
        RGBColor(red, green, blue)
    }

    /// As it stands in an SVG attribute, and its twin on dark screens.
    pub(crate) fn attributes(self) -> (String, String) {
        let text = |(red, green, blue): (u8, u8, u8)| format!("#{red:02X}{green:02X}{blue:02X}");
        let (paper, dark) = self.pair();
        (text(paper), text(dark))
    }

    fn pair(self) -> ((u8, u8, u8), (u8, u8, u8)) {
        match self {
            Self::Blue => ((0x0B, 0x5F, 0xA5), (0x6C, 0xB2, 0xF5)),
            Self::Orange => ((0xC8, 0x5A, 0x0A), (0xF5, 0xA1, 0x5B)),
            Self::Green => ((0x1A, 0x7F, 0x4B), (0x5C, 0xC9, 0x8E)),
            Self::Red => ((0xB3, 0x26, 0x1E), (0xF4, 0x7C, 0x74)),
            Self::Purple => ((0x7A, 0x3E, 0x9D), (0xC5, 0x93, 0xE3)),
            Self::Teal => ((0x0E, 0x7C, 0x86), (0x55, 0xC4, 0xCE)),
            Self::Ochre => ((0x8A, 0x6D, 0x00), (0xD9, 0xBD, 0x4A)),
            Self::Pink => ((0xB8, 0x2E, 0x7A), (0xF0, 0x8C, 0xC2)),
            Self::Brown => ((0x6F, 0x4A, 0x2D), (0xC9, 0xA2, 0x84)),
            Self::Grey => ((0x76, 0x7F, 0x8C), (0x93, 0x9D, 0xAA)),
            Self::Ink => ((0x1D, 0x24, 0x2E), (0xE6, 0xEA, 0xF0)),
            Self::Muted => ((0x56, 0x60, 0x6D), (0xA5, 0xAF, 0xBC)),
            Self::Grid => ((0xE2, 0xE6, 0xEB), (0x33, 0x3C, 0x47)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn no_two_colours_are_alike_on_paper_or_on_a_dark_screen() {
        let papers: HashSet<_> = Colour::ALL.map(|colour| colour.attributes().0).into();
        let darks: HashSet<_> = Colour::ALL.map(|colour| colour.attributes().1).into();
        assert_eq!((papers.len(), darks.len()), (Colour::ALL.len(), Colour::ALL.len()));
        assert_eq!(Colour::of(9), Colour::of(0));
    }
}
