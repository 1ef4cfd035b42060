//! What is refused, with which error, at which element.

use clearway_codec::{Decoder, Error, ErrorKind as K, Field, MessageType, ValueError as V};

use crate::samples::{full, vector_text};

/// What a receiver says of `text`, after decode and check.
fn verdict(text: &str) -> Result<(), Error> {
    Decoder::new().decode(text.as_bytes())?.check().map(drop)
}

/// Edits of a good 201, the error each must give, and the path it must name.
#[test]
fn each_breach_of_a_payment_is_named_with_its_path() {
    let body = "/root/MsgBody";
    let table: &[(&str, &str, K, &str)] = &[
        // mandatory and missing
        ("<TrxAmt>{}</TrxAmt>", "", K::MissingElement, "/TrxInf/TrxAmt"),
        ("<TrxAmt>{}</TrxAmt>", "<TrxAmt/>", K::MissingElement, "/TrxInf/TrxAmt"),
        ("<TrxAmt>{}</TrxAmt>", "<TrxAmt></TrxAmt>", K::MissingElement, "/TrxInf/TrxAmt"),
        ("<TrxInf>{}</TrxInf>", "", K::MissingElement, "/TrxInf"),
        ("<TrxInf>{}</TrxInf>", "<TrxInf/>", K::MissingElement, "/TrxInf/TrxId"),
        ("<TrxInf>{}</TrxInf>", "<TrxInf> </TrxInf>", K::MissingElement, "/TrxInf/TrxId"),
        ("<SgnNo>{}</SgnNo>", "", K::MissingElement, "/PyerInf/SgnNo"),
        // too long, counted in characters
        (
            "<SgnNo>{}</SgnNo>",
            "<SgnNo>12345678901234567890123456789012345678901234567890123456789012345</SgnNo>",
            K::TooLong,
            "/PyerInf/SgnNo",
        ),
        ("<TrxId>{}</TrxId>", "<TrxId>20261120210907663397619907701011</TrxId>", K::TooLong, "/TrxInf/TrxId"),
        ("<PyeeAreaNo>{}</PyeeAreaNo>", "<PyeeAreaNo>1100001</PyeeAreaNo>", K::TooLong, "/PyeeInf/PyeeAreaNo"),
        // bad values
        ("<TrxAmt>{}</TrxAmt>", "<TrxAmt>CNY0.00</TrxAmt>", K::BadValue(V::Zero), "/TrxInf/TrxAmt"),
        ("<TrxAmt>{}</TrxAmt>", "<TrxAmt>CNY-1.00</TrxAmt>", K::BadValue(V::Negative), "/TrxInf/TrxAmt"),
        ("<TrxAmt>{}</TrxAmt>", "<TrxAmt>CNY1.000</TrxAmt>", K::BadValue(V::Decimals), "/TrxInf/TrxAmt"),
        ("<TrxAmt>{}</TrxAmt>", "<TrxAmt>CNY99999999999.99</TrxAmt>", K::BadValue(V::TooLarge), "/TrxInf/TrxAmt"),
        ("<TrxAmt>{}</TrxAmt>", "<TrxAmt>USD1.00</TrxAmt>", K::BadValue(V::Currency), "/TrxInf/TrxAmt"),
        ("<TrxAmt>{}</TrxAmt>", "<TrxAmt>CNY&#49;.00</TrxAmt>", K::BadValue(V::NotDigits), "/TrxInf/TrxAmt"),
        (
            "<TrxId>{}</TrxId>",
            "<TrxId>2026112021090766339761990770x01</TrxId>",
            K::BadValue(V::NotDigits),
            "/TrxInf/TrxId",
        ),
        ("<TrxId>{}</TrxId>", "<TrxId>2026133121090766339761990770101</TrxId>", K::BadValue(V::Date), "/TrxInf/TrxId"),
        ("<TrxDtTm>{}</TrxDtTm>", "<TrxDtTm>2026-11-20T25:00:00</TrxDtTm>", K::BadValue(V::Time), "/TrxInf/TrxDtTm"),
        ("<TrxCtgy>{}</TrxCtgy>", "<TrxCtgy>110</TrxCtgy>", K::BadValue(V::Length), "/TrxInf/TrxCtgy"),
        (
            "<PyerAcctIssrId>{}</PyerAcctIssrId>",
            "<PyerAcctIssrId>C10000000000-1</PyerAcctIssrId>",
            K::BadValue(V::NotAlphanumeric),
            "/PyerInf/PyerAcctIssrId",
        ),
        ("<RPFlg>{}</RPFlg>", "<RPFlg>3</RPFlg>", K::BadValue(V::UnknownCode), "/RPFlg"),
        ("<BatchId>{}</BatchId>", "<BatchId>X202611200011</BatchId>", K::BadValue(V::Form), "/BatchId"),
        // order
        ("<RPFlg>{}</RPFlg>", "<RPFlg/><RPFlg/>", K::Repeated, "/RPFlg"),
        ("<TrxCtgy>{}</TrxCtgy>", "<TrxCtgy>0110</TrxCtgy><TrxId>1</TrxId>", K::Repeated, "/TrxInf/TrxId"),
        ("<PyerInf>{}</PyerInf>", "<RPFlg/><PyerInf/>", K::OutOfOrder, "/PyerInf"),
        (
            "<TrxId>{}</TrxId>",
            "<TrxDtTm>2026-11-20T10:00:00</TrxDtTm><TrxId>2026112021090766339761990770101</TrxId>",
            K::OutOfOrder,
            "/TrxInf/TrxId",
        ),
        ("<TrxAmt>{}</TrxAmt>", "<New/><TrxAmt>CNY1.00</TrxAmt>", K::OutOfOrder, "/TrxInf/TrxAmt"),
        // markup and text where they may not be
        ("<PyeeNm>{}</PyeeNm>", "<PyeeNm><b>x</b></PyeeNm>", K::MarkupInValue, "/PyeeInf/PyeeNm"),
        ("<PyeeNm>{}</PyeeNm>", "<PyeeNm>x<b/></PyeeNm>", K::MarkupInValue, "/PyeeInf/PyeeNm"),
        ("<PyeeNm>{}</PyeeNm>", "loose<PyeeNm>x</PyeeNm>", K::StrayText, "/PyeeInf"),
        ("<PyeeNm>{}</PyeeNm>", "&#32;<PyeeNm>x</PyeeNm>", K::StrayText, "/PyeeInf"),
    ];
    let good = vector_text("pay-201.ed25519.msg");
    verdict(&good).expect("the vector itself is good");
    for (pattern, replacement, kind, path) in table {
        let edited = replace_element(&good, pattern, replacement);
        let error = verdict(&edited).expect_err(replacement);
        assert_eq!(error.kind, *kind, "{replacement}");
        assert_eq!(error.path.as_str(), format!("{body}{path}"), "{replacement}");
        assert!(!error.kind.is_malformed(), "{replacement}");
        // The header can be read all the same, so that the fault is answered to the right one.
        let mut decoder = Decoder::new();
        let message = decoder.decode(edited.as_bytes()).expect("its form is good");
        assert_eq!(message.message_type(), MessageType::Epcc201);
        assert!(message.signature_text().is_some());
        assert!(message.signed_bytes().ends_with(b"</root>"));
    }
}

