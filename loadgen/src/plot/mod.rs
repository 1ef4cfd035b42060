//! Plots as inline SVG, without script, fonts or bitmaps.
//!
//! ```text
//! Chart (axes, series, marks) --render(size)--> <svg> for a phone or for a desk
//! Bars  (rows of stacked parts) --render(size)--> the same
//! ```
//!
//! A plot is drawn for a [`Size`], not scaled to it: text has twelve pixels on a phone and at a desk. Pages hold both
//! drawings and show one (`crate::html::figure`).
//!
//! Invariants: the same chart gives the same bytes; text stays text; whatever a label holds is escaped; every drawing
//! has a title and a description; a line of any length costs a few points per pixel, and its extremes stay.

mod axis;
mod bars;
mod canvas;
mod chart;
mod colour;
mod draw;
mod frame;
mod legend;
mod marks;
mod series;
mod thin;
mod ticks;
mod unit;

pub use axis::{Axis, Scale};
pub use bars::{Bars, Part, Row};
pub use canvas::Size;
pub use chart::Chart;
pub use colour::Colour;
pub use marks::Mark;
pub use series::{Series, Shape};
pub use unit::Unit;
pub(crate) use unit::grouped;

#[cfg(test)]
mod tests;
