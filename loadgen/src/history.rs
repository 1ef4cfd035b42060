//! Earlier transactions of a run that later requests refer to: what can be refunded, queried, repeated.
//!
//! Invariant: bounded. The newest [`HISTORY_MAX`] of each sort are kept; which of them is picked is drawn, so refunds
//! and queries reach transactions of all ages within the window.

use crate::constants::{HISTORY_MAX, SERIAL_CHARS_MAX};
use crate::mix::below;
use crate::sgn_no::SgnNo;
use crate::tracker::Order;
use bytes::Bytes;
use clearway_codec::{MessageType, TrxId};

/// A bank's serial number as it stood on the wire, inline.
#[derive(Debug, Clone, Copy)]
pub(crate) struct SerialText {
    bytes: [u8; SERIAL_CHARS_MAX],
    len: u8,
}

impl SerialText {
    /// `None` when it is longer than the wire allows.
    pub(crate) fn new(text: &[u8]) -> Option<Self> {
        let mut bytes = [0; SERIAL_CHARS_MAX];
        bytes.get_mut(..text.len())?.copy_from_slice(text);
        Some(Self { bytes, len: u8::try_from(text.len()).ok()? })
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..usize::from(self.len)).unwrap_or_default()
    }
}

/// A payment that succeeded and can be refunded.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Success {
    pub(crate) id: TrxId,
    pub(crate) order: Order,
    /// Serial number of the payer's bank, which a refund must name.
    pub(crate) serial: SerialText,
    /// What no refund has asked for yet, in fen.
    pub(crate) refundable_fen: u64,
}

/// A request whose bytes can be sent again.
#[derive(Debug, Clone)]
pub(crate) struct Sent {
    pub(crate) id: TrxId,
    pub(crate) order: Order,
    pub(crate) message_type: MessageType,
    pub(crate) body: Bytes,
}

/// The newest entries of one sort.
#[derive(Debug)]
pub(crate) struct Ring<T> {
    entries: Vec<T>,
    next: usize,
}

impl<T> Default for Ring<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), next: 0 }
    }
}

impl<T> Ring<T> {
    pub(crate) fn push(&mut self, entry: T) {
        match self.entries.get_mut(self.next) {
            Some(oldest) => *oldest = entry,
            None => self.entries.push(entry),
        }
        self.next = (self.next + 1) % HISTORY_MAX;
    }

    /// The entry that a draw in `[0, 1)` falls on.
    pub(crate) fn pick(&mut self, unit: f64) -> Option<&mut T> {
        let place = below(unit, self.entries.len());
        self.entries.get_mut(place)
    }
}

/// An agreement or mandate that a payment may use.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Contract {
    pub(crate) number: SgnNo,
    /// The transaction that opened it.
    pub(crate) opened_by: TrxId,
    pub(crate) institution: u16,
    pub(crate) bank: u16,
    /// The institution has asked to end it: used again only to see it refused.
    pub(crate) is_ended: bool,
}

/// Everything that later requests may refer to.
#[derive(Debug, Default)]
pub(crate) struct History {
    pub(crate) successes: Ring<Success>,
    pub(crate) acknowledged: Ring<(TrxId, Order)>,
    pub(crate) sent: Ring<Sent>,
    /// Customers whose identity was checked: what to sign next. Each is taken once.
    pub(crate) checked: Vec<(TrxId, Order)>,
    pub(crate) agreements: Ring<Contract>,
    pub(crate) mandates: Ring<Contract>,
    /// Requests for mandates that wait for their customer. Repeating one brings its receipt, and with it the number.
    pub(crate) unconfirmed: Vec<Sent>,
    /// Gateway orders that the switch has taken.
    pub(crate) orders: Ring<(TrxId, Order)>,
    /// Those of them that wait for their customer. Each is taken once.
    pub(crate) unpaid: Vec<(TrxId, Order)>,
    /// Ends that a dispute is about first of all: 03 and 04.
    pub(crate) presumed: Ring<(TrxId, Order)>,
    /// Disputes that the other side has had. Each is taken once.
    pub(crate) disputed: Vec<(TrxId, Order)>,
}

impl History {
    /// Keeps a list of things to be taken bounded: the oldest goes.
    pub(crate) fn keep<T>(list: &mut Vec<T>, entry: T) {
        if list.len() >= HISTORY_MAX {
            list.remove(0);
        }
        list.push(entry);
    }

    /// Takes the entry that a draw in `[0, 1)` falls on.
    pub(crate) fn take<T>(list: &mut Vec<T>, unit: f64) -> Option<T> {
        let place = below(unit, list.len());
        (place < list.len()).then(|| list.swap_remove(place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ring_keeps_the_newest_and_picks_any() {
        let mut ring = Ring::default();
        assert!(ring.pick(0.5).is_none());
        (0..HISTORY_MAX + 10).for_each(|number| ring.push(number));
        assert_eq!(ring.entries.len(), HISTORY_MAX);
        assert!((10..HISTORY_MAX + 10).all(|number| ring.entries.contains(&number)));
        assert_eq!(ring.pick(0.0), Some(&mut HISTORY_MAX.clone()));
        assert!(ring.pick(0.999_999_999).is_some());
    }
}
