//! The families of stages: one line for each, and the whole that they are to explain.

use std::fmt;

use super::meters::Stage;
use super::page::Page;
use super::stage::{StageTotals, micros_of_ns};

pub(super) fn write_stages(stages: &StageTotals, page: &mut Page<'_>) -> fmt::Result {
    page.all_ticks(
        "stage_us",
        "Time of a payment in a stage, all its messages together, microseconds",
        stages.passed.iter().zip(Stage::ALL).map(|(values, stage)| (label(*stage), values)),
    )?;
    page.ticks(
        "whole_us",
        "Time of a payment from the first byte of its request to the last byte of its receipt, banks included, microseconds",
        &stages.whole,
    )?;
    page.sums(
        "stage_cpu_us",
        "CPU spent in a stage, messages of all kinds, microseconds",
        stages.spent_ns.iter().zip(Stage::ALL).map(|(ns, stage)| (label(*stage), micros_of_ns(*ns))),
    )
}

fn label(stage: Stage) -> [(&'static str, &'static str); 1] {
    [("stage", stage.export_name())]
}
