//! A second reading of after-images: field by field from their places in the bytes (`domain/record/mod.rs`,
//! `domain/transaction/layout.rs`), by rules of its own.

use clearway_codec::value::BatchId;

const RECORD_VERSION: u8 = 2;
/// The payment, and behind it the original that a refund changed too.
const IMAGES_AT: [usize; 2] = [24, 168];
const IMAGE_BYTES: usize = 144;
/// In the record.
const FLAGS_AT: usize = 4;
const FLAG_ORIGINAL: u8 = 1;
/// In the image.
const PHASE_FINAL: u8 = 5;
const BIT_UNREFUNDABLE: u8 = 8;
/// Paid by mandate: may go straight to a merchant's bank.
const BY_MANDATE: u8 = 5;

/// What money does by a business, seen from the reserve account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flow {
    /// Into the reserve account: the bank of leg 2 keeps it.
    In,
    /// Out of it: the bank of leg 1 keeps it.
    Out,
}

impl Flow {
    /// What gives it back.
    pub(super) const fn reversed(self) -> Self {
        match self {
            Self::In => Self::Out,
            Self::Out => Self::In,
        }
    }
}

/// One final payment as an after-image has it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FinalPayment {
    pub(super) key: u128,
    pub(super) amount_fen: u64,
    pub(super) institution: u16,
    pub(super) banks: [u16; 2],
    pub(super) business: u8,
    pub(super) status: u8,
    pub(super) flow: Flow,
    pub(super) has_reserve: bool,
}

impl FinalPayment {
    /// Whether its money moves: after 00 and 03 (business.md section 7).
    pub(super) const fn counts(&self) -> bool {
        self.status == 0 || self.status == 3
    }

    /// The bank that keeps the reserve account, when one is booked.
    pub(super) const fn reserve_bank(&self) -> Option<u16> {
        match (self.has_reserve, self.flow) {
            (false, _) => None,
            (true, Flow::In) => Some(self.banks[1]),
            (true, Flow::Out) => Some(self.banks[0]),
        }
    }
}

/// What money does by the business with this number; nothing when it moves none.
pub(super) fn flow_of(business: u8) -> Result<Option<Flow>, String> {
    match business {
        // 201, 216, 221, 241
        1 | 4 | 5 | 6 => Ok(Some(Flow::In)),
        // 205, 211
        2 | 3 => Ok(Some(Flow::Out)),
        7..=16 => Ok(None),
        _ => Err(format!("there is no business {business}")),
    }
}

/// The final payments of a batch in one record: none, one, or a refund and its original.
pub(super) fn finals(record: &[u8], batch: BatchId) -> Result<impl Iterator<Item = FinalPayment>, String> {
    let mut found = [None, None];
    if record.first() == Some(&RECORD_VERSION) {
        found[0] = image_at(record, IMAGES_AT[0], batch)?;
        if record.get(FLAGS_AT).is_some_and(|flags| flags & FLAG_ORIGINAL != 0) {
            found[1] = image_at(record, IMAGES_AT[1], batch)?;
        }
    }
    Ok(found.into_iter().flatten())
}

fn image_at(record: &[u8], at: usize, batch: BatchId) -> Result<Option<FinalPayment>, String> {
    let image: &[u8; IMAGE_BYTES] = record
        .get(at..at + IMAGE_BYTES)
        .and_then(|image| image.try_into().ok())
        .ok_or_else(|| format!("a record of {} bytes is shorter than its images", record.len()))?;
    if image[116..120] != batch.as_u32().to_le_bytes() || image[127] != PHASE_FINAL {
        return Ok(None);
    }
    let (business, status) = (image[126], image[128]);
    let Some(flow) = flow_of(business)? else { return Ok(None) };
    let mut key = [0; 16];
    key.copy_from_slice(&image[..16]);
    let mut amount = [0; 8];
    amount.copy_from_slice(&image[48..56]);
    let index = |at: usize| u16::from_le_bytes([image[at], image[at + 1]]);
    let payment = FinalPayment {
        key: u128::from_le_bytes(key),
        amount_fen: u64::from_le_bytes(amount),
        institution: index(120),
        banks: [index(122), index(124)],
        business,
        status,
        flow,
        has_reserve: business != BY_MANDATE || image[132] & BIT_UNREFUNDABLE == 0,
    };
    if !matches!(status, 0 | 1 | 3 | 4) || payment.amount_fen == 0 {
        return Err(format!(
            "payment {} is final with status {status} and {} fen",
            payment.key % 10_u128.pow(31),
            payment.amount_fen
        ));
    }
    Ok(Some(payment))
}
