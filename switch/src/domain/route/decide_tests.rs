//! The three layers one by one, then properties of the whole.

use proptest::prelude::*;

use super::cutover::Way;
use super::samples::{BANK, INSTITUTION, asked, channel, routes, table, table_of, well};
use super::*;
use crate::domain::business::Business;
use crate::domain::transaction::Leg;

fn chosen(table: &RouteTable, asked: &Asked) -> Option<u8> {
    decide(table, asked, |_| well()).chosen
}

fn direct(number: u8) -> Channel {
    Channel { kind: ChannelKind::Direct, ..channel(number, 1) }
}

#[test]
fn configuration_decides_the_kind_and_the_preferred_channel() {
    let mut some = routes([channel(0, 1), channel(1, 2), direct(2)]);
    some.cards.insert(70, 1);
    some.cards.insert(71, 2);
    some.preferred_of.insert(INSTITUTION + 1, 1);
    let halted = Cutover { general: CutoverRule { halted: true, ..CutoverRule::default() }, ..Cutover::default() };
    let (over, halted) = (table_of(some.clone(), Cutover::default()), table_of(some, halted));
    let ask = asked();
    let refund = Asked { business: Business::Refund, leg: Leg::Two, back: Some(2), ..ask };
    let rows = [
        ("nothing said", &over, ask, 0, Preference::Nothing),
        ("named card", &over, Asked { card: 70, ..ask }, 1, Preference::Card(1)),
        ("named card beats the cut-over", &over, Asked { card: 71, ..ask }, 2, Preference::Card(2)),
        ("institution", &over, Asked { institution: INSTITUTION + 1, ..ask }, 1, Preference::Institution(1)),
        ("reversed in a moment", &halted, ask, 2, Preference::Nothing),
        ("named card stays", &halted, Asked { card: 70, ..ask }, 1, Preference::Card(1)),
        ("a refund goes the way of its payment", &over, refund, 2, Preference::WayBack(2)),
        ("a refund of the switch's own", &halted, Asked { back: Some(0), ..refund }, 0, Preference::WayBack(0)),
        (
            "a refund of the old time",
            &over,
            Asked { back: None, is_direct_refund: true, ..refund },
            2,
            Preference::Nothing,
        ),
        ("the reserve's leg", &halted, Asked { leg: Leg::Two, ..ask }, 0, Preference::Nothing),
        ("a signing", &halted, Asked { business: Business::Signing, amount_fen: 0, ..ask }, 0, Preference::Nothing),
    ];
    for (what, table, asked, number, preference) in rows {
        let why = decide(table, &asked, |_| well());
        assert_eq!((why.chosen, why.preference), (Some(number), preference), "{what}");
    }
}

#[test]
fn a_channel_of_the_other_kind_is_never_a_fallback() {
    let halted = Cutover { general: CutoverRule { halted: true, ..CutoverRule::default() }, ..Cutover::default() };
    let none = table_of(routes([channel(0, 1)]), halted.clone());
    let why = decide(&none, &asked(), |_| well());
    assert_eq!((why.chosen, why.refusal(*b"PS500030")), (None, *b"PB520096"));
    let one = table_of(routes([channel(0, 1), direct(1)]), halted);
    let why = decide(&one, &asked(), |channel| Seen { is_tried: channel.number == 1, ..well() });
    assert_eq!((why.chosen, why.refusal(*b"PS500030")), (None, *b"PS500030"));
}