/// Replaces the element that `pattern` names, `<A>{}</A>`, whatever its content.
fn replace_element(text: &str, pattern: &str, replacement: &str) -> String {
    let (open, close) = pattern.split_once("{}").expect("a pattern has a gap");
    let start = text.find(open).expect(open);
    let end = text[start..].find(close).expect(close) + start + close.len();
    format!("{}{replacement}{}", &text[..start], &text[end..])
}

/// Edits that leave no usable header: nothing can be said of a key, but it is XML.
#[test]
fn a_header_that_cannot_be_used_is_refused_at_once() {
    let header = "/root/MsgHeader";
    let table: &[(&str, &str, K, String)] = &[
        ("<MsgTp>{}</MsgTp>", "<MsgTp>epcc.999.001.01</MsgTp>", K::UnknownMessageType, format!("{header}/MsgTp")),
        ("<MsgTp>{}</MsgTp>", "<MsgTp>epcc201</MsgTp>", K::BadValue(V::Length), format!("{header}/MsgTp")),
        ("<IssrId>{}</IssrId>", "", K::MissingElement, format!("{header}/IssrId")),
        ("<IssrId>{}</IssrId>", "<IssrId>Z20000000000881</IssrId>", K::TooLong, format!("{header}/IssrId")),
        ("<SndDt>{}</SndDt>", "<SndDt>20261120100653</SndDt>", K::BadValue(V::Length), format!("{header}/SndDt")),
        ("<Drctn>{}</Drctn>", "<Drctn>1x</Drctn>", K::BadValue(V::NotDigits), format!("{header}/Drctn")),
        ("<SignSN>{}</SignSN>", "<SignSN>40000000A8</SignSN>", K::BadValue(V::NotDigits), format!("{header}/SignSN")),
        ("<MsgHeader>{}</MsgHeader>", "", K::MissingElement, header.into()),
        ("<MsgHeader>{}</MsgHeader>", "<MsgHeader/>", K::MissingElement, format!("{header}/SndDt")),
        ("<MsgHeader>{}</MsgHeader>", "<Other/>", K::MissingElement, header.into()),
    ];
    let good = vector_text("pay-201.ed25519.msg");
    for (pattern, replacement, kind, path) in table {
        let edited = replace_element(&good, pattern, replacement);
        let error = Decoder::new().decode(edited.as_bytes()).expect_err(replacement);
        assert_eq!((error.kind, error.path.as_str()), (*kind, path.as_str()), "{replacement}");
        assert!(!error.kind.is_malformed(), "{replacement}");
    }
    for (text, kind, path) in [
        ("<root/>", K::MissingElement, "/root/MsgHeader"),
        ("<root></root>", K::MissingElement, "/root/MsgHeader"),
        ("<html><body>502</body></html>", K::UnknownRoot, "/html"),
        ("<Root/>", K::UnknownRoot, ""),
    ] {
        let error = verdict(text).expect_err(text);
        assert_eq!((error.kind, error.path.as_str()), (kind, path), "{text}");
    }
    for (extra, path) in [("<MsgHeader/>", "/root/MsgHeader"), ("<MsgBody></MsgBody>", "/root/MsgBody")] {
        let doubled = good.replace("</root>", &format!("{extra}</root>"));
        let error = verdict(&doubled).expect_err(extra);
        assert_eq!((error.kind, error.path.as_str()), (K::Repeated, path));
    }
    let bodiless = replace_element(&good, "<MsgBody>{}</MsgBody>", "");
    let error = verdict(&bodiless).expect_err("no body");
    assert_eq!((error.kind, error.path.as_str()), (K::MissingElement, "/root/MsgBody"));
}

