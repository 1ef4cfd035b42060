//! Made-up participants with ids of the real form.
//!
//! ```text
//! Z2 0001 33 00001 7       class | institution | province (GB/T 2260) | sequence | check digit (rule not public: any)
//! C1 0001 11 00001 5       a deposit bank
//! ```

use std::net::SocketAddr;

/// Most participants of one kind: the institution number has four digits.
pub(super) const PER_KIND_MAX: usize = 9_999;

/// NetsUnion's own id (wire.md 4).
pub(super) const NODE_ID: &str = "G4000311000018";
/// Serial number of the node's first key.
pub(super) const NODE_SERIAL: &str = "4000000001";
/// Serial number of the node's first encryption certificate.
pub(super) const NODE_ENCRYPTION_SERIAL: &str = "4500000001";

/// Beijing, Shanghai, Guangdong, Zhejiang, Jiangsu, Sichuan, Hubei, Shaanxi.
const PROVINCES: [u8; 8] = [11, 31, 44, 33, 32, 51, 42, 61];

/// One participant to be.
#[derive(Debug, Clone)]
pub(super) struct Identity {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) serial: String,
    /// Of its encryption certificate.
    pub(super) encryption_serial: String,
    pub(super) address: SocketAddr,
}

impl Identity {
    /// The `number`-th institution, from 1.
    pub(super) fn institution(number: usize, address: SocketAddr) -> Self {
        Self {
            id: id_of("Z2", number),
            name: format!("Institution {number}"),
            serial: format!("41{number:08}"),
            encryption_serial: format!("46{number:08}"),
            address,
        }
    }

    /// The `number`-th bank, from 1.
    pub(super) fn bank(number: usize, address: SocketAddr) -> Self {
        Self {
            id: id_of("C1", number),
            name: format!("Bank {number}"),
            serial: format!("42{number:08}"),
            encryption_serial: format!("47{number:08}"),
            address,
        }
    }

    /// Where the node posts to it.
    pub(super) fn url(&self, scheme: &str) -> String {
        format!("{scheme}://{}/epcc", self.address)
    }
}

fn id_of(class: &str, number: usize) -> String {
    let province = PROVINCES[number % PROVINCES.len()];
    format!("{class}{number:04}{province:02}{:05}{}", number, (number * 7) % 10)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use clearway_codec::value::{InstitutionId, SerialNumber};

    use super::*;

    #[test]
    fn ids_and_serials_are_well_formed_and_different() {
        let address = "127.0.0.1:1".parse().unwrap();
        let mut seen = BTreeSet::new();
        for number in 1..=PER_KIND_MAX {
            for identity in [Identity::bank(number, address), Identity::institution(number, address)] {
                assert!(InstitutionId::parse(identity.id.as_bytes()).is_ok());
                for serial in [identity.serial, identity.encryption_serial] {
                    assert!(SerialNumber::parse(serial.as_bytes()).is_ok() && seen.insert(serial));
                }
                assert!(seen.insert(identity.id));
            }
        }
    }
}
