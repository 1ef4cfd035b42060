//! The header that every message starts with, and the root around both.

use super::blocks::{C, INSTITUTION, M, TIME, body};
use super::element::{Element, block, leaf};
use super::field::{Field as F, names};
use super::value_type::ValueType as V;

/// The start tag of our own messages, and of most others.
pub(crate) const ROOT_OPEN: &[u8] = br#"<root xmlns="namespace_string">"#;

/// The outermost element. The children of its body are those of the message type.
pub(crate) static ROOT: Element = block(names!("root"), M, ["报文", "message"], &[MSG_HEADER, body(&[])]);

/// 报文头: the element `MsgHeader`, the same in every message.
pub static HEADER: Element = MSG_HEADER;

const MSG_HEADER: Element = block(
    names!("MsgHeader"),
    M,
    ["报文头", "header of this hop"],
    &[
        leaf(F::SndDt, M, TIME, ["报文发送时间", "time of sending"], "2026-11-20T10:06:53"),
        leaf(F::MsgTp, M, (V::MessageType, 15), ["报文编号", "message type"], "epcc.201.001.01"),
        leaf(F::IssrId, M, INSTITUTION, ["发起方所属机构标识", "sender of this hop"], "Z2000000000088"),
        leaf(F::Drctn, M, (V::Direction, 2), ["报文方向", "direction of this hop"], "11"),
        leaf(
            F::SignSN,
            M,
            (V::SerialNumber, 10),
            ["签名证书序列号", "serial number of the signing certificate"],
            "4000000088",
        ),
        leaf(
            F::NcrptnSN,
            C,
            (V::SerialNumber, 10),
            ["加密证书序列号", "serial number of the receiver's encryption certificate"],
            "4000068829",
        ),
        leaf(
            F::DgtlEnvlp,
            C,
            (V::Printable, 1_024),
            ["数字信封", "digital envelope of the sensitive fields"],
            "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        ),
    ],
);