/// Bytes that are no document at all, whatever else is wrong with them.
#[test]
fn malformed_bytes_are_told_from_refusals() {
    let good = vector_text("pay-201.ed25519.msg");
    let document = &good[good.find("<root").expect("a root")..];
    let edits: &[(&str, &str, K)] = &[
        ("</TrxInf>", "</TrxInfo>", K::MismatchedEndTag),
        ("</TrxAmt>", "</TrxId>", K::MismatchedEndTag),
        ("</TrxInf>", "", K::MismatchedEndTag),
        ("<TrxInf>", "<TrxInf", K::MalformedTag),
        ("<TrxInf>", "<>", K::MalformedTag),
        ("<TrxInf>", "<1TrxInf>", K::MalformedTag),
        ("<TrxInf>", "< TrxInf>", K::MalformedTag),
        ("<TrxInf>", "<TrxInf a>", K::MalformedTag),
        ("<TrxInf>", "<TrxInf a=1>", K::MalformedTag),
        ("<TrxInf>", "<TrxInf a=\"1\"b=\"2\">", K::MalformedTag),
        ("<TrxInf>", "<TrxInf a=\"<\">", K::MalformedTag),
        ("<TrxInf>", "<TrxInf a=\"&x;\">", K::BadReference),
        ("<TrxInf>", "<TrxInf a=\"1\" a=\"2\">", K::DuplicateAttribute),
        ("<TrxInf>", "<!-- hello --><TrxInf>", K::ForbiddenMarkup),
        ("<TrxInf>", "<?php?><TrxInf>", K::ForbiddenMarkup),
        ("<TrxInf>", "<!DOCTYPE a><TrxInf>", K::Dtd),
        ("<TrxInf>", "<!ELEMENT a><TrxInf>", K::MalformedTag),
        ("CNY1", "<![CDATA[CNY1]]>", K::ForbiddenMarkup),
        ("CNY1", "CNY1<!-- -->", K::ForbiddenMarkup),
        ("CNY1", "]]>", K::CdataEnd),
        ("CNY1", "&bomb;", K::BadReference),
        ("CNY1", "a & b", K::BadReference),
        ("CNY1", "&#1;", K::BadCharacter),
        ("CNY1", "\u{1}", K::BadCharacter),
        ("CNY1", "\0", K::BadCharacter),
        ("<root", "junk<root", K::TextOutside),
        ("<root", "\u{feff}<root", K::ByteOrderMark),
        ("<root", "<!DOCTYPE root [<!ENTITY a \"b\">]><root", K::Dtd),
        ("<root", "<!-- --><root", K::ForbiddenMarkup),
        ("<root", "<?pi?><root", K::ForbiddenMarkup),
        ("</root>", "</root>junk", K::TextOutside),
        ("</root>", "</root><root/>", K::TextOutside),
        ("</root>", "</root>{S}", K::TextOutside),
        ("==}", "==} junk", K::TextOutside),
        ("==}", "==}<a/>", K::TextOutside),
    ];
    for (from, to, kind) in edits {
        assert!(document.contains(from), "{from}");
        // Beside a refusal as well as alone: bytes that cannot be read win.
        for refused in [document.to_owned(), document.replace("<SignSN>4000000088</SignSN>", "")] {
            let edited = refused.replacen(from, to, 1);
            let error = verdict(&edited).expect_err(to);
            assert_eq!(error.kind, *kind, "{to}: {error}");
            assert!(error.kind.is_malformed(), "{to}");
        }
    }
}

