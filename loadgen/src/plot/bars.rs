//! Rows of stacked parts, such as a budget: what each part costs, and what they sum to.

use super::axis::Axis;
use super::canvas::{Align, Canvas, FONT_PX, Names, Size, drawing, text_width_px};
use super::colour::Colour;
use super::legend;
use super::ticks::{Ticks, ticks};

/// A chart of rows, each a stack of parts from left to right.
#[derive(Debug, Clone, PartialEq)]
pub struct Bars {
    /// Unique on its page: letters, digits and hyphens.
    pub id: String,
    /// What it shows, in a few words.
    pub title: String,
    /// What it says, for who cannot see it.
    pub description: String,
    /// Of the values; always even, from 0 to the largest.
    pub axis: Axis,
    /// From top to bottom.
    pub rows: Vec<Row>,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// What it is.
    pub label: String,
    /// Where its first part begins; above 0 in a cascade, where each row begins where the one before ended.
    pub from: f64,
    /// From left to right; negative ones are left out.
    pub parts: Vec<Part>,
    /// What is written behind it, as a rule its value.
    pub note: String,
}

/// One part of a row.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// Its name in the legend; empty ones are not told.
    pub name: String,
    /// Its colour.
    pub colour: Colour,
    /// How much.
    pub value: f64,
}

impl Part {
    /// A part by its parts.
    pub fn new(name: impl Into<String>, colour: Colour, value: f64) -> Self {
        Self { name: name.into(), colour, value }
    }
}

/// Of a bar, and of the space beneath it.
const BAR_PX: f64 = 14.0;
const GAP_PX: f64 = 9.0;
/// Of a label above its bar.
const LABEL_PX: f64 = FONT_PX * 1.5;

impl Row {
    fn end(&self) -> f64 {
        self.from + self.parts.iter().map(|part| part.value.max(0.0)).sum::<f64>()
    }
}

/// Where rows lie.
struct Layout {
    left: f64,
    right: f64,
    top: f64,
    row: f64,
    ticks: Ticks,
    size: Size,
}

impl Layout {
    fn new(bars: &Bars, size: Size, top: f64) -> Self {
        let widest =
            |texts: fn(&Row) -> &str| bars.rows.iter().map(|row| text_width_px(texts(row))).fold(0.0, f64::max);
        let end = bars.rows.iter().map(Row::end).fold(0.0, f64::max);
        let axis = bars.axis.clone().between(0.0, if end > 0.0 { end } else { 1.0 });
        let room = match size {
            Size::Phone => 3,
            Size::Desk => 5,
        };
        // On a phone a row's label stands above it.
        let (left, row) = match size {
            Size::Phone => (0.0, LABEL_PX + BAR_PX + GAP_PX),
            Size::Desk => (widest(|row| &row.label) + 8.0, BAR_PX + GAP_PX),
        };
        let right = size.width_px() - widest(|row| &row.note) - 8.0;
        Self { left, right, top, row, ticks: ticks(&axis, &[], room), size }
    }

    fn x(&self, value: f64) -> f64 {
        let Ticks { from, to, .. } = self.ticks;
        let share = ((value - from) / (to - from)).clamp(0.0, 1.0);
        self.left + if share.is_nan() { 0.0 } else { share } * (self.right - self.left)
    }

    /// Top of the bar of a row.
    fn y(&self, index: usize) -> f64 {
        let above = if self.size == Size::Phone { LABEL_PX } else { 0.0 };
        self.top + index as f64 * self.row + above
    }
}

impl Bars {
    /// The drawing.
    pub fn render(&self, size: Size) -> String {
        let names = Names { id: &self.id, title: &self.title, description: &self.description };
        let legend = self.legend();
        let top = legend::height_px(&legend, size.width_px()) + GAP_PX;
        let layout = Layout::new(self, size, top);
        let bottom = top + self.rows.len() as f64 * layout.row;
        drawing(size, bottom + FONT_PX * 3.0, &names, |canvas| {
            legend::draw(canvas, &legend, 0.0);
            self.draw_grid(canvas, &layout, bottom);
            for (index, row) in self.rows.iter().enumerate() {
                draw_row(canvas, &layout, index, row);
            }
        })
    }

    fn legend(&self) -> Vec<(String, Colour)> {
        let mut names: Vec<(String, Colour)> = Vec::new();
        for part in self.rows.iter().flat_map(|row| &row.parts) {
            if !part.name.is_empty() && names.iter().all(|(name, _)| *name != part.name) {
                names.push((part.name.clone(), part.colour));
            }
        }
        names
    }

    fn draw_grid(&self, canvas: &mut Canvas<'_>, layout: &Layout, bottom: f64) {
        for (place, text) in &layout.ticks.marks {
            let x = layout.x(*place);
            canvas.line((x, layout.top), (x, bottom), Colour::Grid, 1.0);
            let align = if x == layout.left { Align::Left } else { Align::Middle };
            canvas.text((x, bottom + FONT_PX * 1.2), text, align, Colour::Muted);
        }
        let end = (layout.size.width_px(), bottom + FONT_PX * 2.5);
        canvas.text(end, &self.axis.label, Align::Right, Colour::Muted);
    }
}

fn draw_row(canvas: &mut Canvas<'_>, layout: &Layout, index: usize, row: &Row) {
    let top = layout.y(index);
    let mut from = row.from;
    for part in &row.parts {
        let to = from + part.value.max(0.0);
        canvas.tint((layout.x(from), top), (layout.x(to), top + BAR_PX), part.colour, 1.0);
        from = to;
    }
    let baseline = top + BAR_PX - 3.0;
    match layout.size {
        Size::Phone => canvas.text((0.0, top - 5.0), &row.label, Align::Left, Colour::Ink),
        Size::Desk => canvas.text((layout.left - 8.0, baseline), &row.label, Align::Right, Colour::Ink),
    }
    canvas.text((layout.x(from) + 6.0, baseline), &row.note, Align::Left, Colour::Ink);
}
