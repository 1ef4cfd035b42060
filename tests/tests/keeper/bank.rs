//! The large-value system, in a folder of its own: it keeps what it was ordered, and moves the money of a MsgId once.

use std::fs;
use std::path::Path;

/// Answers everything that waits in the books' folder; how many orders there were. Some are refused the first time.
pub(crate) fn answer(dir: &Path) -> usize {
    let (out, into, ledger) = (dir.join("books/settlement/out"), dir.join("books/settlement/in"), dir.join("hvps"));
    let Ok(files) = fs::read_dir(&out) else { return 0 };
    let mut paths: Vec<_> = files.map(|file| file.expect("a file").path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "xml"));
    paths.sort();
    for path in &paths {
        let text = fs::read_to_string(path).expect("an order");
        let msg_id = between(&text, "<MsgId>", '<');
        let known = ledger.join(msg_id);
        match fs::read_to_string(&known) {
            Ok(before) => assert_eq!(before, text, "the same MsgId, other bytes"),
            Err(_) => place(&known, &text),
        }
        let refused = is_refused(msg_id);
        let (status, code) = if refused { ("PR09", "<PrcCd>RJ01</PrcCd>") } else { ("PR04", "") };
        let answer = format!(
            "<Document><CmonConf><OrgnlGrpHdr><OrgnlMsgId>{msg_id}</OrgnlMsgId></OrgnlGrpHdr>\
             <CmonConfInf><PrcSts>{status}</PrcSts>{code}</CmonConfInf></CmonConf></Document>"
        );
        place(&into.join(format!("{msg_id}.xml")), &answer);
        fs::remove_file(path).expect("taken");
    }
    paths.len()
}

/// Every order that it has moved the money of, with the amount, in order.
pub(crate) fn moved(dir: &Path) -> Vec<(String, String)> {
    let Ok(files) = fs::read_dir(dir.join("hvps")) else { return Vec::new() };
    let mut moved = Vec::new();
    for path in files.map(|file| file.expect("a file").path()) {
        let text = fs::read_to_string(&path).expect("an order");
        let msg_id = between(&text, "<MsgId>", '<').to_owned();
        if !is_refused(&msg_id) {
            moved.push((msg_id, between(&text, "IntrBkSttlmAmt", '<').to_owned()));
        }
    }
    moved.sort();
    moved
}

/// The first attempt of one bank of each session.
fn is_refused(msg_id: &str) -> bool {
    let digits: u64 = msg_id.bytes().filter(u8::is_ascii_digit).map(|digit| u64::from(digit - b'0')).sum();
    digits.is_multiple_of(3)
}

fn between<'t>(text: &'t str, from: &str, until: char) -> &'t str {
    let (_, rest) = text.split_once(from).unwrap_or_else(|| panic!("no {from} in {text}"));
    rest.trim_start_matches(|one: char| one != '>' && from.ends_with("Amt"))
        .trim_start_matches('>')
        .split(until)
        .next()
        .unwrap_or_default()
}

fn place(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().expect("a folder")).expect("made");
    let half = path.with_extension("half");
    fs::write(&half, text).expect("written");
    fs::rename(half, path).expect("named");
}
