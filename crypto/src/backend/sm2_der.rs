//! SM2 signatures: strict DER to two 32-byte integers and back.
//!
//! ```text
//! 30 len                      len = bytes that follow, 8 ..= 70
//!    02 len r                 big-endian, no needless zero byte, not negative, 1 <= r < n
//!    02 len s                 the same
//! ```
//!
//! Invariant: one pair (r, s) has exactly one accepted encoding, so a signature cannot be changed
//! without becoming another signature; and whatever comes out is in `1..n`, and `r + s != n`, which the
//! library behind does not check (GM/T 0003.2, 7.1 steps B1, B2 and B5). Called for every SM2 verification.

use crate::signature::Signature;

/// Bytes of one integer.
const INTEGER_BYTES: usize = 32;

/// The order n of the SM2 curve's base point, big-endian (GM/T 0003.5).
pub(crate) const ORDER: [u8; INTEGER_BYTES] = [
    0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x72, 0x03, 0xdf,
    0x6b, 0x21, 0xc6, 0x05, 0x2b, 0x53, 0xbb, 0xf4, 0x09, 0x39, 0xd5, 0x41, 0x23,
];

const TAG_SEQUENCE: u8 = 0x30;
const TAG_INTEGER: u8 = 0x02;
/// Longest content that one length byte can say; an SM2 signature never needs more.
const SHORT_LENGTH_MAX: u8 = 0x7f;

/// The two integers of a signature, each big-endian, in `1..n`, with `r + s != n`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scalars {
    pub(crate) r: [u8; INTEGER_BYTES],
    pub(crate) s: [u8; INTEGER_BYTES],
}

impl Scalars {
    /// Accepts the pair if it can be a signature at all.
    pub(crate) fn new(r: [u8; INTEGER_BYTES], s: [u8; INTEGER_BYTES]) -> Option<Self> {
        let in_range = |value: &[u8; INTEGER_BYTES]| value.iter().any(|b| *b != 0) && *value < ORDER;
        (in_range(&r) && in_range(&s) && !sums_to_order(&r, &s)).then_some(Self { r, s })
    }

    /// Reads the one strict encoding; everything else is `None`.
    pub(crate) fn from_der(der: &[u8]) -> Option<Self> {
        let (body, rest) = read(der, TAG_SEQUENCE)?;
        let (r, body) = read(body, TAG_INTEGER)?;
        let (s, end) = read(body, TAG_INTEGER)?;
        if !rest.is_empty() || !end.is_empty() {
            return None;
        }
        Self::new(unsigned(r)?, unsigned(s)?)
    }

    /// Writes the encoding.
    pub(crate) fn write_der(&self, out: &mut Signature) {
        let mut der = [0; 72];
        let end = write_integer(&mut der, 2, &self.r);
        let end = write_integer(&mut der, end, &self.s);
        der[0] = TAG_SEQUENCE;
        der[1] = (end - 2) as u8;
        out.set(&der[..end]);
    }
}

/// One tag, one length byte, the content; and what follows.
fn read(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let [found, len, rest @ ..] = der else {
        return None;
    };
    if *found != tag || *len > SHORT_LENGTH_MAX {
        return None;
    }
    rest.split_at_checked(usize::from(*len))
}

/// The content of a non-negative INTEGER in its shortest form, as 32 bytes.
fn unsigned(content: &[u8]) -> Option<[u8; INTEGER_BYTES]> {
    let magnitude = match content {
        // A leading zero is there only to keep a high bit from being a sign.
        [0, next, ..] if *next < 0x80 => return None,
        [0, magnitude @ ..] => magnitude,
        [first, ..] if *first < 0x80 => content,
        _ => return None,
    };
    let mut value = [0; INTEGER_BYTES];
    let start = INTEGER_BYTES.checked_sub(magnitude.len())?;
    value.get_mut(start..)?.copy_from_slice(magnitude);
    Some(value)
}

/// Whether `a + b` is exactly the order.
fn sums_to_order(a: &[u8; INTEGER_BYTES], b: &[u8; INTEGER_BYTES]) -> bool {
    let mut carry = 0;
    for ((a, b), n) in a.iter().zip(b).zip(&ORDER).rev() {
        let sum = u16::from(*a) + u16::from(*b) + carry;
        if sum & 0xff != u16::from(*n) {
            return false;
        }
        carry = sum >> 8;
    }
    carry == 0
}

