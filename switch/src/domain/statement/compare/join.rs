//! Two sorted runs of rows against each other.
//!
//! A TrxId stands once on each side of a sound file. Where a file has it several times, equal rows are matched first, then the rest in
//! its order, and what is left over is there on one side alone: nothing is counted twice and nothing is hidden.

use super::{Class, ComparedRow, Difference, Tally};

/// Matches rows that are sorted; shows each difference to `each`, in the order of transactions.
///
/// # Errors
/// What `each` says, which ends the walk.
pub fn match_rows<E>(
    ours: &[ComparedRow],
    theirs: &[ComparedRow],
    mut each: impl FnMut(Difference) -> Result<(), E>,
) -> Result<Tally, E> {
    debug_assert!(ours.is_sorted() && theirs.is_sorted(), "rows are sorted before they are matched");
    let (mut ours, mut theirs, mut tally) = (ours, theirs, Tally::default());
    loop {
        let key = match (ours.first(), theirs.first()) {
            (None, None) => return Ok(tally),
            (Some(row), None) | (None, Some(row)) => row.key(),
            (Some(own), Some(other)) => own.key().min(other.key()),
        };
        let (own, own_rest) = split_key(ours, key);
        let (other, other_rest) = split_key(theirs, key);
        match_transaction(own, other, &mut tally, &mut each)?;
        (ours, theirs) = (own_rest, other_rest);
    }
}

/// The rows with this key, and those behind.
fn split_key(rows: &[ComparedRow], key: [u64; 2]) -> (&[ComparedRow], &[ComparedRow]) {
    let count = rows.iter().take_while(|row| row.key() == key).count();
    rows.split_at(count)
}

/// All rows of one transaction and side.
fn match_transaction<E>(
    ours: &[ComparedRow],
    theirs: &[ComparedRow],
    tally: &mut Tally,
    each: &mut impl FnMut(Difference) -> Result<(), E>,
) -> Result<(), E> {
    if let ([own], [other]) = (ours, theirs) {
        return settle(Some(*own), Some(*other), tally, each);
    }
    let (mut ours, mut theirs) = (ours.to_vec(), theirs.to_vec());
    ours.retain(|own| match theirs.iter().position(|other| other == own) {
        Some(place) => {
            theirs.remove(place);
            tally.count(Class::Matched, own.amount_fen(), own.amount_fen());
            false
        }
        None => true,
    });
    (0..ours.len().max(theirs.len()))
        .try_for_each(|place| settle(ours.get(place).copied(), theirs.get(place).copied(), tally, each))
}

fn settle<E>(
    ours: Option<ComparedRow>,
    theirs: Option<ComparedRow>,
    tally: &mut Tally,
    each: &mut impl FnMut(Difference) -> Result<(), E>,
) -> Result<(), E> {
    let class = class_of(ours, theirs);
    let fen = |row: Option<ComparedRow>| row.map_or(0, ComparedRow::amount_fen);
    tally.count(class, fen(ours), fen(theirs));
    if class == Class::Matched { Ok(()) } else { each(Difference { class, ours, theirs }) }
}

