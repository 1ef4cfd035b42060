//! An answer of the large-value system, in the style of ccms.900.001.02 (common confirmation).
//!
//! ```text
//! <Document><CmonConf>
//!   <OrgnlGrpHdr><OrgnlMsgId>2026112010004201</OrgnlMsgId>...</OrgnlGrpHdr>
//!   <CmonConfInf><PrcSts>PR04</PrcSts><PrcCd>...</PrcCd><RjctInf>...</RjctInf></CmonConfInf>
//! </CmonConf></Document>
//! ```
//!
//! Read leniently in what does not matter and strictly in what does: unknown elements are passed over; each of the four that are
//! read may stand there once; a document type is refused, so nothing is ever expanded.

use quick_xml::Reader;
use quick_xml::escape::resolve_predefined_entity;
use quick_xml::events::Event;

use crate::domain::clearing::MsgId;

/// Longest answer, bytes (ours).
pub(super) const ANSWER_BYTES_MAX: u64 = 64 * 1024;
/// Deepest nesting (ours).
const DEPTH_MAX: usize = 16;

/// What was said about an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// PR04: the money has moved.
    Accepted,
    /// PR09: it has not, and will not.
    Refused,
    /// Any other status: it is on its way.
    NotFinal,
}

/// One answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// About which message.
    pub msg_id: MsgId,
    /// What was said.
    pub verdict: Verdict,
    /// Status and code, as they were written.
    pub code: String,
    /// Why it was refused.
    pub text: String,
}

/// Why a file is no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadAnswer {
    /// It is no XML, or has a document type, or is nested too deeply.
    #[error("it cannot be read as XML")]
    NoXml,
    /// An element is missing, or there twice.
    #[error("{0} is missing, or there more than once")]
    Element(&'static str),
    /// OrgnlMsgId is none of ours.
    #[error("OrgnlMsgId is none of an order")]
    MsgId,
    /// PrcSts is no status.
    #[error("PrcSts is not of the form PR and two digits")]
    Status,
}

#[derive(Default)]
struct Fields {
    msg_id: Vec<String>,
    status: Vec<String>,
    code: Vec<String>,
    text: Vec<String>,
}

impl Fields {
    /// Where the text of an element belongs.
    fn slot(&mut self, parent: &str, name: &str) -> Option<&mut Vec<String>> {
        match (parent, name) {
            ("OrgnlGrpHdr", "OrgnlMsgId") => Some(&mut self.msg_id),
            ("CmonConfInf", "PrcSts") => Some(&mut self.status),
            ("CmonConfInf", "PrcCd") => Some(&mut self.code),
            ("CmonConfInf", "RjctInf") => Some(&mut self.text),
            _ => None,
        }
    }
}

impl Answer {
    /// Reads the whole of a file.
    ///
    /// # Errors
    /// [`BadAnswer`].
    pub fn read(bytes: &[u8]) -> Result<Self, BadAnswer> {
        let text = std::str::from_utf8(bytes).map_err(|_| BadAnswer::NoXml)?;
        let Fields { msg_id, status, code, text } = walk(text)?;
        let msg_id = one(msg_id, "OrgnlMsgId")?.parse().map_err(|_| BadAnswer::MsgId)?;
        let status = one(status, "PrcSts")?;
        let verdict = verdict(&status)?;
        let code = match optional(code, "PrcCd")? {
            code if code.is_empty() => status,
            code => format!("{status} {code}"),
        };
        Ok(Self { msg_id, verdict, code, text: optional(text, "RjctInf")? })
    }
}

fn verdict(status: &str) -> Result<Verdict, BadAnswer> {
    match status.as_bytes() {
        b"PR04" => Ok(Verdict::Accepted),
        b"PR09" => Ok(Verdict::Refused),
        [b'P', b'R', digits @ ..] if digits.len() == 2 && digits.iter().all(u8::is_ascii_digit) => {
            Ok(Verdict::NotFinal)
        }
        _ => Err(BadAnswer::Status),
    }
}

