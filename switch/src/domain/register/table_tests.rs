//! Rule x stage x what is known, as tables.

use clearway_codec::value::TrxStatus;

use super::samples::{NOW_US, OTHER_TRX_KEY, TRX_KEY, agreement, case, dispute, facts, mandate, terms};
use super::{DisputeFacts, Facts, Image, RegisterRule, Stage, check, follow};
use crate::domain::agreement::{Agreement, EndedBy, State};
use crate::domain::dispute::{
    Adjustment, AdjustmentState, Case, CaseState, Direction, DisputeBatchId, Reason, Request,
};
use crate::domain::mandate::{Collection, Mandate, Terms};
use crate::domain::transaction::{Parties, Party};

/// Let through, or refused with a code.
type Verdict = Result<(), &'static [u8; 8]>;

const ACCEPTED: Stage = Stage::Accepted;
const YES: Stage = Stage::Final(TrxStatus::Success);
const NO: Stage = Stage::Final(TrxStatus::Failure);
const PRESUMED_YES: Stage = Stage::Final(TrxStatus::PresumedSuccess);
const PRESUMED_NO: Stage = Stage::Final(TrxStatus::PresumedFailure);
const STAGES: [Stage; 9] = [
    ACCEPTED,
    Stage::Waiting,
    YES,
    NO,
    PRESUMED_YES,
    PRESUMED_NO,
    Stage::Acknowledged(Party::Institution),
    Stage::Acknowledged(Party::Bank1),
    Stage::Acknowledged(Party::Bank2),
];

fn ended(by: EndedBy, unacknowledged: Parties) -> Agreement {
    Agreement { ended_by: by, unacknowledged, ..agreement(State::Ended) }
}

fn known() -> Vec<Option<Image>> {
    let own = |state| Agreement { changed_by: TRX_KEY, ..agreement(state) };
    let agreements = [
        agreement(State::Live),
        agreement(State::Ending),
        own(State::Ending),
        Agreement { unacknowledged: Parties::BANK1, ..own(State::Ending) },
        ended(EndedBy::Institution, Parties::NONE),
        ended(EndedBy::Institution, Parties::BANK1),
        ended(EndedBy::Bank, Parties::INSTITUTION),
        Agreement { customer: 1, ..agreement(State::Live) },
        Agreement { ends_at_s: 9, ..agreement(State::Live) },
    ];
    let asked = Mandate { bank_asks: true, ..mandate(State::Live) };
    let mandates = [mandate(State::Live), asked, mandate(State::Ended), Mandate { used: 2, ..mandate(State::Live) }];
    let cases = CaseState::ALL.map(case);
    let images = agreements.map(Image::Agreement).into_iter();
    let images = images.chain(mandates.map(Image::Mandate)).chain(cases.map(Image::Case)).map(Some);
    images.chain([None]).collect()
}

#[test]
fn both_functions_are_total_and_what_follows_is_the_next_version() {
    let facts = Facts { dispute: Some(dispute()), ..facts() };
    for rule in RegisterRule::ALL {
        for before in known() {
            let _ = check(rule, &facts, before.as_ref());
            for stage in STAGES {
                let after = follow(rule, stage, &facts, before.as_ref());
                let Some(after) = after else { continue };
                assert!(rule.changes_at(stage), "{rule:?} {stage:?}");
                let same_key = before.as_ref().is_some_and(|before| before.key() == after.key());
                let expected = before.as_ref().filter(|_| same_key).map_or(1, |before| before.version() + 1);
                assert_eq!(after.version(), expected, "{rule:?} {stage:?} {before:?}");
                let mut bytes = Vec::new();
                after.encode(&mut bytes);
                assert_eq!(Image::decode(&bytes), Ok((after, bytes.len())), "{rule:?} {stage:?} {before:?}");
            }
            if before.is_some() {
                assert_eq!(follow(rule, Stage::Waiting, &facts, before.as_ref()), None, "{rule:?}");
            }
        }
    }
}

// ---- agreements ----

