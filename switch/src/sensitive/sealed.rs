//! Values sealed for one receiver, ready to stand in a message.

use clearway_codec::{Field, SerialNumber, Values};

/// What a message for one receiver says instead of the clear values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// `NcrptnSN`: serial number of the receiver's encryption certificate.
    pub serial: SerialNumber,
    /// `DgtlEnvlp`, base64; empty when there is no value.
    pub envelope: String,
    /// The values, base64.
    pub values: Vec<(Field, String)>,
}

impl Sealed {
    /// Sets the values and the two header fields that belong to them. Does nothing when there is no value.
    pub fn set_into<'a>(&'a self, values: &mut Values<'a>) {
        if self.values.is_empty() {
            return;
        }
        values.set(Field::NcrptnSN, self.serial.as_bytes());
        values.set(Field::DgtlEnvlp, self.envelope.as_bytes());
        for (field, text) in &self.values {
            values.set(*field, text.as_bytes());
        }
    }
}
