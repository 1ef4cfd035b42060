//! A customer with planted papers, and the letters that an institution writes about them.

use clearway_codec::{Field, MessageType};
use clearway_loadgen::config::EnvelopeKeys;
use clearway_tests::institution::{Institution, beijing_now, fresh_id};
use clearway_tests::letter::Letter;
use clearway_tests::planted::Planted;
use clearway_tests::seed::Draws;

/// What must be found nowhere.
pub(crate) struct Customer {
    pub(crate) card: String,
    pub(crate) name: String,
    pub(crate) identity: String,
    pub(crate) mobile: String,
    /// The account at the institution.
    pub(crate) wallet: String,
}

impl Customer {
    pub(crate) fn plant(planted: &mut Planted, draws: &mut Draws) -> Self {
        Self {
            card: planted.card(draws),
            name: planted.name(draws),
            identity: planted.identity(draws),
            mobile: planted.mobile(draws),
            wallet: planted.card(draws),
        }
    }

    /// 101: the identity check (0201), or the signing (0202) that follows under the same TrxId.
    pub(crate) fn check(&self, institution: &Institution<'_>) -> Letter {
        let clear = [
            (Field::SgnAcctId, &*self.card),
            (Field::SgnAcctNm, &self.name),
            (Field::IDNo, &self.identity),
            (Field::MobNo, &self.mobile),
            (Field::InstgAcct, &self.wallet),
        ];
        letter(institution, MessageType::Epcc101, "0201")
            .with(Field::SgnAcctIssrId, institution.bank(0))
            .with(Field::SgnAcctTp, "00")
            .with(Field::InstgId, institution.identity().id.as_str())
            .with_sealed(keys(institution), &clear)
    }

    pub(crate) fn sign(&self, institution: &Institution<'_>, check: &Letter) -> Letter {
        let id = check.value(Field::TrxId).expect("a check has an id");
        self.check(institution).with(Field::TrxCtgy, "0202").with(Field::TrxId, id).with(Field::AuthMsg, "246810")
    }

    /// 211: a payout to the card.
    pub(crate) fn payout(&self, institution: &Institution<'_>) -> Letter {
        let clear = [
            (Field::PyerAcctNo, &*self.wallet),
            (Field::PyerAcctNm, &self.name),
            (Field::PyeeBkNo, &self.card),
            (Field::PyeeBkNm, &self.name),
        ];
        letter(institution, MessageType::Epcc211, "0120")
            .with(Field::PyerBkId, institution.bank(institution.reserve_bank()))
            .with(Field::PyerAcctIssrId, institution.identity().id.as_str())
            .with(Field::PyeeBkId, institution.bank(0))
            .with_sealed(keys(institution), &clear)
    }

    /// 216: a payment with all of the customer's data in it.
    pub(crate) fn certified_payment(&self, institution: &Institution<'_>) -> Letter {
        let clear = [
            (Field::PyerBkNo, &*self.card),
            (Field::PyerBkNm, &self.name),
            (Field::IDNo, &self.identity),
            (Field::MobNo, &self.mobile),
        ];
        letter(institution, MessageType::Epcc216, "0112")
            .with(Field::PyerBkId, institution.bank(0))
            .with(Field::PyerAcctTp, "00")
            .with(Field::PyeeAcctIssrId, institution.identity().id.as_str())
            .with(Field::ResfdAcctIssrId, institution.bank(institution.reserve_bank()))
            .with_sealed(keys(institution), &clear)
    }
}

fn letter(institution: &Institution<'_>, message_type: MessageType, category: &str) -> Letter {
    let now = beijing_now();
    institution
        .letter(message_type)
        .with(Field::TrxId, fresh_id(now.date()).to_string())
        .with(Field::TrxDtTm, String::from_utf8_lossy(&now.to_text()))
        .with(Field::TrxCtgy, category)
}

pub(crate) fn keys<'s>(institution: &Institution<'s>) -> &'s EnvelopeKeys {
    institution.identity().envelope.as_ref().expect("init made keys for envelopes")
}
