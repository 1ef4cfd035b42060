//! New messages.
//!
//! Invariant: what is written here is accepted by [`Decoder`](crate::Decoder), and stands in the
//! order of the catalogue, because some banks read by position. Nothing is signed here: the span
//! that is returned is what the caller signs, before
//! [`append_signature`](crate::append_signature).
//!
//! ```text
//! encode    <?xml ...?><root ...> header  body from values                     </root>
//! forward   <?xml ...?><root ...> header  body as received, some values set    </root>
//!                      ^--------------- the signed span ----------------------------^
//! ```

use std::ops::Range;

use bytes::{BufMut, BytesMut};

use crate::catalogue::{Block, Content, Element, Field, HEADER, Leaf, MessageType, Presence, ROOT, ROOT_OPEN};
use crate::envelope::DECLARATION;
use crate::error::{Error, ErrorKind};
use crate::message::Header;
use crate::path::ElementPath;
use crate::pieces::{close, joined, open};
use crate::text::check_new_value;
use crate::values::Values;

/// Appends a whole new message to `out`, without signature; returns where in `out` the bytes
/// stand that are to be signed.
///
/// # Errors
/// What [`Message::check`](crate::Message::check) would say of the message: a mandatory value is
/// missing, a value is too long or of the wrong form. `out` is then as it was.
///
/// ```
/// use bytes::BytesMut;
/// use clearway_codec::{Field, MessageType, Values, append_signature, encode};
/// # use clearway_codec::{BeijingTime, Direction, Header, InstitutionId, SerialNumber};
/// # let header = Header {
/// #     message_type: MessageType::Epcc991,
/// #     issuer: InstitutionId::parse(b"Z2000000000088").unwrap(),
/// #     direction: Direction::PI_TO_SWITCH,
/// #     sign_sn: SerialNumber::parse(b"4000000088").unwrap(),
/// #     sent_at: BeijingTime::parse(b"2026-11-20T10:54:05").unwrap(),
/// # };
///
/// let mut values = Values::new();
/// values.set(Field::InstgId, b"Z2000000000088").set(Field::Nonce, b"5f1c0e9a");
/// let mut out = BytesMut::new();
/// let signed = encode(&mut out, MessageType::Epcc991, &header, &values)?;
/// assert!(out[signed].ends_with(b"<Nonce>5f1c0e9a</Nonce></MsgBody></root>"));
/// append_signature(&mut out, b"as made by the key");
/// # Ok::<(), clearway_codec::Error>(())
/// ```
pub fn encode(
    out: &mut BytesMut,
    message_type: MessageType,
    header: &Header,
    values: &Values<'_>,
) -> Result<Range<usize>, Error> {
    let whole = out.len();
    check_envelope(values)?;
    let start = put_start(out, message_type, header, values);
    let mut path = [""; PATH_LEVELS];
    path[0] = ROOT.name();
    if let Err(error) = put_element(out, &message_type.schema().body, values, &mut path, 1) {
        out.truncate(whole);
        return Err(error);
    }
    out.put_slice(ROOT.names.close.as_bytes());
    Ok(start..out.len())
}

/// Room for a new message of the usual size, so that the buffer grows once at most.
pub(crate) const NEW_BYTES: usize = 1_024;
/// Levels of the deepest path that is kept.
const PATH_LEVELS: usize = 8;

/// The header's fields that come from the values and not from [`Header`].
const ENVELOPE: [Field; 2] = [Field::NcrptnSN, Field::DgtlEnvlp];

/// Checks the two values that go into the header.
fn check_envelope(values: &Values<'_>) -> Result<(), Error> {
    for element in HEADER.children() {
        let Some(leaf) = element.leaf().filter(|leaf| ENVELOPE.contains(&leaf.field)) else { continue };
        if let Some(value) = values.escaped(leaf.field) {
            let names = [ROOT.name(), HEADER.name(), element.name()];
            check_new_value(leaf, &value).map_err(|kind| error_at(kind, &names))?;
        }
    }
    Ok(())
}

