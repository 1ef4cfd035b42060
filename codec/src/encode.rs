//! New messages, and received ones passed on.
//!
//! Invariant: what is written here is accepted by [`Decoder`](crate::Decoder), and stands in the
//! order of the catalogue, because some banks read by position. Nothing is signed here: the span
//! that is returned is what the caller signs, before
//! [`append_signature`](crate::append_signature).
//!
//! ```text
//! encode    <?xml ...?><root ...> header  body from values            </root>
//! forward   <?xml ...?><root ...> header  body as received, 2 filled  </root>
//!                      ^----------- the signed span -----------------------^
//! ```

use std::ops::Range;

use bytes::{BufMut, BytesMut};

use crate::catalogue::{Block, Content, Element, Field, HEADER, Leaf, MessageType, ROOT, ROOT_OPEN};
use crate::checked::Checked;
use crate::envelope::DECLARATION;
use crate::error::{Error, ErrorKind};
use crate::message::Header;
use crate::path::ElementPath;
use crate::text::check_new_value;
use crate::value::BatchId;
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
    let start = put_start(out, message_type, header);
    let mut path = [""; PATH_LEVELS];
    path[0] = ROOT.name();
    if let Err(error) = put_element(out, &message_type.schema().body, values, &mut path, 1) {
        out.truncate(whole);
        return Err(error);
    }
    out.put_slice(ROOT.names.close.as_bytes());
    Ok(start..out.len())
}

/// Appends `request` with a header of this hop and `RPFlg` and `BatchId` filled in; returns where
/// in `out` the bytes stand that are to be signed. All else of the body goes on byte for byte.
///
/// `rp_flg` is `b'1'` for the debit leg, `b'2'` for the credit leg. An element that the sender
/// left out is put where the catalogue has it; one that the catalogue does not have in messages
/// of this type is not added.
///
/// ```text
/// received   <MsgBody> ... <RPFlg/> ... <BatchId></BatchId> ... </MsgBody>
/// sent on    <MsgBody> ... <RPFlg>1</RPFlg> ... <BatchId>B202611200011</BatchId> ... </MsgBody>
/// ```
pub fn forward(
    out: &mut BytesMut,
    request: &Checked<'_>,
    header: &Header,
    rp_flg: u8,
    batch_id: BatchId,
) -> Range<usize> {
    debug_assert!(matches!(rp_flg, b'1' | b'2'));
    let start = put_start(out, request.message_type(), header);
    let bytes = request.bytes();
    let fields = request.fields();
    out.reserve(fields.body.of(bytes).len() + NEW_BYTES);
    let mut at = fields.body.start();
    for (field, span) in fields.fills() {
        if span.start() < at {
            continue;
        }
        out.put_slice(bytes.get(at..span.start()).unwrap_or_default());
        match field {
            Field::RPFlg => put_value(out, field, &[rp_flg]),
            _ => put_value(out, field, &batch_id.to_text()),
        }
        at = span.end();
    }
    out.put_slice(bytes.get(at..fields.root_end_tag as usize).unwrap_or_default());
    out.put_slice(ROOT.names.close.as_bytes());
    start..out.len()
}

/// Room for a new message of the usual size, so that the buffer grows once at most.
const NEW_BYTES: usize = 1_024;
/// Levels of the deepest path that is kept.
const PATH_LEVELS: usize = 8;

/// Declaration, `<root>` and header; returns where `<root` stands.
fn put_start(out: &mut BytesMut, message_type: MessageType, header: &Header) -> usize {
    out.reserve(NEW_BYTES);
    out.put_slice(DECLARATION);
    let start = out.len();
    out.put_slice(ROOT_OPEN);
    out.put_slice(HEADER.names.open.as_bytes());
    put_value(out, Field::SndDt, &header.sent_at.to_text());
    put_value(out, Field::MsgTp, message_type.code().as_bytes());
    put_value(out, Field::IssrId, header.issuer.as_bytes());
    put_value(out, Field::Drctn, header.direction.as_bytes());
    put_value(out, Field::SignSN, header.sign_sn.as_bytes());
    out.put_slice(HEADER.names.close.as_bytes());
    start
}

fn put_value(out: &mut BytesMut, field: Field, value: &[u8]) {
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

fn any_set(block: &'static Block, values: &Values<'_>) -> bool {
    block.children.iter().any(|child| match &child.content {
        Content::Leaf(leaf) => values.get(leaf.field).is_some(),
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
