//! `clearway-loadgen run`.

use super::Ending;
use super::admin::AdminArguments;
use super::load::{LoadArguments, tell_close};
use super::objective::ObjectiveArguments;
use super::outputs::OutputArguments;
use super::schedule::ScheduleArguments;
use super::view::ViewArguments;
use clap::Args;
use clearway_loadgen::live::Display;
use clearway_loadgen::node::Observer;
use clearway_loadgen::record::StageBudget;
use clearway_loadgen::run::drive;
use clearway_loadgen::{Error, GeneratorCost, Report};
use std::time::Duration;

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    load: LoadArguments,
    #[command(flatten)]
    schedule: ScheduleArguments,
    #[command(flatten)]
    view: ViewArguments,
    #[command(flatten)]
    admin: AdminArguments,
    #[command(flatten)]
    objective: ObjectiveArguments,
    #[command(flatten)]
    outputs: OutputArguments,
}

impl Run {
    pub(super) fn carry_out(self) -> Result<Ending, Error> {
        let (config, target) = self.load.load()?;
        let plan = self.schedule.apply(self.load.plan())?;
        let manifest = self.load.manifest(&target)?;
        let banks_before = self.load.banks_cpu();
        let mut stages = Ok(None);
        let drive = |display: &mut Display| {
            let mut observer = Observer::new(self.admin.door()?, &plan, display)?;
            let driven = drive(&plan, &config, &target, &mut observer)?;
            stages = observer.budget();
            Ok(driven)
        };
        let (mut driven, is_stopped) = self.view.watch("clearway-loadgen run", (&plan, &target), drive)?;
        driven.record.manifest = Some(manifest);
        add_banks(&mut driven.record.report, banks_before.zip(self.load.banks_cpu()));
        println!("{}", driven.record.report);
        driven.record.stages = told(stages);
        self.schedule.save_trace(driven.trace.as_ref())?;
        if driven.is_target_down() {
            println!("no answer from {}", target.address());
        } else {
            self.load.close(&mut driven, &config, &target)?;
            tell_close(&driven.record);
        }
        self.objective.judge(&mut driven.record);
        self.outputs.write(&driven)?;
        Ok(Ending::of(&driven, is_stopped))
    }
}

/// Adds what the banks have cost between two looks at them.
fn add_banks(report: &mut Report, looks: Option<(Duration, Duration)>) {
    let used = looks.map(|(before, after)| after.saturating_sub(before));
    let of_banks = GeneratorCost::new(Duration::ZERO, used, report.finals);
    report.generator_cpu_us_per_payment.banks = of_banks.banks;
}

/// Prints the node's account. That it could not be had to the end is said, and takes nothing from the run.
fn told(stages: Result<Option<StageBudget>, Error>) -> Option<StageBudget> {
    match stages {
        Ok(stages) => stages.inspect(|stages| println!("{stages}")),
        Err(error) => {
            eprintln!("no account of stages: {error}");
            None
        }
    }
}
