//! What is drawn into a chart.

use super::colour::Colour;

/// One named set of values.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Its name in the legend.
    pub name: String,
    /// Its colour.
    pub colour: Colour,
    /// Values and how they are drawn.
    pub shape: Shape,
}

/// Values and how they are drawn. A value that is not finite, or not above 0 on a logarithmic axis, is a gap.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// A line through (x, y), x growing.
    Line(Vec<(f64, f64)>),
    /// A thinner line, for what stands beside.
    Hair(Vec<(f64, f64)>),
    /// A line that holds each y up to the next x.
    Steps(Vec<(f64, f64)>),
    /// A line with a dot at each point: few points, each of them measured.
    Beads(Vec<(f64, f64)>),
    /// A dot at each (x, y), in any order.
    Dots(Vec<(f64, f64)>),
    /// A hollow dot at each: what was measured and does not count.
    Rings(Vec<(f64, f64)>),
    /// Filled from the bottom of the plot up to (x, y).
    Area(Vec<(f64, f64)>),
    /// Filled between low and high: (x, low, high).
    Band(Vec<(f64, f64, f64)>),
    /// An upright stroke with caps from low to high: (x, low, high).
    Whiskers(Vec<(f64, f64, f64)>),
}

impl Series {
    /// A series by its parts.
    pub fn new(name: impl Into<String>, colour: Colour, shape: Shape) -> Self {
        Self { name: name.into(), colour, shape }
    }

    /// Whether it has no values.
    pub fn is_empty(&self) -> bool {
        match &self.shape {
            Shape::Band(spans) | Shape::Whiskers(spans) => spans.is_empty(),
            Shape::Line(points)
            | Shape::Hair(points)
            | Shape::Steps(points)
            | Shape::Beads(points)
            | Shape::Dots(points)
            | Shape::Rings(points)
            | Shape::Area(points) => points.is_empty(),
        }
    }

    /// Every (x, y) that must lie within the axes.
    pub(super) fn extent(&self) -> Vec<(f64, f64)> {
        match &self.shape {
            Shape::Line(points)
            | Shape::Hair(points)
            | Shape::Steps(points)
            | Shape::Beads(points)
            | Shape::Dots(points)
            | Shape::Rings(points)
            | Shape::Area(points) => points.clone(),
            Shape::Band(spans) | Shape::Whiskers(spans) => {
                spans.iter().flat_map(|&(x, low, high)| [(x, low), (x, high)]).collect()
            }
        }
    }
}
