//! Fixed text between values, put together at compile time: a copy of one long piece is cheaper than
//! of several short ones.

use crate::catalogue::Field;

/// `<TrxId>`
pub(crate) const fn open(field: Field) -> &'static [u8] {
    field.names().open.as_bytes()
}

/// `</TrxId>`
pub(crate) const fn close(field: Field) -> &'static [u8] {
    field.names().close.as_bytes()
}

/// Several pieces as one, at compile time.
macro_rules! joined {
    ($($piece:expr),*) => {
        const {
            const PIECES: &[&[u8]] = &[$($piece),*];
            &$crate::pieces::join::<{ $crate::pieces::total_bytes(PIECES) }>(PIECES)
        }
    };
}
pub(crate) use joined;

pub(crate) const fn total_bytes(pieces: &[&[u8]]) -> usize {
    let (mut total, mut index) = (0, 0);
    while index < pieces.len() {
        total += pieces[index].len();
        index += 1;
    }
    total
}

pub(crate) const fn join<const N: usize>(mut pieces: &[&[u8]]) -> [u8; N] {
    let mut joined = [0; N];
    let mut rest: &mut [u8] = &mut joined;
    while let [piece, others @ ..] = pieces {
        let (place, behind) = rest.split_at_mut(piece.len());
        place.copy_from_slice(piece);
        (rest, pieces) = (behind, others);
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_joined_in_order() {
        const JOINED: &[u8] = joined!(b"a", b"", close(Field::SndDt), open(Field::MsgTp), b"z");
        assert_eq!(JOINED, b"a</SndDt><MsgTp>z");
    }
}
