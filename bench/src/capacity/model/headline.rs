//! The one-page answer in sentences. Every number in them stands in the answer as a field of its own.

use super::answer::{Answer, Installation, Rated, Resource, Situation};

/// Sentences in the order of a planner's questions: what does a node carry, how many, until when, what is next.
pub(super) fn headline(answer: &Answer) -> Vec<String> {
    let Some(rated) = &answer.rated else {
        return vec![format!("No valid step held {}: this machine gives no answer.", answer.request.slo)];
    };
    let mut sentences = vec![of_node(answer, rated), of_nodes(answer)];
    sentences.extend(answer.installation.as_ref().map(|installation| of_dates(answer, installation)));
    sentences.extend(of_limits(&answer.resources));
    sentences.extend(answer.cost.as_ref().map(|cost| {
        format!(
            "It costs {:.2} {} for a million payments ({:.0} {} a month).",
            cost.per_million_payments, cost.currency, cost.total_per_month, cost.currency
        )
    }));
    sentences
}

fn of_node(answer: &Answer, rated: &Rated) -> String {
    let setting = &answer.measurements.setting;
    let mut sentence = format!(
        "A node as measured ({} core(s) of {}) carries {} final payments/s at p99 {:.1} ms from the intended instant \
         under {}, with {} over {}, durable by {} ({}).",
        answer.measurements.machine.node_cores,
        answer.measurements.machine.cpu,
        whole(rated.measured_per_s),
        rated.p99_us as f64 / 1_000.0,
        answer.request.slo,
        setting.suite,
        setting.transport,
        setting.durability,
        setting.journal_driver
    );
    if rated.node_per_s != rated.measured_per_s {
        let marked = if rated.extrapolated { "extrapolated" } else { "by the core law" };
        sentence += &format!(" A node of the plan counts for {}/s ({marked}).", whole(rated.node_per_s));
    }
    sentence
}

fn of_nodes(answer: &Answer) -> String {
    let request = &answer.request;
    let told: Vec<String> = answer.topology.iter().map(of_situation).collect();
    format!(
        "{} payments/s from {} centre(s) in {} cit{} take, at {:.0} % utilisation and with {:.0} % in reserve, in each \
         centre: {}.",
        whole(request.target_per_s),
        request.centres,
        request.cities,
        if request.cities == 1 { "y" } else { "ies" },
        request.utilisation * 100.0,
        request.buffer * 100.0,
        told.join("; ")
    )
}

fn of_situation(situation: &Situation) -> String {
    match situation.nodes_per_centre {
        Some(nodes) => format!("{nodes} nodes with {}", situation.name),
        None => format!("no number is enough with {}: nothing is left", situation.name),
    }
}

fn of_dates(answer: &Answer, installation: &Installation) -> String {
    let Installation { nodes_total, outgrown, act_by, late_months, .. } = installation;
    let standing = format!(
        "{nodes_total} nodes in all{} carry {} payments/s with {}",
        if installation.given { " as installed" } else { "" },
        whole(installation.carries_per_s),
        installation.situation
    );
    match (outgrown, act_by) {
        (Some(outgrown), Some(act_by)) if *late_months == 0 => {
            format!("{standing}; growth of {} outgrows them in {outgrown}: order by {act_by}.", growth(answer))
        }
        (Some(outgrown), Some(act_by)) => format!(
            "{standing}; growth of {} outgrows them in {outgrown}: the order was due in {act_by}, {late_months} month(s) \
             before the plan begins.",
            growth(answer)
        ),
        _ => format!(
            "{standing}; growth of {} does not outgrow them within {} months.",
            growth(answer),
            answer.request.horizon_months
        ),
    }
}

fn growth(answer: &Answer) -> String {
    format!("{:.1} % a month", answer.request.growth_per_month * 100.0)
}

fn of_limits(resources: &[Resource]) -> Option<String> {
    let mut ends = resources.iter().filter_map(|resource| Some((&resource.name, resource.saturates_at_per_s?)));
    let (first, rate) = ends.next()?;
    let next = ends.next().map(|(name, rate)| format!("; the next is {name}, at {}/s", whole(rate)));
    Some(format!("The first limit of a node is {first}, at {}/s{}.", whole(rate), next.unwrap_or_default()))
}

/// A whole number with separators of thousands.
fn whole(number: f64) -> String {
    let digits = format!("{number:.0}");
    let grouped = digits.len().saturating_sub(1);
    let mut text = String::with_capacity(digits.len() + grouped / 3);
    for (place, digit) in digits.chars().enumerate() {
        let left = digits.len() - place;
        if place > 0 && left.is_multiple_of(3) && digit.is_ascii_digit() && !text.ends_with('-') {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_are_separated() {
        for (number, text) in
            [(0.4, "0"), (999.0, "999"), (1_000.0, "1,000"), (80_000.0, "80,000"), (1.5e6, "1,500,000")]
        {
            assert_eq!(whole(number), text);
        }
    }
}
