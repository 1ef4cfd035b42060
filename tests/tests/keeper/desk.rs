//! A node without its network: journal, memory and books in one folder, as a start finds them.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use clearway::books::keeper::{Board, Clerk, Keeper, Parts};
use clearway::books::{BatchEntry, Steps};
use clearway::config::{BooksSection, Participant, ParticipantKind, Participants};
use clearway::domain::calendar::{Calendar, WORKING_DAYS_CN};
use clearway::journal::{Journal, Options};
use clearway::positions::Live;
use clearway::recovery;
use clearway::registers::Registers;
use clearway::registrar::Registrar;
use clearway::shelf::Shelves;
use clearway::table::{Orders, Table};
use clearway_codec::value::{BeijingTime, InstitutionId};
use clearway_crypto::{DigestKey, EncryptionRing};

use crate::payments::{BANKS, INSTITUTIONS};

/// What a node has in memory.
pub(crate) struct Memory {
    pub(crate) journal: Arc<Journal>,
    pub(crate) table: Arc<Table>,
    pub(crate) registers: Arc<Registers>,
    pub(crate) shelves: Arc<Shelves>,
    pub(crate) live: Arc<Live>,
}

impl Memory {
    /// Opens what is in `dir`, as a start of a node at `now_us` does.
    pub(crate) fn open(dir: &Path, now_us: u64) -> Self {
        let journal_dir = dir.join("journal");
        let options = Options {
            segment_bytes: 1 << 20,
            segments_ahead: 1,
            reserve_bytes: 1 << 18,
            group_bytes_max: 1 << 18,
            ..Options::new(&journal_dir)
        };
        let (journal, recovered) = Journal::open(options).expect("the journal");
        let shelves = Shelves::open(&dir.join("books/shelf"), BeijingTime::from_unix_micros(now_us)).expect("shelves");
        let memory = recovery::Memory {
            table: Arc::new(Table::new(4, 10_000)),
            registers: Arc::new(Registers::new(10)),
            shelves: Arc::new(shelves),
        };
        recovery::restore(&journal_dir, &journal, &recovered, &memory).expect("the memory");
        let recovery::Memory { table, registers, shelves } = memory;
        let live = Live::new(1);
        for (batch, kept) in BatchEntry::all(&registers).expect("the batches") {
            if kept.content.phase.is_sealed() {
                live.forget(batch);
            } else {
                live.close(batch);
            }
        }
        table.for_each(|payment| live.restore(payment));
        Self { journal: Arc::new(journal), table, registers, shelves, live: Arc::new(live) }
    }

    /// The keeper of these books.
    pub(crate) fn keeper(&self, dir: &Path, steps: Arc<dyn Steps>) -> (Keeper<Clerk>, Arc<Board>) {
        let registrar = Registrar::new(Arc::clone(&self.registers), Arc::clone(&self.journal));
        let ring = Arc::new(EncryptionRing::default());
        let parts = Parts {
            section: BooksSection {
                dir: dir.join("books"),
                threads: 1,
                rows_max: 10,
                accounting_cut_hour: 16,
                hvps_close_hour: 16,
                ..BooksSection::default()
            },
            switch: InstitutionId::parse(b"G4000311000018").expect("an id"),
            participants: participants(),
            calendar: Calendar::from_csv(WORKING_DAYS_CN).expect("a calendar"),
            digest: Arc::new(DigestKey::from_hex(&"0f".repeat(32)).expect("a key")),
            ring: Box::new(move || Arc::clone(&ring)),
            registers: Arc::clone(&self.registers),
            record: Box::new(move |at_us, entries| registrar.record_books(at_us, entries)),
            live: Arc::clone(&self.live),
            journal: Arc::clone(&self.journal),
            table: Arc::clone(&self.table),
            orders: Arc::new(Orders::default()),
            shelves: Arc::clone(&self.shelves),
            steps,
            stop: Arc::new(AtomicBool::new(false)),
        };
        let board = Arc::new(Board::default());
        (Keeper::new(Clerk::new(parts).expect("readable entries"), Arc::clone(&board)), board)
    }
}

fn participants() -> Participants {
    let id = |index: u16| {
        let class = if index < INSTITUTIONS { "Z2" } else { "C1" };
        InstitutionId::parse(format!("{class}{index:012}").as_bytes()).expect("an id")
    };
    let participant = |index: u16| {
        let kind = if index < INSTITUTIONS { ParticipantKind::Institution } else { ParticipantKind::Bank };
        let mut participant =
            Participant::new(index, id(index), kind, "http://127.0.0.1:9/epcc".parse().expect("an endpoint"));
        let is_last = index + 1 == INSTITUTIONS + BANKS;
        participant.clearing_bank = is_last.then(|| id(INSTITUTIONS));
        participant
    };
    Participants::new((0..INSTITUTIONS + BANKS).map(participant).collect()).expect("participants")
}
