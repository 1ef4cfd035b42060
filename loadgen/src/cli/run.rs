//! `clearway-loadgen run`.

use super::Ending;
use super::admin::AdminArguments;
use super::load::{LoadArguments, tell_close};
use super::objective::ObjectiveArguments;
use super::outputs::OutputArguments;
use super::schedule::ScheduleArguments;
use super::view::{AT_FIRST, ViewArguments};
use clap::Args;
use clearway_loadgen::Error;
use clearway_loadgen::interrupt;
use clearway_loadgen::live::Display;
use clearway_loadgen::node::Observer;
use clearway_loadgen::record::StageBudget;
use clearway_loadgen::run::drive;

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
        interrupt::listen(AT_FIRST)?;
        let mut stages = Ok(None);
        let drive = |display: &mut Display| {
            let mut observer = Observer::new(self.admin.door()?, &plan, display)?;
            let driven = drive(&plan, &config, &target, &mut observer)?;
            stages = observer.budget();
            Ok(driven)
        };
        let (mut driven, is_stopped) = self.view.watch("clearway-loadgen run", (&plan, &target), drive)?;
        driven.record.manifest = Some(manifest);
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
