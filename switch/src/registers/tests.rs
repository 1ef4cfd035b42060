use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, Ordering};

use proptest::prelude::*;

use super::*;
use crate::domain::agreement::{Alias, EndedBy, State};
use crate::domain::dispute::CaseState;
use crate::domain::register::samples::{
    NOW_US, TRX_KEY, agreement, any_agreement, any_image, case, facts, mandate, number,
};
use crate::domain::register::{Facts, Image, Key, RegisterRule, Stage, check, follow};
use crate::domain::transaction::Parties;
use clearway_codec::value::{BeijingTime, TrxStatus};

// ---- a map by versions, and nothing but that ----

/// What the registers are, without shards, rows and indexes.
#[derive(Debug, Default, PartialEq)]
struct Model(HashMap<String, Image>);

fn name(image: &Image) -> String {
    match image {
        Image::Alias(alias) => format!("alias {}", alias.old.as_str()),
        Image::Sharing(sharing) => format!("sharing {}", sharing.number.as_str()),
        Image::Setting(setting) => format!("setting {}", setting.key),
        Image::Agreement(agreement) => format!("agreement {}", agreement.number.as_str()),
        Image::Mandate(mandate) => format!("mandate {}", mandate.number.as_str()),
        Image::Case(case) => format!("case {}", case.trx_key),
        Image::Book(entry) => format!("book {}", entry.key),
    }
}

impl Model {
    fn apply(&mut self, image: &Image) -> bool {
        let newer = self.0.get(&name(image)).is_none_or(|known| known.version() < image.version());
        if newer {
            self.0.insert(name(image), image.clone());
        }
        newer
    }

    fn agreements(&self) -> impl Iterator<Item = &Agreement> {
        self.0.values().filter_map(Image::agreement)
    }
}

/// Everything in the registers, by way of a snapshot.
fn contents(registers: &Registers) -> Model {
    let mut model = Model::default();
    let mut bytes = Vec::new();
    let mut cursor = Some(Cursor::default());
    while let Some(at) = cursor {
        cursor = registers.snapshot(at, &mut bytes);
    }
    let mut rest = bytes.as_slice();
    while !rest.is_empty() {
        let (image, length) = Image::decode(rest).expect("a snapshot is images");
        assert!(model.apply(&image), "twice in the snapshot");
        rest = &rest[length..];
    }
    model
}

fn sorted(mut agreements: Vec<Agreement>) -> Vec<Agreement> {
    agreements.sort_by_key(|agreement| agreement.number);
    agreements
}

