//! The cumulative rate of a profile, piece by piece, and its inverse.
//!
//! ```text
//! rate per s                      arrivals so far
//!   |      ____                     |          .--
//!   |  .--'    |                    |       .-'         n ---> the time at which the sum of the rate is n
//!   | '        |____                |   _.-'
//!   +----------------> t            +----------------> t
//! ```
//!
//! Invariant: pieces are linear, follow one another, and each has an area above 0, so the inverse is a closed form and
//! the millionth arrival carries no million rounding errors.

/// A stretch of time over which the rate goes from one value to another in a straight line.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Piece {
    /// Beginning, in seconds from the start of the run.
    pub(super) start_s: f64,
    /// Length in seconds.
    pub(super) length_s: f64,
    /// Rate at the beginning, per second.
    pub(super) from_per_s: f64,
    /// Rate at the end, per second.
    pub(super) to_per_s: f64,
    /// Arrivals before its beginning.
    before: f64,
}

impl Piece {
    /// Arrivals within it, from its beginning to its end.
    fn area(&self) -> f64 {
        self.length_s * (self.from_per_s + self.to_per_s) / 2.0
    }

    fn slope(&self) -> f64 {
        (self.to_per_s - self.from_per_s) / self.length_s
    }

    /// How long after its beginning the sum has grown by `wanted`, in seconds. The form of the root that does not cancel
    /// when the slope is small.
    fn offset_of(&self, wanted: f64) -> f64 {
        let (rate, slope) = (self.from_per_s, self.slope());
        let root = (rate * rate + 2.0 * slope * wanted).max(0.0).sqrt();
        let offset = if rate + root > 0.0 { 2.0 * wanted / (rate + root) } else { 0.0 };
        offset.clamp(0.0, self.length_s)
    }

    /// Arrivals from its beginning to `offset_s` after it.
    #[cfg(test)]
    fn sum_to(&self, offset_s: f64) -> f64 {
        let offset_s = offset_s.clamp(0.0, self.length_s);
        offset_s * (self.from_per_s + self.slope() * offset_s / 2.0)
    }

    /// The part that lies before `end_s`; `None` when there is none.
    fn cut(mut self, end_s: f64) -> Option<Self> {
        let length_s = self.length_s.min(end_s - self.start_s);
        if length_s < self.length_s {
            self.to_per_s = self.from_per_s + self.slope() * length_s;
            self.length_s = length_s;
        }
        (length_s > 0.0).then_some(self)
    }
}

/// All pieces of one run.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Pieces {
    pieces: Vec<Piece>,
    total: f64,
}

impl Pieces {
    /// From stretches of length (seconds), first and last rate, one after the other, up to `end_s`.
    pub(super) fn up_to(end_s: f64, stretches: impl IntoIterator<Item = (f64, f64, f64)>) -> Self {
        let mut all = Self::default();
        let mut start_s = 0.0;
        for (length_s, from_per_s, to_per_s) in stretches {
            let piece = Piece { start_s, length_s, from_per_s, to_per_s, before: all.total };
            start_s += length_s;
            let Some(piece) = piece.cut(end_s) else { break };
            // A pause has no arrivals; its place is kept by the start of what follows.
            if piece.area() > 0.0 {
                all.total += piece.area();
                all.pieces.push(piece);
            }
        }
        all
    }

    /// The sum of the rate over the whole run: how many arrivals are due, on average.
    pub(super) const fn total(&self) -> f64 {
        self.total
    }

    /// The highest rate, per second.
    pub(super) fn peak_per_s(&self) -> f64 {
        self.pieces.iter().map(|piece| piece.from_per_s.max(piece.to_per_s)).fold(0.0, f64::max)
    }

    /// The sum of the rate up to a time.
    #[cfg(test)]
    pub(super) fn sum_to(&self, at_s: f64) -> f64 {
        let after = self.pieces.partition_point(|piece| piece.start_s <= at_s);
        let Some(piece) = after.checked_sub(1).and_then(|place| self.pieces.get(place)) else { return 0.0 };
        piece.before + piece.sum_to(at_s - piece.start_s)
    }

    /// When the sum is `wanted`, in seconds. Where it rests at that value for a while: the end of the rest, because the
    /// arrival begins what follows. `None` at and after the end.
    pub(super) fn time_of(&self, wanted: f64) -> Option<f64> {
        if wanted >= self.total {
            return None;
        }
        let after = self.pieces.partition_point(|piece| piece.before <= wanted);
        let piece = self.pieces.get(after.checked_sub(1)?)?;
        Some(piece.start_s + piece.offset_of(wanted - piece.before))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Draws;

    #[test]
    fn the_inverse_undoes_the_sum() {
        for seed in 0..200 {
            let mut draws = Draws::new(seed, 17);
            let stretches: Vec<_> = (0..1 + draws.bits() % 6)
                .map(|_| (0.1 + draws.unit() * 20.0, draws.unit() * 5_000.0, draws.unit() * 5_000.0))
                .collect();
            let pieces = Pieces::up_to(1e9, stretches.clone());
            for share in [0.0, 0.1, 0.333, 0.5, 0.9, 0.999_999] {
                let wanted = pieces.total() * share;
                let found = pieces.sum_to(pieces.time_of(wanted).unwrap());
                assert!(
                    (found - wanted).abs() <= 1e-9 * pieces.total(),
                    "seed {seed}, {share}: {found}, {stretches:?}"
                );
            }
            assert_eq!(pieces.time_of(pieces.total()), None);
        }
    }

    #[test]
    fn a_pause_is_jumped_over_and_the_end_cuts() {
        let pieces = Pieces::up_to(3.0, [(1.0, 10.0, 10.0), (1.0, 0.0, 0.0), (5.0, 10.0, 20.0)]);
        assert_eq!(pieces.time_of(9.0), Some(0.9));
        assert_eq!(pieces.time_of(10.0), Some(2.0));
        assert_eq!(pieces.total(), 10.0 + (10.0 + 12.0) / 2.0);
        assert_eq!(pieces.peak_per_s(), 12.0);
        assert_eq!(Pieces::up_to(1.0, [(1.0, 0.0, 0.0)]).time_of(0.0), None);
    }
}
