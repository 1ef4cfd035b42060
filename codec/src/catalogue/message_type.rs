//! The list of messages. Invariant: every type has a schema of its own. A new message is one line
//! in `message_types!` and a file of rows.

use std::fmt;

use super::element::{Content, Element};
use super::field::Field;
use super::layout::Layout;
use super::{
    answer, certified, control, details, dispute, end_of_mandate, entrusted, gateway, link, mandate, notice, order,
    payment, payout, query, receipt, refund, signing, unsigning,
};

macro_rules! message_types {
    ($($(#[$doc:meta])* $name:ident = $number:literal, $schema:path;)*) => {
        /// A message type that this catalogue knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum MessageType {
            $($(#[$doc])* $name,)*
        }

        impl MessageType {
            /// Every type, in the order of the codes.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The fifteen characters of the wire, such as `epcc.201.001.01`.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => concat!("epcc.", $number, ".001.01"),)*
                }
            }

            /// The number in the code, such as 201.
            #[must_use]
            pub const fn number(self) -> u16 {
                match self {
                    $(Self::$name => $number,)*
                }
            }

            /// The type with this number, if the catalogue has it.
            #[must_use]
            pub const fn from_number(number: u16) -> Option<Self> {
                match number {
                    $($number => Some(Self::$name),)*
                    _ => None,
                }
            }

            /// What the message carries.
            #[must_use]
            pub const fn schema(self) -> &'static MessageSchema {
                match self {
                    $(Self::$name => &$schema,)*
                }
            }
        }
    };
}

message_types! {
    /// Identity check (TrxCtgy 0201) or signing (0202) of an agreement.
    Epcc101 = 101, signing::EPCC_101;
    /// Receipt of either.
    Epcc102 = 102, signing::EPCC_102;
    /// Request to end an agreement.
    Epcc103 = 103, unsigning::EPCC_103;
    /// Its receipt.
    Epcc104 = 104, unsigning::EPCC_104;
    /// Notice that the bank has ended an agreement.
    Epcc105 = 105, unsigning::EPCC_105;
    /// Request to set up a mandate.
    Epcc111 = 111, mandate::EPCC_111;
    /// Its receipt, or its outcome as a notice.
    Epcc113 = 113, mandate::EPCC_113;
    /// Request of the institution to end a mandate.
    Epcc115 = 115, end_of_mandate::EPCC_115;
    /// Its receipt.
    Epcc116 = 116, end_of_mandate::EPCC_116;
    /// Request of the bank to end a mandate.
    Epcc117 = 117, end_of_mandate::EPCC_117;
    /// The institution's consent or refusal.
    Epcc118 = 118, end_of_mandate::EPCC_118;
    /// Agreement payment request.
    Epcc201 = 201, payment::EPCC_201;
    /// Refund request.
    Epcc205 = 205, refund::EPCC_205;
    /// Receipt of an agreement payment or a refund.
    Epcc206 = 206, receipt::EPCC_206;
    /// Terminal notice: the final state of a transaction.
    Epcc207 = 207, notice::EPCC_207;
    /// Payout request.
    Epcc211 = 211, payout::EPCC_211;
    /// Its receipt.
    Epcc213 = 213, payout::EPCC_213;
    /// Certified payment request: account data in every payment.
    Epcc216 = 216, certified::EPCC_216;
    /// Its receipt.
    Epcc218 = 218, certified::EPCC_218;
    /// Entrusted payment request, on a mandate.
    Epcc221 = 221, entrusted::EPCC_221;
    /// Its receipt.
    Epcc223 = 223, entrusted::EPCC_223;
    /// Gateway payment request.
    Epcc241 = 241, gateway::EPCC_241;
    /// Its receipt, with the address of the bank's page.
    Epcc243 = 243, gateway::EPCC_243;
    /// Notice whether the customer has paid on the bank's page.
    Epcc245 = 245, gateway::EPCC_245;
    /// Query of a transaction's status.
    Epcc301 = 301, query::EPCC_301;
    /// Answer to a query.
    Epcc302 = 302, query::EPCC_302;
    /// General answer.
    Epcc303 = 303, answer::EPCC_303;
    /// Query of an order.
    Epcc305 = 305, order::EPCC_305;
    /// Its answer.
    Epcc306 = 306, order::EPCC_306;
    /// Query of a transaction's details, before a dispute.
    Epcc313 = 313, details::EPCC_313;
    /// Its answer.
    Epcc314 = 314, details::EPCC_314;
    /// Request to close an order.
    Epcc317 = 317, order::EPCC_317;
    /// Its answer.
    Epcc318 = 318, order::EPCC_318;
    /// Dispute: asks the counterparty for an adjustment.
    Epcc321 = 321, dispute::EPCC_321;
    /// Dispute: the counterparty agrees or refuses.
    Epcc322 = 322, dispute::EPCC_322;
    /// Dispute: the adjustment.
    Epcc324 = 324, dispute::EPCC_324;
    /// Request for control numbers.
    Epcc401 = 401, control::EPCC_401;
    /// The control numbers.
    Epcc402 = 402, control::EPCC_402;
    /// Link probe.
    Epcc991 = 991, link::EPCC_991;
    /// Answer to a link probe.
    Epcc992 = 992, link::EPCC_992;
}

