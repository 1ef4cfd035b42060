//! What one node carries, and what the plan counts with for one of its own.

use super::answer::{Rated, ScalingLaw};
use super::knee::{first_bad, held};
use super::measurements::{Measurements, Step};
use super::request::Request;

/// The rating, its step, and why nodes of another size could not be counted with, where they were asked for.
pub(super) fn rating<'a>(
    measurements: &'a Measurements,
    request: &Request,
    core_law: &ScalingLaw,
) -> Option<(Rated, &'a Step, Option<String>)> {
    let (good, bad) = held(&measurements.steps);
    let step = good.filter(|step| step.achieved_per_s > 0.0)?;
    let sized = sized(measurements, request, core_law, step.achieved_per_s);
    let ((node_per_s, extrapolated), doubt) = match sized {
        Ok(sized) => (sized, None),
        Err(why) => ((step.achieved_per_s, false), Some(why)),
    };
    let rated = Rated {
        measured_per_s: step.achieved_per_s,
        node_per_s,
        extrapolated,
        planned_per_s: node_per_s * request.utilisation,
        step: step.name.clone(),
        p99_us: step.response_us.p99,
        first_bad: bad.map(first_bad),
    };
    Some((rated, step, doubt))
}

/// Rate of a node of the size that was asked for, and whether that is extrapolated.
fn sized(
    measurements: &Measurements,
    request: &Request,
    core_law: &ScalingLaw,
    measured_per_s: f64,
) -> Result<(f64, bool), String> {
    let cores = measurements.machine.node_cores;
    let Some(wanted) = request.node_cores.filter(|wanted| *wanted != cores) else { return Ok((measured_per_s, false)) };
    let refused =
        |why: String| format!("nodes of {wanted} cores are not counted with, but those measured ({cores}): {why}");
    match core_law {
        ScalingLaw::Refused { why } => Err(refused(why.clone())),
        ScalingLaw::Fitted(law) => law.at(wanted.into()).map_err(refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::model::measurements::MachineFacts;
    use crate::capacity::model::usl::{Load, Terms, Usl, law};

    fn measured() -> Measurements {
        let step = |rate: f64, breaches: &[&str]| Step {
            name: format!("at-{rate}"),
            offered_per_s: rate,
            achieved_per_s: rate,
            breaches: breaches.iter().map(|&text| text.to_owned()).collect(),
            ..Step::default()
        };
        Measurements {
            machine: MachineFacts { node_cores: 2, ..MachineFacts::default() },
            steps: vec![step(1_000.0, &[]), step(2_000.0, &[]), step(3_000.0, &["p99 30 ms"])],
            ..Measurements::default()
        }
    }

    fn core_law() -> ScalingLaw {
        let truth = Usl { lambda: 1_050.0, sigma: 0.05, kappa: 0.0 };
        let loads: Vec<Load> = (1..=8).map(f64::from).map(|n| Load { n, per_s: truth.at(n) }).collect();
        law(&loads, &Terms { quantity: "cores", extrapolation_max: 4.0, samples: 100, seed: 1 })
    }

    #[test]
    fn a_node_is_rated_by_what_was_measured() {
        let (measurements, request) = (measured(), Request::default());
        let (rated, step, doubt) = rating(&measurements, &request, &core_law()).unwrap();
        assert_eq!((rated.node_per_s, rated.planned_per_s, step.name.as_str()), (2_000.0, 1_400.0, "at-2000"));
        assert_eq!(rated.first_bad.unwrap().step, "at-3000");
        assert!(!rated.extrapolated && doubt.is_none());
    }

    #[test]
    fn a_larger_node_follows_the_core_law_as_far_as_it_goes() {
        let measurements = measured();
        let of = |cores| {
            let request = Request { node_cores: Some(cores), ..Request::default() };
            let (rated, _, doubt) = rating(&measurements, &request, &core_law()).unwrap();
            (rated.node_per_s.round(), rated.extrapolated, doubt.is_some())
        };
        assert_eq!(of(8), (6_222.0, false, false));
        assert_eq!(of(32), (13_176.0, true, false));
        assert_eq!(of(33), (2_000.0, false, true));
    }

    #[test]
    fn without_a_law_a_larger_node_is_not_counted_with() {
        let (measurements, refused) = (measured(), ScalingLaw::Refused { why: "one number of cores".into() });
        let request = Request { node_cores: Some(8), ..Request::default() };
        let (rated, _, doubt) = rating(&measurements, &request, &refused).unwrap();
        assert_eq!((rated.node_per_s, rated.extrapolated), (2_000.0, false));
        assert!(doubt.unwrap().contains("one number of cores"));
        assert!(rating(&Measurements::default(), &request, &refused).is_none());
    }
}
