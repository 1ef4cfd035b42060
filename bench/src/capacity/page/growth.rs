//! Month by month: the target, the nodes that it takes, the date to act.

use clearway_loadgen::html::{Cell, Figure, Table, Tone};
use clearway_loadgen::plot::{Axis, Chart, Colour, Mark, Series, Shape, Unit};

use super::Section;
use super::form::{NONE, count, text_or_none};
use crate::capacity::model::Answer;

pub(super) fn section(answer: &Answer) -> Section {
    let parts = match answer.growth.is_empty() {
        true => Vec::new(),
        false => vec![
            Figure::of(&chart(answer), "payments/s at the peak of each month").to_string(),
            table(answer).to_string(),
        ],
    };
    Section { id: "growth", title: "Growth", lead: vec![lead(answer)], parts }
}

fn lead(answer: &Answer) -> String {
    let growth = format!("{} a month, compounded", Unit::Share.print(answer.request.growth_per_month));
    let Some(installation) = &answer.installation else {
        return format!("{growth}. Without a rated node no month can be planned.");
    };
    let stands = format!(
        "{growth}. {} nodes in each centre{} carry {} with {}.",
        installation.nodes_per_centre,
        if installation.given { "" } else { ", as many as the first month takes," },
        Unit::PerSecond.print(installation.carries_per_s),
        installation.situation
    );
    match (&installation.outgrown, &installation.act_by) {
        (Some(outgrown), Some(act_by)) => {
            let late = match installation.late_months {
                0 => String::new(),
                months => format!(
                    " That is {months} month{} ago: it is too late to act in time.",
                    super::form::plural(months)
                ),
            };
            format!(
                "{stands} Outgrown in {outgrown}; with a lead time of {} months, act by {act_by}.{late}",
                answer.request.lead_time_months
            )
        }
        _ => format!("{stands} Not outgrown within {} months.", answer.request.horizon_months),
    }
}

fn chart(answer: &Answer) -> Chart {
    let points = answer.growth.iter().map(|month| (f64::from(month.month), month.target_per_s)).collect();
    let marks = answer.installation.iter().flat_map(|installation| {
        let level = Mark::level(installation.carries_per_s, "what stands carries", Colour::Green);
        let breach = answer.growth.iter().find(|month| month.outgrown);
        let upright =
            breach.map(|month| Mark::upright(f64::from(month.month), format!("outgrown {}", month.label), Colour::Red));
        let act = breach
            .map(|month| f64::from(month.month) - f64::from(answer.request.lead_time_months))
            .filter(|month| *month >= 0.0);
        let act = act.map(|month| Mark::upright(month, "act", Colour::Ochre));
        [Some(level), act, upright]
    });
    Chart {
        id: "growth-by-month".into(),
        title: "Target by month".into(),
        description: lead(answer),
        x: Axis::linear("months from the start", Unit::Months),
        y: Axis::linear("peak", Unit::PerSecond),
        series: vec![Series::new("target", Colour::Blue, Shape::Beads(points))],
        marks: marks.flatten().collect(),
    }
}

fn table(answer: &Answer) -> Table {
    let situations: Vec<String> = answer.topology.iter().map(|situation| format!("#{}", situation.name)).collect();
    let mut headings = vec!["month", "#peak"];
    headings.extend(situations.iter().map(String::as_str));
    headings.extend(["#nodes in all", "#added", "order by", "of what stands"]);
    let mut table = Table::new("Nodes of each centre by situation", &headings);
    for month in &answer.growth {
        let mut cells: Vec<Cell> =
            vec![month.label.to_string().into(), Unit::PerSecond.print(month.target_per_s).into()];
        cells.extend(month.nodes_per_centre.iter().map(|nodes| Cell::from(text_or_none(*nodes))));
        cells.push(count(month.nodes_total as f64).into());
        cells.push(if month.nodes_added == 0 { NONE.to_owned() } else { count(month.nodes_added as f64) }.into());
        cells.push(text_or_none(month.order_by).into());
        cells.push(if month.outgrown { Cell::toned(Tone::Bad, "outgrown") } else { Cell::toned(Tone::Good, "enough") });
        table.push(cells);
    }
    table
}
