//! Rows, summaries and trailers: what is written reads back, and the layout holds whatever the parties wrote.

use clearway_codec::value::{BatchId, InstitutionId, TrxStatus};
use proptest::prelude::*;

use super::*;
use crate::domain::business::Business;
use crate::domain::clearing::{BatchName, Side, Sum};

const TRX_ID: u128 = 2_026_112_010_000_001_000_000_000_100_001;

fn names() -> Names {
    let id = |text: &[u8]| InstitutionId::parse(text).expect("an id");
    Names::new([(5, id(b"Z2000333000012")), (0, id(b"C1000111000015")), (2, id(b"C1000222000013"))])
}

fn line<'a>(business: Business, particulars: Particulars<'a>) -> Line<'a> {
    Line {
        trx_id: TRX_ID,
        batch: BatchName::payments(BatchId::parse(b"B202611200011").expect("a batch")),
        business,
        status: TrxStatus::Success,
        amount_fen: 128_385,
        institution: 5,
        banks: [0, 2],
        original: 0,
        accepted_at_us: 1_795_140_413_000_000,
        finished_at_us: 1_795_140_413_999_999,
        code: *b"00000000",
        has_reserve: true,
        particulars,
    }
}

fn row(line: &Line<'_>, side: Side) -> String {
    let (names, mut text) = (names(), Vec::new());
    RowWriter::new(&names).write(line).push_to(side, &mut text);
    String::from_utf8(text).expect("UTF-8")
}

#[test]
fn a_row_is_as_the_manual_shows_it() {
    let serials: [&[u8]; 2] = [b"P1", b"R1"];
    let particulars = Particulars { biz_tp: b"110001", trx_time: b"2026-11-20T10:06:50", sgn_no: b"EP1", serials };
    let paid = line(Business::AgreementPayment, particulars);
    let written = "2026112010000001000000000100001|B202611200011|0110|110001|00|CNY1283.85|C1000111000015|Z2000333000012|\
                   C1000222000013|1|P1|R1||EP1|2026-11-20T10:06:50|2026-11-20T10:06:53|00000000|00000000\n";
    assert_eq!(row(&paid, Side::Debit), written);
    assert_eq!(row(&paid, Side::Initiator), written.replace("|1|P1", "||P1"));
    assert_eq!(row(&paid, Side::Credit), written.replace("|1|P1", "|2|P1"));
}

#[test]
fn who_stands_where_follows_the_messages() {
    let [bank1, bank2, institution] = ["C1000111000015", "C1000222000013", "Z2000333000012"];
    // Business, whether on a reserve account, banks -> payer, payee, reserve bank.
    let table = [
        (Business::AgreementPayment, true, [0, 2], [bank1, institution, bank2]),
        (Business::GatewayPayment, true, [0, 2], [bank1, institution, bank2]),
        (Business::Refund, true, [0, 2], [institution, bank2, bank1]),
        (Business::Payout, true, [0, 0], [institution, bank1, bank1]),
        (Business::EntrustedPayment, false, [0, 2], [bank1, bank2, ""]),
        (Business::AgreementPayment, true, [0, u16::MAX], [bank1, institution, ""]),
    ];
    for (business, has_reserve, banks, expected) in table {
        let line = Line { has_reserve, banks, original: TRX_ID, ..line(business, Particulars::default()) };
        let text = row(&line, Side::Credit);
        let read = Row::parse(text.trim_end().as_bytes()).expect("a row");
        assert_eq!(&read.columns[6..9], expected.map(str::as_bytes), "{business:?}");
        assert_eq!(read.columns[2], category(business).as_bytes());
        assert_eq!(read.columns[12], TRX_ID.to_string().as_bytes());
    }
    let disputes = "D202611200011".parse().expect("a batch");
    let adjustment = Line { batch: disputes, ..line(Business::DisputeAdjustment, Particulars::default()) };
    let text = row(&adjustment, Side::Debit);
    assert!(
        text.contains(&format!("|D202611200011|||00|CNY1283.85|{bank1}|{bank2}||1|")),
        "324 has no category: {text}"
    );
}

#[test]
fn the_codes_of_a_presumed_payment_are_those_of_its_receipt() {
    let presumed = Line {
        status: TrxStatus::PresumedSuccess,
        code: *b"RS600031",
        ..line(Business::Payout, Particulars::default())
    };
    assert!(row(&presumed, Side::Debit).ends_with("|ES000098|RS600031\n"));
}

