//! How large requests are: how much of the room for descriptive text they use.
//!
//! ```text
//! 0    as little as the wire allows: optional text left out, mandatory text one character
//! 1    every descriptive text as long as its element may be
//! ```
//!
//! Descriptive is what nobody acts on: names and goods of an order, device and terminals, summary, reasons. It is filled
//! with Chinese characters, three bytes each, as real text is. A 201 has 1.2 KB at 0, 1.5 KB as the generator writes it
//! by itself, and 4.5 KB at 1.

use crate::error::Error;
use crate::random::Draws;
use clearway_codec::Field;
use serde::{Deserialize, Serialize};

/// The share of the room that a request uses, 0 to 1; drawn anew for each.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Fill {
    /// Text of an ordinary order, the same in every request.
    #[default]
    Usual,
    /// Always the same share.
    Fixed {
        /// 0 to 1.
        share: f64,
    },
    /// Evenly between two shares.
    Uniform {
        /// Least, 0 to 1.
        from: f64,
        /// Most, 0 to 1.
        to: f64,
    },
    /// Many small ones and few large ones: exponential, cut off at 1.
    Exponential {
        /// Mean before the cut, above 0 and at most 1.
        mean: f64,
    },
}

/// Bytes of a payment's descriptive text where all room is used.
const ROOM_BYTES: f64 = 3_300.0;

/// Elements whose text has no meaning to anybody but people.
const DESCRIPTIVE: [Field; 11] = [
    Field::OrdrDesc,
    Field::PltfrmNm,
    Field::PyeeNm,
    Field::PyerTrxTrmNo,
    Field::PyeeTrxTrmNo,
    Field::TrxTrmNo,
    Field::TrxDevcInf,
    Field::TrxSmmry,
    Field::EntrstDtDsc,
    Field::RescindRsn,
    Field::DsptRsn,
];

impl Fill {
    /// Whether the text of this element is descriptive.
    pub(crate) fn is_descriptive(field: Field) -> bool {
        DESCRIPTIVE.contains(&field)
    }

    /// The share of one request; `None` = text of an ordinary order.
    pub(crate) fn draw(self, draws: &mut Draws) -> Option<f64> {
        let share = match self {
            Self::Usual => return None,
            Self::Fixed { share } => share,
            Self::Uniform { from, to } => from + (to - from) * draws.unit(),
            Self::Exponential { mean } => -mean * (1.0 - draws.unit()).ln(),
        };
        Some(share.clamp(0.0, 1.0))
    }

    /// What it adds to a request of little text on average, in bytes.
    pub(crate) fn mean_bytes(self) -> f64 {
        let share = match self {
            Self::Usual => 0.0,
            Self::Fixed { share } => share,
            Self::Uniform { from, to } => (from + to) / 2.0,
            Self::Exponential { mean } => mean,
        };
        share * ROOM_BYTES
    }

    pub(super) fn check(self) -> Result<(), Error> {
        let (least, most) = match self {
            Self::Usual => return Ok(()),
            Self::Fixed { share } => (share, share),
            Self::Uniform { from, to } => (from, to),
            Self::Exponential { mean } if mean > 0.0 => (mean, mean),
            Self::Exponential { .. } => (-1.0, -1.0),
        };
        if least >= 0.0 && least <= most && most <= 1.0 {
            Ok(())
        } else {
            Err(Error::Mix(format!("text {self:?}: shares must be within 0 and 1, the least first")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_have_their_distribution_and_stay_within_the_room() {
        let table = [
            (Fill::Fixed { share: 0.3 }, 0.3),
            (Fill::Uniform { from: 0.2, to: 0.8 }, 0.5),
            (Fill::Uniform { from: 0.0, to: 1.0 }, 0.5),
            // An exponential of mean 0.1 loses 0.0000454 of its mean above 1.
            (Fill::Exponential { mean: 0.1 }, 0.1),
        ];
        for (fill, mean) in table {
            fill.check().unwrap();
            let shares: Vec<f64> = (0..20_000).filter_map(|key| fill.draw(&mut Draws::new(3, key))).collect();
            assert!(shares.iter().all(|share| (0.0..=1.0).contains(share)), "{fill:?}");
            let found = shares.iter().sum::<f64>() / shares.len() as f64;
            assert!((found - mean).abs() < 0.01, "{fill:?}: {found}");
            assert!((fill.mean_bytes() / ROOM_BYTES - mean).abs() < 1e-9, "{fill:?}");
        }
        assert_eq!(Fill::Usual.draw(&mut Draws::new(3, 1)), None);
    }

    #[test]
    fn shares_beyond_the_room_are_refused() {
        let broken = [
            Fill::Fixed { share: 1.1 },
            Fill::Fixed { share: f64::NAN },
            Fill::Uniform { from: 0.5, to: 0.2 },
            Fill::Uniform { from: -0.1, to: 0.2 },
            Fill::Exponential { mean: 0.0 },
            Fill::Exponential { mean: 2.0 },
        ];
        assert!(broken.iter().all(|fill| fill.check().is_err()));
    }
}
