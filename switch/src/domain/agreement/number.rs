//! Numbers of agreements and merchants: short printable texts, inline.

use std::fmt;

/// Most characters of SgnNo (wire.md section 4).
pub const SGN_NO_CHARS_MAX: usize = 34;
/// Most characters of a number of the direct-link time; longer than SgnNo allows (ours).
pub const OLD_NO_CHARS_MAX: usize = 64;

/// Up to `N` printable ASCII characters without a space, at least one; zeros behind them.
///
/// Numbers are no secrets of a person, but they open an account to a debit: `Debug` covers the middle.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Number<const N: usize>([u8; N]);

/// Number of an agreement or a mandate, issued by the bank (SgnNo).
pub type SgnNo = Number<34>;
/// Number of an agreement of the direct-link time.
pub type OldNo = Number<64>;
/// Number of a merchant (PyerMrchntNo, PyeeMrchntNo).
pub type MerchantNo = Number<34>;

// A named length in the aliases stops rustc 1.95 (broken MIR where a closure captures one).
const _: () = assert!(size_of::<SgnNo>() == SGN_NO_CHARS_MAX && size_of::<OldNo>() == OLD_NO_CHARS_MAX);

impl<const N: usize> Number<N> {
    /// The number that `text` spells; `None` when it is empty, too long, or has other characters.
    #[inline]
    pub fn parse(text: &[u8]) -> Option<Self> {
        let sound = !text.is_empty() && text.iter().fold(true, |all, byte| all & byte.is_ascii_graphic());
        let mut bytes = [0; N];
        bytes.get_mut(..text.len()).filter(|_| sound)?.copy_from_slice(text);
        Some(Self(bytes))
    }

    /// The number of these stored bytes; `None` when they are not what [`Number::to_bytes`] gives.
    pub fn from_bytes(bytes: &[u8; N]) -> Option<Self> {
        let len = bytes.iter().position(|byte| *byte == 0).unwrap_or(N);
        let number = Self::parse(&bytes[..len])?;
        (number.0 == *bytes).then_some(number)
    }

    /// The characters and the zeros behind them.
    pub const fn to_bytes(&self) -> &[u8; N] {
        &self.0
    }

    /// The characters.
    pub fn as_str(&self) -> &str {
        let len = self.0.iter().position(|byte| *byte == 0).unwrap_or(N);
        str::from_utf8(&self.0[..len]).unwrap_or_default()
    }
}

impl<const N: usize> fmt::Debug for Number<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.as_str();
        let open = (text.len() / 4).min(4);
        write!(f, "{}****{}", &text[..open], &text[text.len() - open..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_up_to_n_printable_characters() {
        let longest = [b'7'; SGN_NO_CHARS_MAX];
        for text in [b"E".as_slice(), b"EPPAP00HRDYIPBQCPAPFQCYG", b"a-b/c_1", &longest] {
            let number = SgnNo::parse(text).expect("sound");
            assert_eq!(number.as_str().as_bytes(), text);
            assert_eq!(SgnNo::from_bytes(number.to_bytes()), Some(number));
        }
        for text in [b"".as_slice(), b"a b", b"a\n", "协".as_bytes(), b"a\0", &[b'7'; SGN_NO_CHARS_MAX + 1]] {
            assert_eq!(SgnNo::parse(text), None, "{text:?}");
        }
        let mut gap = [0; SGN_NO_CHARS_MAX];
        assert_eq!(SgnNo::from_bytes(&gap), None);
        (gap[0], gap[2]) = (b'a', b'b');
        assert_eq!(SgnNo::from_bytes(&gap), None);
    }

    #[test]
    fn debug_covers_the_middle() {
        let shown = |text: &[u8]| format!("{:?}", SgnNo::parse(text).expect("sound"));
        assert_eq!(shown(b"EPPAP00HRDYIPBQCPAPFQCYG"), "EPPA****QCYG");
        assert_eq!(shown(b"12345678"), "12****78");
        assert_eq!(shown(b"123"), "****");
    }
}