#[test]
fn capabilities_keep_a_channel_out() {
    let with = |capabilities| table([channel(0, 2), Channel { capabilities, ..channel(1, 1) }]);
    let ask = asked();
    let businesses = |business: Business| Some([business.code()].into());
    let refund = Asked { business: Business::Refund, ..ask };
    let none = Capabilities::default;
    let rows = [
        (none(), ask, None),
        (
            Capabilities { businesses: businesses(Business::Payout), ..none() },
            ask,
            Some(Verdict::Cannot(Unfit::Business)),
        ),
        (Capabilities { businesses: businesses(Business::AgreementPayment), ..none() }, ask, None),
        (Capabilities { institutions: Some([9].into()), ..none() }, ask, Some(Verdict::Cannot(Unfit::Institution))),
        (Capabilities { no_refunds: true, ..none() }, ask, None),
        (Capabilities { no_refunds: true, ..none() }, refund, Some(Verdict::Cannot(Unfit::Refund))),
        (
            Capabilities { account_types: AccountType::parse(b"01").map(|one| [one].into()), ..none() },
            ask,
            Some(Verdict::Cannot(Unfit::AccountType)),
        ),
        (
            Capabilities { account_types: AccountType::parse(b"01").map(|one| [one].into()), ..none() },
            Asked { account_type: None, ..ask },
            None,
        ),
        (Capabilities { amount_min_fen: Some(10_001), ..none() }, ask, Some(Verdict::Cannot(Unfit::AmountBelow))),
        (Capabilities { amount_max_fen: Some(9_999), ..none() }, ask, Some(Verdict::Cannot(Unfit::AmountAbove))),
        (Capabilities { amount_min_fen: Some(10_000), amount_max_fen: Some(10_000), ..none() }, ask, None),
        (Capabilities { amount_min_fen: Some(1), ..none() }, Asked { amount_fen: 0, ..ask }, None),
    ];
    for (capabilities, asked, verdict) in rows {
        let why = decide(&with(capabilities.clone()), &asked, |_| well());
        let of_one = why.candidates.iter().find(|one| one.number == 1).map(|one| one.verdict);
        assert_eq!(of_one, Some(verdict.unwrap_or(Verdict::Fits { reachable: true })), "{capabilities:?}");
        assert_eq!(why.chosen, Some(u8::from(verdict.is_none())));
    }
}

#[test]
fn limits_and_health_keep_a_channel_out_and_order_the_rest() {
    let table = table([channel(0, 1), channel(1, 2), channel(2, 3)]);
    let seen =
        |number: u8, seen: Seen| decide(&table, &asked(), |one| if one.number == number { seen } else { well() });
    let rows = [
        (well(), Some(0)),
        (Seen { is_reachable: false, ..well() }, Some(1)),
        (Seen { is_closed: true, ..well() }, Some(1)),
        (Seen { is_tried: true, ..well() }, Some(1)),
        (Seen { breach: Some(VolumeBreach::MonthCount), ..well() }, Some(1)),
        (Seen { switch: SwitchState::Off { until_us: 9 }, ..well() }, Some(1)),
        (Seen { switch: SwitchState::Trial { left: 0 }, ..well() }, Some(1)),
        (Seen { switch: SwitchState::Trial { left: 1 }, ..well() }, Some(0)),
    ];
    for (seen_of_first, number) in rows {
        assert_eq!(seen(0, seen_of_first).chosen, number, "{seen_of_first:?}");
    }
    let dark = decide(&table, &asked(), |_| Seen { is_reachable: false, ..well() });
    assert_eq!(dark.chosen, Some(0), "what cannot be reached is still tried when nothing else is left");
    let order: Vec<u8> =
        seen(0, Seen { is_reachable: false, ..well() }).candidates.iter().map(|one| one.number).collect();
    assert_eq!(order, [1, 2, 0]);
}

#[test]
fn the_nearest_miss_gives_the_code() {
    let small = Capabilities { amount_max_fen: Some(1), ..Capabilities::default() };
    let table = table([Channel { capabilities: small, ..channel(0, 1) }, channel(1, 2)]);
    let code = |seen: Seen| decide(&table, &asked(), |_| seen).refusal(*b"PS500030");
    let rows = [
        (Seen { breach: Some(VolumeBreach::DayAmount), ..well() }, b"PB521024"),
        (Seen { breach: Some(VolumeBreach::MonthCount), ..well() }, b"PB521021"),
        (Seen { switch: SwitchState::Off { until_us: 1 }, ..well() }, b"PS500030"),
        (Seen { is_tried: true, ..well() }, b"PS500030"),
    ];
    for (seen, expected) in rows {
        assert_eq!(code(seen), *expected, "{seen:?}");
    }
    let refused =
        |channels: Vec<Channel>| decide(&samples::table(channels), &asked(), |_| well()).refusal(*b"PS500030");
    let small = Capabilities { amount_max_fen: Some(1), ..Capabilities::default() };
    let other = Capabilities { businesses: Some([3].into()), ..Capabilities::default() };
    assert_eq!(refused(vec![Channel { capabilities: small, ..channel(0, 1) }]), *b"PB521023");
    assert_eq!(refused(vec![Channel { capabilities: other, ..channel(0, 1) }]), *b"PB040000");
    assert_eq!(refused(vec![Channel { is_enabled: false, ..channel(0, 1) }]), *b"PB040000");
}

