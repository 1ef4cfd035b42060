//! When transactions came, and of which business: a journal as a trace that a load generator can play again.
//!
//! ```text
//! offset_us,kind
//! 0,payment
//! 1250,refund
//! ```
//!
//! Times and businesses only: no transaction id, no participant, no amount leaves the journal. What institutions began
//! is in it; what banks begin by themselves, queries, repetitions and what was refused before it became a transaction is
//! not, because no record says when that came.
//!
//! Invariant: offsets count from the earliest arrival and never go back, whatever the order in which workers wrote.

use std::io::{self, Write};
use std::path::Path;

use super::walk::{SegmentFindings, walk};
use crate::books::Progress;
use crate::domain::Business;
use crate::domain::record::{Entry, RecordKind};
use crate::error::{Error, Fault};
use crate::journal::inspect::Item;

/// Most arrivals of one export, as many as the load generator reads; 16 bytes of memory each.
pub const ARRIVALS_MAX: usize = 50_000_000;

/// The transactions that institutions began within some time, in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrivals {
    /// When, in microseconds since 1970-01-01 UTC, and the word of the trace for what came.
    arrivals: Vec<(u64, &'static str)>,
    /// Others within that time, beyond the most that are kept.
    beyond: u64,
}

/// Collects the arrivals from `from_us` on and before `until_us` from the journal in `dir`. Progress is in segments.
///
/// # Errors
/// No journal there, files that cannot be read, damage, more than [`ARRIVALS_MAX`].
pub fn arrivals(dir: &Path, from_us: u64, until_us: u64, progress: &dyn Progress) -> Result<Arrivals, Error> {
    let (summary, found) = walk(dir, progress, Arrivals::default, |found, item| {
        if let Item::Group { frames, .. } = item {
            frames.for_each(|frame| found.take(frame.payload, from_us, until_us));
        }
    })?;
    let place = dir.display().to_string();
    if SegmentFindings::of(&summary).verdict == "damaged" {
        return Err(Error::new(Fault::Data, "the journal is damaged, arrivals would be missing")
            .at(place)
            .remedy("see `clearway journal verify`"));
    }
    if found.beyond > 0 {
        return Err(Error::new(Fault::Configuration, format!("{} arrivals more than {ARRIVALS_MAX}", found.beyond))
            .at(place)
            .remedy("take less of it, with --from and --until"));
    }
    Ok(found.in_order())
}

impl Arrivals {
    /// How many.
    #[must_use]
    pub fn len(&self) -> usize {
        self.arrivals.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.arrivals.is_empty()
    }

    /// From the first to the last, in microseconds.
    #[must_use]
    pub fn span_us(&self) -> u64 {
        self.arrivals.last().map_or(0, |(last_us, _)| last_us - self.first_us())
    }

    /// Writes the trace.
    ///
    /// # Errors
    /// What the destination fails with.
    pub fn write(&self, to: &mut impl Write) -> io::Result<()> {
        writeln!(to, "offset_us,kind")?;
        let first_us = self.first_us();
        self.arrivals.iter().try_for_each(|(at_us, word)| writeln!(to, "{},{word}", at_us - first_us))?;
        to.flush()
    }

    /// By time, whoever wrote them.
    pub(super) fn in_order(mut self) -> Self {
        self.arrivals.sort_by_key(|(at_us, _)| *at_us);
        self
    }

    fn first_us(&self) -> u64 {
        self.arrivals.first().map_or(0, |(first_us, _)| *first_us)
    }

    /// Takes one record of the journal; one that cannot be read says nothing of an arrival.
    pub(super) fn take(&mut self, record: &[u8], from_us: u64, until_us: u64) {
        let Ok(Entry::Payment(view)) = Entry::decode(record) else { return };
        let Some(word) = word_of(view.payment.business).filter(|_| view.kind == RecordKind::Accepted) else { return };
        if !(from_us..until_us).contains(&view.at_us) {
            return;
        }
        if self.arrivals.len() < ARRIVALS_MAX {
            self.arrivals.push((view.at_us, word));
        } else {
            self.beyond += 1;
        }
    }
}

/// What a trace calls a business; none where a bank begins it.
const fn word_of(business: Business) -> Option<&'static str> {
    Some(match business {
        Business::AgreementPayment => "payment",
        Business::Refund => "refund",
        Business::Payout => "payout",
        Business::CertifiedPayment => "certified",
        Business::EntrustedPayment => "entrusted",
        Business::GatewayPayment => "gateway",
        Business::IdentityCheck => "identity-check",
        Business::Signing => "sign",
        Business::AgreementEnd => "end",
        Business::Mandate => "mandate",
        Business::MandateEnd => "mandate-end",
        Business::DisputeSubmission => "dispute",
        Business::DisputeAdjustment => "adjustment",
        Business::ForcedAgreementEnd | Business::MandateEndByBank | Business::DisputeDecision => return None,
    })
}
