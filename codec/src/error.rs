//! The one error of this crate: what, where in the bytes, at which element.
//!
//! Invariant: making one allocates nothing, and every kind belongs to exactly one of two families:
//! bytes that cannot be read at all, and messages that can be read but are refused.

use std::fmt;

use crate::path::ElementPath;
use crate::value::ValueError;

/// Why a message was refused, where, and at which element.
///
/// ```
/// use clearway_codec::Decoder;
///
/// let error = Decoder::new().decode(b"<root><MsgHeader>").unwrap_err();
/// assert!(error.kind.is_malformed());
/// assert_eq!(error.to_string(), "message ends too early at byte 17 in /root/MsgHeader");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Error {
    /// What is wrong.
    pub kind: ErrorKind,
    /// Where, in bytes from the start of the message; 0 when a message is being made.
    pub offset: usize,
    /// At which element.
    pub path: ElementPath,
}

const _: () = assert!(size_of::<Error>() <= 128);

impl Error {
    pub(crate) const fn new(kind: ErrorKind, offset: usize) -> Self {
        Self { kind, offset, path: ElementPath::EMPTY }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} at byte {}", self.kind, self.offset)?;
        if self.path == ElementPath::EMPTY { Ok(()) } else { write!(f, " in {}", self.path) }
    }
}

/// What is wrong with a message. Exhaustive on purpose: who maps it to return codes must map all.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, thiserror::Error)]
pub enum ErrorKind {
    // --- cannot be read ---
    /// Over [`MESSAGE_BYTES_MAX`](crate::limits::MESSAGE_BYTES_MAX).
    #[error("message too large")]
    MessageTooLarge,
    /// The bytes end inside the document.
    #[error("message ends too early")]
    Truncated,
    /// Not UTF-8, or declared to be something else.
    #[error("not UTF-8")]
    NotUtf8,
    /// A control character that XML does not allow, as a byte or as a reference.
    #[error("character that XML does not allow")]
    BadCharacter,
    /// A byte order mark.
    #[error("byte order mark")]
    ByteOrderMark,
    /// Anything but white space before `<root` or after the signature.
    #[error("text outside the document")]
    TextOutside,
    /// A tag, a name, an attribute or the declaration that is not well-formed.
    #[error("malformed tag")]
    MalformedTag,
    /// An end tag that closes another element than the open one.
    #[error("end tag does not match")]
    MismatchedEndTag,
    /// The same attribute twice on one tag.
    #[error("attribute given twice")]
    DuplicateAttribute,
    /// A reference other than the five entities and characters, or a bare `&`.
    #[error("bad reference")]
    BadReference,
    /// `]]>` in text.
    #[error("end of CDATA in text")]
    CdataEnd,
    /// A document type declaration.
    #[error("document type declaration")]
    Dtd,
    /// CDATA, a comment or a processing instruction inside the document.
    #[error("CDATA, comment or processing instruction")]
    ForbiddenMarkup,
    /// Over [`DEPTH_MAX`](crate::limits::DEPTH_MAX).
    #[error("nested too deeply")]
    TooDeep,
    /// Over [`ELEMENT_COUNT_MAX`](crate::limits::ELEMENT_COUNT_MAX).
    #[error("too many elements")]
    TooManyElements,
    /// Over [`ATTRIBUTE_COUNT_MAX`](crate::limits::ATTRIBUTE_COUNT_MAX).
    #[error("too many attributes")]
    TooManyAttributes,
    /// Over [`NAME_BYTES_MAX`](crate::limits::NAME_BYTES_MAX).
    #[error("name too long")]
    NameTooLong,

    // --- can be read, and is refused ---
    /// The outermost element is not `root`.
    #[error("not a root element")]
    UnknownRoot,
    /// The catalogue has no such message type.
    #[error("unknown message type")]
    UnknownMessageType,
    /// A mandatory element is absent or empty.
    #[error("mandatory element missing")]
    MissingElement,
    /// A known element after one that must follow it, or after an unknown one.
    #[error("element out of order")]
    OutOfOrder,
    /// A known element twice in its block.
    #[error("element repeated")]
    Repeated,
    /// An element where only a value may stand.
    #[error("markup inside a value")]
    MarkupInValue,
    /// Text where only elements may stand.
    #[error("text between elements")]
    StrayText,
    /// A value of more characters than its element may have.
    #[error("value too long")]
    TooLong,
    /// A value that is not of its element's form.
    #[error("bad value: {0}")]
    BadValue(ValueError),
    /// There is no `{S:...}` block, or it is not complete.
    #[error("signature missing")]
    SignatureMissing,
    /// The signature block is empty, not base64, or too long.
    #[error("signature is not base64")]
    SignatureNotBase64,
}

impl ErrorKind {
    /// Whether the bytes are no document that can be read at all (the sender gets an HTTP 400, or
    /// 413 for [`MessageTooLarge`](Self::MessageTooLarge)); otherwise a signed answer names the
    /// fault.
    #[must_use]
    pub const fn is_malformed(self) -> bool {
        match self {
            Self::MessageTooLarge
            | Self::Truncated
            | Self::NotUtf8
            | Self::BadCharacter
            | Self::ByteOrderMark
            | Self::TextOutside
            | Self::MalformedTag
            | Self::MismatchedEndTag
            | Self::DuplicateAttribute
            | Self::BadReference
            | Self::CdataEnd
            | Self::Dtd
            | Self::ForbiddenMarkup
            | Self::TooDeep
            | Self::TooManyElements
            | Self::TooManyAttributes
            | Self::NameTooLong => true,
            Self::UnknownRoot
            | Self::UnknownMessageType
            | Self::MissingElement
            | Self::OutOfOrder
            | Self::Repeated
            | Self::MarkupInValue
            | Self::StrayText
            | Self::TooLong
            | Self::BadValue(_)
            | Self::SignatureMissing
            | Self::SignatureNotBase64 => false,
        }
    }
}

impl From<ValueError> for ErrorKind {
    fn from(error: ValueError) -> Self {
        Self::BadValue(error)
    }
}