fn walk(text: &str) -> Result<Fields, BadAnswer> {
    let mut reader = Reader::from_str(text);
    let mut fields = Fields::default();
    let mut path: Vec<String> = Vec::new();
    loop {
        match reader.read_event().map_err(|_| BadAnswer::NoXml)? {
            Event::Start(start) if path.len() < DEPTH_MAX => {
                path.push(start.local_name().as_ref().to_owned());
                if let Some(slot) = slot_of(&mut fields, &path) {
                    slot.push(String::new());
                }
            }
            Event::Start(_) | Event::DocType(_) => return Err(BadAnswer::NoXml),
            Event::End(_) => drop(path.pop()),
            Event::Text(content) => say(&mut fields, &path, &content),
            Event::GeneralRef(name) => {
                say(&mut fields, &path, resolve_predefined_entity(&name).unwrap_or(" "));
            }
            Event::Eof if path.is_empty() => return Ok(fields),
            Event::Eof => return Err(BadAnswer::NoXml),
            _ => {}
        }
    }
}

fn slot_of<'a>(fields: &'a mut Fields, path: &[String]) -> Option<&'a mut Vec<String>> {
    let [.., parent, name] = path else { return None };
    fields.slot(parent, name)
}

/// Adds to the text of the element at `path`, if it is one that is read.
fn say(fields: &mut Fields, path: &[String], text: &str) {
    if let Some(last) = slot_of(fields, path).and_then(|slot| slot.last_mut()) {
        last.push_str(text);
    }
}

fn one(mut found: Vec<String>, name: &'static str) -> Result<String, BadAnswer> {
    match (found.pop(), found.is_empty()) {
        (Some(text), true) => Ok(text.trim().to_owned()),
        _ => Err(BadAnswer::Element(name)),
    }
}

fn optional(found: Vec<String>, name: &'static str) -> Result<String, BadAnswer> {
    if found.is_empty() { Ok(String::new()) } else { one(found, name) }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn document(msg_id: &str, inner: &str) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<n:Document xmlns:n=\"urn:x\"><n:CmonConf><n:GrpHdr><n:MsgId>1</n:MsgId>\
             </n:GrpHdr><n:OrgnlGrpHdr><n:OrgnlMsgId>{msg_id}</n:OrgnlMsgId></n:OrgnlGrpHdr>\
             <n:CmonConfInf>{inner}</n:CmonConfInf></n:CmonConf></n:Document>"
        )
    }

    #[test]
    fn statuses_are_verdicts() {
        for (inner, verdict, code, text) in [
            ("<PrcSts>PR04</PrcSts>", Verdict::Accepted, "PR04", ""),
            (
                "<PrcSts> PR09\n</PrcSts><PrcCd>HI1003</PrcCd><RjctInf>no &amp; money</RjctInf>",
                Verdict::Refused,
                "PR09 HI1003",
                "no & money",
            ),
            ("<PrcSts>PR03</PrcSts><Other><PrcSts>PR04</PrcSts></Other>", Verdict::NotFinal, "PR03", ""),
        ] {
            let answer = Answer::read(document("2026112010004201", inner).as_bytes()).expect(inner);
            assert_eq!((answer.msg_id.to_string().as_str(), answer.verdict), ("2026112010004201", verdict));
            assert_eq!((answer.code.as_str(), answer.text.as_str()), (code, text));
        }
    }

    #[test]
    fn what_is_no_answer_is_refused() {
        let accepted = "<PrcSts>PR04</PrcSts>";
        for (text, error) in [
            (String::new(), BadAnswer::Element("OrgnlMsgId")),
            ("<a>".to_owned(), BadAnswer::NoXml),
            ("<a></b>".to_owned(), BadAnswer::NoXml),
            ("<!DOCTYPE a [<!ENTITY b \"c\">]><a/>".to_owned(), BadAnswer::NoXml),
            ("<a>".repeat(20), BadAnswer::NoXml),
            (document("7", accepted), BadAnswer::MsgId),
            (document("2026112010004201", ""), BadAnswer::Element("PrcSts")),
            (document("2026112010004201", "<PrcSts>OK</PrcSts>"), BadAnswer::Status),
            (document("2026112010004201", &accepted.repeat(2)), BadAnswer::Element("PrcSts")),
        ] {
            assert_eq!(Answer::read(text.as_bytes()), Err(error), "{text}");
        }
        assert_eq!(Answer::read(&[0xff]), Err(BadAnswer::NoXml));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "(<[/!?]?[A-Za-z:]{0,12}[ =\"'>]|PR0[0-9]|&[a-z#0-9]{0,3};|.){0,60}") {
            let _ = Answer::read(text.as_bytes());
            let _ = Answer::read(document("2026112010004201", &text).as_bytes());
        }
    }
}