#[test]
fn a_table_that_cannot_be_is_refused() {
    let new = |routes: BankRoutes| RouteTable::new([(BANK, routes)].into(), Cutover::default(), 0);
    let rule = samples::switch_off();
    let off = |rule| Channel { switch_off: Some(rule), ..channel(1, 1) };
    let mut unknown_card = routes([channel(0, 1)]);
    unknown_card.cards.insert(1, 9);
    for (what, some) in [
        ("number", routes([channel(0, 1), channel(1, 1), channel(1, 2)])),
        ("priority", routes([channel(0, 0)])),
        ("via", routes([Channel { via: 12, ..channel(0, 1) }])),
        ("kind", routes([Channel { kind: ChannelKind::Direct, ..channel(0, 1) }])),
        ("share", routes([Channel { share: 6_000, ..channel(0, 1) }, Channel { share: 4_001, ..channel(1, 1) }])),
        ("channel", unknown_card),
        ("channel", BankRoutes { preferred: Some(4), ..routes([channel(0, 1)]) }),
        ("channel", routes((0..40).map(|number| channel(number, 1)))),
        ("switch_off", routes([off(SwitchOff { least: 0, ..rule })])),
        ("switch_off", routes([off(SwitchOff { failure_share: 0, ..rule })])),
        ("switch_off", routes([off(SwitchOff { rest_us: 0, ..rule })])),
        ("switch_off.return_share", routes([off(SwitchOff { return_share: 5_000, ..rule })])),
    ] {
        assert_eq!(new(some).map_err(|fault| fault.key), Err(what));
    }
    let table = new(BankRoutes::plain(BANK)).expect("a bank with itself");
    assert!(table.is_plain(BANK) && table.is_plain(BANK + 1));
    assert!(!samples::table([channel(0, 1), channel(1, 1)]).is_plain(BANK));
}

#[test]
fn a_decision_can_be_kept_and_read_back() {
    let halted = Cutover { general: CutoverRule { halted: true, ..CutoverRule::default() }, ..Cutover::default() };
    let table = table_of(routes([channel(0, 1), Channel { share: 10_000, ..direct(1) }]), halted);
    for seen in [well(), Seen { breach: Some(VolumeBreach::DayCount), ..well() }] {
        let why = decide(&table, &asked(), |_| seen);
        let kept = serde_json::to_vec(&why).expect("JSON");
        assert_eq!(serde_json::from_slice::<Why>(&kept).expect("read back"), why);
        let lines = why.lines(&|index| format!("participant {index}"));
        assert_eq!(lines.len(), 6, "{lines:?}");
        assert!(lines.iter().any(|line| line.contains("halted")), "{lines:?}");
    }
}

fn any_seen() -> impl Strategy<Value = Seen> {
    let switch = prop_oneof![
        4 => Just(SwitchState::On),
        1 => Just(SwitchState::Off { until_us: 5 }),
        1 => (0_u32..3).prop_map(|left| SwitchState::Trial { left }),
    ];
    let breach = prop_oneof![5 => Just(None), 1 => Just(Some(VolumeBreach::DayAmount))];
    (any::<bool>(), prop::bool::weighted(0.1), prop::bool::weighted(0.1), breach, switch).prop_map(
        |(is_reachable, is_closed, is_tried, breach, switch)| Seen {
            is_reachable,
            is_closed,
            is_tried,
            breach,
            switch,
        },
    )
}

fn any_channels() -> impl Strategy<Value = Vec<Channel>> {
    let one = (1_u8..4, prop::bool::weighted(0.9), prop::bool::weighted(0.3), 0_u16..2_500);
    prop::collection::vec(one, 1..5).prop_map(|rows| {
        let numbered = (0_u8..).zip(rows);
        numbered
            .map(|(number, (priority, is_enabled, is_direct, share))| Channel {
                is_enabled,
                share,
                kind: if is_direct && number > 0 { ChannelKind::Direct } else { ChannelKind::Switch },
                ..channel(number, priority)
            })
            .collect()
    })
}

