//! The table of businesses. A new business is a new row here, and a row of values in the composer.

use super::row::{Business, BusinessRow, Effect};
use clearway_codec::{Field as F, MessageType as M};

/// What most rows share: an agreement payment.
const PAYMENT: BusinessRow = BusinessRow {
    business: Business::Payment,
    name: "payment",
    request: M::Epcc201,
    receipt: M::Epcc206,
    category: b"0110",
    effect: Effect::Money,
    first: &[F::PyerAcctIssrId],
    second: &[F::ResfdAcctIssrId],
    is_deferred: false,
    is_refundable: true,
};

/// What the rows of the register share.
const ENTRY: BusinessRow = BusinessRow {
    business: Business::Signing,
    name: "sign",
    request: M::Epcc101,
    receipt: M::Epcc102,
    category: b"0202",
    effect: Effect::OpensAgreement,
    first: &[F::SgnAcctIssrId],
    second: &[],
    is_deferred: false,
    is_refundable: false,
};

/// Every business; the place in this table is `Business as usize`.
pub(crate) static BUSINESSES: [BusinessRow; Business::ALL.len()] = [
    PAYMENT,
    BusinessRow {
        business: Business::Refund,
        name: "refund",
        request: M::Epcc205,
        category: b"0121",
        first: &[F::ResfdAcctIssrId],
        second: &[F::PyeeAcctIssrId],
        is_refundable: false,
        ..PAYMENT
    },
    BusinessRow {
        business: Business::Payout,
        name: "payout",
        request: M::Epcc211,
        receipt: M::Epcc213,
        category: b"0120",
        first: &[F::PyerBkId],
        second: &[F::PyeeBkId],
        is_refundable: false,
        ..PAYMENT
    },
    BusinessRow {
        business: Business::Certified,
        name: "certified",
        request: M::Epcc216,
        receipt: M::Epcc218,
        category: b"0112",
        first: &[F::PyerBkId],
        ..PAYMENT
    },
    BusinessRow {
        business: Business::Entrusted,
        name: "entrusted",
        request: M::Epcc221,
        receipt: M::Epcc223,
        category: b"0113",
        second: &[F::ResfdAcctIssrId, F::PyeeAcctIssrId],
        ..PAYMENT
    },
    BusinessRow {
        business: Business::Gateway,
        name: "gateway",
        request: M::Epcc241,
        receipt: M::Epcc243,
        category: b"0114",
        is_deferred: true,
        ..PAYMENT
    },
    BusinessRow {
        business: Business::IdentityCheck,
        name: "identity-check",
        category: b"0201",
        effect: Effect::Check,
        ..ENTRY
    },
    ENTRY,
    BusinessRow {
        business: Business::Unsigning,
        name: "end",
        request: M::Epcc103,
        receipt: M::Epcc104,
        category: b"0203",
        effect: Effect::ClosesAgreement,
        ..ENTRY
    },
    BusinessRow {
        business: Business::Mandate,
        name: "mandate",
        request: M::Epcc111,
        receipt: M::Epcc113,
        category: b"0204",
        effect: Effect::OpensMandate,
        is_deferred: true,
        ..ENTRY
    },
    BusinessRow {
        business: Business::MandateEnd,
        name: "mandate-end",
        request: M::Epcc115,
        receipt: M::Epcc116,
        category: b"0205",
        effect: Effect::ClosesMandate,
        ..ENTRY
    },
    BusinessRow {
        business: Business::BankUnsigning,
        name: "bank-end",
        request: M::Epcc105,
        receipt: M::Epcc303,
        category: b"0208",
        effect: Effect::ClosesAgreement,
        ..ENTRY
    },
    BusinessRow {
        business: Business::BankMandateEnd,
        name: "bank-mandate-end",
        request: M::Epcc117,
        receipt: M::Epcc118,
        category: b"0206",
        effect: Effect::ClosesMandate,
        is_deferred: true,
        ..ENTRY
    },
];

/// The row of a request: by message type, and where two businesses share one, by category.
pub(crate) fn row_of_request(message_type: M, category: Option<&[u8]>) -> Option<&'static BusinessRow> {
    let mut rows = BUSINESSES.iter().filter(|row| row.request == message_type);
    let first = rows.next()?;
    match rows.next() {
        None => Some(first),
        Some(_) => {
            BUSINESSES.iter().find(|row| row.request == message_type && Some(row.category.as_slice()) == category)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_stands_at_its_place_and_is_found_by_its_request() {
        for business in Business::ALL {
            let row = business.row();
            assert_eq!(row.business, business);
            let found = row_of_request(row.request, Some(row.category)).map(|row| row.business);
            assert_eq!(found, Some(business));
        }
        assert!(row_of_request(M::Epcc301, None).is_none());
        assert!(row_of_request(M::Epcc101, Some(b"0299")).is_none());
    }

    #[test]
    fn what_moves_money_has_two_legs_and_what_does_not_has_one() {
        for row in &BUSINESSES {
            assert_eq!(row.second.is_empty(), row.effect != Effect::Money, "{}", row.name);
            assert!(!row.is_refundable || row.effect == Effect::Money, "{}", row.name);
        }
    }
}
