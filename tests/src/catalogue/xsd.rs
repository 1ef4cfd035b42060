//! The XML schema of one message.
//!
//! Deterministic in the sense of XSD 1.0: no wildcard stands behind optional elements, so what the catalogue does not know is
//! refused here although the code tolerates it.

use std::fmt::Write as _;

use clearway_codec::MessageType;
use clearway_codec::catalogue::{Content, Element, HEADER, Leaf, Presence, schema};

use super::form;

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="namespace_string" elementFormDefault="qualified">
"#;

/// The schema of messages of this type.
pub(super) fn write(message_type: MessageType) -> String {
    let schema = schema(message_type);
    let mut xsd = Writer { text: HEAD.to_owned(), code: message_type.code(), depth: 1 };
    xsd.note(schema.chinese, schema.english);
    xsd.line("<xs:element name=\"root\">");
    xsd.inside(|xsd| {
        xsd.line("<xs:complexType>");
        xsd.inside(|xsd| xsd.sequence(&[&HEADER, &schema.body], false));
        xsd.line("</xs:complexType>");
    });
    xsd.line("</xs:element>");
    xsd.text.push_str("</xs:schema>\n");
    xsd.text
}

struct Writer {
    text: String,
    code: &'static str,
    depth: usize,
}

impl Writer {
    fn line(&mut self, text: &str) {
        // A `String` takes whatever is written to it.
        let _ = writeln!(self.text, "{:1$}{text}", "", self.depth * 2);
    }

    fn inside(&mut self, write: impl FnOnce(&mut Self)) {
        self.depth += 1;
        write(self);
        self.depth -= 1;
    }

    fn note(&mut self, chinese: &str, english: &str) {
        let (chinese, english) = (escape(chinese), escape(english));
        self.line(&format!(
            "<xs:annotation><xs:documentation xml:lang=\"zh\">{chinese}</xs:documentation>\
             <xs:documentation xml:lang=\"en\">{english}</xs:documentation></xs:annotation>"
        ));
    }

    fn sequence(&mut self, elements: &[&'static Element], may_be_empty: bool) {
        self.line(if may_be_empty { "<xs:sequence minOccurs=\"0\">" } else { "<xs:sequence>" });
        self.inside(|xsd| elements.iter().for_each(|element| xsd.element(element)));
        self.line("</xs:sequence>");
    }

    fn element(&mut self, element: &'static Element) {
        let occurs = match element.presence {
            Presence::Mandatory => String::new(),
            Presence::Optional | Presence::Conditional => " minOccurs=\"0\"".to_owned(),
            Presence::Repeated(times_max) => format!(" minOccurs=\"0\" maxOccurs=\"{times_max}\""),
        };
        self.line(&format!("<xs:element name=\"{}\"{occurs}>", element.name()));
        self.inside(|xsd| {
            xsd.note(element.chinese, element.english);
            match &element.content {
                Content::Block(block) => {
                    let children: Vec<_> = block.children.iter().collect();
                    xsd.line("<xs:complexType>");
                    xsd.inside(|xsd| xsd.sequence(&children, !element.is_mandatory()));
                    xsd.line("</xs:complexType>");
                }
                Content::Leaf(leaf) => xsd.value(leaf, element.is_mandatory()),
            }
        });
        self.line("</xs:element>");
    }

    /// A value; one that need not be there may also be empty.
    fn value(&mut self, leaf: &Leaf, is_mandatory: bool) {
        let restriction =
            format!("<xs:restriction base=\"xs:string\">{}</xs:restriction>", form::facets(leaf, self.code));
        if is_mandatory {
            self.line(&format!("<xs:simpleType>{restriction}</xs:simpleType>"));
            return;
        }
        let nothing = "<xs:restriction base=\"xs:string\"><xs:length value=\"0\"/></xs:restriction>";
        self.line(&format!(
            "<xs:simpleType><xs:union><xs:simpleType>{restriction}</xs:simpleType>\
             <xs:simpleType>{nothing}</xs:simpleType></xs:union></xs:simpleType>"
        ));
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}
