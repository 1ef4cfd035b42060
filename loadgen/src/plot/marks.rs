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
    let uprights: Vec<f64> = marks.iter().filter_map(|mark| upright(frame, mark)).collect();
    let levels = marks.iter().filter_map(|mark| level(frame, mark)).collect();
    let mut labels = Labels { taken: Vec::new(), uprights, levels };
    marks.iter().for_each(|mark| draw_level(canvas, frame, mark, &mut labels));
    for mark in marks {
        match mark {
            Mark::Upright { label, colour, .. } => {
                let Some(x) = upright(frame, mark) else { continue };
                canvas.line((x, frame.top), (x, frame.bottom), *colour, 1.5);
                labels.draw(canvas, label, *colour, &beside(frame, x, label));
            }
            Mark::Span { from, to, label } => {
                let middle = f64::midpoint(frame.x_within(*from), frame.x_within(*to));
                labels.draw(canvas, label, Colour::Muted, &beside(frame, middle, label));
            }
            Mark::Level { .. } => {}
        }
    }
}

fn draw_level(canvas: &mut Canvas<'_>, frame: &Frame, mark: &Mark, labels: &mut Labels) {
    let (Mark::Level { label, colour, .. }, Some(y)) = (mark, level(frame, mark)) else { return };
    canvas.line((frame.left, y), (frame.right, y), *colour, 1.5);
    let width = text_width_px(label);
    let sides = [frame.right - 3.0 - width, frame.left + 3.0];
    let places = sides.into_iter().flat_map(|left| [(left, y - FONT_PX * 0.35), (left, y + FONT_PX * 1.1)]);
    let places: Vec<_> = places.filter(|place| is_within(frame, place.1)).collect();
    labels.draw(canvas, label, *colour, &places);
}

/// Where a level line lies.
fn level(frame: &Frame, mark: &Mark) -> Option<f64> {
    match mark {
        Mark::Level { at, .. } => frame.y(*at).filter(|y| (frame.top..=frame.bottom).contains(y)),
        _ => None,
    }
}

/// Where an upright line lies.
fn upright(frame: &Frame, mark: &Mark) -> Option<f64> {
    match mark {
        Mark::Upright { at, .. } => frame.x(*at).filter(|x| frame.spans(*x)),
        _ => None,
    }
}

/// Places beside an upright line, from the top down, right of it first; at the right edge when there is room on no side.
fn beside(frame: &Frame, x: f64, label: &str) -> Vec<(f64, f64)> {
    const GAP_PX: f64 = 4.0;
    let width = text_width_px(label);
    let sides = [x + GAP_PX, x - GAP_PX - width, frame.right - 3.0 - width];
    let lefts = || sides.into_iter().filter(|left| *left >= frame.left && left + width <= frame.right);
    let rows = (0..8).map(|row| frame.top + FONT_PX * (1.1 + 1.25 * f64::from(row)));
    rows.filter(|y| is_within(frame, *y)).flat_map(|y| lefts().map(move |left| (left, y))).collect()
}

fn is_within(frame: &Frame, baseline: f64) -> bool {
    baseline - FONT_PX >= frame.top && baseline + FONT_PX * 0.3 <= frame.bottom
}

/// Labels that are drawn already, and lines that none may cross.
struct Labels {
    /// Left end, right end and baseline of each.
    taken: Vec<(f64, f64, f64)>,
    uprights: Vec<f64>,
    levels: Vec<f64>,
}

impl Labels {
    /// Draws a label at the first place that is free; where none is, at the first.
    fn draw(&mut self, canvas: &mut Canvas<'_>, label: &str, colour: Colour, places: &[(f64, f64)]) {
        let width = text_width_px(label);
        let free = places.iter().find(|(left, y)| self.is_free(*left, left + width, *y));
        let Some(&(left, y)) = free.or_else(|| places.first()).filter(|_| !label.is_empty()) else { return };
        canvas.text((left, y), label, Align::Left, colour);
        self.taken.push((left, left + width, y));
    }

    fn is_free(&self, left: f64, right: f64, baseline: f64) -> bool {
        let is_apart = |taken: &(f64, f64, f64)| {
            taken.1 <= left || right <= taken.0 || (taken.2 - baseline).abs() >= FONT_PX * 1.2
        };
        let crosses = |line: &f64| baseline - FONT_PX * 0.9 < *line && *line < baseline + FONT_PX * 0.25;
        self.taken.iter().all(is_apart)
            && !self.uprights.iter().any(|line| left < *line && *line < right)
            && !self.levels.iter().any(crosses)
    }
}
