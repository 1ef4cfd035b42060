//! A day of the year's greatest rush, as a curve: from noon to noon, with the peak at midnight in the middle of the run.
//!
//! ```text
//!  6.8 |                 |
//!      |                 |\
//!      |                 | \
//!    1 |---.______.--.__/   '-.               .----
//!      +-----------------+------'-------------------> hour
//!      12     16     20      0       4       8     12
//! ```
//!
//! The highest rate is 6.8 times the mean, exactly: NetsUnion's figures of 2018-11-11, a peak of over 92,000 transactions
//! a second on a day of 1.17 thousand million, which is a mean of 13,500. The shape around the peak is ours: an ordinary
//! evening, people who wait for midnight, the rush in its first half hour, a night, a morning.

/// Highest rate over the mean rate of the day.
pub const DAY_PEAK_OVER_MEAN: f64 = 6.8;

/// Hours of the curve.
const DAY_HOURS: f64 = 24.0;

/// The hour of the peak, counted from noon, and those of its two neighbours in the table.
const PEAK: usize = 6;

/// Hours from noon and the rate there, on a scale of its own; between them it goes in straight lines. The peak's own
/// height follows from the others.
const POINTS: [(f64, f64); 15] = [
    (0.0, 1.0),
    (2.0, 0.8),
    (5.0, 0.75),
    (8.0, 1.1),
    (11.5, 0.8),
    (11.95, 1.6),
    (12.0, 0.0),
    (12.5, 2.5),
    (13.5, 1.0),
    (15.0, 0.3),
    (17.0, 0.2),
    (19.0, 0.4),
    (21.0, 0.9),
    (22.0, 1.0),
    (24.0, 1.0),
];

/// The stretches of a day of this length and mean rate: length (seconds), first and last rate.
pub(super) fn stretches(length_s: f64, mean_per_s: f64) -> impl Iterator<Item = (f64, f64, f64)> {
    let points = with_peak();
    let scale = mean_per_s * DAY_HOURS / area(&points);
    let stretch = move |pair: &[(f64, f64)]| {
        let [(from_h, from), (to_h, to)] = [pair[0], pair[1]];
        ((to_h - from_h) / DAY_HOURS * length_s, from * scale, to * scale)
    };
    points.windows(2).map(stretch).collect::<Vec<_>>().into_iter()
}

/// The points with the peak at its height: `peak = ratio * (area without it + peak * half the way between its
/// neighbours) / 24`, solved for the peak.
fn with_peak() -> [(f64, f64); POINTS.len()] {
    let mut points = POINTS;
    let half_width_h = (points[PEAK + 1].0 - points[PEAK - 1].0) / 2.0;
    points[PEAK].1 = DAY_PEAK_OVER_MEAN * area(&POINTS) / (DAY_HOURS - DAY_PEAK_OVER_MEAN * half_width_h);
    points
}

fn area(points: &[(f64, f64)]) -> f64 {
    points.windows(2).map(|pair| (pair[1].0 - pair[0].0) * (pair[0].1 + pair[1].1) / 2.0).sum()
}

#[cfg(test)]
mod tests {
    use super::super::piece::Pieces;
    use super::*;

    #[test]
    fn the_peak_is_the_ratio_exactly_and_stands_in_the_middle() {
        for (length_s, mean) in [(86_400.0, 13_500.0), (60.0, 300.0), (1.0, 0.5)] {
            let pieces = Pieces::up_to(length_s, stretches(length_s, mean));
            assert!((pieces.total() / (mean * length_s) - 1.0).abs() < 1e-12);
            assert!((pieces.peak_per_s() / mean / DAY_PEAK_OVER_MEAN - 1.0).abs() < 1e-12);
            let rising = |at: f64| pieces.sum_to(at + length_s * 1e-4) - pieces.sum_to(at);
            let rates: Vec<f64> = (0..1_000).map(|step| rising(length_s * f64::from(step) / 1_000.0)).collect();
            let highest = (0..1_000).max_by(|a, b| rates[*a].total_cmp(&rates[*b])).unwrap();
            assert!((499..=500).contains(&highest), "{highest}");
        }
    }

    #[test]
    fn nothing_around_the_peak_is_higher_than_it() {
        let points = with_peak();
        assert!(points.iter().enumerate().all(|(place, point)| place == PEAK || point.1 < points[PEAK].1 / 2.0));
        assert_eq!((points[0].0, points[points.len() - 1].0), (0.0, DAY_HOURS));
        assert!(points.windows(2).all(|pair| pair[0].0 < pair[1].0));
    }
}
