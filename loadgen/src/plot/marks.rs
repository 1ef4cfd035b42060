//! Lines and spans that say what a value means: a limit, a knee, where measuring ends.

use super::canvas::{Align, Canvas, FONT_PX, text_width_px};
use super::colour::Colour;
use super::frame::Frame;

/// Something said about a place on an axis.
#[derive(Debug, Clone, PartialEq)]
pub enum Mark {
    /// A level line at y, such as a limit.
    Level {
        /// Where.
        at: f64,
        /// What it is.
        label: String,
        /// Its colour.
        colour: Colour,
    },
    /// An upright line at x, such as a knee.
    Upright {
        /// Where.
        at: f64,
        /// What it is.
        label: String,
        /// Its colour.
        colour: Colour,
    },
    /// A tinted span of x, such as the warm-up or what is extrapolated; infinite ends reach the edge.
    Span {
        /// Left end.
        from: f64,
        /// Right end.
        to: f64,
        /// What it is.
        label: String,
    },
}

impl Mark {
    /// A level line.
    pub fn level(at: f64, label: impl Into<String>, colour: Colour) -> Self {
        Self::Level { at, label: label.into(), colour }
    }

    /// An upright line.
    pub fn upright(at: f64, label: impl Into<String>, colour: Colour) -> Self {
        Self::Upright { at, label: label.into(), colour }
    }

    /// A tinted span.
    pub fn span(from: f64, to: f64, label: impl Into<String>) -> Self {
        Self::Span { from, to, label: label.into() }
    }
}

/// Tints the spans; they lie beneath the data.
pub(super) fn draw_spans(canvas: &mut Canvas, frame: &Frame, marks: &[Mark]) {
    for mark in marks {
        let Mark::Span { from, to, .. } = mark else { continue };
        let (left, right) = (frame.x_within(*from), frame.x_within(*to));
        canvas.tint((left, frame.top), (right, frame.bottom), Colour::Grey, 0.14);
    }
}

/// Draws the lines and all labels; they lie above the data.
pub(super) fn draw_lines(canvas: &mut Canvas<'_>, frame: &Frame, marks: &[Mark]) {
    draw_levels(canvas, frame, marks);
    let uprights: Vec<f64> = marks.iter().filter_map(|mark| upright(frame, mark)).collect();
    let mut row = 0;
    for mark in marks {
        let x = match mark {
            Mark::Upright { colour, .. } => {
                let Some(x) = upright(frame, mark) else { continue };
                canvas.line((x, frame.top), (x, frame.bottom), *colour, 1.5);
                x
            }
            Mark::Span { from, to, .. } => f64::midpoint(frame.x_within(*from), frame.x_within(*to)),
            Mark::Level { .. } => continue,
        };
        draw_beside(canvas, frame, x, mark, &uprights, &mut row);
    }
}

/// Level lines; where two labels would lie on each other the lower one goes beneath its line.
fn draw_levels(canvas: &mut Canvas<'_>, frame: &Frame, marks: &[Mark]) {
    let levels = marks.iter().filter_map(|mark| match mark {
        Mark::Level { at, label, colour } => {
            let y = frame.y(*at).filter(|y| (frame.top..=frame.bottom).contains(y))?;
            Some((y, label, *colour))
        }
        _ => None,
    });
    let mut levels: Vec<_> = levels.collect();
    levels.sort_by(|one, other| one.0.total_cmp(&other.0));
    let mut above = frame.top;
    for (y, label, colour) in levels {
        canvas.line((frame.left, y), (frame.right, y), colour, 1.5);
        let has_room = y - above > FONT_PX * 1.4;
        let baseline = if has_room { y - FONT_PX * 0.35 } else { y + FONT_PX * 1.1 };
        canvas.text((frame.right - 3.0, baseline), label, Align::Right, colour);
        above = baseline.max(y);
    }
}

fn upright(frame: &Frame, mark: &Mark) -> Option<f64> {
    match mark {
        Mark::Upright { at, .. } => frame.x(*at).filter(|x| frame.spans(*x)),
        _ => None,
    }
}

/// A label beside an upright line: where it fits without crossing another one, a row further down for each that is there
/// already.
fn draw_beside(canvas: &mut Canvas<'_>, frame: &Frame, x: f64, mark: &Mark, uprights: &[f64], row: &mut u32) {
    const GAP_PX: f64 = 4.0;
    let (label, colour) = match mark {
        Mark::Level { label, colour, .. } | Mark::Upright { label, colour, .. } => (label, *colour),
        Mark::Span { label, .. } => (label, Colour::Muted),
    };
    if label.is_empty() {
        return;
    }
    let (y, width) = (frame.top + FONT_PX * (1.1 + 1.25 * f64::from(*row)), text_width_px(label));
    *row += 1;
    let is_clear = |from: f64, to: f64| !uprights.iter().any(|other| from < *other && *other < to);
    let right = (x + GAP_PX, x + GAP_PX + width);
    let left = (x - GAP_PX - width, x - GAP_PX);
    let (fits_right, fits_left) = (right.1 <= frame.right, left.0 >= frame.left);
    if fits_right && (is_clear(right.0, right.1) || !(fits_left && is_clear(left.0, left.1))) {
        canvas.text((right.0, y), label, Align::Left, colour);
    } else if fits_left {
        canvas.text((left.1, y), label, Align::Right, colour);
    } else {
        canvas.text((frame.right - 3.0, y), label, Align::Right, colour);
    }
}