/// Declaration, `<root>` and header; returns where `<root` stands.
pub(crate) fn put_start(out: &mut BytesMut, message_type: MessageType, header: &Header, values: &Values<'_>) -> usize {
    out.reserve(NEW_BYTES);
    let start = out.len() + DECLARATION.len();
    // What stands between two values is one piece: a piece costs more than its bytes.
    out.put_slice(joined!(DECLARATION, ROOT_OPEN, b"<MsgHeader>", open(Field::SndDt)));
    out.put_slice(&header.sent_at.to_text());
    out.put_slice(joined!(close(Field::SndDt), open(Field::MsgTp)));
    out.put_slice(message_type.code().as_bytes());
    out.put_slice(joined!(close(Field::MsgTp), open(Field::IssrId)));
    out.put_slice(header.issuer.as_bytes());
    out.put_slice(joined!(close(Field::IssrId), open(Field::Drctn)));
    out.put_slice(header.direction.as_bytes());
    out.put_slice(joined!(close(Field::Drctn), open(Field::SignSN)));
    out.put_slice(header.sign_sn.as_bytes());
    out.put_slice(close(Field::SignSN));
    for field in ENVELOPE {
        if let Some(value) = values.escaped(field) {
            put_value(out, field, &value);
        }
    }
    out.put_slice(HEADER.names.close.as_bytes());
    start
}

pub(crate) fn put_value(out: &mut BytesMut, field: Field, value: &[u8]) {
    let names = field.names();
    out.put_slice(names.open.as_bytes());
    out.put_slice(value);
    out.put_slice(names.close.as_bytes());
}

fn put_element(
    out: &mut BytesMut,
    element: &'static Element,
    values: &Values<'_>,
    path: &mut [&'static str; PATH_LEVELS],
    depth: usize,
) -> Result<(), Error> {
    if let Some(level) = path.get_mut(depth) {
        *level = element.name();
    }
    match &element.content {
        Content::Leaf(leaf) => {
            put_leaf(out, element, leaf, values).map_err(|kind| error_at(kind, &path[..=depth.min(PATH_LEVELS - 1)]))
        }
        Content::Block(block) if element.is_mandatory() || any_set(block, values) => {
            out.put_slice(element.names.open.as_bytes());
            for child in block.children {
                put_element(out, child, values, path, depth + 1)?;
            }
            out.put_slice(element.names.close.as_bytes());
            Ok(())
        }
        Content::Block(_) => Ok(()),
    }
}

fn put_leaf(
    out: &mut BytesMut,
    element: &'static Element,
    leaf: &'static Leaf,
    values: &Values<'_>,
) -> Result<(), ErrorKind> {
    if matches!(element.presence, Presence::Repeated(_)) {
        return put_items(out, element, leaf, values);
    }
    let value = values.escaped(leaf.field);
    if element.is_mandatory() && value.as_ref().is_none_or(|value| value.is_empty()) {
        return Err(ErrorKind::MissingElement);
    }
    if let Some(value) = value {
        check_new_value(leaf, &value)?;
        put_value(out, leaf.field, &value);
    }
    Ok(())
}

/// As many elements as there are items.
fn put_items(
    out: &mut BytesMut,
    element: &'static Element,
    leaf: &'static Leaf,
    values: &Values<'_>,
) -> Result<(), ErrorKind> {
    let single = values.escaped(leaf.field);
    let single = single.as_deref();
    let items = match values.items(leaf.field) {
        [] => single.as_slice(),
        items => items,
    };
    if let Presence::Repeated(times_max) = element.presence
        && items.len() > usize::from(times_max)
    {
        return Err(ErrorKind::Repeated);
    }
    for item in items {
        check_new_value(leaf, item)?;
        put_value(out, leaf.field, item);
    }
    Ok(())
}

/// Whether any value below is set.
pub(crate) fn any_set(block: &'static Block, values: &Values<'_>) -> bool {
    block.children.iter().any(|child| match &child.content {
        Content::Leaf(leaf) => values.get(leaf.field).is_some() || !values.items(leaf.field).is_empty(),
        Content::Block(inner) => any_set(inner, values),
    })
}

#[cold]
fn error_at(kind: ErrorKind, names: &[&'static str]) -> Error {
    let mut path = ElementPath::EMPTY;
    for name in names {
        path.push(name.as_bytes());
    }
    Error { kind, offset: 0, path }
}
