//! Sensitive values on their way through: opened when a message comes, sealed anew in what is sent (wire.md 2.4).
//!
//! Invariant: a clear value is in a flight and nowhere else; what is recorded, logged or counted is sealed or a digest. The hot path
//! has no such values, and pays one look at an empty list.

use clearway_codec::catalogue::{Field, MessageType};
use clearway_codec::{Checked, schema};

use super::shared::Shared;
use crate::domain::business::{AccountOf, BusinessRules};
use crate::domain::transaction::{Party, Payment};
use crate::sensitive::{Clear, OpenError, Sealed};

/// What registers and limits know a customer by; 0 when not known.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Digests {
    pub(super) account: u64,
    pub(super) customer: u64,
}

/// The clear values of a received message; none when it has no sensitive ones.
pub(super) fn open(shared: &Shared, message: &Checked<'_>) -> Result<Option<Box<Clear>>, OpenError> {
    if schema(message.message_type()).encrypted_fields().is_empty() {
        return Ok(None);
    }
    Ok(shared.sealer.open(message)?.map(Box::new))
}

/// What a business knows the customer of its request by, from sensitive values.
pub(super) fn digests(shared: &Shared, row: &BusinessRules, clear: Option<&Clear>) -> Digests {
    let digest = |field| clear.and_then(|clear| clear.get(field)).map_or(0, |text| shared.sealer.digest(text));
    let account = match row.account {
        AccountOf::Clear(field) => digest(field),
        AccountOf::Nobody | AccountOf::Agreement | AccountOf::Order(_) => 0,
    };
    Digests { account, customer: digest(Field::IDNo) }
}

/// The sensitive values of a message to a party of a payment, sealed for it; none when there are none to be sent.
pub(super) fn seal(
    shared: &Shared,
    payment: &Payment,
    party: Party,
    message_type: MessageType,
    only: Option<&[Field]>,
    clear: Option<&Clear>,
) -> Option<Sealed> {
    let (clear, receiver) = (clear?, shared.participants.get(shared.receiver(payment, party))?);
    let wanted = |field: &&Field| only.is_none_or(|only| only.contains(field));
    let fields: Vec<Field> = schema(message_type).encrypted_fields().iter().filter(wanted).copied().collect();
    if fields.is_empty() {
        return None;
    }
    shared
        .sealer
        .seal(&receiver.id, clear, &fields)
        .inspect_err(|error| tracing::error!(%error, to = %receiver.id, "sensitive values could not be sealed"))
        .ok()
}