impl MessageType {
    /// The type with this code, if the catalogue has it.
    #[must_use]
    pub const fn from_code(code: &[u8]) -> Option<Self> {
        let &[b'e', b'p', b'c', b'c', b'.', a, b, c, b'.', b'0', b'0', b'1', b'.', b'0', b'1'] = code else {
            return None;
        };
        if !(a.is_ascii_digit() && b.is_ascii_digit() && c.is_ascii_digit()) {
            return None;
        }
        Self::from_number((a - b'0') as u16 * 100 + (b - b'0') as u16 * 10 + (c - b'0') as u16)
    }
}

impl fmt::Display for MessageType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

/// Who writes messages of a type before anybody passes them on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sender {
    /// A payment institution.
    Institution,
    /// A bank.
    Bank,
    /// The switch.
    Switch,
    /// An institution, a bank, or the switch.
    Participant,
}

/// What the messages of one type carry.
#[derive(Debug)]
pub struct MessageSchema {
    /// The type.
    pub message_type: MessageType,
    /// Name in the field's own words.
    pub chinese: &'static str,
    /// Name in English.
    pub english: &'static str,
    /// Who writes it first; the switch passes most of them on.
    pub sender: Sender,
    /// What answers it; `None` for an answer. A refusal is answered with a 303 whatever it is.
    pub answer: Option<MessageType>,
    /// The element `MsgBody` with all that stands in it.
    pub body: Element,
}

impl MessageSchema {
    /// The children of `MsgBody`, in the order they must come in.
    #[must_use]
    pub const fn elements(&self) -> &'static [Element] {
        self.body.children()
    }

    /// The fields that these messages carry encrypted, in the order of the wire.
    #[must_use]
    pub fn encrypted_fields(&self) -> &'static [Field] {
        Layout::of(self.message_type).encrypted()
    }

    /// Calls `visit` with the depth below `MsgBody` (from 1) and each element, parents before
    /// children, in the order of the wire. What generators of pages and samples use.
    pub fn walk(&self, visit: &mut dyn FnMut(usize, &'static Element)) {
        walk(self.elements(), 1, visit);
    }
}

fn walk(elements: &'static [Element], depth: usize, visit: &mut dyn FnMut(usize, &'static Element)) {
    for element in elements {
        visit(depth, element);
        if let Content::Block(block) = &element.content {
            walk(block.children, depth + 1, visit);
        }
    }
}

/// What the messages of `message_type` carry.
#[must_use]
pub const fn schema(message_type: MessageType) -> &'static MessageSchema {
    message_type.schema()
}