/// Writes one INTEGER at `at` and says where it ends. `value` is not zero.
fn write_integer(der: &mut [u8; 72], at: usize, value: &[u8; INTEGER_BYTES]) -> usize {
    let zeros = value.iter().take_while(|b| **b == 0).count();
    let magnitude = &value[zeros..];
    let pad = usize::from(magnitude[0] >= 0x80);
    der[at] = TAG_INTEGER;
    der[at + 1] = (magnitude.len() + pad) as u8;
    let start = at + 2 + pad;
    let end = start + magnitude.len();
    der[start..end].copy_from_slice(magnitude);
    end
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn integer(content: &[u8]) -> Vec<u8> {
        [&[TAG_INTEGER, content.len() as u8], content].concat()
    }

    fn sequence(parts: &[Vec<u8>]) -> Vec<u8> {
        let body = parts.concat();
        [&[TAG_SEQUENCE, body.len() as u8], &body[..]].concat()
    }

    fn pair(r: &[u8], s: &[u8]) -> Option<Scalars> {
        Scalars::from_der(&sequence(&[integer(r), integer(s)]))
    }

    #[test]
    fn both_integers_are_in_range() {
        let mut last = ORDER;
        last[31] -= 1;
        let mut next = ORDER;
        next[31] += 1;
        let positive = |value: &[u8; 32]| [&[0], &value[..]].concat();
        assert!(pair(&[1], &[1]).is_some());
        assert!(pair(&[2], &positive(&last)).is_some());
        assert!(pair(&positive(&last), &[2]).is_some());
        for wrong in [vec![0], positive(&ORDER), positive(&next), positive(&[0xff; 32])] {
            assert!(pair(&wrong, &[1]).is_none(), "{wrong:02x?}");
            assert!(pair(&[1], &wrong).is_none(), "{wrong:02x?}");
        }
        // r + s = n
        assert!(pair(&[1], &positive(&last)).is_none());
        assert!(pair(&positive(&last), &[1]).is_none());
    }

    #[test]
    fn only_the_strict_encoding_is_read() {
        let good = sequence(&[integer(&[0x12, 0x34]), integer(&[0, 0x80])]);
        assert!(Scalars::from_der(&good).is_some());
        let one = integer(&[1]);
        let cases = [
            ("empty", vec![]),
            ("not a sequence", integer(&[1])),
            ("wrong tag", [&[0x31], &good[1..]].concat()),
            ("long form of a short length", [&[0x30, 0x81], &good[1..]].concat()),
            ("indefinite length", [&[0x30, 0x80], &good[2..], &[0, 0]].concat()),
            ("byte after", [&good[..], &[0]].concat()),
            ("byte missing", good[..good.len() - 1].to_vec()),
            ("third integer", sequence(&[one.clone(), one.clone(), one.clone()])),
            ("one integer", sequence(std::slice::from_ref(&one))),
            ("empty integer", sequence(&[integer(&[]), one.clone()])),
            ("needless zero", sequence(&[integer(&[0, 1]), one.clone()])),
            ("negative", sequence(&[integer(&[0x80]), one.clone()])),
            ("33 bytes", sequence(&[integer(&[1; 33]), one.clone()])),
            ("34 bytes", sequence(&[integer(&[[0].as_slice(), &[0x81; 33]].concat()), one])),
            ("another tag inside", sequence(&[vec![0x03, 1, 1], integer(&[1])])),
        ];
        for (case, der) in cases {
            assert!(Scalars::from_der(&der).is_none(), "{case}");
        }
    }

    proptest! {
        /// One pair, one encoding; and RustCrypto reads the same set, `r + s = n` aside.
        #[test]
        fn whatever_is_read_is_written_back(bytes in almost_der()) {
            let ours = Scalars::from_der(&bytes);
            let theirs = sm2::dsa::Signature::from_der(&bytes);
            prop_assert_eq!(ours.is_some(), theirs.is_ok());
            if let Some(scalars) = ours {
                let mut written = Signature::default();
                scalars.write_der(&mut written);
                prop_assert_eq!(written.as_bytes(), &bytes[..]);
                let r: [u8; 32] = theirs.unwrap().r_bytes().into();
                prop_assert_eq!(r, scalars.r);
            }
        }

        #[test]
        fn whatever_is_written_is_read_back(r: [u8; 32], s: [u8; 32], r_zeros in 0..33_usize, s_zeros in 0..33_usize) {
            let (mut r, mut s) = (r, s);
            r[..r_zeros].fill(0);
            s[..s_zeros].fill(0);
            if let Some(scalars) = Scalars::new(r, s) {
                let mut written = Signature::default();
                scalars.write_der(&mut written);
                prop_assert_eq!(Scalars::from_der(written.as_bytes()), Some(scalars));
            }
        }
    }

    /// Two integers of any content, then at most one byte changed.
    fn almost_der() -> impl Strategy<Value = Vec<u8>> {
        let content = || prop::collection::vec(prop_oneof![Just(0_u8), Just(0x80), any::<u8>()], 0..35);
        let damage = (any::<prop::sample::Index>(), prop_oneof![Just(0_u8), any::<u8>()]);
        (content(), content(), damage).prop_map(|(r, s, (at, change))| {
            let mut der = sequence(&[integer(&r), integer(&s)]);
            let at = at.index(der.len());
            der[at] ^= change;
            der
        })
    }
}
