//! Where the data of a chart lie on its canvas.

use super::axis::{Axis, Scale};
use super::canvas::{Align, Canvas, FONT_PX, text_width_px};
use super::colour::Colour;
use super::ticks::Ticks;

/// The rectangle of the data, in pixels, and how values get there.
#[derive(Debug, Clone)]
pub(super) struct Frame {
    pub(super) left: f64,
    pub(super) right: f64,
    pub(super) top: f64,
    pub(super) bottom: f64,
    scales: (Scale, Scale),
    ticks: (Ticks, Ticks),
}

/// Between two texts on the level axis.
const GAP_PX: f64 = 8.0;

impl Frame {
    /// A frame between `top` and `bottom` on a canvas `width` wide; the texts of the upright axis get the room they need.
    pub(super) fn new(width: f64, (top, bottom): (f64, f64), axes: (&Axis, &Axis), ticks: (Ticks, Ticks)) -> Self {
        let widest = ticks.1.marks.iter().map(|mark| text_width_px(&mark.1)).fold(0.0, f64::max);
        let last = ticks.0.marks.last().map_or(0.0, |mark| text_width_px(&mark.1) / 2.0);
        // However long a text is, the data keep a part of the width.
        let (left, right) = ((widest + 6.0).min(width * 0.5), width - last.clamp(6.0, width * 0.2));
        Self { left, right, top, bottom, scales: (axes.0.scale, axes.1.scale), ticks }
    }

    /// Where `value` lies from left to right, in pixels; `None` where it has no place.
    pub(super) fn x(&self, value: f64) -> Option<f64> {
        Some(self.x_of(self.scales.0.place(value)?))
    }

    /// Where `value` lies from top to bottom, in pixels; `None` where it has no place.
    pub(super) fn y(&self, value: f64) -> Option<f64> {
        Some(self.y_of(self.scales.1.place(value)?))
    }

    /// Where `value` lies, or the edge on whose side it is.
    pub(super) fn x_within(&self, value: f64) -> f64 {
        let beyond = if value > 0.0 { self.right } else { self.left };
        self.x(value).unwrap_or(beyond).clamp(self.left, self.right)
    }

    /// Where `value` lies, or the edge on whose side it is.
    pub(super) fn y_within(&self, value: f64) -> f64 {
        let beyond = if value > 0.0 { self.top } else { self.bottom };
        self.y(value).unwrap_or(beyond).clamp(self.top, self.bottom)
    }

    /// Whether a place lies between left and right.
    pub(super) fn spans(&self, x: f64) -> bool {
        (self.left - 0.5..=self.right + 0.5).contains(&x)
    }

    fn x_of(&self, placed: f64) -> f64 {
        let Ticks { from, to, .. } = self.ticks.0;
        // Values far beyond the ends are cut there: the backend's numbers are small.
        (self.left + (placed - from) / (to - from) * (self.right - self.left)).clamp(-1e4, 1e4)
    }

    fn y_of(&self, placed: f64) -> f64 {
        let Ticks { from, to, .. } = self.ticks.1;
        (self.bottom - (placed - from) / (to - from) * (self.bottom - self.top)).clamp(-1e4, 1e4)
    }

    /// The grid and the texts of both axes.
    pub(super) fn draw(&self, canvas: &mut Canvas<'_>) {
        for (place, text) in &self.ticks.1.marks {
            let y = self.y_of(*place);
            canvas.line((self.left, y), (self.right, y), Colour::Grid, if text.is_empty() { 0.5 } else { 1.0 });
            canvas.text((self.left - 6.0, y + FONT_PX * 0.36), text, Align::Right, Colour::Muted);
        }
        let mut taken = f64::NEG_INFINITY;
        for (place, text) in &self.ticks.0.marks {
            let (x, half) = (self.x_of(*place), text_width_px(text) / 2.0);
            canvas.line((x, self.top), (x, self.bottom), Colour::Grid, if text.is_empty() { 0.5 } else { 1.0 });
            if !text.is_empty() && x - half >= taken {
                canvas.text((x, self.bottom + FONT_PX * 1.35), text, Align::Middle, Colour::Muted);
                taken = x + half + GAP_PX;
            }
        }
        canvas.line((self.left, self.bottom), (self.right, self.bottom), Colour::Grey, 1.0);
    }
}