/// The order as a person would work it out: among those that can, the best by each rule in turn.
fn naive(channels: &[Channel], seen: &[Seen], kind: ChannelKind, preferred: Option<u8>) -> Option<u8> {
    let can = |one: &Channel, seen: &Seen| {
        one.kind == kind
            && one.is_enabled
            && !seen.is_closed
            && !seen.is_tried
            && seen.breach.is_none()
            && matches!(seen.switch, SwitchState::On | SwitchState::Trial { left: 1.. })
    };
    let able: Vec<_> = channels.iter().zip(seen).filter(|(one, seen)| can(one, seen)).collect();
    let reachable: Vec<_> = able.iter().filter(|(_, seen)| seen.is_reachable).collect();
    let field: Vec<&Channel> = if reachable.is_empty() {
        able.iter().map(|(one, _)| *one).collect()
    } else {
        reachable.iter().map(|(one, _)| *one).collect()
    };
    if let Some(preferred) = field.iter().find(|one| Some(one.number) == preferred) {
        return Some(preferred.number);
    }
    let best = field.iter().map(|one| one.priority).min()?;
    field.iter().filter(|one| one.priority == best).map(|one| one.number).min()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    /// The decision is what the naive reading of the rules says, and each fallback is the next in its order.
    #[test]
    fn the_order_of_fallback_is_the_naive_one(
        channels in any_channels(), seen in prop::collection::vec(any_seen(), 5), halted: bool, customer: u64,
    ) {
        let general = CutoverRule { halted, share: SHARE_MAX, ..CutoverRule::default() };
        let table = table_of(routes(channels.clone()), Cutover { general, ..Cutover::default() });
        let asked = Asked { customer, ..asked() };
        let mut seen = seen;
        let way = table.cutover().decide(&cutover::Traveller {
            institution: asked.institution, bank: asked.bank, customer, is_new: false,
        }).way;
        let kind = if way == Way::Direct { ChannelKind::Direct } else { ChannelKind::Switch };
        for _ in 0..=channels.len() {
            let why = decide(&table, &asked, |one| seen[usize::from(one.number)]);
            prop_assert_eq!(why.kind, kind);
            prop_assert_eq!(why.chosen, naive(&channels, &seen, kind, why.preference.number()));
            prop_assert_eq!(why.candidates.len(), channels.len());
            let Some(number) = why.chosen else { break };
            prop_assert!(!seen[usize::from(number)].is_tried, "nothing is tried twice");
            seen[usize::from(number)].is_tried = true;
        }
    }

    /// Growing a share sends nobody away from its channel, nor from those before it; the same customer is always at the same place.
    #[test]
    fn a_growing_share_keeps_who_is_there(customer: u64, shares in prop::collection::vec(0_u16..2_500, 4), grown in 0_usize..4, more in 0_u16..2_500) {
        let with = |shares: &[u16]| {
            let rows = (0_u8..).zip(shares).map(|(number, share)| Channel { share: *share, ..channel(number, 1) });
            table(rows)
        };
        let ask = Asked { customer, ..asked() };
        let prefers = |shares: &[u16]| decide(&with(shares), &ask, |_| well()).preference.number();
        let before = prefers(&shares);
        prop_assert_eq!(before, prefers(&shares), "stable");
        let mut after = shares.clone();
        after[grown] = after[grown].saturating_add(more).min(2_500);
        let now = prefers(&after);
        match before {
            Some(number) if usize::from(number) <= grown => prop_assert_eq!(now, before),
            Some(number) => prop_assert!(now.is_some_and(|now| now <= number)),
            None => prop_assert!(now.is_none() || now >= Some(grown as u8)),
        }
    }

    /// A card without a digest has no channel of its own, whatever the table names.
    #[test]
    fn nobody_is_not_named(number in 0_u8..2) {
        let mut some = routes([channel(0, 1), channel(1, 2)]);
        some.cards.insert(0, number);
        let table = table_of(some, Cutover::default());
        prop_assert_eq!(chosen(&table, &Asked { card: 0, ..asked() }), Some(0));
    }
}

/// A share is about as large as it says, and the cut-over's places are others.
#[test]
fn a_share_is_as_large_as_it_says() {
    let table = table([channel(0, 1), Channel { share: 2_500, ..channel(1, 2) }]);
    let preferred =
        |customer| decide(&table, &Asked { customer, ..asked() }, |_| well()).preference.number() == Some(1);
    let inside = (0..40_000).filter(|customer| preferred(*customer)).count();
    assert!((9_500..10_500).contains(&inside), "{inside} of 40,000 at 25 %");
    let early: Vec<u64> = (0..40_000).filter(|customer| cutover::place_of(*customer) < 1_000).collect();
    let both = early.iter().filter(|customer| preferred(**customer)).count();
    assert!((both * 4).abs_diff(early.len()) < early.len() / 5, "{both} of {}", early.len());
}
