//! What a row of the table of businesses says.

use clearway_codec::catalogue::{Field, MessageType};
use clearway_codec::value::{TrxId, TrxStatus};

use super::{Business, RegisterRule};
use crate::domain::transaction::{Leg, Party};

/// Where a leg's counterpart is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A bank, named by the first of these elements of the request that is there.
    Bank(&'static [Field]),
    /// The institution that this element of the request names.
    Institution(Field),
    /// The other side of the original transaction.
    Counterpart,
}

/// What is done about a leg whose outcome is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chase {
    /// Its bank is asked by 301. A leg that moves money is never sent twice by itself.
    Query,
    /// It is sent again: the receiver only takes note, and knows the transaction by its TrxId.
    Resend,
}

/// How long a leg may rest with a person: the customer on the bank's page, or whoever has to agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Patience {
    /// A gateway order: three hours for a person, thirty days for a company, less if the order says so (business.md section 3).
    Order,
    /// So many natural days from acceptance.
    Days(u8),
    /// So many working days from acceptance (business.md section 4).
    WorkingDays(u8),
}

/// What ends a rest that nobody has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RestEnd {
    /// A last query; then it failed, with this code.
    QueryThenFail([u8; 8]),
    /// Silence is consent.
    Agree,
}

/// The rest of a leg whose first answer only says that somebody has yet to act.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rest {
    /// How long.
    pub patience: Patience,
    /// What then.
    pub end: RestEnd,
    /// The message by which whoever it rests with tells the outcome.
    pub news: MessageType,
    /// The element of that message which names the transaction.
    pub news_id: Field,
}

/// One leg of a business: whom it goes to and what its trouble is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LegRules {
    /// Whom it goes to.
    pub target: Target,
    /// Message type that answers it.
    pub answer: MessageType,
    /// What is done when its outcome is unknown.
    pub chase: Chase,
    /// Whether its outcome may come later than its answer.
    pub rest: Option<Rest>,
    /// Refusals that say it is so already: as good as a success.
    pub done_already: &'static [[u8; 8]],
    /// Refusal when the counterpart is no participant.
    pub unknown_target: [u8; 8],
    /// Outcome when no byte of the leg could leave, or a bank says that the transaction never reached it.
    pub unreachable: [u8; 8],
    /// What the leg's bank answers to a query for a transaction that it does not know.
    pub no_such_transaction: [u8; 8],
    /// Status when the leg stays unknown to the end (the rule of presumption).
    pub presumed_status: TrxStatus,
    /// Outcome code that goes with it.
    pub presumed: [u8; 8],
}

/// Who begins a business, and which element of the request must name it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initiator {
    /// An institution.
    Institution(Field),
    /// A bank.
    Bank(Field),
    /// Any party of the original transaction.
    Party,
}

/// Whether payments of a business can be refunded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refundable {
    /// Never.
    Never,
    /// Always.
    Always,
    /// Only one that has this element.
    IfNamed(Field),
}

/// What the customer's account is known by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountOf {
    /// There is none.
    Nobody,
    /// The account behind the agreement or mandate that it names.
    Agreement,
    /// The account number in this sensitive element.
    Clear(Field),
    /// None is known yet; it is found again by the order's number in this element.
    Order(Field),
}

/// How a party that has not seen the final state learns of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The terminal notice (207).
    Terminal,
    /// The initiator gets its receipt as a notice, the others a 207.
    Receipt,
    /// The initiator gets a 207, the others the request itself.
    Request,
    /// Nobody is told: a notice would name another transaction, the one that this is about. Who began it and got no receipt says it
    /// again, and gets the same one.
    Nobody,
}

/// One row of the table of businesses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BusinessRules {
    /// The row's key.
    pub business: Business,
    /// Its name in configuration, metrics and reports.
    pub name: &'static str,
    /// Message type that asks for it.
    pub request: MessageType,
    /// Message type that answers the initiator.
    pub receipt: MessageType,
    /// TrxCtgy of the request; empty when the request has none.
    pub categories: &'static [&'static str],
    /// What sets its transactions apart from others under the same TrxId: 0101 signs in two steps under one, and a dispute
    /// is about another transaction.
    pub key_tag: u8,
    /// Who may begin it.
    pub initiator: Initiator,
    /// The legs: debit and credit of money, one for what only changes a register, none for what is settled by being said.
    pub legs: &'static [LegRules],
    /// The elements of the request, or of the answer to leg 1, that the receipt repeats.
    pub echoed: &'static [Field],
    /// How those who have not seen the final state learn of it.
    pub notice: Notice,
    /// Whether it moves money: the request has an amount.
    pub moves_money: bool,
    /// Whether a successful one can be refunded.
    pub refundable: Refundable,
    /// Whether it names an original payment on which its amount is reserved.
    pub reserves_original: bool,
    /// Whether an order can be closed (317) while its customer has not paid.
    pub closable: bool,
    /// What its customer's account is.
    pub account: AccountOf,
    /// Whether limits of amount and number hold for it (business.md section 5).
    pub limited: bool,
    /// The leg that touches the customer's account, and that can be kept apart from others for the same account.
    pub customer_leg: Option<Leg>,
    /// Which register follows it, and how.
    pub register: RegisterRule,
}

impl BusinessRules {
    /// The rules of one leg, if it has that leg.
    pub fn leg(&self, leg: Leg) -> Option<&'static LegRules> {
        self.legs.get(leg.index())
    }

    /// The message by which a party that has not seen the final state learns of it.
    pub const fn notice_to(&self, party: Party) -> MessageType {
        match (self.notice, party) {
            (Notice::Receipt, Party::Institution) => self.receipt,
            (Notice::Request, Party::Bank1) => self.request,
            _ => MessageType::Epcc207,
        }
    }

    /// Whether the receipt repeats what the answer to leg 1 said, beyond the banks' serials.
    pub fn echoes_answer(&self) -> bool {
        self.legs.len() == 1 || self.legs.iter().any(|leg| leg.rest.is_some())
    }

    /// Whether it is about another transaction.
    pub fn has_original(&self) -> bool {
        self.reserves_original || self.initiator == Initiator::Party
    }

    /// The table's key of its transaction with this identity.
    pub const fn key(&self, id: TrxId) -> u128 {
        id.as_u128() + self.key_tag as u128 * KEY_TAG
    }
}

/// One past the largest number of 31 digits: what a key's tag is multiplied by.
pub const KEY_TAG: u128 = 10_u128.pow(31);

/// The TrxId in a key.
pub fn trx_id_of(key: u128) -> Option<TrxId> {
    TrxId::from_u128(key % KEY_TAG)
}
