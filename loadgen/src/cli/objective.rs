//! What a run must have reached.

use clap::Args;
use clearway_loadgen::Slo;
use clearway_loadgen::record::RunRecord;
use clearway_loadgen::slo::Observed;

#[derive(Debug, Args)]
pub(crate) struct ObjectiveArguments {
    /// Exit code 1 unless the run holds this: criteria separated by commas, such as
    /// p99<20ms,errors<0.01%,achieved>99.9%,p99.9.internal<71ms,max.service<1s
    #[arg(long)]
    slo: Option<Slo>,
}

impl ObjectiveArguments {
    /// Judges the run if an objective was given; tells stdout.
    pub(crate) fn judge(&self, record: &mut RunRecord) {
        record.judgement = self.slo.as_ref().map(|slo| slo.judge(&Observed::from(&*record)));
        if let Some(judgement) = &record.judgement {
            println!("{judgement}");
        }
    }
}
