//! Which place each field has in messages of one type. Invariant: a message has few of all the
//! fields there are, so a table of values is indexed by these places and not by the field; places
//! rise in the order of the wire, and those of the header are the same in every type.

use super::element::{Content, Element, Presence};
use super::field::{FIELD_COUNT, Field};
use super::header::HEADER;
use super::message_type::MessageType;

/// Most leaves of a message, its header included.
pub(crate) const SLOT_COUNT: usize = 48;
/// Leaves of the header.
pub(crate) const HEADER_SLOTS: usize = 7;
/// Most encrypted leaves of a message.
const ENCRYPTED_MAX: usize = 8;

/// The slots of one message type.
#[derive(Debug)]
pub(crate) struct Layout {
    /// By field; `SLOT_COUNT` when messages of this type do not have it.
    slots: [u8; FIELD_COUNT],
    encrypted: [Field; ENCRYPTED_MAX],
    encrypted_count: usize,
    repeated: Option<Field>,
}

static LAYOUTS: [Layout; MessageType::ALL.len()] = layouts();

impl Layout {
    const EMPTY: Self = Self {
        slots: [SLOT_COUNT as u8; FIELD_COUNT],
        encrypted: [Field::SndDt; ENCRYPTED_MAX],
        encrypted_count: 0,
        repeated: None,
    };

    /// The layout of messages of this type.
    #[inline]
    pub(crate) fn of(message_type: MessageType) -> &'static Self {
        &LAYOUTS[message_type as usize]
    }

    /// The place of `field`; `SLOT_COUNT` when there is none.
    #[inline]
    pub(crate) const fn slot(&self, field: Field) -> usize {
        self.slots[field as usize] as usize
    }

    /// The field that may be repeated.
    #[inline]
    pub(crate) const fn repeated(&self) -> Option<Field> {
        self.repeated
    }

    /// The encrypted fields, in the order of the wire.
    pub(crate) fn encrypted(&self) -> &[Field] {
        &self.encrypted[..self.encrypted_count]
    }

    /// Numbers the leaves below `element` from `next` on; returns the number behind them.
    const fn add(&mut self, element: &Element, mut next: usize) -> usize {
        match &element.content {
            Content::Leaf(leaf) => {
                assert!(next < SLOT_COUNT, "a message has too many leaves");
                self.slots[leaf.field as usize] = next as u8;
                if let Presence::Repeated(_) = element.presence {
                    // The walk counts with one number.
                    assert!(self.repeated.is_none(), "a message has two repeated leaves");
                    self.repeated = Some(leaf.field);
                }
                if leaf.is_encrypted() {
                    self.encrypted[self.encrypted_count] = leaf.field;
                    self.encrypted_count += 1;
                }
                next + 1
            }
            Content::Block(block) => {
                let mut index = 0;
                while index < block.children.len() {
                    next = self.add(&block.children[index], next);
                    index += 1;
                }
                next
            }
        }
    }
}

const fn layouts() -> [Layout; MessageType::ALL.len()] {
    let mut layouts = [const { Layout::EMPTY }; MessageType::ALL.len()];
    let mut index = 0;
    while index < layouts.len() {
        let message_type = MessageType::ALL[index];
        let next = layouts[index].add(&HEADER, 0);
        assert!(next == HEADER_SLOTS);
        layouts[index].add(&message_type.schema().body, next);
        index += 1;
    }
    layouts
}
