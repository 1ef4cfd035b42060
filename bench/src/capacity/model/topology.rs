//! How many nodes each centre needs so that what is left carries the target.
//!
//! Assumptions, which the report's caveats repeat: all centres are active and load moves freely, so that every remaining
//! node carries an equal share; centres are spread over cities as evenly as possible, and the fullest city is the one
//! that is lost; all centres have the same number of nodes.

use super::answer::{Installation, Situation};
use super::request::Request;

/// A situation that the network is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Loss {
    Nothing,
    Node,
    Centre,
    City,
}

impl Loss {
    /// In the order of the report: each loses at least what those before it lose.
    pub(super) const ALL: [Self; 4] = [Self::Nothing, Self::Node, Self::Centre, Self::City];

    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "all up",
            Self::Node => "one node lost",
            Self::Centre => "one centre lost",
            Self::City => "one city lost",
        }
    }

    /// Centres that are left whole, or all but a node.
    pub(super) fn centres_left(self, request: &Request) -> u32 {
        match self {
            Self::Nothing | Self::Node => request.centres,
            Self::Centre => request.centres.saturating_sub(1),
            Self::City => request.centres.saturating_sub(request.centres.div_ceil(request.cities.max(1))),
        }
    }

    /// Nodes that are left of `nodes_per_centre`.
    fn nodes_left(self, request: &Request, nodes_per_centre: u64) -> u64 {
        let whole = u64::from(self.centres_left(request)).saturating_mul(nodes_per_centre);
        whole.saturating_sub(u64::from(self == Self::Node))
    }

    /// Fewest nodes of each centre of which enough are left for `target_per_s` at `planned_per_s` each; `None` when no
    /// number would do.
    pub(super) fn nodes_per_centre(self, request: &Request, target_per_s: f64, planned_per_s: f64) -> Option<u64> {
        let left = self.centres_left(request);
        if left == 0 || planned_per_s <= 0.0 {
            return None;
        }
        // A thousandth of a node is no node: the quotient's last bits must not order one.
        let working = ((target_per_s / planned_per_s) - 1e-3).ceil().max(1.0) as u64;
        let all = working + u64::from(self == Self::Node);
        Some(all.div_ceil(u64::from(left)))
    }
}

/// Nodes that each centre needs in each situation, the planner's reserve included.
pub(super) fn needs(request: &Request, target_per_s: f64, planned_per_s: f64) -> [Option<u64>; 4] {
    let required = target_per_s * (1.0 + request.buffer);
    Loss::ALL.map(|loss| loss.nodes_per_centre(request, required, planned_per_s))
}

/// What stands, or is to stand in the first month. `outgrown` and what follows from it are left open.
pub(super) fn installation(request: &Request, planned_per_s: f64) -> Installation {
    let needs = needs(request, request.target_per_s, planned_per_s);
    let (_, needed, worst) = worst(&needs);
    let nodes_per_centre = request.installed_nodes_per_centre.map_or(needed, u64::from);
    Installation {
        nodes_per_centre,
        nodes_total: nodes_per_centre.saturating_mul(request.centres.into()),
        given: request.installed_nodes_per_centre.is_some(),
        situation: worst.name().to_owned(),
        carries_per_s: worst.nodes_left(request, nodes_per_centre) as f64 * planned_per_s,
        outgrown: None,
        act_by: None,
        late_months: 0,
    }
}

/// The situation that asks for the most nodes and leaves something; the last of equals.
pub(super) fn worst(needs: &[Option<u64>; 4]) -> (usize, u64, Loss) {
    let some = needs.iter().enumerate().filter_map(|(place, need)| need.map(|need| (place, need, Loss::ALL[place])));
    some.max_by_key(|(place, need, _)| (*need, *place)).unwrap_or((0, 0, Loss::Nothing))
}