#[test]
fn prologs_are_read_in_their_spellings() {
    let good = vector_text("query-301.ed25519.msg");
    let document = &good[good.find("<root").expect("a root")..];
    for prolog in [
        "",
        " \r\n\t",
        "<?xml version=\"1.0\"?>",
        "<?xml version='1.0' encoding='utf-8'?>\n",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\" ?>\r\n",
        "<?xml\tversion = \"1.0\"\nencoding = \"Utf-8\" standalone='yes'?>",
        "<?xml version=\"1.1\" standalone=\"yes\"?>",
    ] {
        verdict(&format!("{prolog}{document}")).expect(prolog);
    }
    for (prolog, kind) in [
        ("<?xml?>", K::ForbiddenMarkup),
        ("<?xml ?>", K::MalformedTag),
        ("<?xml version=\"2.0\"?>", K::MalformedTag),
        ("<?xml version=\"1.0\" encoding=\"GBK\"?>", K::NotUtf8),
        ("<?xml encoding=\"UTF-8\"?>", K::MalformedTag),
        ("<?xml version=\"1.0\" standalone=\"maybe\"?>", K::MalformedTag),
        ("<?xml version=\"1.0\" standalone=\"yes\" encoding=\"UTF-8\"?>", K::MalformedTag),
        ("<?xml version=\"1.0\"encoding=\"UTF-8\"?>", K::MalformedTag),
        ("<?xml version=\"1.0\"?><?xml version=\"1.0\"?>", K::ForbiddenMarkup),
        ("<?xml version=\"1.0\"", K::Truncated),
        ("\u{feff}", K::ByteOrderMark),
        ("\u{feff}<?xml version=\"1.0\"?>", K::ByteOrderMark),
    ] {
        let error = verdict(&format!("{prolog}{document}")).expect_err(prolog);
        assert_eq!(error.kind, kind, "{prolog}");
    }
}

