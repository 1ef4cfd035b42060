//! Names of what is drawn, in rows as wide as the drawing.

use super::canvas::{Align, Canvas, FONT_PX, text_width_px};
use super::colour::Colour;

/// Height of a row.
const ROW_PX: f64 = FONT_PX * 1.45;
/// Width of a colour's sample, with the space behind it.
const SAMPLE_PX: f64 = 18.0;
/// Between two names.
const GAP_PX: f64 = 12.0;

/// Where each name stands: left edge and row.
fn places(names: &[(String, Colour)], width_px: f64) -> Vec<(f64, usize)> {
    let (mut x, mut row) = (0.0, 0);
    let mut places = Vec::with_capacity(names.len());
    for (name, _) in names {
        let needed = SAMPLE_PX + text_width_px(name);
        if x > 0.0 && x + needed > width_px {
            (x, row) = (0.0, row + 1);
        }
        places.push((x, row));
        x += needed + GAP_PX;
    }
    places
}

/// Height of the legend: nothing without names.
pub(super) fn height_px(names: &[(String, Colour)], width_px: f64) -> f64 {
    places(names, width_px).last().map_or(0.0, |(_, row)| (row + 1) as f64 * ROW_PX)
}

/// Draws it below `top`.
pub(super) fn draw(canvas: &mut Canvas<'_>, names: &[(String, Colour)], top: f64) {
    let places = places(names, canvas.size().width_px());
    for ((name, colour), (x, row)) in names.iter().zip(places) {
        let baseline = top + row as f64 * ROW_PX + FONT_PX;
        canvas.tint((x, baseline - FONT_PX * 0.62), (x + 12.0, baseline - FONT_PX * 0.2), *colour, 1.0);
        canvas.text((x + SAMPLE_PX, baseline), name, Align::Left, Colour::Ink);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_do_not_fit_go_to_the_next_row() {
        let names = vec![("n".repeat(20), Colour::Blue), ("m".repeat(20), Colour::Red), ("o".into(), Colour::Grey)];
        assert_eq!(places(&names, 1_000.0).iter().map(|place| place.1).collect::<Vec<_>>(), [0, 0, 0]);
        assert_eq!(places(&names, 200.0).iter().map(|place| place.1).collect::<Vec<_>>(), [0, 1, 1]);
        assert_eq!(height_px(&[], 200.0), 0.0);
    }
}
