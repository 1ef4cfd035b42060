//! The page of one message.

use clearway_codec::MessageType;
use clearway_codec::catalogue::{Sender, schema};

use super::table;

/// The page of one message.
pub(super) fn write(message_type: MessageType) -> String {
    let schema = schema(message_type);
    let code = message_type.code();
    let answer = match schema.answer {
        Some(answer) => format!("Answered by [{answer}](epcc.{:03}.md).", answer.number()),
        None => "An answer; nothing follows it.".to_owned(),
    };
    let encrypted = match schema.encrypted_fields() {
        [] => "Nothing in it is encrypted.".to_owned(),
        fields => {
            let names: Vec<_> = fields.iter().map(|field| format!("`{}`", field.name())).collect();
            format!("Encrypted: {}; `NcrptnSN` and `DgtlEnvlp` in the header belong to them.", names.join(", "))
        }
    };
    format!(
        "# {code} {}\n\n{}. Written by {}. {answer} {encrypted}\n\n[XSD](xsd/{code}.xsd) · [signed sample](samples/{code}.msg) · \
         [header and columns](README.md)\n\n{}\nMade by `cargo catalogue`; changes belong into `codec/src/catalogue/`.\n",
        schema.chinese,
        first_letter_up(schema.english),
        name_of(schema.sender),
        table::write("", schema.elements()),
    )
}

/// Who writes a message, in words.
pub(super) fn name_of(sender: Sender) -> &'static str {
    match sender {
        Sender::Institution => "the institution",
        Sender::Bank => "the bank",
        Sender::Switch => "the switch",
        Sender::Participant => "any participant",
    }
}

fn first_letter_up(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
