//! After-images of the registers, as they stand in records and snapshots.
//!
//! ```text
//!  little-endian
//!  0 version = 1   1 kind   2 zero x 2   4 length u32   8 body
//!    kind 1 agreement [88]   2 mandate [142]   4 case
//!         3 alias    old [64], number [34], version u32
//!         5 sharing  number [34], version u32, count u8, merchants [34] each
//!         6 setting  key u32, version u32, the rest is its owner's
//!         7 book     key u64, version u32, the rest is the books'
//! ```
//!
//! Invariant: decoding takes any bytes without panic; what it accepts encodes to the same bytes.

use super::book_entry::BookEntry;
use super::rule::Key;
use crate::domain::agreement::{AGREEMENT_BYTES, Agreement, Alias, MERCHANTS_MAX, MerchantNo, OldNo, SgnNo, Sharing};
use crate::domain::dispute::Case;
use crate::domain::field_reader::FieldReader;
use crate::domain::mandate::{MANDATE_BYTES, Mandate};
use crate::domain::transaction::Corrupt;

/// Version of the layout.
const IMAGE_VERSION: u8 = 1;
/// Bytes before the body.
pub const IMAGE_HEAD_BYTES: usize = 8;
/// Longest opaque part of a setting (ours).
pub const SETTING_BYTES_MAX: usize = 1 << 18;
/// No image is longer.
const BODY_BYTES_MAX: usize = SETTING_BYTES_MAX + 8;

/// One register entry after a change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Image {
    /// An agreement.
    Agreement(Agreement),
    /// A mandate.
    Mandate(Mandate),
    /// An old number of an agreement.
    Alias(Alias),
    /// A case.
    Case(Case),
    /// The merchants that share an agreement.
    Sharing(Sharing),
    /// A setting that was changed at run time.
    Setting(Setting),
    /// An entry of the books.
    Book(BookEntry),
}

/// A setting that was changed at run time; what it says is known to its owner alone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// Which.
    pub key: u32,
    /// Number of changes, 1 for the first image.
    pub version: u32,
    /// What it says, at most [`SETTING_BYTES_MAX`] bytes.
    pub bytes: Vec<u8>,
}

impl Image {
    /// The agreement, if it is one.
    pub const fn agreement(&self) -> Option<&Agreement> {
        if let Self::Agreement(agreement) = self { Some(agreement) } else { None }
    }

    /// The mandate, if it is one.
    pub const fn mandate(&self) -> Option<&Mandate> {
        if let Self::Mandate(mandate) = self { Some(mandate) } else { None }
    }

    /// The case, if it is one.
    pub const fn case(&self) -> Option<&Case> {
        if let Self::Case(case) = self { Some(case) } else { None }
    }

    /// What it is the image of, for the kinds that transactions change.
    pub const fn key(&self) -> Option<Key> {
        match self {
            Self::Agreement(agreement) => Some(Key::Agreement(agreement.number)),
            Self::Mandate(mandate) => Some(Key::Mandate(mandate.number)),
            Self::Case(case) => Some(Key::Case(case.trx_key)),
            Self::Alias(_) | Self::Sharing(_) | Self::Setting(_) | Self::Book(_) => None,
        }
    }

    /// Number of changes up to this one.
    pub const fn version(&self) -> u32 {
        match self {
            Self::Agreement(agreement) => agreement.version,
            Self::Mandate(mandate) => mandate.version,
            Self::Alias(alias) => alias.version,
            Self::Case(case) => case.version,
            Self::Sharing(sharing) => sharing.version,
            Self::Setting(setting) => setting.version,
            Self::Book(entry) => entry.version,
        }
    }

