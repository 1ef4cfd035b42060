//! An order as a document in the style of hvps.141.001.01 (instant transfer); `switch/settlement.md` has its elements.

use std::io;

use clearway_codec::value::BeijingTime;
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesText, Event};

use super::OrderEntry;
use crate::domain::clearing::OrderName;

/// The namespace of the message.
const NAMESPACE: &str = "urn:cnaps:std:hvps:2010:tech:xsd:hvps.141.001.01";
/// The business type "instant transfer".
const INSTANT_TRANSFER: &str = "A200";

type Xml = Writer<Vec<u8>>;

/// The bytes of the present attempt of an order: the same whenever they are asked for.
#[must_use]
pub fn order_document(order: OrderName, entry: &OrderEntry) -> Vec<u8> {
    let mut xml = Writer::new_with_indent(Vec::new(), b' ', 1);
    write(&mut xml, order, entry).unwrap_or_else(|_| unreachable!("memory takes every byte"));
    let mut bytes = xml.into_inner();
    bytes.push(b'\n');
    bytes
}

fn write(xml: &mut Xml, order: OrderName, entry: &OrderEntry) -> io::Result<()> {
    xml.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    xml.create_element("Document").with_attribute(("xmlns", NAMESPACE)).write_inner_content(|xml| {
        element(xml, "FinInstnCdtTrf", |xml| {
            element(xml, "GrpHdr", |xml| group(xml, order, entry))?;
            element(xml, "CdtTrfTxInf", |xml| transfer(xml, order, entry))
        })
    })?;
    Ok(())
}

fn group(xml: &mut Xml, order: OrderName, entry: &OrderEntry) -> io::Result<()> {
    text(xml, "MsgId", &order.attempt(entry.attempt).to_string())?;
    text(xml, "CreDtTm", &BeijingTime::from_unix_micros(entry.made_at_us).to_string())?;
    text(xml, "NbOfTxs", "1")?;
    element(xml, "SttlmInf", |xml| text(xml, "SttlmMtd", "CLRG"))?;
    member(xml, "InstgAgt", &entry.switch)
}

fn transfer(xml: &mut Xml, order: OrderName, entry: &OrderEntry) -> io::Result<()> {
    let (debtor, creditor) = if entry.collects() { (&entry.bank, &entry.switch) } else { (&entry.switch, &entry.bank) };
    element(xml, "PmtId", |xml| {
        text(xml, "EndToEndId", &order.to_string())?;
        text(xml, "TxId", &order.attempt(entry.attempt).to_string())
    })?;
    element(xml, "PmtTpInf", |xml| element(xml, "CtgyPurp", |xml| text(xml, "Prtry", INSTANT_TRANSFER)))?;
    let amount = yuan(entry.net_fen.unsigned_abs());
    xml.create_element("IntrBkSttlmAmt").with_attribute(("Ccy", "CNY")).write_text_content(BytesText::new(&amount))?;
    let (year, month, day) = BeijingTime::from_unix_micros(entry.made_at_us).date().to_ymd();
    text(xml, "IntrBkSttlmDt", &format!("{year:04}-{month:02}-{day:02}"))?;
    member(xml, "Dbtr", debtor)?;
    member(xml, "Cdtr", creditor)?;
    element(xml, "RmtInf", |xml| text(xml, "Ustrd", &purpose(order)))
}

/// What it is for, as the bank reads it.
fn purpose(order: OrderName) -> String {
    match order.set.session() {
        Some(session) => format!("NET POSITION {session}"),
        None => format!("INTEREST {}", order.set.day),
    }
}

/// A member of the clearing system.
fn member(xml: &mut Xml, name: &str, id: &str) -> io::Result<()> {
    element(xml, name, |xml| {
        element(xml, "FinInstnId", |xml| element(xml, "ClrSysMmbId", |xml| text(xml, "MmbId", id)))
    })
}

fn element(xml: &mut Xml, name: &str, inner: impl FnOnce(&mut Xml) -> io::Result<()>) -> io::Result<()> {
    xml.create_element(name).write_inner_content(inner)?;
    Ok(())
}

fn text(xml: &mut Xml, name: &str, content: &str) -> io::Result<()> {
    xml.create_element(name).write_text_content(BytesText::new(content))?;
    Ok(())
}

/// Fen as yuan with two digits.
fn yuan(fen: u64) -> String {
    format!("{}.{:02}", fen / 100, fen % 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::clearing::Occasion;

    const DOCUMENT: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:cnaps:std:hvps:2010:tech:xsd:hvps.141.001.01">
 <FinInstnCdtTrf>
  <GrpHdr>
   <MsgId>2026112020004203</MsgId>
   <CreDtTm>2026-11-20T15:04:05</CreDtTm>
   <NbOfTxs>1</NbOfTxs>
   <SttlmInf>
    <SttlmMtd>CLRG</SttlmMtd>
   </SttlmInf>
   <InstgAgt>
    <FinInstnId>
     <ClrSysMmbId>
      <MmbId>G4000311000018</MmbId>
     </ClrSysMmbId>
    </FinInstnId>
   </InstgAgt>
  </GrpHdr>
  <CdtTrfTxInf>
   <PmtId>
    <EndToEndId>20261120200042</EndToEndId>
    <TxId>2026112020004203</TxId>
   </PmtId>
   <PmtTpInf>
    <CtgyPurp>
     <Prtry>A200</Prtry>
    </CtgyPurp>
   </PmtTpInf>
   <IntrBkSttlmAmt Ccy="CNY">12345678901.05</IntrBkSttlmAmt>
   <IntrBkSttlmDt>2026-11-20</IntrBkSttlmDt>
   <Dbtr>
    <FinInstnId>
     <ClrSysMmbId>
      <MmbId>C1030811000013</MmbId>
     </ClrSysMmbId>
    </FinInstnId>
   </Dbtr>
   <Cdtr>
    <FinInstnId>
     <ClrSysMmbId>
      <MmbId>G4000311000018</MmbId>
     </ClrSysMmbId>
    </FinInstnId>
   </Cdtr>
   <RmtInf>
    <Ustrd>NET POSITION 202611201500</Ustrd>
   </RmtInf>
  </CdtTrfTxInf>
 </FinInstnCdtTrf>
</Document>
"#;

    #[test]
    fn an_order_is_these_bytes() {
        let at_us = BeijingTime::parse(b"2026-11-20T15:04:05").expect("a time").unix_micros();
        let order: OrderName = "20261120200042".parse().expect("an order");
        let first =
            OrderEntry::first(-1_234_567_890_105, "C1030811000013".to_owned(), "G4000311000018".to_owned(), at_us);
        let collecting = OrderEntry { attempt: 3, ..first };
        assert_eq!(String::from_utf8(order_document(order, &collecting)).expect("text"), DOCUMENT);
        let paying = OrderEntry { net_fen: 7, ..collecting };
        let text = String::from_utf8(order_document(order, &paying)).expect("text");
        let (debtor, creditor) = text.split_once("<Cdtr>").expect("a creditor");
        assert!(debtor.ends_with("</Dbtr>\n   ") && creditor.contains("C1030811000013") && text.contains(">0.07<"));
        let interest: OrderName = "20261120300042".parse().expect("an order");
        assert!(matches!(interest.set.occasion, Occasion::Interest));
        assert!(String::from_utf8(order_document(interest, &paying)).expect("text").contains("INTEREST 20261120<"));
    }
}
