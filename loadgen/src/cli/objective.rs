//! What a run must hold, for an exit code that says whether it did.

use clap::Args;
use clearway_loadgen::Slo;
use clearway_loadgen::record::RunRecord;

#[derive(Debug, Args)]
pub(crate) struct ObjectiveArguments {
    /// Exit code 1 unless the run holds this: criteria separated by commas, such as
    /// p99<20ms,errors<0.01%,achieved>99.9%; of p50, p99.9, max, mean (each also .service, .internal), errors and achieved.
    #[arg(long, value_name = "OBJECTIVE")]
    slo: Option<Slo>,
}

impl ObjectiveArguments {
    /// Judges the run, if anything was asked for; tells stdout.
    pub(crate) fn judge(&self, record: &mut RunRecord) {
        record.judgement = self.slo.as_ref().map(|slo| slo.judge(&(&*record).into()));
        if let Some(judgement) = &record.judgement {
            println!("{judgement}");
        }
    }
}