#[test]
fn roots_and_tags_are_read_in_their_spellings() {
    let good = vector_text("query-301.ed25519.msg");
    for (from, to) in [
        ("<root xmlns=\"namespace_string\">", "<root>"),
        ("<root xmlns=\"namespace_string\">", "<root >"),
        ("<root xmlns=\"namespace_string\">", "<root\n xmlns='epcc.301.001.01' a = \"&lt;>\">"),
        ("</root>", "</root \n>"),
        ("<MsgBody>", "<MsgBody xmlns=\"\">"),
        ("<OriTrxInf>", "\n  <OriTrxInf >\t"),
        ("</OriTrxInf>", "</OriTrxInf\r\n>"),
        ("<OriTrxCtgy>", "<OriTrxCtgy a=\"1\" b='2'>"),
        ("</OriTrxCtgy>", "</OriTrxCtgy >"),
        ("</MsgHeader>", "<NcrptnSN>4000068829</NcrptnSN><DgtlEnvlp>QUJD</DgtlEnvlp></MsgHeader>"),
        ("</MsgHeader>", "<Unknown><A/></Unknown></MsgHeader>"),
    ] {
        assert!(good.contains(from), "{from}");
        verdict(&good.replacen(from, to, 1)).unwrap_or_else(|error| panic!("{to}: {error}"));
    }
}

/// Lengths are counted in characters after references are resolved: `&amp;` is one.
#[test]
fn a_long_value_is_measured_as_it_reads() {
    let good = String::from_utf8(full(MessageType::Epcc201)).expect("it is UTF-8");
    let name = crate::samples::example(MessageType::Epcc201, Field::PyeeNm);
    let with = |text: String| verdict(&good.replace(&format!(">{name}<"), &format!(">{text}<")));
    for unit in ["商", "x", "&amp;", "&#x5546;", "🏦"] {
        with(unit.repeat(60)).unwrap_or_else(|error| panic!("60 times {unit}: {error}"));
        let error = with(unit.repeat(61)).expect_err(unit);
        assert_eq!(error.kind, K::TooLong);
        assert_eq!(error.path.as_str(), "/root/MsgBody/PyeeInf/PyeeNm");
    }
}

/// A business answer is optional, but one without a status says nothing.
#[test]
fn an_optional_block_is_complete_or_empty() {
    let good = String::from_utf8(full(MessageType::Epcc206)).expect("it is UTF-8");
    for empty in ["", "<BizInf/>", "<BizInf></BizInf>", "<BizInf><BizStsCd/><TrxStatus></TrxStatus></BizInf>"] {
        verdict(&replace_element(&good, "<BizInf>{}</BizInf>", empty)).expect(empty);
    }
    let error = verdict(&replace_element(&good, "<TrxStatus>{}</TrxStatus>", "")).expect_err("a status is needed");
    assert_eq!(error.kind, K::MissingElement);
    assert_eq!(error.path.as_str(), "/root/MsgBody/BizInf/TrxStatus");
}

#[test]
fn an_unfinished_signature_block_is_none() {
    let good = vector_text("query-301.ed25519.msg");
    let block = good.find("{S:").expect("a block");
    for end in block..good.len() {
        let mut decoder = Decoder::new();
        let message = decoder.decode(&good.as_bytes()[..end]).expect("the document is whole");
        assert_eq!(message.signature_text(), None, "{end}");
    }
}

#[test]
fn an_error_reads_well() {
    let edited = vector_text("pay-201.ed25519.msg").replace("CNY", "USD");
    let error = verdict(&edited).expect_err("wrong currency");
    let offset = edited.find("USD").expect("it is there");
    assert_eq!(
        error.to_string(),
        format!("bad value: currency is not CNY at byte {offset} in /root/MsgBody/TrxInf/TrxAmt")
    );
}
