//! Agreements (协议): a customer's consent that an institution may debit an account, as the registry holds it.
//!
//! ```text
//!            101/0202 -> 00                103                   00, 03, already ended
//!   (none) ----------------> Live ----------------> Ending ---------------------------> Ended
//!                            ^  |                    |  |                                ^ |
//!                            |  +------- 105 --------|--|--------------------------------+ |
//!                            +---- bank says no -----+  +-- 04: stays, bank must confirm   |
//!                            +------------------ signed again ----------------------------+
//! ```
//!
//! Invariants: an image is replaced only by one of a higher version; accounts and customers are digests, never clear;
//! only [`follow`](super::register::follow) and the import make the next image. Held by the registers, checked by admit.

mod alias;
mod image;
mod number;
mod state;

pub use alias::{Alias, MERCHANTS_MAX, Sharing};
pub use image::{AGREEMENT_BYTES, Agreement};
pub use number::{MerchantNo, Number, OLD_NO_CHARS_MAX, OldNo, SGN_NO_CHARS_MAX, SgnNo};
pub use state::{EndedBy, Standing, State};