proptest! {
    #[test]
    fn the_registers_are_a_map_in_which_the_newer_version_wins(images in prop::collection::vec(any_image(), 0..300)) {
        let (registers, mut model) = (Registers::new(10), Model::default());
        for image in &images {
            prop_assert_eq!(registers.apply(image), model.apply(image), "{:?}", image);
        }
        for image in &images {
            let known = model.0[&name(image)].clone();
            let found = match image {
                Image::Agreement(one) => registers.find_agreement(one.number.as_str().as_bytes()).map(Image::Agreement),
                Image::Mandate(one) => registers.find_mandate(one.number.as_str().as_bytes()).map(Image::Mandate),
                Image::Case(one) => registers.case(one.trx_key).map(Image::Case),
                Image::Sharing(one) => registers.sharing(&one.number).map(Image::Sharing),
                Image::Setting(one) => registers.setting(one.key).map(Image::Setting),
                Image::Book(one) => registers.book_entry(one.key).map(Image::Book),
                Image::Alias(one) => {
                    let number = registers.find_alias(one.old.as_str().as_bytes()).expect("there");
                    Some(Image::Alias(Alias { number, version: known.version(), ..*one }))
                }
            };
            prop_assert_eq!(found, Some(known.clone()));
            if let Some(key) = image.key() {
                prop_assert_eq!(registers.lock(&key).image(), Some(known));
            }
        }
        prop_assert_eq!(registers.agreements(), model.agreements().count());
        prop_assert_eq!(registers.is_full(), model.agreements().count() >= 10);
        prop_assert_eq!(registers.is_empty(), model.0.is_empty());
        prop_assert_eq!(contents(&registers), model);
    }

    #[test]
    fn the_agreements_of_a_customer_and_of_a_card_are_found(agreements in prop::collection::vec(any_agreement(), 0..200)) {
        let (registers, mut model) = (Registers::new(1_000), Model::default());
        for agreement in agreements {
            registers.apply(&Image::Agreement(agreement));
            model.apply(&Image::Agreement(agreement));
        }
        for digest in 0..40 {
            let of = |whose: fn(&Agreement) -> u64| {
                sorted(model.agreements().filter(|one| digest != 0 && whose(one) == digest).copied().collect())
            };
            prop_assert_eq!(sorted(registers.agreements_of_customer(digest)), of(|one| one.customer));
            prop_assert_eq!(sorted(registers.agreements_of_account(digest)), of(|one| one.account));
        }
    }

    #[test]
    fn a_snapshot_and_the_images_after_it_make_the_same_registers(
        images in prop::collection::vec(any_image(), 1..300),
        from in any::<prop::sample::Index>(),
        pause in 1_usize..8,
    ) {
        // Everything before `from` is there when the snapshot begins; after each few chunks one more change comes in.
        let from = from.index(images.len());
        let (registers, mut model) = (Registers::new(1_000), Model::default());
        images[..from].iter().for_each(|image| { registers.apply(image); });
        let (mut chunks, mut chunk, mut cursor) = (Vec::new(), Vec::new(), Some(Cursor::default()));
        let mut changes = images[from..].iter();
        while let Some(at) = cursor {
            cursor = registers.snapshot(at, &mut chunk);
            chunks.push(std::mem::take(&mut chunk));
            if chunks.len().is_multiple_of(pause) && let Some(image) = changes.next() {
                registers.apply(image);
            }
        }
        // What did not come in while the copy was made comes in now; the journal has them all.
        changes.for_each(|image| { registers.apply(image); });
        images.iter().for_each(|image| { model.apply(image); });
        let restored = Registers::new(1_000);
        for chunk in &chunks {
            restored.load(chunk)?;
        }
        images[from..].iter().for_each(|image| { restored.apply(image); });
        prop_assert_eq!(&contents(&restored), &model);
        prop_assert_eq!(&contents(&registers), &model);
        prop_assert_eq!(restored.agreements(), registers.agreements());
    }
}

#[test]
fn a_chunk_that_is_none_is_refused() {
    let registers = Registers::new(10);
    assert_eq!(registers.load(&[]), Ok(0));
    assert!(registers.load(&[1, 1, 0, 0, 0, 0, 0, 0]).is_err() && registers.load(b"x").is_err());
    assert!(registers.is_empty());
}

// ---- other names ----

#[test]
fn an_old_number_names_the_agreement_that_it_became() {
    let registers = Registers::new(10);
    let old = OldNo::parse(&[b'7'; 60]).expect("sound");
    registers.apply(&Image::Agreement(agreement(State::Live)));
    registers.apply(&Image::Alias(Alias { old, number: number(1), version: 1 }));
    let own = number(1);
    assert_eq!(registers.find_agreement(&[b'7'; 60]), Some(agreement(State::Live)));
    assert_eq!(registers.find_agreement(own.as_str().as_bytes()), Some(agreement(State::Live)));
    assert_eq!(registers.resolve(&[b'7'; 60]), Some(own));
    assert_eq!(registers.resolve(own.as_str().as_bytes()), Some(own));
    registers.apply(&Image::Mandate(Mandate { number: number(3), ..mandate(State::Live) }));
    assert_eq!([1, 2, 3].map(|n| registers.knows(&number(n))), [true, false, true]);
    let unknown = number(9);
    assert_eq!(registers.resolve(unknown.as_str().as_bytes()), Some(unknown));
    for no_number in [[b'8'; 60].as_slice(), b"", b"a b", &[b'7'; 65]] {
        assert_eq!((registers.find_agreement(no_number), registers.resolve(no_number)), (None, None));
    }
    assert_eq!(registers.find_mandate(&[b'7'; 60]), None);
}

// ---- questions ----

