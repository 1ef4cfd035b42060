//! The plan month by month: when the installation is outgrown, and when somebody must act.

use super::answer::{GrowthMonth, Installation};
use super::request::Request;
use super::topology::{needs, worst};

/// Target of a month, payments a second.
pub(super) fn target_per_s(request: &Request, month: u32) -> f64 {
    request.target_per_s * (1.0 + request.growth_per_month).powi(i32::try_from(month).unwrap_or(i32::MAX))
}

/// Every month from the first to the horizon.
pub(super) fn months(request: &Request, planned_per_s: f64, installation: &Installation) -> Vec<GrowthMonth> {
    let mut standing = installation.nodes_total;
    let month = |month: u32| {
        let target_per_s = target_per_s(request, month);
        let needs = needs(request, target_per_s, planned_per_s);
        let nodes_total = worst(&needs).1.saturating_mul(request.centres.into());
        let nodes_added = nodes_total.saturating_sub(standing);
        standing = standing.max(nodes_total);
        let label = request.start.plus(month.into());
        GrowthMonth {
            month,
            label,
            target_per_s,
            nodes_per_centre: needs.to_vec(),
            nodes_total,
            nodes_added,
            order_by: (nodes_added > 0).then(|| label.plus(-i64::from(request.lead_time_months))),
            outgrown: target_per_s > installation.carries_per_s,
        }
    };
    (0..=request.horizon_months).map(month).collect()
}

/// When the installation is outgrown by `months`, and when to act on it.
pub(super) fn dated(request: &Request, installation: Installation, months: &[GrowthMonth]) -> Installation {
    let Some(outgrown) = months.iter().find(|month| month.outgrown) else { return installation };
    let late_months = request.lead_time_months.saturating_sub(outgrown.month);
    Installation {
        outgrown: Some(outgrown.label),
        act_by: Some(outgrown.label.plus(-i64::from(request.lead_time_months))),
        late_months,
        ..installation
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capacity::model::request::YearMonth;
    use crate::capacity::model::topology::installation;

    fn request() -> Request {
        Request {
            target_per_s: 10_000.0,
            growth_per_month: 0.1,
            horizon_months: 12,
            start: YearMonth { year: 2026, month: 11 },
            centres: 1,
            cities: 1,
            utilisation: 1.0,
            buffer: 0.25,
            lead_time_months: 2,
            ..Request::default()
        }
    }

    #[test]
    fn growth_is_compounded_and_eats_the_buffer_first() {
        let request = request();
        let standing = installation(&request, 1_000.0);
        // 12.5 nodes' worth and one that may be lost: 14 stand, 13 carry 13,000/s.
        assert_eq!((standing.nodes_per_centre, standing.situation.as_str()), (14, "one node lost"));
        let months = months(&request, 1_000.0, &standing);
        assert_eq!(months.len(), 13);
        assert!((months[2].target_per_s - 12_100.0).abs() < 1e-6 && !months[2].outgrown);
        assert!((months[3].target_per_s - 13_310.0).abs() < 1e-6 && months[3].outgrown);
        let dated = dated(&request, standing, &months);
        let told = (dated.outgrown.unwrap().to_string(), dated.act_by.unwrap().to_string(), dated.late_months);
        assert_eq!(told, ("2027-02".to_owned(), "2026-12".to_owned(), 0));
    }

    #[test]
    fn nodes_are_added_when_they_are_needed_and_ordered_before() {
        let request = request();
        let standing = installation(&request, 1_000.0);
        let months = months(&request, 1_000.0, &standing);
        let added: u64 = months.iter().map(|month| month.nodes_added).sum();
        assert_eq!(standing.nodes_total + added, months[12].nodes_total);
        // 11,000 x 1.25 = 13.75 nodes' worth and one more in the second month.
        assert_eq!((months[0].nodes_added, months[1].nodes_added), (0, 1));
        assert_eq!(months[1].order_by.unwrap().to_string(), "2026-10");
    }

    #[test]
    fn what_is_outgrown_before_it_can_be_ordered_is_late() {
        let request = Request { lead_time_months: 9, ..request() };
        let standing = installation(&request, 1_000.0);
        let months = months(&request, 1_000.0, &standing);
        let dated = dated(&request, standing, &months);
        assert_eq!((dated.late_months, dated.act_by.unwrap().to_string()), (6, "2026-05".to_owned()));
    }

    #[test]
    fn without_growth_nothing_is_ever_outgrown() {
        for growth_per_month in [0.0, -0.05] {
            let request = Request { growth_per_month, ..request() };
            let standing = installation(&request, 1_000.0);
            let months = months(&request, 1_000.0, &standing);
            assert!(months.iter().all(|month| month.nodes_added == 0 && !month.outgrown));
            assert_eq!(dated(&request, standing, &months).outgrown, None);
        }
    }
}
