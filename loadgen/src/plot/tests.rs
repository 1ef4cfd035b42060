//! Drawings read back: what a reader takes from them with a ruler is what was drawn.

use super::*;

/// Attribute `name` of an element, as a number.
fn number(element: &str, name: &str) -> f64 {
    let (_, rest) = element.split_once(&format!(" {name}=\"")).unwrap_or_else(|| panic!("no {name} in {element}"));
    rest.split('"').next().unwrap().parse().unwrap()
}

/// Elements of one kind, in their order.
fn elements<'a>(svg: &'a str, tag: &'a str) -> impl Iterator<Item = &'a str> {
    svg.split('<').filter(move |element| element.starts_with(tag) && element[tag.len()..].starts_with(' '))
}

/// Place and text of the texts that stand in the middle of their place: ticks of the level axis; or to the left of it.
fn texts<'a>(svg: &'a str, anchor: &str) -> Vec<(f64, f64, &'a str)> {
    let anchor = format!("text-anchor=\"{anchor}\"");
    elements(svg, "text")
        .filter(|element| element.contains(&anchor))
        .map(|element| (number(element, "x"), number(element, "y"), element.split_once('>').unwrap().1.trim()))
        .collect()
}

fn chart(x: Axis, y: Axis, series: Vec<Series>, marks: Vec<Mark>) -> Chart {
    Chart { id: "plot".into(), title: "Plot".into(), description: "A plot.".into(), x, y, series, marks }
}

/// Rate of a tick.
fn rate(text: &str) -> f64 {
    text.strip_suffix("/s").unwrap().replace(',', "").parse().unwrap()
}

/// Microseconds of a tick.
fn micros(text: &str) -> f64 {
    let (value, unit) = text.split_once(' ').unwrap();
    value.parse::<f64>().unwrap() * [("µs", 1.0), ("ms", 1e3), ("s", 1e6)].iter().find(|it| it.0 == unit).unwrap().1
}

#[test]
fn a_dot_can_be_read_with_a_ruler() {
    let points = [(120.0, 700.0), (480.0, 2_500.0), (930.0, 61_000.0)];
    let dots = Series::new("p99", Colour::Blue, Shape::Dots(points.to_vec()));
    let axes = (Axis::linear("offered", Unit::PerSecond), Axis::log("latency", Unit::Micros));
    for size in Size::ALL {
        let svg = chart(axes.0.clone(), axes.1.clone(), vec![dots.clone()], Vec::new()).render(size);
        let across = texts(&svg, "middle");
        let ((x_first, _, first), (x_last, _, last)) = (across[0], across[across.len() - 1]);
        let per_unit = (x_last - x_first) / (rate(last) - rate(first));
        let upright: Vec<_> = texts(&svg, "end").into_iter().filter(|text| text.2.ends_with('s')).collect();
        let ((_, y_first, low), (_, y_last, high)) = (upright[0], upright[upright.len() - 1]);
        let per_decade = (y_last - y_first) / (micros(high).log10() - micros(low).log10());
        // A text stands on its baseline, lower than its line by as much for each.
        let circles: Vec<&str> = elements(&svg, "circle").collect();
        assert_eq!(circles.len(), points.len());
        for (circle, (x, y)) in circles.iter().zip(points) {
            let read = rate(first) + (number(circle, "cx") - x_first) / per_unit;
            assert!((read - x).abs() < 2.0, "{size:?}: {read} for {x}");
            let grid = elements(&svg, "line").map(|line| number(line, "y1"));
            let nearest = grid.min_by(|one, other| (one - y_first).abs().total_cmp(&(other - y_first).abs())).unwrap();
            let read = micros(low).log10() + (number(circle, "cy") - nearest) / per_decade;
            assert!((read - y.log10()).abs() < 0.01, "{size:?}: 10^{read} for {y}");
        }
    }
}

