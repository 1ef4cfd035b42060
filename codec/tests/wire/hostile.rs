//! Bytes nobody should send: never a panic, always an answer, and the same answer twice.

use std::sync::LazyLock;

use clearway_codec::{Checked, Decoder, Error, Field, MessageType};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::samples::{full, vector};

/// Pieces that mean something to a reader of XML.
const PIECES: &[&str] = &[
    "<",
    ">",
    "/",
    "</",
    "/>",
    "=",
    "\"",
    "'",
    "&",
    ";",
    "&amp;",
    "&#x5546;",
    "&#0;",
    "{S:",
    "}",
    " ",
    "\n",
    "\u{feff}",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<?",
    "?>",
    "<!DOCTYPE a>",
    "<a>",
    "</a>",
    "<a/>",
    "<RPFlg/>",
    "<BatchId></BatchId>",
    "<TrxId>",
    "</TrxId>",
    "</root>",
    "<root>",
    "</MsgBody>",
    "<MsgBody>",
    "<MsgHeader>",
    "a='1'",
    " a=\"b\" ",
    "\0",
    "\u{7f}",
    "商",
    "CNY1.00",
];

static SEEDS: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
    let cases = ["pay-201", "pay-201-leg1", "refund-205", "query-301", "escaped-text"];
    let vectors = cases.iter().map(|case| vector(&format!("{case}.sm2-sm3.msg")));
    vectors.chain(MessageType::ALL.iter().map(|kind| full(*kind))).collect()
});

#[derive(Clone, Debug)]
enum Mutation {
    Truncate(Index),
    Flip(Index, u8),
    Remove(Index, usize),
    Insert(Index, &'static str),
    Repeat(Index, usize),
}

impl Mutation {
    fn apply(&self, bytes: &mut Vec<u8>) {
        if bytes.is_empty() {
            return;
        }
        match self {
            Self::Truncate(at) => bytes.truncate(at.index(bytes.len())),
            Self::Flip(at, mask) => {
                let at = at.index(bytes.len());
                bytes[at] ^= mask;
            }
            Self::Remove(at, len) => {
                let at = at.index(bytes.len());
                bytes.drain(at..(at + len).min(bytes.len()));
            }
            Self::Insert(at, piece) => {
                let at = at.index(bytes.len());
                bytes.splice(at..at, piece.bytes());
            }
            Self::Repeat(at, len) => {
                let at = at.index(bytes.len());
                let piece = bytes[at..(at + len).min(bytes.len())].to_vec();
                bytes.splice(at..at, piece);
            }
        }
    }
}

fn mutation() -> impl Strategy<Value = Mutation> {
    prop_oneof![
        1 => any::<Index>().prop_map(Mutation::Truncate),
        3 => (any::<Index>(), 1..=u8::MAX).prop_map(|(at, mask)| Mutation::Flip(at, mask)),
        2 => (any::<Index>(), 1..40_usize).prop_map(|(at, len)| Mutation::Remove(at, len)),
        6 => (any::<Index>(), select(PIECES)).prop_map(|(at, piece)| Mutation::Insert(at, piece)),
        2 => (any::<Index>(), 1..60_usize).prop_map(|(at, len)| Mutation::Repeat(at, len)),
    ]
}

/// A good message with a few things done to it.
pub(crate) fn mutated_vector() -> impl Strategy<Value = Vec<u8>> {
    (any::<Index>(), vec(mutation(), 1..4)).prop_map(|(seed, mutations)| {
        let mut bytes = SEEDS[seed.index(SEEDS.len())].clone();
        for mutation in mutations {
            mutation.apply(&mut bytes);
        }
        bytes
    })
}

/// Decodes, and asks everything there is to ask.
fn exercise(decoder: &mut Decoder, bytes: &[u8]) -> Result<(), Error> {
    let message = decoder.decode(bytes)?;
    let signed = message.signed_bytes();
    assert!(signed.starts_with(b"<root") && signed.ends_with(b">"));
    let checked = message.check()?;
    assert!(checked.body().starts_with(b"<MsgBody") && checked.body().ends_with(b">"));
    for field in Field::ALL {
        let value = checked.field(*field);
        assert!(value.is_none_or(|value| !value.is_empty() && !value.contains(&b'<')));
        assert_eq!(checked.text(*field).is_some(), value.is_some());
    }
    assert!(checked.trx_id(Field::TrxId).is_ok() || checked.field(Field::TrxId).is_none());
    assert!(checked.amount(Field::TrxAmt).is_ok() || checked.field(Field::TrxAmt).is_none());
    let kept = checked.fields();
    assert_eq!(Checked::from_parts(bytes, &kept).signed_bytes(), signed);
    Ok(())
}

/// A message that is cut anywhere inside its document is malformed and nothing else.
#[test]
fn truncation_at_every_byte() {
    let mut decoder = Decoder::new();
    for bytes in SEEDS.iter() {
        let end = bytes.len() - bytes.iter().rev().position(|byte| *byte == b'>').expect("a tag");
        for len in 0..bytes.len() {
            let outcome = exercise(&mut decoder, &bytes[..len]);
            if len < end {
                let error = outcome.expect_err("a part is no whole");
                assert!(error.kind.is_malformed(), "{len}: {error}");
                assert!(error.offset <= len, "{len}: {error}");
            } else {
                outcome.unwrap_or_else(|error| panic!("{len}: {error}"));
            }
        }
    }
}

/// Each single byte, replaced by ones that mean something to XML.
#[test]
fn replacement_of_every_byte() {
    let mut decoder = Decoder::new();
    for bytes in SEEDS.iter() {
        let mut edited = bytes.clone();
        for at in 0..edited.len() {
            for with in [b'<', b'>', b'/', b'&', b'"', b' ', 0, 0xff] {
                edited[at] = with;
                if let Err(error) = exercise(&mut decoder, &edited) {
                    assert!(error.offset <= edited.len());
                }
            }
            edited[at] = bytes[at];
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]

    #[test]
    fn mutated_messages_never_panic(bytes in mutated_vector()) {
        let mut used = Decoder::new();
        let first = exercise(&mut used, &bytes);
        // What the scratch memory holds from before makes no difference.
        let _ = exercise(&mut used, &SEEDS[0]);
        prop_assert_eq!(exercise(&mut used, &bytes), first);
    }

    #[test]
    fn pieces_of_markup_never_panic(pieces in vec(select(PIECES), 0..60)) {
        let _ = exercise(&mut Decoder::new(), pieces.concat().as_bytes());
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in vec(any::<u8>(), 0..200)) {
        let _ = exercise(&mut Decoder::new(), &bytes);
    }
}
