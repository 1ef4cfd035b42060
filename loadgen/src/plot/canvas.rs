//! Pixels over plotters' SVG backend.

use super::colour::Colour;
use plotters::prelude::{DrawingBackend, SVGBackend};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{Color, IntoFont, ShapeStyle, TextStyle};

/// The backend counts in whole numbers; ten of them are a pixel, so that lines are smooth.
const PER_PIXEL: f64 = 10.0;
/// Height of text.
pub(super) const FONT_PX: f64 = 12.0;
/// Mean width of a letter: without fonts nobody can know, so a little too much.
const LETTER_PX: f64 = 6.8;

/// What a drawing is made for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Size {
    /// A phone: 340 pixels wide.
    Phone,
    /// A column at a desk, and paper: 560 pixels wide.
    Desk,
}

impl Size {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Phone, Self::Desk];

    /// Its name in class attributes and ids.
    pub fn name(self) -> &'static str {
        match self {
            Self::Phone => "phone",
            Self::Desk => "desk",
        }
    }

    pub(super) fn width_px(self) -> f64 {
        match self {
            Self::Phone => 340.0,
            Self::Desk => 560.0,
        }
    }
}

/// Width of a text, estimated.
pub(super) fn text_width_px(text: &str) -> f64 {
    text.chars().count() as f64 * LETTER_PX
}

/// Which end of a text its point is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Align {
    Left,
    Middle,
    Right,
}

/// What a drawing is called.
pub(super) struct Names<'a> {
    /// Unique on its page.
    pub(super) id: &'a str,
    pub(super) title: &'a str,
    pub(super) description: &'a str,
}

/// A drawing: a view box without a fixed size, a title, a description, and what `draw` draws.
pub(super) fn drawing(size: Size, height_px: f64, names: &Names<'_>, draw: impl FnOnce(&mut Canvas<'_>)) -> String {
    let mut buffer = String::new();
    {
        let mut canvas = Canvas { size, backend: SVGBackend::with_string(&mut buffer, (1, 1)) };
        draw(&mut canvas);
    }
    // The backend's own root element has a fixed size and no name.
    let inside = buffer.split_once(">\n").map_or("", |(_, rest)| rest).trim_end();
    let (width, height) = units((size.width_px(), height_px));
    let (class, id) = (size.name(), format!("{}-{}", names.id, size.name()));
    let (title, description) = (escaped(names.title), escaped(names.description));
    format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="plot {class}" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{id}-title {id}-desc">
<title id="{id}-title">{title}</title>
<desc id="{id}-desc">{description}</desc>
{inside}"#
    )
}

/// A drawing under way. Points are pixels from the top left; texts stand on their baseline.
pub(super) struct Canvas<'a> {
    size: Size,
    backend: SVGBackend<'a>,
}

// The backend writes into a string, which cannot fail: its results are dropped.
impl Canvas<'_> {
    pub(super) fn size(&self) -> Size {
        self.size
    }

    pub(super) fn line(&mut self, from: (f64, f64), to: (f64, f64), colour: Colour, width_px: f64) {
        let _ = self.backend.draw_line(units(from), units(to), &stroke(colour, width_px));
    }

    pub(super) fn path(&mut self, points: &[(f64, f64)], colour: Colour, width_px: f64) {
        let path: Vec<_> = points.iter().copied().map(units).collect();
        let _ = self.backend.draw_path(path, &stroke(colour, width_px));
    }

    pub(super) fn polygon(&mut self, points: &[(f64, f64)], colour: Colour, opacity: f64) {
        let path: Vec<_> = points.iter().copied().map(units).collect();
        let _ = self.backend.fill_polygon(path, &fill(colour, opacity));
    }

    pub(super) fn tint(&mut self, from: (f64, f64), to: (f64, f64), colour: Colour, opacity: f64) {
        if to.0 > from.0 && to.1 > from.1 {
            let _ = self.backend.draw_rect(units(from), units(to), &fill(colour, opacity), true);
        }
    }

    pub(super) fn dot(&mut self, at: (f64, f64), radius_px: f64, colour: Colour) {
        let radius = (radius_px * PER_PIXEL) as u32;
        let _ = self.backend.draw_circle(units(at), radius, &fill(colour, 1.0), true);
    }

    pub(super) fn ring(&mut self, at: (f64, f64), radius_px: f64, colour: Colour) {
        let radius = (radius_px * PER_PIXEL) as u32;
        let _ = self.backend.draw_circle(units(at), radius, &stroke(colour, 1.5), false);
    }

    pub(super) fn text(&mut self, at: (f64, f64), text: &str, align: Align, colour: Colour) {
        let (x, y) = units(at);
        let anchor = match align {
            Align::Left => HPos::Left,
            Align::Middle => HPos::Center,
            Align::Right => HPos::Right,
        };
        // The backend divides font sizes by 1.24 and lifts a bottom anchor by half an x height, a quarter of the size.
        let font = ("sans-serif", FONT_PX * PER_PIXEL * 1.24).into_font();
        let rgb = colour.rgb();
        let style = TextStyle::from(font).color(&rgb).pos(Pos::new(anchor, VPos::Bottom));
        let lowered = y + (FONT_PX * PER_PIXEL * 0.26) as i32;
        let _ = self.backend.draw_text(&printable(text), &style, (x, lowered));
    }
}

fn units((x, y): (f64, f64)) -> (i32, i32) {
    ((x * PER_PIXEL).round() as i32, (y * PER_PIXEL).round() as i32)
}

fn stroke(colour: Colour, width_px: f64) -> ShapeStyle {
    colour.rgb().stroke_width((width_px * PER_PIXEL) as u32)
}

fn fill(colour: Colour, opacity: f64) -> ShapeStyle {
    colour.rgb().mix(opacity).filled()
}

/// A line of text, without what XML does not allow.
fn printable(text: &str) -> String {
    let is_odd = |letter: char| letter.is_control() || matches!(letter, '\u{FFFE}' | '\u{FFFF}');
    text.chars().map(|letter| if is_odd(letter) { ' ' } else { letter }).collect()
}

fn escaped(text: &str) -> String {
    printable(text).replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
