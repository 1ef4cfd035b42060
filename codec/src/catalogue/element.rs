//! One row of the catalogue. Invariant: a block has at most 63 children, each with its own name.

use super::field::{Field, Names};
use super::pattern::Pattern;
use super::value_type::ValueType;

/// Whether an element must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Presence {
    /// Must be there; a leaf must not be empty.
    Mandatory,
    /// May be absent, or there and empty.
    Optional,
    /// Depends on another element; checked where that other is known, not by the schema.
    Conditional,
    /// A leaf that may come any number of times in a row, up to this many.
    Repeated(u16),
}

/// An element of a message: name, place, and what may stand in it.
#[derive(Debug)]
pub struct Element {
    /// Whether it must be there.
    pub presence: Presence,
    /// What stands in it.
    pub content: Content,
    /// Meaning in the field's own words.
    pub chinese: &'static str,
    /// Meaning in English.
    pub english: &'static str,
    pub(crate) names: Names,
    pub(crate) start: Pattern,
    pub(crate) end: Pattern,
}

/// What stands in an element.
#[derive(Debug)]
pub enum Content {
    /// Other elements, in this order.
    Block(Block),
    /// A value.
    Leaf(Leaf),
}

/// A value's row.
#[derive(Debug)]
pub struct Leaf {
    /// By which name programs ask for it.
    pub field: Field,
    /// Form of the value.
    pub value_type: ValueType,
    /// Longest value, in characters (not bytes, and after references are resolved). Of an
    /// encrypted leaf: of the base64 text.
    pub chars_max: u16,
    /// Of an encrypted leaf, the longest clear value in characters; else 0.
    pub clear_chars_max: u16,
    /// A value that would be accepted.
    pub example: &'static str,
}

impl Leaf {
    /// Whether the value is encrypted: base64 of the cipher text, under the key in the header's
    /// `DgtlEnvlp`.
    #[must_use]
    pub const fn is_encrypted(&self) -> bool {
        self.clear_chars_max > 0
    }
}

/// The children of an element, in the order they must come in.
#[derive(Debug)]
pub struct Block {
    /// The rows.
    pub children: &'static [Element],
    /// Bit n: child n must be there.
    pub(crate) mandatory: u64,
    /// Bit n: the switch fills child n in what it forwards, so its place must be known.
    pub(crate) filled: u64,
    /// Bit n: child n is filled, or may come several times: more is noted of it than its value.
    pub(crate) noted: u64,
}

impl Block {
    pub(crate) const fn new(children: &'static [Element]) -> Self {
        // Masks are shifted by the number of children.
        assert!(children.len() < 64);
        let (mut mandatory, mut filled, mut noted) = (0, 0, 0);
        let mut index = 0;
        while index < children.len() {
            match children[index].presence {
                Presence::Mandatory => mandatory |= 1 << index,
                Presence::Repeated(_) => noted |= 1 << index,
                Presence::Optional | Presence::Conditional => {}
            }
            if let Content::Leaf(Leaf { field: Field::RPFlg | Field::BatchId, .. }) = children[index].content {
                filled |= 1 << index;
            }
            index += 1;
        }
        Self { children, mandatory, filled, noted: noted | filled }
    }
}

impl Element {
    /// The wire name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.names.name
    }

    /// The children, none for a leaf.
    #[must_use]
    pub const fn children(&self) -> &'static [Self] {
        match &self.content {
            Content::Block(block) => block.children,
            Content::Leaf(_) => &[],
        }
    }

    /// The value's row, if it is a leaf.
    #[must_use]
    pub const fn leaf(&self) -> Option<&Leaf> {
        match &self.content {
            Content::Block(_) => None,
            Content::Leaf(leaf) => Some(leaf),
        }
    }

    /// Whether it must be there.
    #[must_use]
    pub const fn is_mandatory(&self) -> bool {
        matches!(self.presence, Presence::Mandatory)
    }
}

/// A row with children. The names come from the `block!` macro.
pub(crate) const fn block(
    names: Names,
    presence: Presence,
    meaning: [&'static str; 2],
    children: &'static [Element],
) -> Element {
    row(names, presence, meaning, Content::Block(Block::new(children)))
}

/// A row with a value of at most `chars_max` characters.
pub(crate) const fn leaf(
    field: Field,
    presence: Presence,
    form: (ValueType, u16),
    meaning: [&'static str; 2],
    example: &'static str,
) -> Element {
    let (value_type, chars_max) = form;
    let content = Content::Leaf(Leaf { field, value_type, chars_max, clear_chars_max: 0, example });
    row(field.names(), presence, meaning, content)
}

/// A row with an encrypted value of at most `clear_chars_max` characters before encryption.
pub(crate) const fn encrypted(
    field: Field,
    presence: Presence,
    clear_chars_max: u16,
    meaning: [&'static str; 2],
    example: &'static str,
) -> Element {
    let chars_max = sealed_chars(clear_chars_max);
    let leaf = Leaf { field, value_type: ValueType::Printable, chars_max, clear_chars_max, example };
    row(field.names(), presence, meaning, Content::Leaf(leaf))
}

/// Characters of the base64 text of an encrypted value: a block of 16 bytes in front, then the
/// clear text of up to 4 bytes a character, padded to whole blocks by at least one byte.
const fn sealed_chars(clear_chars: u16) -> u16 {
    const BLOCK_BYTES: u16 = 16;
    let bytes = BLOCK_BYTES + (clear_chars * 4 / BLOCK_BYTES + 1) * BLOCK_BYTES;
    bytes.div_ceil(3) * 4
}

const fn row(names: Names, presence: Presence, meaning: [&'static str; 2], content: Content) -> Element {
    let [chinese, english] = meaning;
    Element {
        presence,
        content,
        chinese,
        english,
        names,
        start: Pattern::new(names.open.as_bytes().split_at(names.open.len() - 1).0),
        end: Pattern::new(names.close.as_bytes()),
    }
}