/// Every situation, with what `installation` does in it.
pub(super) fn situations(request: &Request, node_per_s: f64, installation: &Installation) -> Vec<Situation> {
    let planned_per_s = node_per_s * request.utilisation;
    let needs = needs(request, request.target_per_s, planned_per_s);
    let describe = |(loss, need): (Loss, Option<u64>)| {
        let left = loss.nodes_left(request, installation.nodes_per_centre);
        Situation {
            name: loss.name().to_owned(),
            centres_left: loss.centres_left(request),
            nodes_per_centre: need,
            nodes_total: need.map(|need| need.saturating_mul(request.centres.into())),
            installed_carries_per_s: left as f64 * planned_per_s,
            installed_utilisation: (left > 0).then(|| request.target_per_s / (left as f64 * node_per_s)),
        }
    };
    Loss::ALL.into_iter().zip(needs).map(describe).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn request(target_per_s: f64, centres: u32, cities: u32) -> Request {
        Request { target_per_s, centres, cities, utilisation: 1.0, buffer: 0.0, ..Request::default() }
    }

    #[test]
    fn six_centres_in_three_cities() {
        // Twelve nodes' worth of load: 12/6, 13/6, 12/5, 12/4.
        assert_eq!(needs(&request(12_000.0, 6, 3), 12_000.0, 1_000.0), [Some(2), Some(3), Some(3), Some(3)]);
        // 24: 4, 25/6, 24/5, 24/4.
        assert_eq!(needs(&request(24_000.0, 6, 3), 24_000.0, 1_000.0), [Some(4), Some(5), Some(5), Some(6)]);
        // A buffer of a tenth and a utilisation of 70 % on 80,000/s and 4,000/s a node: 31.43 nodes' worth.
        let usual = Request { utilisation: 0.7, buffer: 0.1, ..request(80_000.0, 6, 3) };
        assert_eq!(needs(&usual, 80_000.0, 4_000.0 * 0.7), [Some(6), Some(6), Some(7), Some(8)]);
    }

    #[test]
    fn uneven_cities_lose_the_fullest() {
        assert_eq!(Loss::City.centres_left(&request(1.0, 7, 3)), 4);
        assert_eq!(Loss::City.centres_left(&request(1.0, 3, 3)), 2);
        // One city holds all, one centre is all: nothing is left, and no number of nodes helps.
        assert_eq!(needs(&request(5_000.0, 2, 1), 5_000.0, 1_000.0), [Some(3), Some(3), Some(5), None]);
        assert_eq!(needs(&request(5_000.0, 1, 1), 5_000.0, 1_000.0), [Some(5), Some(6), None, None]);
    }

    #[test]
    fn an_installation_is_judged_in_every_situation() {
        let request = Request { installed_nodes_per_centre: Some(4), ..request(20_000.0, 6, 3) };
        let standing = installation(&request, 1_000.0);
        assert_eq!((standing.nodes_total, standing.carries_per_s, standing.given), (24, 16_000.0, true));
        let found = situations(&request, 1_000.0, &standing);
        let carried: Vec<f64> = found.iter().map(|situation| situation.installed_carries_per_s).collect();
        assert_eq!(carried, [24_000.0, 23_000.0, 20_000.0, 16_000.0]);
        assert_eq!(found[3].installed_utilisation, Some(1.25));
    }

    proptest! {
        #[test]
        fn more_target_never_needs_fewer_and_losing_more_never_does(
            target in 1.0..1e7_f64, more in 1.0..3.0_f64, node in 1.0..1e5_f64,
            centres in 1_u32..40, cities in 1_u32..40,
        ) {
            prop_assume!(cities <= centres);
            let request = request(target, centres, cities);
            let (few, many) = (needs(&request, target, node), needs(&request, target * more, node));
            for (few, many) in few.iter().zip(many) {
                prop_assert!(few.is_none() == many.is_none() && *few <= many);
            }
            for pair in few.windows(2) {
                prop_assert!(pair[1].is_none() || pair[0] <= pair[1], "{few:?}");
            }
        }

        #[test]
        fn what_is_needed_carries_the_target_and_one_less_does_not(
            target in 1.0..1e6_f64, node in 10.0..1e4_f64, centres in 1_u32..20, cities in 1_u32..20,
        ) {
            prop_assume!(cities <= centres);
            let request = request(target, centres, cities);
            for (loss, need) in Loss::ALL.into_iter().zip(needs(&request, target, node)) {
                let Some(need) = need else { continue };
                let carries = |nodes: u64| loss.nodes_left(&request, nodes) as f64 * node;
                prop_assert!(carries(need) >= target - 2e-3 * node, "{loss:?} {need}");
                prop_assert!(carries(need - 1) < target, "{loss:?} {need}");
            }
        }
    }
}
