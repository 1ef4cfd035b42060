//! Least squares under the bounds of the coefficients: Levenberg-Marquardt with an active set, from a linear start.

use super::{Load, Usl};

/// Iterations of one descent; ten are usual.
const ITERATIONS_MAX: usize = 200;
/// A step that changes no coefficient by more than this share of it is the last.
const STEP_MIN: f64 = 1e-12;
/// Where damping begins, and where it gives up.
const DAMPING_START: f64 = 1e-3;
const DAMPING_MAX: f64 = 1e12;

/// The coefficients in the order of the derivatives: lambda, sigma, kappa.
type Triple = [f64; 3];

/// The law with the least sum of squared residuals, found from several starts; `None` when no start gives a law, as for
/// no loads at all.
pub(super) fn fit(loads: &[Load]) -> Option<Usl> {
    let linear = linear_start(loads)?;
    let [lambda, sigma, kappa] = linear;
    let starts = [linear, [lambda, sigma, 0.0], [lambda, 0.0, kappa], [lambda, 0.5, 0.0]];
    let found = starts.into_iter().map(|start| descend(loads, start));
    let best = found.min_by(|one, other| error(loads, one).total_cmp(&error(loads, other)))?;
    best.iter().all(|coefficient| coefficient.is_finite()).then(|| law_of(&best))
}

/// N / X is linear in (1, N - 1, N (N - 1)); solved with weights that make its errors those of X, then cut to the bounds.
fn linear_start(loads: &[Load]) -> Option<Triple> {
    let (mut normal, mut right) = ([[0.0; 3]; 3], [0.0; 3]);
    for load in loads {
        let weight = (load.per_s * load.per_s / load.n).powi(2);
        let row = [1.0, load.n - 1.0, load.n * (load.n - 1.0)];
        accumulate(&mut normal, &mut right, &row, load.n / load.per_s, weight);
    }
    let first = loads.first()?;
    let [inverse, contention, coherency] = solve(normal, right).unwrap_or([0.0; 3]);
    if inverse <= 0.0 {
        return Some([first.per_s / first.n, 0.1, 0.0]);
    }
    Some(bounded([1.0 / inverse, contention / inverse, coherency / inverse]))
}

/// Damped Gauss-Newton; a coefficient at its bound stays there while the descent would push it over.
fn descend(loads: &[Load], start: Triple) -> Triple {
    let (mut at, mut damping) = (start, DAMPING_START);
    let mut least = error(loads, &at);
    for _ in 0..ITERATIONS_MAX {
        let Some((next, reached, damped)) = step(loads, &at, least, damping) else { break };
        let moved = (0..3).any(|place| (next[place] - at[place]).abs() > STEP_MIN * at[place].abs().max(1e-9));
        (at, least, damping) = (next, reached, damped);
        if !moved {
            break;
        }
    }
    at
}

/// One step that makes the error no larger, with the damping that it took; `None` when there is none.
fn step(loads: &[Load], at: &Triple, least: f64, mut damping: f64) -> Option<(Triple, f64, f64)> {
    let (normal, gradient) = derivatives(loads, at);
    while damping < DAMPING_MAX {
        let mut damped = normal;
        let mut right = gradient;
        for place in 0..3 {
            damped[place][place] += damping * normal[place][place].max(f64::MIN_POSITIVE);
            if is_held(at, &gradient, place) {
                (damped[place], right[place]) = ([0.0; 3], 0.0);
                damped.iter_mut().for_each(|row| row[place] = 0.0);
                damped[place][place] = 1.0;
            }
        }
        if let Some(by) = solve(damped, right) {
            let next = bounded([at[0] + by[0], at[1] + by[1], at[2] + by[2]]);
            let reached = error(loads, &next);
            if reached <= least {
                return Some((next, reached, (damping / 10.0).max(1e-15)));
            }
        }
        damping *= 10.0;
    }
    None
}

/// Whether the coefficient lies at a bound and the descent would push it over.
fn is_held(at: &Triple, gradient: &Triple, place: usize) -> bool {
    let lower = place > 0 && at[place] <= 0.0 && gradient[place] < 0.0;
    let upper = place == 1 && at[place] >= 1.0 && gradient[place] > 0.0;
    lower || upper
}

