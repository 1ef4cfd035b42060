//! The forms of values in words, and as facets of an XSD.

use clearway_codec::catalogue::{Leaf, ValueType};

const DATE: &str = "(19[7-9][0-9]|[2-9][0-9]{3})(0[1-9]|1[0-2])(0[1-9]|[12][0-9]|3[01])";
const SEQUENCE: &str = "(000[1-9]|00[1-9][0-9]|0[1-9][0-9]{2}|[1-9][0-9]{3})";

/// Every form with its name in the reference and what it means there.
pub(super) const FORMS: [(ValueType, &str, &str); 16] = [
    (ValueType::Text, "text", "any text; markup characters as references"),
    (ValueType::Printable, "printable", "printable ASCII, space included"),
    (ValueType::Alphanumeric, "alphanumeric", "ASCII letters and digits"),
    (ValueType::Digits, "digits", "digits, exactly as many as the length says"),
    (ValueType::Number, "number", "digits, up to as many as the length says"),
    (
        ValueType::Amount,
        "amount",
        "`CNY`, yuan without a needless zero, a point, two digits: above 0, up to 9999999999.99",
    ),
    (ValueType::TrxId, "transaction id", "31 digits that begin with a day"),
    (ValueType::Institution, "institution", "14 letters and digits"),
    (ValueType::SerialNumber, "serial number", "10 digits"),
    (ValueType::Time, "time", "`yyyy-MM-ddTHH:mm:ss`, Beijing time"),
    (ValueType::BatchId, "batch", "`B`, a day `yyyyMMdd`, four digits from 0001"),
    (ValueType::DisputeBatch, "dispute batch", "`D`, a day `yyyyMMdd`, four digits from 0001"),
    (ValueType::Status, "status", "00 success, 01 failure, 02 in process, 03 presumed success, 04 presumed failure"),
    (ValueType::ReturnCode, "return code", "8 letters and digits"),
    (ValueType::Direction, "direction", "2 digits"),
    (ValueType::LegFlag, "leg", "1 debit, 2 credit"),
];

/// The name of a form in the reference.
pub(super) fn name_of(value_type: ValueType) -> &'static str {
    FORMS.iter().find(|(known, ..)| *known == value_type).map_or("message type", |(_, name, _)| name)
}

/// The facets of a value that must not be empty; `code` is the type of the message.
pub(super) fn facets(leaf: &Leaf, code: &str) -> String {
    let chars_max = leaf.chars_max;
    let pattern = match leaf.value_type {
        ValueType::Text => {
            return format!("<xs:minLength value=\"1\"/><xs:maxLength value=\"{chars_max}\"/>");
        }
        ValueType::Printable => format!("[ -~]{{1,{chars_max}}}"),
        ValueType::Alphanumeric => format!("[0-9A-Za-z]{{1,{chars_max}}}"),
        ValueType::Digits => format!("[0-9]{{{chars_max}}}"),
        ValueType::Number => format!("[0-9]{{1,{chars_max}}}"),
        ValueType::Amount => r"CNY(0\.(0[1-9]|[1-9][0-9])|[1-9][0-9]{0,9}\.[0-9]{2})".to_owned(),
        ValueType::TrxId => format!("{DATE}[0-9]{{23}}"),
        ValueType::Institution => "[0-9A-Za-z]{14}".to_owned(),
        ValueType::SerialNumber => "[0-9]{10}".to_owned(),
        ValueType::Time => TIME.to_owned(),
        ValueType::BatchId => format!("B{DATE}{SEQUENCE}"),
        ValueType::DisputeBatch => format!("D{DATE}{SEQUENCE}"),
        ValueType::Status => "0[0-4]".to_owned(),
        ValueType::ReturnCode => "[0-9A-Za-z]{8}".to_owned(),
        ValueType::Direction => "[0-9]{2}".to_owned(),
        ValueType::LegFlag => "[12]".to_owned(),
        ValueType::MessageType => code.replace('.', r"\."),
    };
    format!("<xs:pattern value=\"{pattern}\"/>")
}

const TIME: &str = concat!(
    "(19[7-9][0-9]|[2-9][0-9]{3})-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])",
    "T([01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = FORMS.iter().map(|(_, name, _)| name).collect();
        assert_eq!(names.len(), FORMS.len());
        assert_eq!(name_of(ValueType::MessageType), "message type");
        assert_eq!(name_of(ValueType::LegFlag), "leg");
    }
}