#[test]
fn what_is_no_row_is_not_read() {
    let good = row(&line(Business::Payout, Particulars::default()), Side::Debit);
    let good = good.trim_end();
    assert!(Row::parse(good.as_bytes()).is_some());
    for bad in [
        String::new(),
        format!("{good}|"),
        good.replacen('|', "", 1),
        good.replace("|00|CNY1283.85|", "|02|CNY1283.85|"),
        good.replace("|CNY1283.85|", "|CNY0.00|"),
        good.replace("|CNY1283.85|", "|128385|"),
        good.replace("|1||||", "|3||||"),
        good.replacen("2026", "2O26", 1),
    ] {
        assert!(Row::parse(bad.as_bytes()).is_none(), "{bad}");
    }
    assert_eq!(Trailer::parse(good.as_bytes()), None);
    for bad in [
        "END|1|18446744073709551616|d",
        "END|1|+2|d",
        "END|01|2|d",
        "END|1|2",
        "END|1|x|d",
        "END|1|2|d|",
        "FIN|1|2|d",
        "END||2|d",
    ] {
        assert_eq!(Trailer::parse(bad.as_bytes()), None, "{bad}");
    }
}

#[test]
fn a_summary_is_as_the_manual_shows_it_and_reads_back() {
    let batch: BatchName = "B202611200011".parse().expect("a batch");
    let mut summary = Summary::new(batch);
    summary.add(Side::Credit, Business::Refund, TrxStatus::PresumedSuccess, Sum { count: 1, amount_fen: 5 });
    for amount_fen in [100, 200] {
        summary.add(Side::Initiator, Business::AgreementPayment, TrxStatus::Success, Sum { count: 1, amount_fen });
    }
    summary.files.push(FileEntry {
        name: "C1000111000015_B202611200011_DTL_001.txt.gz".into(),
        place: "files.example:22/C1000111000015/20261120/trans".into(),
        rows: 3,
        amount_fen: 305,
        bytes: 200,
        digest: "sha256:00".into(),
    });
    let text = summary.to_text(|bytes| format!("length:{}", bytes.len()));
    let before = "B202611200011||0110|00|2|300\nB202611200011|2|0121|03|1|5\n\
                  FILE|C1000111000015_B202611200011_DTL_001.txt.gz|files.example:22/C1000111000015/20261120/trans|3|305|200|sha256:00\n";
    assert_eq!(text, format!("{before}END|3|305|length:{}\n", before.len()));
    let (read, trailer) = Summary::parse(batch, &text).expect("a summary");
    assert_eq!((read, trailer.count), (summary, 3));
    for bad in [&text[1..], &text[..text.len() - 1], &text.replace("|2|300", "|2|301"), &text.replace("FILE", "FILES")]
    {
        assert_eq!(Summary::parse(batch, bad), None, "{bad}");
    }
    assert!(Summary::parse(batch, "END|0|0|x\n").is_some(), "nothing happened");
}

proptest! {
    #[test]
    fn whatever_the_parties_wrote_a_row_has_its_columns(parts in proptest::array::uniform5(proptest::collection::vec(any::<u8>(), 0..40))) {
        let [biz_tp, trx_time, sgn_no, one, two] = &parts;
        let particulars = Particulars { biz_tp, trx_time, sgn_no, serials: [one, two] };
        let line = line(Business::Payout, particulars);
        for side in Side::ALL {
            let text = row(&line, side);
            let text = text.strip_suffix('\n').expect("one line");
            prop_assert!(!text.contains(char::is_control));
            let read = Row::parse(text.as_bytes()).expect("a row");
            prop_assert_eq!((read.trx_id, read.amount_fen, read.side), (TRX_ID, line.amount_fen, side));
            prop_assert_eq!(read.status, line.status);
        }
    }

    #[test]
    fn reading_never_panics(bytes in proptest::collection::vec(prop_oneof![Just(b'|'), any::<u8>()], 0..200)) {
        let _ = Trailer::parse(&bytes);
        let batch = "B202611200011".parse().expect("a batch");
        let _ = Summary::parse(batch, &String::from_utf8_lossy(&bytes));
    }
}
