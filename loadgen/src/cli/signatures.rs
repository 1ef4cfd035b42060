//! What the generator spares itself of its signatures: arguments of the commands that speak the wire.

use clap::Args;
use clearway_loadgen::Plan;

#[derive(Debug, Clone, Args)]
pub(crate) struct SignatureArguments {
    /// Share of the answers whose signature is checked, 0 to 1; which ones is drawn by the seed. Default: 1, which is
    /// all; 0.0625 for find-max and overload.
    #[arg(long, value_name = "SHARE")]
    verify_share: Option<f64>,
    /// Compose and sign all requests before the first one is due, as overload always does.
    #[arg(long)]
    signed_before: bool,
}

impl SignatureArguments {
    /// `plan` with what is given of these.
    pub(crate) fn apply(&self, plan: Plan) -> Plan {
        Plan {
            verify_share: self.verify_share.unwrap_or(plan.verify_share),
            signed_before: self.signed_before || plan.signed_before,
            ..plan
        }
    }
}