#[test]
fn is_signing_needed() {
    let registers = Registers::new(10);
    let now_s = (NOW_US / 1_000_000) as u32;
    let rows = [
        agreement(State::Live),
        Agreement { number: number(2), bank: 12, account: 1, ..agreement(State::Live) },
        Agreement { number: number(3), bank: 13, ..agreement(State::Ended) },
        Agreement { number: number(4), bank: 14, ends_at_s: now_s, ..agreement(State::Live) },
        Agreement { number: number(5), bank: 15, customer: 1, ..agreement(State::Live) },
        Agreement { number: number(6), institution: 4, bank: 16, ..agreement(State::Live) },
    ];
    rows.map(Image::Agreement).iter().for_each(|image| assert!(registers.apply(image)));
    let channels = [11, 12, 13, 14, 15, 16, 17].map(|bank| Channel { institution: 3, bank });
    let signed = registers.signed(0xc05, 0xacc, &channels, NOW_US);
    let seen: Vec<_> = signed.iter().map(|one| (one.channel.bank, one.by_customer, one.by_account)).collect();
    let expected = [
        (11, true, true),
        (12, true, false),  // another card
        (13, false, false), // ended
        (14, false, false), // expired
        (15, false, true),  // another customer
        (16, false, false), // another institution
        (17, false, false),
    ];
    assert_eq!(seen, expected);
    let nobody = registers.signed(0, 0, &channels, NOW_US);
    assert!(nobody.iter().all(|one| !one.by_customer && !one.by_account));
}

#[test]
fn the_report_lists_every_agreement_on_which_an_end_is_silent() {
    let registers = Registers::new(10);
    let by_bank = Agreement {
        number: number(2),
        ended_by: EndedBy::Bank,
        unacknowledged: Parties::INSTITUTION,
        ..agreement(State::Ended)
    };
    let signed_unseen = Agreement { number: number(3), changed_by: TRX_KEY, ..agreement(State::Live) };
    let imported = Agreement { number: number(4), changed_by: 0, ..agreement(State::Live) };
    let rows = [signed_unseen, agreement(State::Live), imported, by_bank];
    rows.map(Image::Agreement).iter().for_each(|image| assert!(registers.apply(image)));
    let owed = |trx_key| {
        assert_ne!(trx_key, 0);
        if trx_key == TRX_KEY { Parties::INSTITUTION } else { Parties::NONE }
    };
    let found = registers.disagreements(owed);
    let seen: Vec<_> = found.iter().map(|one| (one.agreement.number, one.unacknowledged)).collect();
    assert_eq!(seen, [(number(2), Parties::INSTITUTION), (number(3), Parties::INSTITUTION)]);
}

#[test]
fn adjustments_are_found_by_their_batch() {
    use crate::domain::register::samples::dispute;
    let registers = Registers::new(10);
    let facts = |trx_key, at_us| Facts { trx_key, accepted_at_us: at_us, dispute: Some(dispute()), ..facts() };
    let hour_us = 3_600_000_000;
    let steps = [
        (Stage::Accepted, facts(1, NOW_US)),
        (Stage::Final(TrxStatus::Success), facts(1, NOW_US)),
        (Stage::Accepted, facts(2, NOW_US)),
        (Stage::Final(TrxStatus::Failure), facts(2, NOW_US)),
        (Stage::Accepted, facts(3, NOW_US + hour_us)),
    ];
    registers.apply(&Image::Case(case(CaseState::Agreed)));
    for (stage, facts) in steps {
        let mut guard = registers.lock(&RegisterRule::Adjust.key(&facts).expect("a case"));
        let after = follow(RegisterRule::Adjust, stage, &facts, guard.image().as_ref()).expect("changes");
        guard.put(after);
    }
    let in_batch = |at_us| {
        let found = registers.adjustments(DisputeBatchId::at(BeijingTime::from_unix_micros(at_us)));
        found.into_iter().map(|(key, one)| (key, one.trx_key)).collect::<Vec<_>>()
    };
    let key = dispute().original_key;
    assert_eq!((in_batch(NOW_US), in_batch(NOW_US + hour_us)), (vec![(key, 1)], vec![(key, 3)]));
    assert_eq!(in_batch(NOW_US + 2 * hour_us), []);
    assert_eq!(registers.cases(|case| case.adjustments.len() == 3).len(), 1);
}

// ---- guards ----

#[test]
fn the_case_of_a_taken_number_is_put_under_the_numbers_guard() {
    let registers = Registers::new(10);
    registers.apply(&Image::Agreement(agreement(State::Live)));
    let facts = Facts { customer: 1, ..facts() };
    let mut guard = registers.lock(&Key::Agreement(number(1)));
    let after = follow(RegisterRule::Sign, Stage::Final(TrxStatus::Success), &facts, guard.image().as_ref());
    guard.put(after.expect("a case"));
    drop(guard);
    assert!(registers.case(TRX_KEY).is_some());
    assert_eq!(registers.agreement(&number(1)), Some(agreement(State::Live)));
}

