//! Whatever happens, in whatever order.

use clearway_codec::value::TrxStatus;
use proptest::prelude::*;

use super::samples::{ORIGINAL_FEN, agreement, any_image, dispute, facts, mandate};
use super::{DisputeFacts, Facts, Image, RegisterRule, Stage, check, follow};
use crate::domain::agreement::State;
use crate::domain::dispute::{AdjustmentState, Direction};
use crate::domain::transaction::Party;

proptest! {
    #[test]
    fn an_image_is_read_as_it_was_written(images in prop::collection::vec(any_image(), 1..8)) {
        let mut bytes = Vec::new();
        images.iter().for_each(|image| image.encode(&mut bytes));
        let mut rest = bytes.as_slice();
        for image in images {
            let (read, length) = Image::decode(rest).expect("written a moment ago");
            prop_assert_eq!(read, image);
            rest = &rest[length..];
        }
        prop_assert!(rest.is_empty());
    }

    #[test]
    fn bytes_are_an_image_or_are_refused(image in any_image(), at in any::<prop::sample::Index>(), byte: u8, cut in any::<prop::sample::Index>()) {
        let mut bytes = Vec::new();
        image.encode(&mut bytes);
        prop_assert!(Image::decode(&bytes[..cut.index(bytes.len())]).is_err());
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok((image, length)) = Image::decode(&bytes) {
            let mut again = Vec::new();
            image.encode(&mut again);
            prop_assert_eq!(&again[..], &bytes[..length]);
        }
    }

    #[test]
    fn any_bytes_are_refused_without_panic(bytes in prop::collection::vec(any::<u8>(), 0..300), kind in 0_u8..8) {
        let _ = Image::decode(&bytes);
        let mut framed = vec![1, kind, 0, 0];
        framed.extend_from_slice(&(bytes.len() as u32).to_le_bytes());
        framed.extend_from_slice(&bytes);
        let _ = Image::decode(&framed);
    }
}

const STATUSES: [TrxStatus; 4] =
    [TrxStatus::Success, TrxStatus::Failure, TrxStatus::PresumedSuccess, TrxStatus::PresumedFailure];

fn any_stage() -> impl Strategy<Value = Stage> {
    prop_oneof![
        3 => Just(Stage::Accepted),
        4 => (0_usize..4).prop_map(|at| Stage::Final(STATUSES[at])),
        1 => Just(Stage::Acknowledged(Party::Institution)),
        1 => Just(Stage::Acknowledged(Party::Bank1)),
    ]
}

