//! What the generator spares itself of its signatures: arguments of the commands that speak the wire.

use clap::Args;
use clearway_loadgen::Plan;

#[derive(Debug, Clone, Args)]
pub(crate) struct SignatureArguments {
    /// Share of the answers whose signature is checked, 0 to 1; which ones is drawn by the seed.
    #[arg(long, value_name = "SHARE", default_value_t = 1.0)]
    verify_share: f64,
    /// Compose and sign all requests before the first one is due.
    #[arg(long)]
    signed_before: bool,
}

impl SignatureArguments {
    /// `plan` with these.
    pub(crate) fn apply(&self, plan: Plan) -> Plan {
        Plan { verify_share: self.verify_share, signed_before: self.signed_before, ..plan }
    }
}
