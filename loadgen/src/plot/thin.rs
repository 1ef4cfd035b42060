//! Lines with more points than pixels, thinned without losing an extreme.

/// Points in pixels, x growing, cut to at most four a column of pixels: its first, lowest, highest and last. `None` is a
/// gap and stays.
pub(super) fn thin(points: impl IntoIterator<Item = Option<(f64, f64)>>) -> Vec<Vec<(f64, f64)>> {
    let mut pieces = Vec::new();
    let mut piece = Vec::new();
    let mut column: Vec<(f64, f64)> = Vec::new();
    for point in points {
        let is_same = point.zip(column.first()).is_some_and(|(point, first)| point.0.floor() == first.0.floor());
        if !is_same {
            piece.extend(extremes(&column));
            column.clear();
        }
        match point {
            Some(point) => column.push(point),
            None if !piece.is_empty() => pieces.push(std::mem::take(&mut piece)),
            None => {}
        }
    }
    piece.extend(extremes(&column));
    if !piece.is_empty() {
        pieces.push(piece);
    }
    pieces
}

/// First, lowest, highest and last of a column, in their order.
fn extremes(column: &[(f64, f64)]) -> Vec<(f64, f64)> {
    if column.len() <= 4 {
        return column.to_vec();
    }
    let by_y = |one: &&usize, other: &&usize| column[**one].1.total_cmp(&column[**other].1);
    let indices: Vec<usize> = (0..column.len()).collect();
    let low = indices.iter().min_by(by_y).copied().unwrap_or_default();
    let high = indices.iter().max_by(by_y).copied().unwrap_or_default();
    let mut kept = [0, low, high, column.len() - 1].to_vec();
    kept.sort_unstable();
    kept.dedup();
    kept.into_iter().map(|index| column[index]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand::{RngExt, SeedableRng};

    #[test]
    fn a_million_points_become_a_few_a_pixel_and_the_extremes_stay() {
        let mut random = rand_chacha::ChaCha8Rng::seed_from_u64(11);
        let mut points: Vec<_> =
            (0..1_000_000).map(|i| (f64::from(i) / 2_000.0, random.random_range(10.0..20.0))).collect();
        points[777_777].1 = 99.0;
        points[123_456].1 = 1.0;
        let thinned = thin(points.iter().copied().map(Some));
        assert_eq!(thinned.len(), 1);
        assert!(thinned[0].len() <= 4 * 501, "{}", thinned[0].len());
        assert!(thinned[0].contains(&points[777_777]) && thinned[0].contains(&points[123_456]));
        assert!(thinned[0].is_sorted_by(|one, other| one.0 <= other.0));
    }

    #[test]
    fn a_gap_parts_a_line() {
        let points = [Some((0.0, 1.0)), Some((1.0, 2.0)), None, None, Some((3.0, 1.0))];
        assert_eq!(thin(points), [vec![(0.0, 1.0), (1.0, 2.0)], vec![(3.0, 1.0)]]);
        assert!(thin([None, None]).is_empty());
    }
}
