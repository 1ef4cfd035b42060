//! One payment as the journal knows it: the data of `clearway trace`, for JSON and for the text.

use serde::Serialize;

use super::signature::SignatureVerdict;
use crate::domain::route::Why;

/// One payment from acceptance to the last record about it.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Trace {
    /// The transaction id, 31 digits.
    pub trx_id: String,
    /// What it is.
    pub business: String,
    /// Its amount as on the wire.
    pub amount: String,
    /// What refunds have reserved or moved, as on the wire; none when nothing.
    pub refunded: Option<String>,
    /// For a refund: the payment that it refunds.
    pub original: Option<String>,
    /// The institution, by id, or by index when the configuration does not know it.
    pub institution: String,
    /// The banks of leg 1 and leg 2.
    pub banks: [String; 2],
    /// Clearing batch.
    pub batch: String,
    /// Wire status after the last record.
    pub status: String,
    /// Whether that is final.
    pub is_final: bool,
    /// From acceptance to the final state, in microseconds.
    pub final_after_us: Option<u64>,
    /// Whether nothing is wrong: see [`Trace::faults`].
    pub good: bool,
    /// What is wrong: signatures that the switch relied on and that do not verify, steps that are missing.
    pub faults: Vec<String>,
    /// All records about it, in order.
    pub steps: Vec<Step>,
}

/// One record.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Step {
    /// Its position in the journal.
    pub position: u64,
    /// When, unix microseconds.
    pub at_us: u64,
    /// When, Beijing time.
    pub at: String,
    /// Microseconds since the record before.
    pub elapsed_us: u64,
    /// Why it was written.
    pub what: String,
    /// The payment's step number after it.
    pub step: u32,
    /// The payment's state after it, in words.
    pub state: String,
    /// The payment's wire status after it.
    pub status: String,
    /// The link over which what happened came: its number and, where the configuration still has it, its name; none where it
    /// came over no link.
    pub link: Option<String>,
    /// Why its legs go over the channels that they go over; empty when nothing was decided.
    pub routes: Vec<Why>,
    /// The same for people.
    #[serde(skip)]
    pub route_lines: Vec<String>,
    /// The messages kept with it.
    pub messages: Vec<TracedMessage>,
}

/// One message as it was received or sent.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct TracedMessage {
    /// What it was for.
    pub role: &'static str,
    /// Whether the switch sent it; otherwise it was received.
    pub sent: bool,
    /// Who got it or sent it.
    pub party: &'static str,
    /// The same, by id.
    pub participant: String,
    /// When, unix microseconds.
    pub at_us: u64,
    /// Message type, when it can be read.
    pub message_type: Option<String>,
    /// Who signed, by its header.
    pub signer: Option<String>,
    /// Serial number of the key, by its header.
    pub serial: Option<String>,
    /// Its size in bytes, signature included.
    pub bytes: usize,
    /// Its signature, verified again.
    pub signature: SignatureVerdict,
    /// Why it does not keep to its schema, when it does not.
    pub schema_fault: Option<String>,
    /// Its values in wire order, masked unless asked for as evidence.
    pub fields: Vec<(&'static str, String)>,
    /// The whole document, byte for byte where it is UTF-8; only as evidence.
    pub document: Option<String>,
}
