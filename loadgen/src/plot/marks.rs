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
pub(super) fn draw_lines(canvas: &mut Canvas, frame: &Frame, marks: &[Mark]) {
    let mut row = 0;
    for mark in marks {
        match mark {
            Mark::Level { at, label, colour } => draw_level(canvas, frame, *at, label, *colour),
            Mark::Upright { at, label, colour } => {
                let Some(x) = frame.x(*at).filter(|x| frame.spans(*x)) else { continue };
                canvas.line((x, frame.top), (x, frame.bottom), *colour, 1.5);
                draw_beside(canvas, frame, x, label, *colour, &mut row);
            }
            Mark::Span { from, to, label } => {
                let middle = f64::midpoint(frame.x_within(*from), frame.x_within(*to));
                draw_beside(canvas, frame, middle, label, Colour::Muted, &mut row);
            }
        }
    }
}

fn draw_level(canvas: &mut Canvas, frame: &Frame, at: f64, label: &str, colour: Colour) {
    let Some(y) = frame.y(at).filter(|y| (frame.top..=frame.bottom).contains(y)) else { return };
    canvas.line((frame.left, y), (frame.right, y), colour, 1.5);
    let is_room_above = y - frame.top > FONT_PX * 1.4;
    let baseline = if is_room_above { y - FONT_PX * 0.35 } else { y + FONT_PX * 1.1 };
    canvas.text((frame.right - 3.0, baseline), label, Align::Right, colour);
}

/// A label beside an upright line, on the side with more room, a row further down for each that is there already.
fn draw_beside(canvas: &mut Canvas, frame: &Frame, x: f64, label: &str, colour: Colour, row: &mut u32) {
    if label.is_empty() {
        return;
    }
    let y = frame.top + FONT_PX * (1.1 + 1.25 * f64::from(*row));
    *row += 1;
    let fits_right = x + 4.0 + text_width_px(label) <= frame.right;
    let fits_left = x - 4.0 - text_width_px(label) >= frame.left;
    match (fits_right, fits_left) {
        (true, _) => canvas.text((x + 4.0, y), label, Align::Left, colour),
        (false, true) => canvas.text((x - 4.0, y), label, Align::Right, colour),
        (false, false) => canvas.text((frame.right - 3.0, y), label, Align::Right, colour),
    }
}