    /// Appends its bytes.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let head = out.len();
        out.extend_from_slice(&[IMAGE_VERSION, self.kind(), 0, 0, 0, 0, 0, 0]);
        match self {
            Self::Agreement(agreement) => out.extend_from_slice(&agreement.to_bytes()),
            Self::Mandate(mandate) => out.extend_from_slice(&mandate.to_bytes()),
            Self::Alias(alias) => encode_alias(alias, out),
            Self::Case(case) => case.encode(out),
            Self::Sharing(sharing) => encode_sharing(sharing, out),
            Self::Setting(setting) => encode_setting(setting, out),
            Self::Book(entry) => entry.encode(out),
        }
        let length = (out.len() - head - IMAGE_HEAD_BYTES) as u32;
        out[head + 4..head + IMAGE_HEAD_BYTES].copy_from_slice(&length.to_le_bytes());
    }

    /// Reads one image off the front; it and the bytes that it took.
    ///
    /// # Errors
    /// [`Corrupt`] when the bytes begin with no image of this version.
    pub fn decode(bytes: &[u8]) -> Result<(Self, usize), Corrupt> {
        let mut rest = FieldReader::new(bytes);
        let [version, kind, zero @ ..] = rest.array::<4>("image head")?;
        let length = rest.u32("image head")? as usize;
        if version != IMAGE_VERSION || zero != [0; 2] || length > BODY_BYTES_MAX {
            return Err(Corrupt("image head"));
        }
        let body = rest.slice(length, "image body")?;
        let image = match kind {
            1 => Self::Agreement(Agreement::from_bytes(fixed::<AGREEMENT_BYTES>(body)?)?),
            2 => Self::Mandate(Mandate::from_bytes(fixed::<MANDATE_BYTES>(body)?)?),
            3 => Self::Alias(decode_alias(body)?),
            4 => Self::Case(Case::decode(body)?),
            5 => Self::Sharing(decode_sharing(body)?),
            6 => Self::Setting(decode_setting(body)?),
            7 => Self::Book(BookEntry::decode(body)?),
            _ => return Err(Corrupt("image kind")),
        };
        Ok((image, IMAGE_HEAD_BYTES + length))
    }

    const fn kind(&self) -> u8 {
        match self {
            Self::Agreement(_) => 1,
            Self::Mandate(_) => 2,
            Self::Alias(_) => 3,
            Self::Case(_) => 4,
            Self::Sharing(_) => 5,
            Self::Setting(_) => 6,
            Self::Book(_) => 7,
        }
    }
}

fn fixed<const N: usize>(body: &[u8]) -> Result<&[u8; N], Corrupt> {
    body.try_into().map_err(|_| Corrupt("image length"))
}

fn encode_alias(alias: &Alias, out: &mut Vec<u8>) {
    out.extend_from_slice(alias.old.to_bytes());
    out.extend_from_slice(alias.number.to_bytes());
    out.extend_from_slice(&alias.version.to_le_bytes());
}

fn decode_alias(body: &[u8]) -> Result<Alias, Corrupt> {
    const WHAT: &str = "alias";
    let mut rest = FieldReader::new(body);
    let old = OldNo::from_bytes(&rest.array(WHAT)?).ok_or(Corrupt(WHAT))?;
    let number = SgnNo::from_bytes(&rest.array(WHAT)?).ok_or(Corrupt(WHAT))?;
    let version = sound_version(rest.u32(WHAT)?)?;
    rest.end(WHAT)?;
    Ok(Alias { old, number, version })
}

fn encode_sharing(sharing: &Sharing, out: &mut Vec<u8>) {
    let count = sharing.merchants.len().min(MERCHANTS_MAX);
    out.extend_from_slice(sharing.number.to_bytes());
    out.extend_from_slice(&sharing.version.to_le_bytes());
    out.push(count as u8);
    for merchant in sharing.merchants.iter().take(count) {
        out.extend_from_slice(merchant.to_bytes());
    }
}

fn decode_sharing(body: &[u8]) -> Result<Sharing, Corrupt> {
    const WHAT: &str = "sharing";
    let mut rest = FieldReader::new(body);
    let number = SgnNo::from_bytes(&rest.array(WHAT)?).ok_or(Corrupt(WHAT))?;
    let version = sound_version(rest.u32(WHAT)?)?;
    let count = usize::from(rest.byte(WHAT)?);
    if count > MERCHANTS_MAX {
        return Err(Corrupt(WHAT));
    }
    let merchant = |_| MerchantNo::from_bytes(&rest.array(WHAT)?).ok_or(Corrupt(WHAT));
    let merchants = (0..count).map(merchant).collect::<Result<_, _>>()?;
    rest.end(WHAT)?;
    Ok(Sharing { number, version, merchants })
}

fn encode_setting(setting: &Setting, out: &mut Vec<u8>) {
    assert!(setting.bytes.len() <= SETTING_BYTES_MAX, "a setting is bounded before it becomes an image");
    out.extend_from_slice(&setting.key.to_le_bytes());
    out.extend_from_slice(&setting.version.to_le_bytes());
    out.extend_from_slice(&setting.bytes);
}

fn decode_setting(body: &[u8]) -> Result<Setting, Corrupt> {
    const WHAT: &str = "setting";
    let mut rest = FieldReader::new(body);
    let (key, version) = (rest.u32(WHAT)?, sound_version(rest.u32(WHAT)?)?);
    let bytes = rest.slice(body.len() - 8, WHAT)?.to_vec();
    Ok(Setting { key, version, bytes })
}

const fn sound_version(version: u32) -> Result<u32, Corrupt> {
    if version == 0 { Err(Corrupt("image version")) } else { Ok(version) }
}
