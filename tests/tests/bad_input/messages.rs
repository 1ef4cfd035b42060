//! Bad messages over good HTTP.

use std::fs;

use bytes::Bytes;
use clearway_codec::{BeijingTime, Date, Direction, Field, MessageType, SerialNumber, TrxStatus};
use clearway_crypto::{SigningKey, Suite};
use clearway_tests::institution::{Institution, beijing_now, fresh_id, id_of};
use clearway_tests::letter::{Letter, seal};
use clearway_tests::site::Site;

use crate::NODE;
use crate::bounds::crowded_tag;

/// What the sender is told.
#[derive(Clone, Copy, Debug)]
enum Told {
    /// An HTTP status and no message.
    Http(u16),
    /// A signed 303 with this code.
    Refused(&'static str),
    /// A receipt with status 01 and this code.
    Declined(&'static str),
}

use Told::{Declined, Http, Refused};

/// Sends each row from the first institution, checks the answer, and has the second institution pay.
fn check(site: &Site, rows: Vec<(&str, Bytes, Told)>) {
    let (sender, innocent) = (site.institution(0), site.institution(1));
    for (name, bytes, told) in rows {
        let response = sender.try_post(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        match told {
            Http(status) => {
                assert_eq!(response.status, status, "{name}: {}", String::from_utf8_lossy(&response.body));
                assert_eq!(response.header("connection"), Some("close"), "{name}");
            }
            Refused(code) => {
                let answer = site.believe(&response);
                assert_eq!(
                    (answer.message_type(), answer.code().as_str()),
                    (MessageType::Epcc303, code),
                    "{name}: {answer}"
                );
            }
            Declined(code) => {
                let answer = site.believe(&response);
                assert_eq!(
                    (answer.status(), answer.code().as_str()),
                    (Some(TrxStatus::Failure), code),
                    "{name}: {answer}"
                );
            }
        }
        let _ = innocent.pay();
    }
}

/// No bank heard anything of these payments.
fn check_nothing_moved(site: &Site, letters: &[Letter]) {
    let books = site.books();
    for letter in letters {
        let id = id_of(letter);
        let heard = |leg| books.banks.iter().any(|bank| bank.ledger.book(id, leg).is_some());
        assert!(!heard(clearway_loadgen::bank::Leg::Debit) && !heard(clearway_loadgen::bank::Leg::Credit), "{id}");
    }
}

fn sealed(institution: Institution<'_>, letter: &Letter) -> Bytes {
    letter.seal(&institution.identity().key)
}

#[test]
fn bytes_that_are_no_message() {
    let site = Site::new(NODE);
    let _node = site.start();
    let sender = site.institution(0);
    let payment = sender.payment(0, 100);
    let good = sealed(sender, &payment);
    let document = payment.document();
    let with = |from: &str, to: &str| sealed(sender, &payment.clone().edit(from, to));
    let mut not_utf8 = good.to_vec();
    let name = payment.value(Field::PyeeNm).expect("a name");
    let at = good.windows(name.len()).position(|window| window == name.as_bytes()).expect("the name");
    not_utf8[at] = 0xff;
    let padded = |bytes: usize| {
        let room = bytes - good.len() - "<Pad></Pad>".len();
        with("</MsgBody>", &format!("<Pad>{}</Pad></MsgBody>", "x".repeat(room)))
    };
    let too_large = Bytes::from([padded(65_500).as_ref(), "\n".repeat(65_537).as_bytes()].concat()).slice(..65_537);
    let external = format!("<!DOCTYPE root [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{document}");
    let rows = vec![
        ("nothing", Bytes::new(), Http(400)),
        ("prose", Bytes::from_static(b"Dear bank, please pay."), Http(400)),
        ("json", Bytes::from_static(br#"{"TrxAmt":"CNY1.00"}"#), Http(400)),
        ("truncated in the middle", good.slice(..good.len() / 2), Http(400)),
        ("truncated at the last tag", good.slice(..document.len() - 1), Http(400)),
        ("an end tag that does not match", with("</TrxInf>", "</OrdrInf>"), Http(400)),
        ("64 KiB + 1", too_large, Http(413)),
        ("80,000 attributes on one tag", seal(crowded_tag(720_000).as_bytes(), &sender.identity().key), Http(413)),
        ("as many attributes as fit", Bytes::from(crowded_tag(65_536)), Http(400)),
        ("depth 10,000", Bytes::from("<a>".repeat(10_000)), Http(400)),
        ("depth 10,000 inside the body", with("</MsgBody>", &format!("{}</MsgBody>", "<a>".repeat(10_000))), Http(400)),
        ("a document type with entities", seal(external.as_bytes(), &sender.identity().key), Http(400)),
        ("an entity of its own", with(name, "&x;"), Http(400)),
        ("CDATA", with(name, "<![CDATA[a]]>"), Http(400)),
        ("a comment", with("<TrxInf>", "<!-- --><TrxInf>"), Http(400)),
        ("a processing instruction", with("<TrxInf>", "<?a b?><TrxInf>"), Http(400)),
        ("not UTF-8", Bytes::from(not_utf8), Http(400)),
        ("GBK, and saying so", with("UTF-8", "GBK"), Http(400)),
        ("a byte order mark", Bytes::from([b"\xef\xbb\xbf".as_slice(), &good].concat()), Http(400)),
        ("a NUL", with(name, "a\0b"), Http(400)),
        ("two documents", Bytes::from([document.as_bytes(), good.as_ref()].concat()), Http(400)),
        ("text behind the signature", Bytes::from([good.as_ref(), b"pay twice"].concat()), Http(400)),
    ];
    check(&site, rows);
    check_nothing_moved(&site, &[payment]);
}

#[test]
fn signatures_and_keys() {
    let site = Site::new(NODE);
    let (sender, other) = (site.institution(0), site.institution(1));
    let [expired, early] =
        ["4188888881", "4188888882"].map(|serial| SerialNumber::parse(serial.as_bytes()).expect("a serial"));
    add_key(&site, expired, "2020-01-01T00:00:00+08:00", "2021-01-01T00:00:00+08:00");
    add_key(&site, early, "2090-01-01T00:00:00+08:00", "2091-01-01T00:00:00+08:00");
    let _node = site.start();
    let payment = sender.payment(0, 100);
    let good = sealed(sender, &payment);
    let document = payment.document();
    let signed_with = |serial: SerialNumber, issuer| {
        let mut letter = payment.clone();
        (letter.header.sign_sn, letter.header.issuer) = (serial, issuer);
        sealed(sender, &letter)
    };
    let own = sender.identity();
    let stranger = clearway_codec::InstitutionId::parse(b"Z2999999999999").expect("an id");
    let changed = Bytes::from(String::from_utf8_lossy(&good).replacen("CNY1.00", "CNY9.00", 1));
    let anyone = SigningKey::generate(Suite::EcdsaP256Sha256).expect("a key");
    let block = |text: &str| Bytes::from(format!("{document}\n{{S:{text}}}"));
    let as_bank = {
        let bank = &site.parties().banks[0].identity;
        let mut letter = payment.clone();
        (letter.header.issuer, letter.header.sign_sn, letter.header.direction) =
            (bank.id, bank.serial, Direction::PAYER_BANK_TO_SWITCH);
        letter.seal(&bank.key)
    };
    let rows = vec![
        ("no signature", Bytes::from(document.clone()), Refused("ES000022")),
        ("a block that does not end", Bytes::from(format!("{document}\n{{S:AAAA")), Refused("ES000022")),
        ("an empty signature", block(""), Refused("ES000025")),
        ("not base64", block("!!!!"), Refused("ES000025")),
        ("a signature that is far too long", block(&"A".repeat(4_096)), Refused("ES000025")),
        ("zeros for a signature", block(&"A".repeat(96)), Refused("ES000025")),
        ("one digit changed after signing", changed, Refused("ES000025")),
        ("somebody else's key", payment.seal(&anyone), Refused("ES000025")),
        ("an unknown signer", signed_with(own.serial, stranger), Refused("ES000021")),
        (
            "an unknown serial",
            signed_with(SerialNumber::parse(b"4177777777").expect("a serial"), own.id),
            Refused("ES000021"),
        ),
        ("another institution's serial", signed_with(other.identity().serial, own.id), Refused("ES000024")),
        ("an expired key", signed_with(expired, own.id), Refused("ES000023")),
        ("a key that is not valid yet", signed_with(early, own.id), Refused("ES000023")),
        (
            "a payment to another institution",
            sealed(sender, &payment.clone().with(Field::PyeeAcctIssrId, other.identity().id.as_str())),
            Refused("ES000024"),
        ),
        ("a payment ordered by a bank", as_bank, Refused("ES000024")),
    ];
    check(&site, rows);
    check_nothing_moved(&site, std::slice::from_ref(&payment));
    // It was good all the time.
    assert_eq!(sender.post(&good).status(), Some(TrxStatus::Success));
}

/// The first institution's own key once more, under another serial and with another validity.
fn add_key(site: &Site, serial: SerialNumber, from: &str, until: &str) {
    let manifest = site.dir().join("keys/manifest.toml");
    let id = site.institution(0).identity().id;
    let mut text = fs::read_to_string(&manifest).expect("the manifest");
    text.push_str(&format!(
        "\n[[key]]\ninstitution = \"{id}\"\nserial = \"{serial}\"\nsuite = \"{}\"\nfile = \"{id}.pub.pem\"\nvalid_from = {from}\nvalid_until = {until}\n",
        site.parties().suite
    ));
    fs::write(manifest, text).expect("the manifest can be written");
}

#[test]
fn values_and_schema() {
    let site = Site::new(NODE);
    let _node = site.start();
    let sender = site.institution(0);
    let payment = sender.payment(0, 100);
    let forced = |field, value: &str| sealed(sender, &payment.clone().force(field, value));
    let edited = |from: &str, to: &str| sealed(sender, &payment.clone().edit(from, to));
    let day = |days: i32| {
        let date = Date::from_days(beijing_now().date().days() + days).expect("a day");
        sealed(sender, &payment.clone().with(Field::TrxId, fresh_id(date).to_string()))
    };
    let amount = format!("<TrxAmt>{}</TrxAmt>", payment.value(Field::TrxAmt).expect("an amount"));
    let category = format!("<TrxCtgy>{}</TrxCtgy>", payment.value(Field::TrxCtgy).expect("a category"));
    let wrong_way = {
        let mut letter = payment.clone();
        letter.header.direction = Direction::SWITCH_TO_PI;
        sealed(sender, &letter)
    };
    let mut rows = vec![
        ("TrxId of last week", day(-7), Refused("ES000032")),
        ("TrxId of next week", day(7), Refused("ES000032")),
        (
            "TrxId of a day that does not exist",
            forced(Field::TrxId, "2026023084364264401220260770101"),
            Refused("ES000012"),
        ),
        ("TrxId of 30 digits", forced(Field::TrxId, "202602288436426440122026077010"), Refused("ES000012")),
        ("no amount", sealed(sender, &payment.clone().without(Field::TrxAmt)), Refused("ES000010")),
        ("an empty amount", forced(Field::TrxAmt, ""), Refused("ES000010")),
        ("no payer's bank", sealed(sender, &payment.clone().without(Field::PyerAcctIssrId)), Refused("ES000010")),
        ("an agreement number of 65", forced(Field::SgnNo, &"9".repeat(65)), Refused("ES000011")),
        (
            "amount and category swapped",
            edited(&format!("{amount}{category}"), &format!("{category}{amount}")),
            Refused("ES000013"),
        ),
        ("the amount twice", edited(&amount, &amount.repeat(2)), Refused("ES000013")),
        ("markup in a value", forced(Field::PyeeNm, "a<b>c</b>"), Refused("ES000013")),
        ("text between elements", edited("<TrxInf>", "<TrxInf>pay"), Refused("ES000013")),
        ("another root", Bytes::from(payment.document().replace("root", "tree") + "\n{S:AAAA}"), Refused("ES000013")),
        ("an unknown message type", edited("epcc.201.001.01", "epcc.999.001.01"), Refused("ES000014")),
        ("the direction of the switch", wrong_way, Refused("ES000015")),
        ("the category of a payout", forced(Field::TrxCtgy, "0120"), Refused("ES000012")),
    ];
    let amounts = [
        "CNY0.00",
        "CNY-1.00",
        "CNY+1.00",
        "CNY1.000",
        "CNY1.0",
        "CNY1",
        "CNY.50",
        "CNY1,00",
        "1.00",
        "USD1.00",
        "CNY 1.00",
        "CNY10000000000.00",
        "CNY1e9.00",
        "CNYNaN",
    ];
    rows.extend(amounts.map(|bad| (bad, forced(Field::TrxAmt, bad), Refused("ES000012"))));
    let overflowing = "CNY99999999999999999999.99";
    rows.push((overflowing, forced(Field::TrxAmt, overflowing), Refused("ES000011")));
    check(&site, rows);
    check_nothing_moved(&site, std::slice::from_ref(&payment));
    assert_eq!(sender.send(&payment).status(), Some(TrxStatus::Success), "it was good all the time");
}

/// A business "no" of the switch itself: told as a receipt, each under an id of its own, because it is kept.
#[test]
fn banks_that_nobody_knows() {
    let site = Site::new(NODE);
    let _node = site.start();
    let sender = site.institution(0);
    let institution = site.institution(1).identity().id;
    let rows = [
        ("an unknown payer's bank", Field::PyerAcctIssrId, "C1999999999999", "PB520097"),
        ("an institution for the payer's bank", Field::PyerAcctIssrId, institution.as_str(), "PB520097"),
        ("the switch for the payer's bank", Field::PyerAcctIssrId, site.parties().node.id.as_str(), "PB520097"),
        ("an unknown reserve bank", Field::ResfdAcctIssrId, "C1999999999999", "RB620097"),
    ];
    let letters = rows.map(|(_, field, bank, _)| sender.payment(0, 100).with(field, bank));
    let told =
        rows.iter().zip(&letters).map(|((name, .., code), letter)| (*name, sealed(sender, letter), Declined(code)));
    check(&site, told.collect());
    check_nothing_moved(&site, &letters);
}

#[test]
fn the_same_id_again() {
    let site = Site::new(NODE);
    let _node = site.start();
    let sender = site.institution(0);
    let paid = sender.pay();
    let old = paid.clone().edit("<MsgHeader>", "<MsgHeader>");
    let other_amount = paid.clone().with(Field::TrxAmt, "CNY99.99");
    let other_bank = paid.clone().with(Field::PyerAcctIssrId, site.parties().banks[1].identity.id.as_str());
    check(
        &site,
        vec![
            ("other content: the amount", sealed(sender, &other_amount), Refused("ES000031")),
            ("other content: the bank", sealed(sender, &other_bank), Refused("ES000031")),
        ],
    );
    assert_eq!(sender.send(&old).status(), Some(TrxStatus::Success), "the same content gets its receipt");
    assert_eq!(site.book(0, id_of(&paid), clearway_loadgen::bank::Leg::Debit).requests, 1);
}

#[test]
fn messages_that_the_switch_itself_sends() {
    let site = Site::new(NODE);
    let _node = site.start();
    let sender = site.institution(0);
    let rows =
        [MessageType::Epcc206, MessageType::Epcc207, MessageType::Epcc302, MessageType::Epcc303, MessageType::Epcc992];
    let rows = rows.map(|kind| (kind.code(), sealed(sender, &sender.letter(kind)), Refused("ES000014")));
    check(&site, rows.into());
}

/// Everything at once, many times, from many connections: the innocents do not notice.
#[test]
fn a_flood_of_bad_messages_leaves_the_good_ones_alone() {
    let site = Site::new(NODE);
    let _node = site.start();
    let (sender, innocent) = (site.institution(0), site.institution(1));
    let bad: Vec<Bytes> = vec![
        Bytes::from(crowded_tag(65_536)),
        Bytes::from("<a>".repeat(10_000)),
        Bytes::from(sender.payment(0, 1).document()),
        sealed(sender, &sender.payment(0, 1).force(Field::TrxAmt, "CNY0.00")),
    ];
    std::thread::scope(|scope| {
        for bytes in &bad {
            scope.spawn(move || (0..200).for_each(|_| drop(sender.try_post(bytes).expect("an answer"))));
        }
        for _ in 0..50 {
            let _ = innocent.pay();
        }
    });
}

/// `SndDt` is the sender's clock; it decides nothing.
#[test]
fn a_wrong_clock_of_the_sender_is_no_fault() {
    let site = Site::new(NODE);
    let _node = site.start();
    let sender = site.institution(0);
    for moment in [b"1999-12-31T23:59:59", b"2099-01-01T00:00:00"] {
        let mut payment = sender.payment(0, 100);
        payment.header.sent_at = BeijingTime::parse(moment).expect("a time");
        assert_eq!(sender.send(&payment).status(), Some(TrxStatus::Success));
    }
}