#[test]
#[should_panic(expected = "only by a newer one")]
fn an_old_version_cannot_be_put() {
    let registers = Registers::new(10);
    registers.apply(&Image::Agreement(agreement(State::Live)));
    registers.lock(&Key::Agreement(number(1))).put(Image::Agreement(agreement(State::Ended)));
}

#[test]
#[should_panic(expected = "does not lock")]
fn a_guard_is_for_its_own_key() {
    let registers = Registers::new(10);
    registers.lock(&Key::Agreement(number(1))).put(Image::Mandate(mandate(State::Live)));
}

/// Fifty threads want the last use of a mandate: one gets it. A snapshot runs meanwhile, and restores what the images say.
#[test]
fn of_fifty_at_once_as_many_pay_as_may() {
    const ALLOWED: usize = 17;
    let registers = Registers::new(10);
    let start = mandate(State::Live);
    let terms = crate::domain::mandate::Terms { frequency: ALLOWED as u16, ..start.terms };
    registers.apply(&Image::Mandate(Mandate { terms, ..start }));
    let (records, stop) = (Mutex::new(Vec::new()), AtomicBool::new(false));
    let pay = |n: u128| {
        let facts = Facts { trx_key: n, ..facts() };
        let mut guard = registers.lock(&Key::Mandate(number(1)));
        let before = guard.image();
        if check(RegisterRule::UseMandate, &facts, before.as_ref()).is_err() {
            return false;
        }
        let after = follow(RegisterRule::UseMandate, Stage::Accepted, &facts, before.as_ref()).expect("reserved");
        records.lock().push(after.clone());
        guard.put(after);
        true
    };
    let (paid, snapshot) = std::thread::scope(|scope| {
        let copier = scope.spawn(|| {
            let mut last = Vec::new();
            while !stop.load(Ordering::Relaxed) {
                last.clear();
                let mut cursor = Some(Cursor::default());
                while let Some(at) = cursor {
                    cursor = registers.snapshot(at, &mut last);
                }
            }
            last
        });
        let payers: Vec<_> = (1..=50).map(|n| scope.spawn(move || pay(n))).collect();
        let paid = payers.into_iter().filter_map(|payer| payer.join().ok()).filter(|paid| *paid).count();
        stop.store(true, Ordering::Relaxed);
        (paid, copier.join().expect("copied"))
    });
    assert_eq!(paid, ALLOWED);
    assert_eq!(registers.mandate(&number(1)).map(|mandate| usize::from(mandate.used)), Some(ALLOWED));
    let restored = Registers::new(10);
    restored.load(&snapshot).expect("a snapshot");
    records.lock().iter().for_each(|image| {
        restored.apply(image);
    });
    assert_eq!(contents(&restored), contents(&registers));
}

// ---- memory ----

/// Counted, not measured: every byte asked of the allocator, all three indexes included, at the number of agreements that is the
/// goal, and just after the indexes have grown (their worst moment).
#[test]
fn an_agreement_costs_at_most_120_bytes() {
    const AGREEMENTS: u64 = 200_000;
    let registers = Registers::new(AGREEMENTS as usize);
    let each = |registers: &Registers| registers.memory_bytes() as f64 / registers.agreements() as f64;
    let mut worst = 0.0_f64;
    for n in 0..AGREEMENTS {
        let mixed = (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let agreement = Agreement { number: number(n), account: mixed, customer: mixed / 3, ..agreement(State::Live) };
        registers.apply(&Image::Agreement(agreement));
        if n > AGREEMENTS / 2 && n.is_multiple_of(1_000) {
            worst = worst.max(each(&registers));
        }
    }
    let now = each(&registers);
    println!("bytes per agreement: {now:.1} with {AGREEMENTS}, {worst:.1} at worst");
    assert!(worst < 130.0, "{worst}");
    // 200,000 agreements fill their indexes to six tenths, as 5 million do.
    assert!(now <= 120.0, "{now}");
}

#[test]
fn numbers_spread_over_the_shards() {
    let registers = Registers::new(1);
    let mut seen = [0; SHARDS];
    (0..6_400).for_each(|n| seen[shard_of(registers.hash(&number(n)))] += 1);
    assert!(seen.iter().all(|count| (50..150).contains(count)), "{seen:?}");
}

#[test]
fn a_changed_agreement_is_counted_once() {
    let registers = Registers::new(1);
    for version in 1..4 {
        registers.apply(&Image::Agreement(Agreement { version, ..agreement(State::Live) }));
    }
    assert_eq!((registers.agreements(), registers.is_full()), (1, true));
}