fn class_of(ours: Option<ComparedRow>, theirs: Option<ComparedRow>) -> Class {
    match (ours, theirs) {
        (_, None) => Class::OnlyOurs,
        (None, _) => Class::OnlyTheirs,
        (Some(ours), Some(theirs)) if ours.amount_fen() != theirs.amount_fen() => Class::AmountDiffers,
        (Some(ours), Some(theirs)) if ours.status() != theirs.status() => Class::StateDiffers,
        _ => Class::Matched,
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use clearway_codec::value::TrxStatus::{Failure, PresumedSuccess, Success};
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::super::ClassTally;
    use super::*;
    use crate::domain::clearing::Side;

    fn matched(mut ours: Vec<ComparedRow>, mut theirs: Vec<ComparedRow>) -> (Tally, Vec<Difference>) {
        ours.sort_unstable();
        theirs.sort_unstable();
        let mut seen = Vec::new();
        let Ok(tally) = match_rows(&ours, &theirs, |difference| {
            seen.push(difference);
            Ok::<_, Infallible>(())
        });
        (tally, seen)
    }

    #[test]
    fn the_five_classes() {
        let row = |trx_id, status, amount_fen| ComparedRow::new(trx_id, false, Side::Debit, status, amount_fen);
        let ours = vec![row(1, Success, 10), row(2, Success, 20), row(3, Success, 30), row(4, Success, 40)];
        let theirs = vec![row(1, Success, 10), row(2, Success, 21), row(3, Failure, 30), row(5, Success, 50)];
        let (tally, seen) = matched(ours, theirs);
        let classes: Vec<_> = seen.iter().map(|difference| (difference.row().trx_id(), difference.class)).collect();
        assert_eq!(
            classes,
            [(2, Class::AmountDiffers), (3, Class::StateDiffers), (4, Class::OnlyOurs), (5, Class::OnlyTheirs)]
        );
        assert_eq!(tally.of(Class::AmountDiffers), ClassTally { rows: 1, ours_fen: 20, theirs_fen: 21 });
        assert_eq!((tally.of(Class::Matched).rows, tally.differences()), (1, 4));
    }

    #[test]
    fn a_row_that_is_there_twice_is_matched_once() {
        let row = |status, amount_fen| ComparedRow::new(1, false, Side::Credit, status, amount_fen);
        let (tally, seen) = matched(vec![row(Success, 10)], vec![row(Success, 9), row(Success, 10), row(Success, 10)]);
        assert_eq!(tally.of(Class::Matched).rows, 1);
        assert_eq!(seen.iter().map(|one| one.class).collect::<Vec<_>>(), [Class::OnlyTheirs; 2]);
        let (_, seen) = matched(vec![row(Success, 10), row(PresumedSuccess, 10)], vec![row(Failure, 10)]);
        assert_eq!(seen.iter().map(|one| one.class).collect::<Vec<_>>(), [Class::StateDiffers, Class::OnlyOurs]);
    }

    fn rows() -> impl Strategy<Value = Vec<ComparedRow>> {
        let side = prop::sample::select(Side::ALL.to_vec());
        let status = prop::sample::select(vec![Success, Failure, PresumedSuccess]);
        let row = (1..6_u128, any::<bool>(), side, status, 1..4_u64);
        vec(
            row.prop_map(|(id, adjustment, side, status, fen)| ComparedRow::new(id, adjustment, side, status, fen)),
            0..24,
        )
    }

    proptest! {
        /// Against counting by hand, whatever the files hold: every row is in one class, rows that match are those in both.
        #[test]
        fn every_row_is_in_one_class(ours in rows(), theirs in rows()) {
            let (tally, seen) = matched(ours.clone(), theirs.clone());
            let [matches, amount, state, only_ours, only_theirs] = Class::ALL.map(|class| tally.of(class).rows);
            prop_assert_eq!(matches + amount + state + only_ours, ours.len() as u64);
            prop_assert_eq!(matches + amount + state + only_theirs, theirs.len() as u64);
            prop_assert_eq!(seen.len() as u64, tally.differences());
            let mut rest = theirs.clone();
            let both = ours.iter().filter(|own| {
                let place = rest.iter().position(|other| other == *own);
                place.map(|place| rest.swap_remove(place)).is_some()
            });
            prop_assert_eq!(both.count() as u64, matches);
            let fen = |rows: &[ComparedRow]| rows.iter().map(|row| row.amount_fen()).sum::<u64>();
            let all = |of: fn(ClassTally) -> u64| Class::ALL.map(|class| of(tally.of(class))).iter().sum::<u64>();
            prop_assert_eq!((all(|class| class.ours_fen), all(|class| class.theirs_fen)), (fen(&ours), fen(&theirs)));
        }
    }
}
