//! Draws a series into its frame.

use super::canvas::Canvas;
use super::colour::Colour;
use super::frame::Frame;
use super::series::{Series, Shape};
use super::thin::thin;
use std::collections::BTreeSet;

/// Widths of lines.
const LINE_PX: f64 = 2.0;
const HAIR_PX: f64 = 1.2;
/// Radius of a dot.
const DOT_PX: f64 = 3.2;

/// Draws one series.
pub(super) fn draw(canvas: &mut Canvas<'_>, frame: &Frame, series: &Series) {
    let colour = series.colour;
    match &series.shape {
        Shape::Line(points) => draw_line(canvas, frame, points, colour, LINE_PX),
        Shape::Hair(points) => draw_line(canvas, frame, points, colour, HAIR_PX),
        Shape::Steps(points) => draw_line(canvas, frame, &stairs(points), colour, LINE_PX),
        Shape::Beads(points) => {
            draw_line(canvas, frame, points, colour, LINE_PX);
            draw_dots(canvas, frame, points, |canvas, at| canvas.dot(at, DOT_PX, colour));
        }
        Shape::Dots(points) => draw_dots(canvas, frame, points, |canvas, at| canvas.dot(at, DOT_PX, colour)),
        Shape::Rings(points) => draw_dots(canvas, frame, points, |canvas, at| canvas.ring(at, DOT_PX + 0.5, colour)),
        Shape::Area(points) => draw_area(canvas, frame, points, colour),
        Shape::Band(spans) => draw_band(canvas, frame, spans, colour),
        Shape::Whiskers(spans) => draw_whiskers(canvas, frame, spans, colour),
    }
}

/// Where a point lies; values beyond the frame's top and bottom are cut there.
fn place(frame: &Frame, (x, y): (f64, f64)) -> Option<(f64, f64)> {
    let (x, y) = (frame.x(x)?, frame.y(y)?);
    frame.spans(x).then_some((x, y.clamp(frame.top, frame.bottom)))
}

fn draw_line(canvas: &mut Canvas<'_>, frame: &Frame, points: &[(f64, f64)], colour: Colour, width_px: f64) {
    for piece in thin(points.iter().map(|point| place(frame, *point))) {
        match piece.as_slice() {
            [alone] => canvas.dot(*alone, width_px, colour),
            piece => canvas.path(piece, colour, width_px),
        }
    }
}

/// Each y held up to the next x.
fn stairs(points: &[(f64, f64)]) -> Vec<(f64, f64)> {
    let held = points.windows(2).flat_map(|pair| [pair[0], (pair[1].0, pair[0].1)]);
    held.chain(points.last().copied()).collect()
}

/// Dots that would lie on the same pixel are drawn once.
fn draw_dots(
    canvas: &mut Canvas<'_>,
    frame: &Frame,
    points: &[(f64, f64)],
    mut draw: impl FnMut(&mut Canvas<'_>, (f64, f64)),
) {
    let mut drawn = BTreeSet::new();
    for at in points.iter().filter_map(|point| place(frame, *point)) {
        if drawn.insert((at.0.round() as i32, at.1.round() as i32)) {
            draw(canvas, at);
        }
    }
}

fn draw_area(canvas: &mut Canvas<'_>, frame: &Frame, points: &[(f64, f64)], colour: Colour) {
    for mut piece in thin(points.iter().map(|point| place(frame, *point))) {
        let (first, last) = (piece[0].0, piece[piece.len() - 1].0);
        piece.extend([(last, frame.bottom), (first, frame.bottom)]);
        canvas.polygon(&piece, colour, 0.25);
    }
}

fn draw_band(canvas: &mut Canvas<'_>, frame: &Frame, spans: &[(f64, f64, f64)], colour: Colour) {
    let edge = |pick: fn(&(f64, f64, f64)) -> f64| -> Vec<(f64, f64)> {
        let inside = spans.iter().filter(|(x, low, high)| !(x + low + high).is_nan());
        let placed = inside.filter_map(|span| Some((frame.x(span.0)?, frame.y_within(pick(span)))));
        placed.filter(|(x, _)| frame.spans(*x)).collect()
    };
    let mut outline = edge(|span| span.2);
    outline.extend(edge(|span| span.1).into_iter().rev());
    if outline.len() > 2 {
        canvas.polygon(&outline, colour, 0.18);
    }
}

fn draw_whiskers(canvas: &mut Canvas<'_>, frame: &Frame, spans: &[(f64, f64, f64)], colour: Colour) {
    for &(x, low, high) in spans {
        let Some(x) = frame.x(x).filter(|x| frame.spans(*x) && !(low + high).is_nan()) else { continue };
        let (bottom, top) = (frame.y_within(low), frame.y_within(high));
        canvas.line((x, top), (x, bottom), colour, HAIR_PX);
        for y in [top, bottom] {
            canvas.line((x - 3.5, y), (x + 3.5, y), colour, HAIR_PX);
        }
    }
}