#[test]
fn the_same_chart_gives_the_same_bytes_and_labels_are_escaped() {
    let line = Series::new("a<b & \"c\"", Colour::Blue, Shape::Line(vec![(0.0, 1.0), (1.0, 2.0)]));
    let marks = vec![Mark::level(1.5, "<script>\u{0}", Colour::Red)];
    let chart = chart(Axis::linear("x", Unit::Number), Axis::linear("y", Unit::Number), vec![line], marks);
    let svg = chart.render(Size::Desk);
    assert_eq!(svg, chart.render(Size::Desk));
    assert!(svg.contains("a&lt;b &amp; &quot;c&quot;") && svg.contains("&lt;script&gt;"), "{svg}");
    assert!(!svg.contains('\u{0}') && !svg.contains("<script"));
    let ids = [r#"aria-labelledby="plot-desk-title plot-desk-desc""#, r#"<title id="plot-desk-title">Plot</title>"#];
    assert!(ids.iter().all(|id| svg.contains(id)), "{svg}");
    assert!(svg.ends_with("</svg>") && !svg.contains(" width=\"1\""), "{svg}");
}

#[test]
fn no_value_breaks_a_chart() {
    let odd = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 0.0, -1.0, 1e300, -1e300, 1e-300, 1.0];
    let points: Vec<(f64, f64)> = odd.iter().flat_map(|x| odd.iter().map(|y| (*x, *y))).collect();
    let spans: Vec<(f64, f64, f64)> = points.iter().map(|(x, y)| (*x, *y, x + y)).collect();
    let shapes = [
        Shape::Line(points.clone()),
        Shape::Steps(points.clone()),
        Shape::Beads(points.clone()),
        Shape::Rings(points.clone()),
        Shape::Area(points),
        Shape::Band(spans.clone()),
        Shape::Whiskers(spans),
    ];
    let series: Vec<_> = shapes.into_iter().map(|shape| Series::new("odd", Colour::Red, shape)).collect();
    let marks: Vec<_> = odd
        .iter()
        .flat_map(|at| {
            [Mark::level(*at, "l", Colour::Ink), Mark::upright(*at, "u", Colour::Ink), Mark::span(*at, 1.0, "s")]
        })
        .collect();
    let axes = [Axis::linear("", Unit::Number), Axis::log("", Unit::Micros), Axis::percentile("")];
    for x in &axes {
        for y in &axes {
            let svg = chart(x.clone(), y.clone(), series.clone(), marks.clone()).render(Size::Phone);
            assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
            assert!(svg.len() < 1_000_000, "{}", svg.len());
        }
    }
}

#[test]
fn stacked_parts_lie_end_to_end() {
    let parts = |values: [f64; 3]| values.map(|value| Part::new("", Colour::Blue, value)).to_vec();
    let rows = vec![
        Row { label: "one".into(), from: 0.0, parts: parts([10.0, 30.0, 60.0]), note: "100".into() },
        Row { label: "two".into(), from: 50.0, parts: parts([25.0, -5.0, 0.0]), note: "25".into() },
    ];
    let bars = Bars {
        id: "bars".into(),
        title: "Bars".into(),
        description: "Two rows.".into(),
        axis: Axis::linear("cost", Unit::Micros),
        rows,
    };
    for size in Size::ALL {
        let svg = bars.render(size);
        let rects: Vec<(f64, f64)> =
            elements(&svg, "rect").map(|rect| (number(rect, "x"), number(rect, "width"))).collect();
        assert_eq!(rects.len(), 4, "parts without a length are not drawn: {svg}");
        assert!(
            (rects[0].0 + rects[0].1 - rects[1].0).abs() <= 1.0 && (rects[1].0 + rects[1].1 - rects[2].0).abs() <= 1.0
        );
        assert!((rects[1].1 / rects[0].1 - 3.0).abs() < 0.01 && (rects[2].1 / rects[0].1 - 6.0).abs() < 0.02);
        let middle = rects[0].0 + (rects[2].0 + rects[2].1 - rects[0].0) / 2.0;
        assert!((rects[3].0 - middle).abs() < 2.0, "{size:?}: the second row begins at 50 of 100");
    }
}