#[test]
fn a_payment_needs_a_live_agreement_of_its_own_ends() {
    let term = |from: u32, to: u32| {
        let now_s = (facts().at_us / 1_000_000) as u32;
        let at = |offset: u32| if offset == 0 { 0 } else { now_s - 100 + offset };
        Agreement { starts_at_s: at(from), ends_at_s: at(to), ..agreement(State::Live) }
    };
    let rows: [(Option<Agreement>, Facts, Verdict); 13] = [
        (Some(agreement(State::Live)), facts(), Ok(())),
        (None, facts(), Err(b"PB521014")),
        (None, Facts { unknown_passes: true, ..facts() }, Ok(())),
        (Some(agreement(State::Ended)), Facts { unknown_passes: true, ..facts() }, Err(b"PB521013")),
        (Some(agreement(State::Ending)), facts(), Err(b"PB521013")),
        (Some(ended(EndedBy::Bank, Parties::INSTITUTION)), facts(), Err(b"PB521013")),
        (Some(agreement(State::Live)), Facts { institution: 4, ..facts() }, Err(b"PB520097")),
        (Some(agreement(State::Live)), Facts { bank: 12, ..facts() }, Err(b"PB520097")),
        (Some(agreement(State::Ended)), Facts { bank: 12, ..facts() }, Err(b"PB520097")),
        (Some(term(0, 100)), facts(), Err(b"PB521015")),
        (Some(term(0, 101)), facts(), Ok(())),
        (Some(term(101, 200)), facts(), Err(b"PB521015")),
        (Some(term(100, 200)), facts(), Ok(())),
    ];
    for (found, facts, expected) in rows {
        let found = found.map(Image::Agreement);
        let checked = check(RegisterRule::UseAgreement, &facts, found.as_ref());
        assert_eq!(checked, expected.map_err(|code| *code), "{found:?}");
        for stage in STAGES {
            assert_eq!(follow(RegisterRule::UseAgreement, stage, &facts, found.as_ref()), None);
        }
    }
}

#[test]
fn signing_registers_a_success_and_nothing_else() {
    let live =
        Agreement { changed_by: TRX_KEY, changed_at_s: (facts().at_us / 1_000_000) as u32, ..agreement(State::Live) };
    let signed = |version| Some(Image::Agreement(Agreement { version, ..live }));
    let unknown = Agreement { customer: 0, account: 0, ..agreement(State::Live) };
    let someone_elses = Agreement { institution: 4, customer: 9, ..agreement(State::Ended) };
    let rows = [
        (None, YES, signed(1)),
        (None, NO, None),
        (None, PRESUMED_YES, None),
        (None, PRESUMED_NO, None),
        (None, ACCEPTED, None),
        (Some(agreement(State::Live)), YES, None),
        (Some(agreement(State::Ended)), YES, signed(6)),
        (Some(agreement(State::Ending)), YES, signed(6)),
        (Some(someone_elses), YES, signed(6)),
        (Some(unknown), YES, signed(6)),
        (Some(Agreement { ends_at_s: 9, ..agreement(State::Live) }), YES, signed(6)),
    ];
    for (before, stage, expected) in rows {
        let before = before.map(Image::Agreement);
        assert_eq!(follow(RegisterRule::Sign, stage, &facts(), before.as_ref()), expected, "{before:?} {stage:?}");
    }
    assert_eq!(follow(RegisterRule::Sign, YES, &Facts { sgn_no: None, ..facts() }, None), None);
}

