use clearway_codec::catalogue::MessageType;
use clearway_codec::value::TrxStatus;

use super::*;

#[test]
fn every_row_is_found_by_its_key_its_number_and_its_request() {
    for row in &BUSINESSES {
        assert_eq!(rules(row.business), row);
        assert_eq!(Business::from_code(row.business.code()), Some(row.business));
        assert_eq!(Business::from_name(row.name), Some(row.business));
        for category in row.categories {
            assert_eq!(Business::from_request(row.request, category.as_bytes()), Some(row.business));
        }
        assert!(Business::is_request(row.request));
    }
    assert_eq!(Business::from_code(0), None);
    assert_eq!(Business::from_code(BUSINESSES.len() as u8 + 1), None);
    assert_eq!(Business::from_request(MessageType::Epcc301, b"0110"), None);
    assert_eq!(Business::from_request(MessageType::Epcc201, b"0121"), None);
}

#[test]
fn the_rule_of_presumption_of_money_is_04_for_the_payers_side_and_03_for_the_payees() {
    for row in BUSINESSES.iter().filter(|row| row.moves_money) {
        let presumed: Vec<_> = row.legs.iter().map(|leg| leg.presumed_status).collect();
        assert_eq!(presumed, [TrxStatus::PresumedFailure, TrxStatus::PresumedSuccess], "{}", row.name);
        assert!(row.legs.iter().all(|leg| leg.chase == Chase::Query), "{}: money is never sent twice", row.name);
    }
}

#[test]
fn what_the_rows_say_fits_together() {
    for row in &BUSINESSES {
        assert!(row.legs.len() == 2 || !row.moves_money, "{}", row.name);
        let is_refundable = row.refundable != Refundable::Never;
        assert!(!(row.reserves_original && is_refundable), "{}", row.name);
        assert!(row.moves_money || !(is_refundable || row.limited || row.reserves_original), "{}", row.name);
        let closable = row.legs.iter().any(|leg| leg.rest.is_some()) || !row.closable;
        assert!(closable, "{}: only what rests can be closed", row.name);
    }
}
