//! A [`Site`] whose banks and institutions are [`Party`]s: every one of them does what the test tells it.
//!
//! ```text
//! Scene::new() -> start() -> institution(n).send(letter)      banks[n].on(201, Silent)   banks[n].await_heard(207, 1)
//! ```
//!
//! Invariant: agreements that the node does not know are refused, schedules end within a second or two, and nothing is drawn.

use clearway::config::UnknownAgreements;
use clearway::init;
use clearway_codec::{Field, MessageType, TrxStatus};
use clearway_loadgen::Behaviours;
use clearway_loadgen::config::EnvelopeKeys;

use crate::answer::Answer;
use crate::institution::{Institution, beijing_now, fresh_id};
use crate::letter::Letter;
use crate::party::{Party, number_of};
use crate::process::NodeProcess;
use crate::site::{Site, tell_addresses};

/// A site with scripted participants.
#[derive(Debug)]
pub struct Scene {
    /// What is around the node.
    pub site: Site,
    /// The banks, in the order of the configuration.
    pub banks: Vec<Party>,
    /// The institutions as receivers, in the order of the configuration.
    pub institutions: Vec<Party>,
}

/// The card of a customer; each test has its own site, so all may have the same.
pub const CARD: &str = "6226000000000000001";

impl Scene {
    /// Two institutions, three banks, short schedules; unknown agreements are refused.
    ///
    /// # Panics
    /// As [`Site::with`].
    #[must_use]
    pub fn new(binary: &str) -> Self {
        Self::with(binary, |_| {})
    }

    /// The same, with options changed by `change`.
    ///
    /// # Panics
    /// As [`Site::with`].
    #[must_use]
    pub fn with(binary: &str, change: impl FnOnce(&mut init::Options)) -> Self {
        let site = Site::with(binary, &Behaviours::healthy(), |options| {
            options.business.unknown_agreements = UnknownAgreements::Refuse;
            (options.timing.leg1_deadline_ms, options.timing.leg2_deadline_ms) = (600, 600);
            options.timing.query_schedule_ms = vec![50, 150];
            options.timing.notice_schedule_ms = vec![150, 400, 1_000, 3_000, 10_000];
            change(options);
        });
        let parties = site.parties();
        let banks: Vec<_> = parties.banks.iter().map(|bank| Party::start(&bank.identity, &parties.node)).collect();
        let institutions: Vec<_> =
            parties.institutions.iter().map(|one| Party::start(&one.identity, &parties.node)).collect();
        let counterparties = site.counterparties();
        let simulated = [counterparties.bank_addresses(), counterparties.institution_addresses()].concat();
        let scripted: Vec<_> = banks.iter().chain(&institutions).map(Party::address).collect();
        tell_addresses(&site.dir().join("participants.toml"), &simulated, &scripted);
        Self { site, banks, institutions }
    }

    /// Starts the node.
    ///
    /// # Panics
    /// As [`Site::start`].
    #[must_use]
    pub fn start(&self) -> NodeProcess {
        self.site.start()
    }

    /// The institution at a place, as a sender.
    #[must_use]
    pub const fn institution(&self, place: usize) -> Institution<'_> {
        self.site.institution(place)
    }

    /// Place of the first institution's reserve bank, and of a bank that is another one.
    #[must_use]
    pub fn places(&self) -> (usize, usize) {
        let reserve = self.institution(0).reserve_bank();
        (reserve, (reserve + 1) % self.banks.len())
    }

    /// The bank of the customers, which is not the first institution's reserve bank.
    #[must_use]
    pub fn bank(&self) -> &Party {
        &self.banks[self.places().1]
    }

    /// The first institution's reserve bank.
    #[must_use]
    pub fn reserve_bank(&self) -> &Party {
        &self.banks[self.places().0]
    }

    /// Posts a letter that a party has written, signed with its key.
    ///
    /// # Panics
    /// As [`Institution::send`].
    #[must_use]
    pub fn send_as(&self, party: &Party, letter: &Letter) -> Answer {
        self.institution(0).post(&letter.seal(&party.identity().key))
    }

    /// A letter of the first institution that begins a transaction of this category.
    #[must_use]
    pub fn order(&self, message_type: MessageType, category: &str) -> Letter {
        let institution = self.institution(0);
        begun(institution.letter(message_type), category)
    }

    /// 101: the identity check of a customer at the customers' bank.
    #[must_use]
    pub fn check(&self) -> Letter {
        let institution = self.institution(0);
        self.order(MessageType::Epcc101, "0201")
            .with(Field::SgnAcctIssrId, institution.bank(self.places().1))
            .with(Field::SgnAcctTp, "00")
            .with(Field::InstgId, institution.identity().id.as_str())
            .with_sealed(keys(&institution), &papers())
    }

    /// 101: the signing that follows a check, under the same TrxId.
    ///
    /// # Panics
    /// If `check` is no check.
    #[must_use]
    pub fn signing(&self, check: &Letter) -> Letter {
        let id = check.value(Field::TrxId).expect("a check has an id");
        self.check().with(Field::TrxCtgy, "0202").with(Field::TrxId, id).with(Field::AuthMsg, "246810")
    }

    /// Signs, and gives the agreement's number.
    ///
    /// # Panics
    /// If that does not succeed.
    #[must_use]
    pub fn sign(&self) -> String {
        let check = self.check();
        for letter in [&check, &self.signing(&check)] {
            let receipt = self.institution(0).send(letter);
            assert_eq!(
                (receipt.message_type(), receipt.status()),
                (MessageType::Epcc102, Some(TrxStatus::Success)),
                "{receipt}"
            );
        }
        number_of(check.value(Field::TrxId).expect("a check has an id"))
    }

    /// 201: a payment of `fen` by this agreement.
    #[must_use]
    pub fn payment(&self, number: &str, fen: u64) -> Letter {
        self.institution(0).payment(self.places().1, fen).with(Field::SgnNo, number)
    }

    /// The end of an agreement (103) or of a mandate (115), or a bank's word about one (105, 117).
    #[must_use]
    pub fn end(&self, message_type: MessageType, category: &str, number: &str) -> Letter {
        let institution = self.institution(0);
        let by_bank = matches!(message_type, MessageType::Epcc105 | MessageType::Epcc117);
        let letter = if by_bank { self.bank().letter(message_type) } else { institution.letter(message_type) };
        begun(letter, category)
            .with(Field::SgnAcctIssrId, institution.bank(self.places().1))
            .with(Field::SgnAcctTp, "00")
            .with(Field::SgnNo, number)
            .with(Field::InstgId, institution.identity().id.as_str())
    }
}

/// A letter with an identity and a time of its own.
#[must_use]
pub fn begun(letter: Letter, category: &str) -> Letter {
    let now = beijing_now();
    letter
        .with(Field::TrxId, fresh_id(now.date()).to_string())
        .with(Field::TrxDtTm, String::from_utf8_lossy(&now.to_text()))
        .with(Field::TrxCtgy, category)
}

/// The keys by which an institution seals and opens.
///
/// # Panics
/// If it has none.
#[must_use]
pub fn keys<'s>(institution: &Institution<'s>) -> &'s EnvelopeKeys {
    institution.identity().envelope.as_ref().expect("init made keys for envelopes")
}

/// The customer's papers, as a signing or a mandate carries them.
#[must_use]
pub const fn papers() -> [(Field, &'static str); 4] {
    [
        (Field::SgnAcctId, CARD),
        (Field::SgnAcctNm, "\u{738b}\u{5c0f}\u{660e}"),
        (Field::IDNo, "110101199003070039"),
        (Field::MobNo, "13800000000"),
    ]
}