#[test]
fn a_number_that_is_live_for_somebody_else_stays_his_and_opens_a_case() {
    let before = Image::Agreement(agreement(State::Live));
    for other in [
        Facts { institution: 4, ..facts() },
        Facts { bank: 12, ..facts() },
        Facts { customer: 1, ..facts() },
        Facts { account: 1, ..facts() },
    ] {
        match follow(RegisterRule::Sign, YES, &other, Some(&before)) {
            Some(Image::Case(case)) => {
                assert_eq!((case.trx_key, case.version, case.state), (TRX_KEY, 1, CaseState::Open));
                assert!(case.reasons.contains(Reason::NumberTaken) && case.amount_fen == 0);
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn the_end_of_an_agreement() {
    const GONE: [u8; 8] = *b"PB512002";
    const UNKNOWN: [u8; 8] = *b"PB512001";
    const BUSY: [u8; 8] = *b"PB512099";
    let ending = Agreement { changed_by: TRX_KEY, ..agreement(State::Ending) };
    let stuck = Agreement { unacknowledged: Parties::BANK1, ..ending };
    let others = agreement(State::Ending);
    let by_bank = ended(EndedBy::Bank, Parties::INSTITUTION);
    let done = |unacknowledged| Some((State::Ended, EndedBy::Institution, unacknowledged));
    let live = Some((State::Live, EndedBy::Nobody, Parties::NONE));
    let waits = Some((State::Ending, EndedBy::Nobody, Parties::NONE));
    let rows = [
        (agreement(State::Live), ACCEPTED, BUSY, waits),
        (others, ACCEPTED, BUSY, None), // somebody else's end is under way
        (stuck, ACCEPTED, BUSY, waits), // the bank owes its word: asked again
        (agreement(State::Ended), ACCEPTED, BUSY, None),
        (ending, YES, BUSY, done(Parties::NONE)),
        (others, YES, BUSY, done(Parties::NONE)),
        (ending, PRESUMED_YES, BUSY, done(Parties::BANK1)),
        (ending, NO, GONE, done(Parties::NONE)),
        (ending, NO, UNKNOWN, done(Parties::NONE)),
        (ending, NO, BUSY, live),
        (others, NO, BUSY, None), // only who holds it may give it back
        (ending, PRESUMED_NO, BUSY, Some((State::Ending, EndedBy::Nobody, Parties::BANK1))),
        (by_bank, NO, GONE, None),
        (by_bank, YES, BUSY, None),
        (ended(EndedBy::Institution, Parties::BANK1), YES, BUSY, done(Parties::NONE)),
    ];
    for (before, stage, code, expected) in rows {
        let after =
            follow(RegisterRule::EndAgreement, stage, &Facts { code, ..facts() }, Some(&Image::Agreement(before)));
        let after = after.as_ref().and_then(Image::agreement);
        let seen = after.map(|after| (after.state, after.ended_by, after.unacknowledged));
        assert_eq!(seen, expected, "{before:?} {stage:?}");
        assert!(after.is_none_or(|after| after.changed_by == TRX_KEY));
    }
    let told = Agreement { changed_by: TRX_KEY, ..ended(EndedBy::Institution, Parties::BANK1) };
    let acknowledged = Stage::Acknowledged(Party::Bank1);
    let after = follow(RegisterRule::EndAgreement, acknowledged, &facts(), Some(&Image::Agreement(told)));
    assert!(matches!(after, Some(Image::Agreement(after)) if after.unacknowledged.is_empty()));
}

#[test]
fn what_may_be_ended() {
    let end = RegisterRule::EndAgreement;
    let by_bank = RegisterRule::AgreementEndedByBank;
    let of_bank_12 = Facts { bank: 12, ..facts() };
    let passing = Facts { unknown_passes: true, ..facts() };
    let unconfirmed = ended(EndedBy::Institution, Parties::BANK1);
    let rows: [(RegisterRule, Option<Agreement>, Facts, Verdict); 14] = [
        (end, Some(agreement(State::Live)), facts(), Ok(())),
        (end, Some(agreement(State::Ending)), facts(), Ok(())),
        (end, Some(agreement(State::Ended)), facts(), Err(b"PB512002")),
        (end, Some(unconfirmed), facts(), Ok(())),
        (end, Some(agreement(State::Live)), of_bank_12, Err(b"PB512001")),
        (end, None, facts(), Err(b"PB512001")),
        (end, None, passing, Ok(())),
        (by_bank, Some(agreement(State::Live)), facts(), Ok(())),
        (by_bank, Some(agreement(State::Ended)), facts(), Ok(())),
        (by_bank, Some(agreement(State::Live)), of_bank_12, Err(b"PB512001")),
        (by_bank, None, facts(), Err(b"PB512001")),
        (by_bank, None, passing, Ok(())),
        (RegisterRule::Sign, None, facts(), Ok(())),
        (RegisterRule::Sign, None, Facts { full: true, ..facts() }, Err(b"PB511099")),
    ];
    for (rule, found, facts, expected) in rows {
        let found = found.map(Image::Agreement);
        assert_eq!(check(rule, &facts, found.as_ref()), expected.map_err(|code| *code), "{rule:?} {found:?}");
    }
}

#[test]
fn an_end_by_the_bank_waits_for_the_institutions_word() {
    let rule = RegisterRule::AgreementEndedByBank;
    let owing = ended(EndedBy::Bank, Parties::INSTITUTION);
    for before in [agreement(State::Live), agreement(State::Ending)] {
        let after = follow(rule, ACCEPTED, &facts(), Some(&Image::Agreement(before)));
        let expected =
            Agreement { changed_by: TRX_KEY, version: 6, changed_at_s: (facts().at_us / 1_000_000) as u32, ..owing };
        assert_eq!(after, Some(Image::Agreement(expected)));
    }
    let after = |before, stage| follow(rule, stage, &facts(), Some(&Image::Agreement(before)));
    assert_eq!(after(owing, ACCEPTED), None, "said twice");
    assert_eq!(after(owing, YES), None);
    let acknowledged = after(owing, Stage::Acknowledged(Party::Institution));
    assert!(matches!(acknowledged, Some(Image::Agreement(after)) if after.unacknowledged.is_empty()));
    let confirmed = after(ended(EndedBy::Institution, Parties::BANK1), ACCEPTED);
    assert!(matches!(confirmed, Some(Image::Agreement(after)) if after.unacknowledged.is_empty()));
    assert_eq!(follow(rule, ACCEPTED, &facts(), None), None);
}

// ---- mandates ----

#[test]
fn a_collection_keeps_to_the_terms() {
    let live = mandate(State::Live);
    let day_us = 86_400_000_000;
    let at = |days: u64| Facts { accepted_at_us: NOW_US + days * day_us, at_us: NOW_US + days * day_us, ..facts() };
    let collection = |to_reserve, from_person, to_person| Facts {
        collection: Collection { to_reserve, from_person, to_person },
        ..facts()
    };
    let rows: [(Option<Mandate>, Facts, Verdict); 17] = [
        (Some(live), facts(), Ok(())),
        (None, facts(), Err(b"PB521014")),
        (None, Facts { unknown_passes: true, ..facts() }, Err(b"PB521014")),
        (Some(live), Facts { institution: 9, ..facts() }, Err(b"PB520097")),
        (Some(mandate(State::Ended)), facts(), Err(b"PB521013")),
        (Some(Mandate { bank_asks: true, ..live }), facts(), Ok(())),
        (Some(live), Facts { amount_fen: 1_000, ..facts() }, Ok(())),
        (Some(live), Facts { amount_fen: 1_001, ..facts() }, Err(b"PB521023")),
        (Some(live), at(365), Err(b"PB521015")),
        (Some(live), Facts { at_us: NOW_US - 1, accepted_at_us: NOW_US - 1, ..facts() }, Err(b"PB521015")),
        (Some(Mandate { used: 1, ..live }), facts(), Ok(())),
        (Some(Mandate { used: 2, ..live }), facts(), Err(b"PB521021")),
        (Some(Mandate { used: 2, ..live }), at(30), Ok(())), // the 20th of December: a new period
        (Some(Mandate { used: 2, period: 1, ..live }), facts(), Err(b"PB521021")),
        (Some(live), collection(false, true, true), Err(b"PB521096")),
        (Some(live), collection(false, true, false), Ok(())),
        (Some(live), collection(true, true, true), Ok(())),
    ];
    for (found, facts, expected) in rows {
        let found = found.map(Image::Mandate);
        let checked = check(RegisterRule::UseMandate, &facts, found.as_ref());
        assert_eq!(checked, expected.map_err(|code| *code), "{found:?} {facts:?}");
    }
}

#[test]
fn a_failed_collection_gives_its_use_back_within_its_period() {
    let uses = |before: Mandate, stage, days: u64| {
        let accepted_at_us = NOW_US + days * 86_400_000_000;
        let facts = Facts { accepted_at_us, at_us: accepted_at_us + 40 * 86_400_000_000, ..facts() };
        let after = follow(RegisterRule::UseMandate, stage, &facts, Some(&Image::Mandate(before)));
        after.as_ref().and_then(Image::mandate).map(|after| (after.period, after.used, after.changed_by))
    };
    let live = mandate(State::Live);
    let used = |period, used| Mandate { period, used, ..live };
    let by = OTHER_TRX_KEY; // a use does not change who changed the mandate
    let rows = [
        (live, ACCEPTED, 0, Some((0, 1, by))),
        (used(0, 1), ACCEPTED, 0, Some((0, 2, by))),
        (used(0, 2), ACCEPTED, 0, None),
        (used(0, 2), ACCEPTED, 30, Some((1, 1, by))),
        (used(1, 1), ACCEPTED, 0, Some((1, 2, by))), // late by a moment: counts into the period that has begun
        (used(0, 2), YES, 0, None),
        (used(0, 2), PRESUMED_YES, 0, None),
        (used(0, 2), NO, 0, Some((0, 1, by))),
        (used(0, 2), PRESUMED_NO, 0, Some((0, 1, by))),
        (used(1, 2), NO, 0, None), // its period is over
        (used(0, 0), NO, 0, None),
    ];
    for (before, stage, days, expected) in rows {
        assert_eq!(uses(before, stage, days), expected, "{before:?} {stage:?} {days}");
    }
}

#[test]
fn a_mandate_begins_with_a_success_and_sound_terms() {
    let rule = RegisterRule::CreateMandate;
    let past = Terms { starts_at_s: 1, ends_at_s: 2, ..terms() };
    let rows: [(Option<Terms>, Verdict); 5] = [
        (Some(terms()), Ok(())),
        (None, Err(b"PB511099")),
        (Some(Terms { limit_fen: 0, ..terms() }), Err(b"PB511099")),
        (Some(Terms { ends_at_s: terms().starts_at_s, ..terms() }), Err(b"PB511099")),
        (Some(past), Err(b"PB511099")),
    ];
    for (terms, expected) in rows {
        assert_eq!(check(rule, &Facts { terms, ..facts() }, None), expected.map_err(|code| *code), "{terms:?}");
    }
    for (before, stage, version) in [
        (None, YES, Some(1)),
        (None, NO, None),
        (None, PRESUMED_YES, None),
        (None, Stage::Waiting, None),
        (Some(mandate(State::Live)), YES, None),
        (Some(mandate(State::Ended)), YES, Some(6)),
    ] {
        let after = follow(rule, stage, &facts(), before.map(Image::Mandate).as_ref());
        let after = after.as_ref().and_then(Image::mandate);
        assert_eq!(after.map(|after| after.version), version, "{before:?} {stage:?}");
        assert!(after.is_none_or(|after| after.state == State::Live && after.terms == terms() && after.used == 0));
    }
    let other = Facts { terms: Some(Terms { limit_fen: 1, ..terms() }), ..facts() };
    let after = follow(rule, YES, &other, Some(&Image::Mandate(mandate(State::Live))));
    assert!(matches!(after, Some(Image::Case(_))), "{after:?}");
}

#[test]
fn the_end_of_a_mandate() {
    let (end, asks) = (RegisterRule::EndMandate, RegisterRule::EndMandateByBank);
    let live = mandate(State::Live);
    let asked = Mandate { bank_asks: true, ..live };
    let told = |unacknowledged| Mandate { unacknowledged, ..mandate(State::Ended) };
    let done = |by, unacknowledged| Some((State::Ended, by, unacknowledged, false));
    let (institution, bank) = (EndedBy::Institution, EndedBy::Bank);
    let still = |asks| Some((State::Live, EndedBy::Nobody, Parties::NONE, asks));
    let rows = [
        (end, live, ACCEPTED, done(institution, Parties::BANK1)), // at once
        (end, asked, ACCEPTED, done(institution, Parties::BANK1)),
        (end, told(Parties::BANK1), YES, done(institution, Parties::NONE)),
        (end, told(Parties::BANK1), NO, None), // the bank's "no" does not revive it
        (end, told(Parties::BANK1), PRESUMED_NO, None),
        (asks, live, ACCEPTED, still(true)),
        (asks, asked, ACCEPTED, None),
        (asks, asked, YES, done(bank, Parties::NONE)),
        (asks, asked, PRESUMED_YES, done(bank, Parties::INSTITUTION)), // silence
        (asks, asked, NO, still(false)),
        (asks, asked, PRESUMED_NO, still(false)),
        (asks, told(Parties::BANK1), YES, None), // the institution was first
        (asks, told(Parties::INSTITUTION), Stage::Acknowledged(Party::Institution), done(institution, Parties::NONE)),
    ];
    for (rule, before, stage, expected) in rows {
        let after = follow(rule, stage, &Facts { code: *b"PB512099", ..facts() }, Some(&Image::Mandate(before)));
        let after = after.as_ref().and_then(Image::mandate);
        let seen = after.map(|after| (after.state, after.ended_by, after.unacknowledged, after.bank_asks));
        assert_eq!(seen, expected, "{rule:?} {before:?} {stage:?}");
    }
    let rows: [(RegisterRule, Option<Mandate>, Verdict); 6] = [
        (end, Some(live), Ok(())),
        (end, Some(mandate(State::Ended)), Err(b"PB512002")),
        (end, Some(told(Parties::BANK1)), Ok(())),
        (end, None, Err(b"PB512001")),
        (asks, Some(Mandate { bank: 99, ..live }), Err(b"PB512001")),
        (asks, Some(mandate(State::Ended)), Err(b"PB512002")),
    ];
    for (rule, found, expected) in rows {
        let found = found.map(Image::Mandate);
        assert_eq!(check(rule, &facts(), found.as_ref()), expected.map_err(|code| *code), "{rule:?} {found:?}");
    }
}

// ---- disputes ----

fn disputing(amount_fen: u64, dispute: DisputeFacts) -> Facts {
    Facts { amount_fen, dispute: Some(dispute), ..facts() }
}

#[test]
fn what_may_be_disputed() {
    let (submit, answer, adjust) = (RegisterRule::SubmitDispute, RegisterRule::AnswerDispute, RegisterRule::Adjust);
    let running = DisputeFacts { original_status: TrxStatus::InProcess, ..dispute() };
    let failed = DisputeFacts { original_status: TrxStatus::PresumedFailure, ..dispute() };
    let to_payee = |dispute| DisputeFacts { direction: Direction::ToPayee, ..dispute };
    let answering = DisputeFacts { by: 11, of: 3, ..dispute() };
    let operator = DisputeFacts { by_operator: true, ..dispute() };
    let (none, bad_amount, state): (_, Verdict, Verdict) = (Err(b"PB531001"), Err(b"RB622022"), Err(b"RB622099"));
    let rows = [
        (submit, None, disputing(10_000, dispute()), Ok(())),
        (submit, None, disputing(10_001, dispute()), bad_amount),
        (submit, None, disputing(0, dispute()), bad_amount),
        (submit, None, disputing(9_001, DisputeFacts { refunded_fen: 1_000, ..dispute() }), bad_amount),
        (submit, None, disputing(1, to_payee(dispute())), bad_amount), // the payee has it all
        (submit, None, disputing(1, failed), bad_amount),
        (submit, None, disputing(10_000, to_payee(failed)), Ok(())),
        (submit, None, disputing(1, running), none),
        (submit, None, Facts { dispute: None, ..facts() }, none),
        (submit, None, disputing(1, DisputeFacts { of: 77, ..dispute() }), none),
        (submit, None, disputing(1, DisputeFacts { of: 3, ..dispute() }), none),
        (submit, Some(CaseState::Open), disputing(1, dispute()), Ok(())),
        (submit, Some(CaseState::Refused), disputing(1, dispute()), Ok(())),
        (submit, Some(CaseState::Submitted), disputing(1, dispute()), state),
        (submit, Some(CaseState::Agreed), disputing(1, dispute()), state),
        (answer, Some(CaseState::Submitted), disputing(0, answering), Ok(())),
        (answer, Some(CaseState::Submitted), disputing(0, dispute()), state), // answers itself
        (answer, Some(CaseState::Agreed), disputing(0, answering), state),
        (answer, None, disputing(0, answering), state),
        (adjust, Some(CaseState::Agreed), disputing(600, dispute()), Ok(())),
        (adjust, Some(CaseState::Agreed), disputing(600, answering), Ok(())),
        (adjust, Some(CaseState::Agreed), disputing(601, dispute()), state),
        (adjust, Some(CaseState::Agreed), disputing(600, to_payee(dispute())), state),
        (adjust, Some(CaseState::Agreed), disputing(600, DisputeFacts { by: 12, ..dispute() }), state),
        (adjust, Some(CaseState::Refused), disputing(1, dispute()), state),
        (adjust, Some(CaseState::Open), disputing(10_000, operator), Ok(())),
        (adjust, Some(CaseState::Open), disputing(10_001, operator), bad_amount),
        (adjust, None, disputing(1, operator), Ok(())),
        (adjust, None, disputing(1, dispute()), state),
    ];
    for (rule, found, facts, expected) in rows {
        let image = found.map(case).map(Image::Case);
        let checked = check(rule, &facts, image.as_ref());
        assert_eq!(checked, expected.map_err(|code| *code), "{rule:?} {found:?} {:?}", facts.dispute);
    }
}

fn disputed(rule: RegisterRule, stage: Stage, facts: &Facts, before: Option<&Case>) -> Option<Case> {
    match follow(rule, stage, facts, before.cloned().map(Image::Case).as_ref()) {
        Some(Image::Case(case)) => Some(case),
        Some(other) => panic!("{other:?}"),
        None => None,
    }
}

#[test]
fn a_dispute_from_submission_to_adjustment() {
    let facts = disputing(600, dispute());
    for stage in [ACCEPTED, NO, PRESUMED_NO] {
        assert_eq!(disputed(RegisterRule::SubmitDispute, stage, &facts, None), None, "{stage:?}");
    }
    let submitted = disputed(RegisterRule::SubmitDispute, YES, &facts, None).expect("a case");
    let request = Request { direction: Direction::ToPayer, amount_fen: 600, by: 3, of: 11 };
    assert_eq!((submitted.state, submitted.asked, submitted.version), (CaseState::Submitted, Some(request), 1));
    assert_eq!((submitted.trx_key, submitted.opened_at_us), (OTHER_TRX_KEY, facts.at_us));

    let refusing = disputing(0, DisputeFacts { agrees: false, ..dispute() });
    let refused = disputed(RegisterRule::AnswerDispute, ACCEPTED, &refusing, Some(&submitted)).expect("an answer");
    assert_eq!(refused.state, CaseState::Refused);
    let agreed = disputed(RegisterRule::AnswerDispute, ACCEPTED, &disputing(0, dispute()), Some(&submitted));
    let agreed = agreed.expect("an answer");
    assert_eq!((agreed.state, agreed.version), (CaseState::Agreed, 2));

    // Two adjustments, the first one over midnight: it belongs to the day on which it was made.
    let late_us = clearway_codec::value::BeijingTime::parse(b"2026-11-20T23:59:59").expect("a time").unix_micros();
    let first = Facts { amount_fen: 250, accepted_at_us: late_us, at_us: late_us, ..facts };
    let running = disputed(RegisterRule::Adjust, ACCEPTED, &first, Some(&agreed)).expect("reserved");
    let expected = Adjustment {
        trx_key: TRX_KEY,
        amount_fen: 250,
        batch: DisputeBatchId::parse(b"D202611200024").expect("a batch"),
        direction: Direction::ToPayer,
        state: AdjustmentState::Running,
    };
    assert_eq!((running.adjustments.as_slice(), running.state), ([expected].as_slice(), CaseState::Agreed));
    let after_midnight = Facts { at_us: late_us + 2_000_000, ..first };
    let made = disputed(RegisterRule::Adjust, YES, &after_midnight, Some(&running)).expect("made");
    assert_eq!(made.adjustments, [Adjustment { state: AdjustmentState::Made, ..expected }]);
    assert_eq!((made.state, made.asked.map(|asked| asked.amount_fen)), (CaseState::Agreed, Some(350)));

    let rest = Facts { amount_fen: 350, trx_key: TRX_KEY + 9, ..facts };
    let running = disputed(RegisterRule::Adjust, ACCEPTED, &rest, Some(&made)).expect("reserved");
    let failed = disputed(RegisterRule::Adjust, NO, &rest, Some(&running)).expect("failed");
    assert_eq!((failed.state, failed.moved_fen()), (CaseState::Agreed, 9_750));
    let settled = disputed(RegisterRule::Adjust, PRESUMED_YES, &rest, Some(&running)).expect("made");
    assert_eq!((settled.state, settled.moved_fen()), (CaseState::Adjusted, 9_400));
    assert!(settled.is_settled());
    assert_eq!(disputed(RegisterRule::Adjust, YES, &rest, Some(&settled)), None, "counted once");
}
