//! The one-page answer, and what must be known before it is believed.

use clearway_loadgen::html::{Notice, Tiles, Tone};
use clearway_loadgen::plot::Unit;

use super::Section;
use super::form::{self, count};
use crate::capacity::model::Answer;
use crate::capacity::model::answer::{Installation, Rated};

/// Up to so many cores a machine is small beside those that a plan is about.
const SMALL_CORES: u32 = 8;

pub(super) fn section(answer: &Answer) -> Section {
    let mut parts = vec![headline(answer).to_string()];
    parts.extend(answer.rated.as_ref().map(|rated| tiles(answer, rated).to_string()));
    parts.extend(quick(answer).map(|notice| notice.to_string()));
    parts.push(machine(answer).to_string());
    Section { id: "answer", title: "Answer", lead: Vec::new(), parts }
}

fn headline(answer: &Answer) -> Notice {
    let (tone, head) = match &answer.rated {
        Some(rated) if rated.extrapolated => {
            (Tone::Warn, "What this machine carries, and what the target takes (extrapolated)")
        }
        Some(_) => (Tone::Good, "What this machine carries, and what the target takes"),
        None => (Tone::Bad, "No answer: no run that counts held the objective"),
    };
    Notice::new(tone, head, answer.headline.clone())
}

fn tiles(answer: &Answer, rated: &Rated) -> Tiles {
    let step = format!("{} within {}, raw/{}", Unit::Micros.print(rated.p99_us as f64), answer.request.slo, rated.step);
    let extrapolated = if rated.extrapolated { "EXTRAPOLATED from the law over cores" } else { "as measured" };
    let tiles = Tiles::new()
        .with_toned(Tone::Good, "one node, measured", rate(rated.measured_per_s), format!("p99 {step}"))
        .with("one node of the plan", rate(rated.node_per_s), extrapolated)
        .with(
            "of that planned with",
            rate(rated.planned_per_s),
            format!("utilisation {}", share(answer.request.utilisation)),
        )
        .with("target at the peak", rate(answer.request.target_per_s), format!("in {}", answer.request.start));
    match &answer.installation {
        Some(installation) => with_installation(tiles, installation),
        None => tiles,
    }
}

fn with_installation(tiles: Tiles, installation: &Installation) -> Tiles {
    let nodes = format!("{} in each centre, to survive: {}", installation.nodes_per_centre, installation.situation);
    let tiles = tiles.with("nodes", count(installation.nodes_total as f64), nodes);
    match (&installation.act_by, &installation.outgrown) {
        (Some(act_by), Some(outgrown)) => {
            let tone = if installation.late_months > 0 { Tone::Bad } else { Tone::Warn };
            tiles.with_toned(tone, "act by", act_by.to_string(), format!("outgrown in {outgrown}, less the lead time"))
        }
        _ => tiles.with_toned(Tone::Good, "act by", "not needed", "not outgrown within the horizon"),
    }
}

fn quick(answer: &Answer) -> Option<Notice> {
    let lines = ["Fewer and shorter steps than the full course: good for a look, not for a plan. Leave out --quick."];
    answer.measurements.quick.then(|| Notice::new(Tone::Warn, "Quick course", lines))
}

fn machine(answer: &Answer) -> Notice {
    let machine = &answer.measurements.machine;
    let is_small = machine.cores <= SMALL_CORES;
    let head = if is_small { "This machine is small: what that means" } else { "What this machine is" };
    let mut lines = vec![format!(
        "{} core{}: the node had {}, generator and banks had {}. What a node with more cores carries {}.",
        machine.cores,
        form::plural(machine.cores),
        machine.node_cores,
        machine.load_cores,
        if answer.measurements.cores.len() > 1 {
            "was measured below"
        } else {
            "was not measured: run this command on one"
        }
    )];
    lines.push(
        "All parts share one machine and talk over loopback: no distance, no loss, no network card. A site adds its own round trips to every figure."
            .to_owned(),
    );
    if machine.virtual_machine {
        lines.push(
            "It is a virtual machine: its neighbours move every figure, and repeats differ more than on metal."
                .to_owned(),
        );
    }
    if machine.build != "release" {
        lines.push(format!("{} build: none of these figures says anything about a release build.", machine.build));
    }
    Notice::new(if is_small { Tone::Warn } else { Tone::Plain }, head, lines)
}

fn rate(per_s: f64) -> String {
    Unit::PerSecond.print(per_s)
}

fn share(share: f64) -> String {
    Unit::Share.print(share)
}
