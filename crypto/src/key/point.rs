//! Is this Ed25519 public key a usable point?
//!
//! The libraries find out only while verifying, and then refuse every signature; worse, a point of
//! small order makes signatures that fit any message. Both are refused when the key is read.
//!
//! ```text
//! 32 bytes, little-endian: bit 255 = sign of x, bits 0..255 = y
//! accepted: y < p; x^2 = (y^2 - 1) / (d y^2 + 1) has a root; order of the point is not 1, 2, 4 or 8
//! ```
//!
//! Called when an Ed25519 key is read; variable time, as the key is public.

use sm2::elliptic_curve::bigint::modular::{FixedMontyForm as MontyForm, FixedMontyParams as MontyParams};
use sm2::elliptic_curve::bigint::{Odd, U256};

/// p = 2^255 - 19 (RFC 8032, 5.1).
const P: Odd<U256> = Odd::<U256>::from_be_hex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffed");
/// d of the curve equation -x^2 + y^2 = 1 + d x^2 y^2 (RFC 8032, 5.1).
const D: U256 = U256::from_be_hex("52036cee2b6ffe738cc740797779e89800700a4d4141d8ab75eb4dca135978a3");
/// The y coordinates of the eight points whose order divides 8: order 4, 1, 2, and twice two of 8.
const SMALL_ORDER: [U256; 5] = [
    U256::ZERO,
    U256::ONE,
    U256::from_be_hex("7fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffec"),
    U256::from_be_hex("7a03ac9277fdc74ec6cc392cfa53202a0f67100d760b3cba4fd84d3d706a17c7"),
    U256::from_be_hex("05fc536d880238b13933c6d305acdfd5f098eff289f4c345b027b2c28f95e826"),
];

/// What is wrong with the point, if anything is.
pub(super) fn ed25519_fault(encoded: &[u8; 32]) -> Option<&'static str> {
    let mut y_bytes = *encoded;
    y_bytes[31] &= 0x7f;
    let y = U256::from_le_slice(&y_bytes);
    if y >= *P {
        return Some("coordinate is not reduced");
    }
    if SMALL_ORDER.contains(&y) {
        return Some("point has a small order");
    }
    (!has_x(y)).then_some("point is not on the curve")
}

/// Whether (y^2 - 1) / (d y^2 + 1) is a square; u / v is one exactly when u v is (Euler's criterion).
fn has_x(y: U256) -> bool {
    let params = MontyParams::new_vartime(P);
    let one = MontyForm::one(&params);
    let y = MontyForm::new(&y, &params);
    let y2 = y.square();
    let u = y2 - one;
    let v = MontyForm::new(&D, &params) * y2 + one;
    let half_order = P.get().shr_vartime(1);
    (u * v).pow(&half_order) == one
}