/// Normal matrix and right side of the linearised problem.
fn derivatives(loads: &[Load], at: &Triple) -> ([Triple; 3], Triple) {
    let (mut normal, mut right) = ([[0.0; 3]; 3], [0.0; 3]);
    for load in loads {
        let [lambda, sigma, kappa] = *at;
        let capacity = super::capacity(load.n, sigma, kappa);
        let slope = -lambda * capacity * capacity / load.n;
        let row = [capacity, slope * (load.n - 1.0), slope * load.n * (load.n - 1.0)];
        accumulate(&mut normal, &mut right, &row, load.per_s - lambda * capacity, 1.0);
    }
    (normal, right)
}

fn accumulate(normal: &mut [Triple; 3], right: &mut Triple, row: &Triple, value: f64, weight: f64) {
    for place in 0..3 {
        right[place] += weight * row[place] * value;
        for other in 0..3 {
            normal[place][other] += weight * row[place] * row[other];
        }
    }
}

fn bounded([lambda, sigma, kappa]: Triple) -> Triple {
    [lambda.max(f64::MIN_POSITIVE), sigma.clamp(0.0, 1.0), kappa.max(0.0)]
}

fn law_of(&[lambda, sigma, kappa]: &Triple) -> Usl {
    Usl { lambda, sigma, kappa }
}

/// Sum of squared residuals; infinite where the law has no meaning.
fn error(loads: &[Load], at: &Triple) -> f64 {
    let law = law_of(at);
    let sum: f64 = loads.iter().map(|load| (load.per_s - law.at(load.n)).powi(2)).sum();
    let is_law = loads.iter().all(|load| super::capacity(load.n, law.sigma, law.kappa) > 0.0);
    if is_law && sum.is_finite() { sum } else { f64::INFINITY }
}

/// Solves three equations by elimination with the largest pivot, rows scaled to their largest coefficient.
fn solve(mut matrix: [Triple; 3], mut right: Triple) -> Option<Triple> {
    // The coefficients differ by many powers of ten: columns are scaled to one size first.
    let scale: Triple = std::array::from_fn(|place| matrix[place][place].abs().sqrt());
    if scale.iter().any(|scale| !scale.is_finite() || *scale <= 0.0) {
        return None;
    }
    for row in 0..3 {
        right[row] /= scale[row];
        (0..3).for_each(|column| matrix[row][column] /= scale[row] * scale[column]);
    }
    for column in 0..3 {
        let pivot =
            (column..3).max_by(|one, other| matrix[*one][column].abs().total_cmp(&matrix[*other][column].abs()))?;
        if matrix[pivot][column].abs() < 1e-14 {
            return None;
        }
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        for row in column + 1..3 {
            let factor = matrix[row][column] / matrix[column][column];
            (column..3).for_each(|place| matrix[row][place] -= factor * matrix[column][place]);
            right[row] -= factor * right[column];
        }
    }
    let mut solution = [0.0; 3];
    for row in (0..3).rev() {
        let known: f64 = (row + 1..3).map(|place| matrix[row][place] * solution[place]).sum();
        solution[row] = (right[row] - known) / matrix[row][row];
    }
    Some(std::array::from_fn(|place| solution[place] / scale[place]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_gives_no_law() {
        assert_eq!(fit(&[]), None);
    }

    #[test]
    fn three_equations_are_solved_and_dependent_ones_are_not() {
        let solution = solve([[4.0, 1.0, 0.0], [1.0, 3.0, 1.0], [0.0, 1.0, 2.0]], [6.0, 10.0, 8.0]).unwrap();
        for (found, expected) in solution.iter().zip([1.0, 2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-12, "{solution:?}");
        }
        assert_eq!(solve([[1.0, 1.0, 1.0]; 3], [1.0; 3]), None);
    }

    proptest! {
        /// What was made by a law is fitted by the same law, whatever its scale.
        #[test]
        fn an_exact_law_is_found_again(
            lambda in 1.0..1e5_f64, sigma in 0.0..0.6_f64, kappa in prop_oneof![Just(0.0), 1e-6..0.02_f64],
            first in 0.1..2.0_f64, ratio in 1.3..2.2_f64,
        ) {
            let law = Usl { lambda, sigma, kappa };
            let loads: Vec<Load> = (0..9)
                .map(|place| first * ratio.powi(place))
                .map(|n| Load { n, per_s: law.at(n) })
                .collect();
            let found = fit(&loads).unwrap();
            for load in &loads {
                prop_assert!((found.at(load.n) / load.per_s - 1.0).abs() < 1e-6, "{law:?} {found:?}");
            }
        }
    }
}
