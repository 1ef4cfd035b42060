//! A received message passed on: its body as it came, but for the values that this hop sets.
//!
//! Invariant: what is not set goes on byte for byte, unknown elements and white space included.
//! Most values stand where they are to be replaced, and the places that the switch fills in every
//! leg are noted while reading, so the body is copied in a few pieces; only when a value has no
//! place yet is the body walked again ([`rewrite`]).

use std::ops::Range;

use bytes::{BufMut, BytesMut};

use crate::catalogue::{Field, HEADER_SLOTS, Layout, ROOT, SLOT_COUNT};
use crate::checked::Checked;
use crate::encode::{NEW_BYTES, put_start, put_value};
use crate::fields::Fields;
use crate::message::Header;
use crate::rewrite::rewrite;
use crate::values::Values;

/// Appends `request` with a header of this hop and every value that is set in `values` replaced,
/// or put where the catalogue has it when the sender left it out; returns where in `out` the bytes
/// stand that are to be signed. All else of the body goes on byte for byte.
///
/// A value that messages of this type do not have is not added, and repeated ones are left as they
/// are. `NcrptnSN` and `DgtlEnvlp` go into the header. The values must be of their fields' forms:
/// they are written as they are given. A block that is opened for a value has that value alone.
///
/// ```text
/// received   <MsgBody> ... <RPFlg/> ... <BatchId></BatchId> ... </MsgBody>
/// set        RPFlg 1, BatchId B202611200011
/// sent on    <MsgBody> ... <RPFlg>1</RPFlg> ... <BatchId>B202611200011</BatchId> ... </MsgBody>
/// ```
pub fn forward(out: &mut BytesMut, request: &Checked<'_>, header: &Header, values: &Values<'_>) -> Range<usize> {
    let start = put_start(out, request.message_type(), header, values);
    let body_bytes = request.body().len();
    out.reserve(body_bytes + NEW_BYTES);
    match Edits::of(request, values) {
        Some(edits) => put_edited(out, request, values, edits),
        None => rewrite(out, request, values),
    }
    out.put_slice(ROOT.names.close.as_bytes());
    start..out.len()
}

/// The slots of the values that are set, each with a place of its own. Slots rise in the order of
/// the wire, and so do the places.
struct Edits {
    /// Bit n: slot n is set.
    slots: u64,
    /// By slot.
    fields: [Field; SLOT_COUNT],
}

impl Edits {
    /// `None` when a value has no place yet.
    fn of(request: &Checked<'_>, values: &Values<'_>) -> Option<Self> {
        let fields = request.fields_ref();
        let layout = Layout::of(fields.message_type());
        let mut edits = Self { slots: 0, fields: [Field::SndDt; SLOT_COUNT] };
        for &field in values.fields() {
            let slot = layout.slot(field);
            if !(HEADER_SLOTS..SLOT_COUNT).contains(&slot) || layout.repeated() == Some(field) {
                continue;
            }
            place_of(fields, field, slot)?;
            edits.slots |= 1 << slot;
            edits.fields[slot] = field;
        }
        Some(edits)
    }
}

/// What is replaced, and whether by a whole element or by a value alone.
fn place_of(fields: &Fields, field: Field, slot: usize) -> Option<(Range<usize>, bool)> {
    if let Some(element) = fields.fill(field) {
        return Some((element.start()..element.end(), true));
    }
    let value = fields.span_at(slot);
    (!value.is_empty()).then(|| (value.start()..value.end(), false))
}

fn put_edited(out: &mut BytesMut, request: &Checked<'_>, values: &Values<'_>, mut edits: Edits) {
    let (bytes, fields) = (request.bytes(), request.fields_ref());
    let mut at = fields.body.start();
    while edits.slots != 0 {
        let slot = edits.slots.trailing_zeros() as usize;
        edits.slots &= edits.slots - 1;
        let field = edits.fields[slot];
        let (Some((place, is_element)), Some(value)) = (place_of(fields, field, slot), values.escaped(field)) else {
            continue;
        };
        out.put_slice(bytes.get(at..place.start).unwrap_or_default());
        if is_element {
            put_value(out, field, &value);
        } else {
            out.put_slice(&value);
        }
        at = place.end;
    }
    out.put_slice(bytes.get(at..fields.root_end_tag as usize).unwrap_or_default());
}
