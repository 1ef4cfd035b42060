//! A large-value system: tells messages apart by MsgId, says the same about each whenever asked, and moves money once.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::files;
use crate::domain::clearing::MsgId;

/// Puts an answer where the gateway would.
pub(super) fn answer(dir: &Path, file: &str, msg_id: &str, status: &str) {
    let folder = dir.join("settlement/in");
    fs::create_dir_all(&folder).expect("a folder");
    let text = format!(
        "<Document><CmonConf><OrgnlGrpHdr><OrgnlMsgId>{msg_id}</OrgnlMsgId></OrgnlGrpHdr><CmonConfInf><PrcSts>{status}</PrcSts>\
         <PrcCd>X1</PrcCd></CmonConfInf></CmonConf></Document>"
    );
    fs::write(folder.join(file), text).expect("written");
}

/// What becomes of one message, or of one answer, on its way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Lost,
    Late,
    Once,
    Twice,
}

#[derive(Debug, Default)]
pub(super) struct Hvps {
    /// What was decided about each message.
    verdicts: BTreeMap<MsgId, bool>,
    /// Fen that the switch has got (above 0) or paid, by bank.
    pub(super) moved_fen: BTreeMap<String, i128>,
    /// The orders whose money has moved, in that order.
    pub(super) moved: Vec<MsgId>,
    /// Answers that are on their way.
    answers: Vec<MsgId>,
    answers_written: usize,
}

impl Hvps {
    /// Takes the files that wait; each meets a fate, and is accepted or not unless that is decided already.
    pub(super) fn take(&mut self, dir: &Path, mut fate: impl FnMut() -> Fate, mut accepts: impl FnMut() -> bool) {
        for (name, bytes) in files(&dir.join("settlement/out")) {
            let fate = fate();
            if fate == Fate::Late {
                continue;
            }
            fs::remove_file(dir.join("settlement/out").join(name)).expect("removed");
            if fate != Fate::Lost {
                (0..if fate == Fate::Twice { 2 } else { 1 }).for_each(|_| self.process(&bytes, &mut accepts));
            }
        }
    }

    fn process(&mut self, bytes: &[u8], accepts: &mut impl FnMut() -> bool) {
        let text = std::str::from_utf8(bytes).expect("text");
        let field = |from: &str, to: &str| -> String {
            let (_, rest) = text.split_once(from).expect(from);
            rest.split_once(to).expect(to).0.to_owned()
        };
        let msg_id: MsgId = field("<MsgId>", "<").parse().expect("a MsgId");
        self.answers.push(msg_id);
        if self.verdicts.contains_key(&msg_id) {
            return;
        }
        let accepted = accepts();
        self.verdicts.insert(msg_id, accepted);
        if !accepted {
            return;
        }
        let fen: i128 = field("Ccy=\"CNY\">", "<").replace('.', "").parse().expect("an amount");
        let member = |of: &str| field(of, "</MmbId>").rsplit_once("<MmbId>").expect("a member").1.to_owned();
        let (debtor, creditor) = (member("<Dbtr>"), member("<Cdtr>"));
        *self.moved_fen.entry(debtor).or_default() -= fen;
        *self.moved_fen.entry(creditor).or_default() += fen;
        self.moved.push(msg_id);
    }

    /// Delivers answers.
    pub(super) fn deliver(&mut self, dir: &Path, mut fate: impl FnMut() -> Fate) {
        for msg_id in std::mem::take(&mut self.answers) {
            let fate = fate();
            match fate {
                Fate::Late => self.answers.push(msg_id),
                Fate::Lost => {}
                Fate::Once | Fate::Twice => {
                    for _ in 0..if fate == Fate::Twice { 2 } else { 1 } {
                        self.answers_written += 1;
                        let status = if self.verdicts[&msg_id] { "PR04" } else { "PR09" };
                        answer(dir, &format!("{:09}.xml", self.answers_written), &msg_id.to_string(), status);
                    }
                }
            }
        }
    }
}