proptest! {
    /// Stages in any order, of any transactions: what has ended stays ended until somebody signs anew, and nobody pays meanwhile.
    #[test]
    fn only_a_signing_revives_an_agreement(
        steps in prop::collection::vec((0_usize..3, any_stage(), 0_u128..4, 0_usize..3), 0..40),
    ) {
        const RULES: [RegisterRule; 3] =
            [RegisterRule::Sign, RegisterRule::EndAgreement, RegisterRule::AgreementEndedByBank];
        const CODES: [[u8; 8]; 3] = [*b"PB512001", *b"PB512099", *b"00000000"];
        let mut known = Image::Agreement(agreement(State::Live));
        for (rule, stage, trx_key, code) in steps {
            let facts = Facts { trx_key: trx_key + 1, code: CODES[code], ..facts() };
            let before = known.agreement().expect("an agreement").state;
            if let Some(after @ Image::Agreement(_)) = follow(RULES[rule], stage, &facts, Some(&known)) {
                prop_assert_eq!(after.version(), known.version() + 1);
                known = after;
            }
            let after = known.agreement().expect("an agreement").state;
            let revived = before == State::Ended && after != State::Ended;
            prop_assert!(!revived || RULES[rule] == RegisterRule::Sign);
            prop_assert_eq!(check(RegisterRule::UseAgreement, &facts, Some(&known)).is_ok(), after == State::Live);
        }
    }

    /// A model: uses of the current period = payments accepted in it that have not failed.
    #[test]
    fn uses_of_a_period_are_exact(steps in prop::collection::vec((0_u8..3, any::<prop::sample::Index>(), 0_usize..4), 0..60)) {
        const MONTH_US: u64 = 31 * 86_400_000_000;
        let mut known = mandate(State::Live);
        let mut now_us = facts().at_us;
        let mut running: Vec<(u32, u64)> = Vec::new();
        let mut counted: Vec<u32> = Vec::new();
        for (what, which, status) in steps {
            match what {
                0 => now_us += MONTH_US / 3,
                1 => {
                    let facts = Facts { accepted_at_us: now_us, at_us: now_us, ..facts() };
                    let allowed = check(RegisterRule::UseMandate, &facts, Some(&Image::Mandate(known)));
                    let after = follow(RegisterRule::UseMandate, Stage::Accepted, &facts, Some(&Image::Mandate(known)));
                    if allowed.is_ok() {
                        known = *after.as_ref().and_then(Image::mandate).expect("what is allowed is reserved");
                        running.push((known.period, now_us));
                        counted.push(known.period);
                    }
                }
                _ if !running.is_empty() => {
                    let (period, accepted_at_us) = running.swap_remove(which.index(running.len()));
                    let status = STATUSES[status];
                    let facts = Facts { accepted_at_us, at_us: now_us, ..facts() };
                    let after = follow(RegisterRule::UseMandate, Stage::Final(status), &facts, Some(&Image::Mandate(known)));
                    known = after.as_ref().and_then(Image::mandate).copied().unwrap_or(known);
                    if matches!(status, TrxStatus::Failure | TrxStatus::PresumedFailure) {
                        let at = counted.iter().position(|counted| *counted == period).expect("was counted");
                        counted.swap_remove(at);
                    }
                }
                _ => {}
            }
            let expected = counted.iter().filter(|period| **period == known.period).count();
            prop_assert_eq!(usize::from(known.used), expected);
            prop_assert!(known.used <= known.terms.payments_per_period());
        }
    }

    /// Adjustments in any order, any of them failing: what has moved stays between nothing and the original.
    #[test]
    fn adjustments_never_move_more_than_the_original(
        status in 0_usize..4,
        refunded_fen in 0_u64..ORIGINAL_FEN,
        steps in prop::collection::vec((any::<bool>(), any::<bool>(), 1_u64..ORIGINAL_FEN + 1, any::<prop::sample::Index>(), any::<bool>()), 0..60),
    ) {
        let original_status = STATUSES[status];
        let has_moved = matches!(original_status, TrxStatus::Success | TrxStatus::PresumedSuccess);
        let refunded_fen = if has_moved { refunded_fen } else { 0 };
        let mut known: Option<Image> = None;
        let mut running: Vec<(u128, Direction, u64)> = Vec::new();
        let mut moved_fen = if has_moved { ORIGINAL_FEN } else { 0 };
        for (trx_key, (begins, to_payer, amount_fen, which, succeeds)) in (1..).zip(steps) {
            let facts = |trx_key, direction, amount_fen| Facts {
                trx_key,
                amount_fen,
                dispute: Some(DisputeFacts { original_status, refunded_fen, direction, by_operator: true, ..dispute() }),
                ..facts()
            };
            if begins {
                let direction = if to_payer { Direction::ToPayer } else { Direction::ToPayee };
                let facts = facts(trx_key, direction, amount_fen);
                if check(RegisterRule::Adjust, &facts, known.as_ref()).is_ok() {
                    known = follow(RegisterRule::Adjust, Stage::Accepted, &facts, known.as_ref());
                    running.push((trx_key, direction, amount_fen));
                }
            } else if !running.is_empty() {
                let (trx_key, direction, amount_fen) = running.swap_remove(which.index(running.len()));
                let status = if succeeds { TrxStatus::Success } else { TrxStatus::Failure };
                let after = follow(RegisterRule::Adjust, Stage::Final(status), &facts(trx_key, direction, amount_fen), known.as_ref());
                prop_assert!(after.is_some());
                known = after;
                match (succeeds, direction) {
                    (true, Direction::ToPayer) => moved_fen -= amount_fen,
                    (true, Direction::ToPayee) => moved_fen += amount_fen,
                    (false, _) => {}
                }
            }
            prop_assert!(moved_fen <= ORIGINAL_FEN && moved_fen >= refunded_fen.min(moved_fen));
            prop_assert!(!has_moved || moved_fen >= refunded_fen, "refunds and adjustments together give back too much");
            if let Some(case) = known.as_ref().and_then(Image::case) {
                let made = case.adjustments.iter().filter(|one| one.state == AdjustmentState::Running).count();
                prop_assert_eq!(made, running.len());
                let nothing_runs = running.is_empty();
                prop_assert!(!nothing_runs || case.moved_fen() == moved_fen);
            }
        }
    }
}
