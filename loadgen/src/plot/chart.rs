//! A chart over two axes.

use super::axis::Axis;
use super::canvas::{Align, Canvas, FONT_PX, Names, Size, drawing};
use super::colour::Colour;
use super::draw;
use super::frame::Frame;
use super::legend;
use super::marks::{self, Mark};
use super::series::Series;
use super::ticks::{Ticks, ticks};

/// A chart over two axes: series beneath, marks above.
///
/// ```
/// use clearway_loadgen::plot::{Axis, Chart, Colour, Mark, Series, Shape, Size, Unit};
///
/// let chart = Chart {
///     id: "latency".into(),
///     title: "Latency by load".into(),
///     description: "p99 stays below 20 ms up to 900 payments a second.".into(),
///     x: Axis::linear("offered", Unit::PerSecond),
///     y: Axis::log("latency", Unit::Micros),
///     series: vec![Series::new("p99", Colour::Blue, Shape::Beads(vec![(100.0, 900.0), (900.0, 18_000.0)]))],
///     marks: vec![Mark::level(20_000.0, "SLO p99 < 20 ms", Colour::Red)],
/// };
/// assert!(chart.render(Size::Phone).starts_with("<svg"));
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// Unique on its page: letters, digits and hyphens.
    pub id: String,
    /// What it shows, in a few words.
    pub title: String,
    /// What it says, for who cannot see it.
    pub description: String,
    /// From left to right.
    pub x: Axis,
    /// From bottom to top.
    pub y: Axis,
    /// Drawn in this order.
    pub series: Vec<Series>,
    /// Limits, knees, spans.
    pub marks: Vec<Mark>,
}

impl Chart {
    /// The drawing.
    pub fn render(&self, size: Size) -> String {
        let names = Names { id: &self.id, title: &self.title, description: &self.description };
        let height = height_px(size);
        let legend = self.legend();
        let legend_px = legend::height_px(&legend, size.width_px());
        let (top, bottom) = (legend_px + FONT_PX * 2.1, legend_px + height - FONT_PX * 3.0);
        drawing(size, legend_px + height, &names, |canvas| {
            let frame = Frame::new(size.width_px(), (top, bottom), (&self.x, &self.y), self.ticks(size, bottom - top));
            legend::draw(canvas, &legend, 0.0);
            marks::draw_spans(canvas, &frame, &self.marks);
            frame.draw(canvas);
            self.series.iter().for_each(|series| draw::draw(canvas, &frame, series));
            marks::draw_lines(canvas, &frame, &self.marks);
            self.draw_labels(canvas, &frame);
        })
    }

    /// Series of one name are told once.
    fn legend(&self) -> Vec<(String, Colour)> {
        let mut names: Vec<(String, Colour)> = Vec::new();
        for series in &self.series {
            if !series.name.is_empty() && names.iter().all(|(name, _)| *name != series.name) {
                names.push((series.name.clone(), series.colour));
            }
        }
        names
    }

    fn ticks(&self, size: Size, height: f64) -> (Ticks, Ticks) {
        let (mut xs, mut ys): (Vec<f64>, Vec<f64>) = self.series.iter().flat_map(Series::extent).unzip();
        for mark in &self.marks {
            match mark {
                Mark::Level { at, .. } => ys.push(*at),
                Mark::Upright { at, .. } => xs.push(*at),
                Mark::Span { from, to, .. } => xs.extend([*from, *to]),
            }
        }
        let room = match size {
            Size::Phone => 4,
            Size::Desk => 7,
        };
        (ticks(&self.x, &xs, room), ticks(&self.y, &ys, (height / (FONT_PX * 3.0)) as usize))
    }

    fn draw_labels(&self, canvas: &mut Canvas<'_>, frame: &Frame) {
        canvas.text((0.0, frame.top - FONT_PX * 0.9), &self.y.label, Align::Left, Colour::Muted);
        canvas.text((frame.right, frame.bottom + FONT_PX * 2.7), &self.x.label, Align::Right, Colour::Muted);
    }
}

/// Height without the legend.
fn height_px(size: Size) -> f64 {
    match size {
        Size::Phone => 250.0,
        Size::Desk => 320.0,
    }
}
