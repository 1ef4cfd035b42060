//! The rows: a month of payments and corrections.

use clearway_tests::seed::Draws;

use super::calendar::{DAY, HOUR};

/// Which way the money goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// From a customer's account into the institution's reserve account: 201 and its relatives.
    In,
    /// From the reserve account to a customer: payout, refund.
    Out,
    /// From a customer's account straight to a merchant's bank account.
    Direct,
}

/// One payment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Row {
    /// Minute of acceptance; of an order that rested with its customer, the minute in which the rest ended.
    pub(crate) minute: u32,
    /// Minute in which its state became final.
    pub(crate) final_minute: u32,
    pub(crate) kind: Kind,
    pub(crate) institution: usize,
    /// Of the customer.
    pub(crate) bank: usize,
    /// Of the reserve account, or of the merchant.
    pub(crate) other_bank: usize,
    pub(crate) fen: i128,
    /// 00, 01, 03 or 04.
    pub(crate) state: &'static str,
}

/// One adjustment of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Correction {
    pub(crate) minute: u32,
    pub(crate) row: usize,
    pub(crate) to_payer: bool,
    pub(crate) fen: i128,
}

/// The whole month.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sheet {
    pub(crate) rows: Vec<Row>,
    pub(crate) corrections: Vec<Correction>,
    /// The bank into which each bank clears.
    pub(crate) clears_into: Vec<usize>,
    pub(crate) institutions: usize,
    /// Yearly rate of interest in millionths.
    pub(crate) ppm: i128,
}

/// From the afternoon of 30 September to the end of October: two institutions, five banks, the last one indirect. Some payments become
/// final long after their hour, some after their session has gone.
pub(crate) fn october(draws: &mut Draws) -> Sheet {
    let mut sheet = Sheet { clears_into: vec![0, 1, 2, 3, 0], institutions: 2, ppm: 3_500, ..Sheet::default() };
    // The last hour of the last session before the holiday, final a quarter of an hour after that session has gone.
    let before_holiday = 14 * HOUR;
    sheet.rows.push(Row {
        minute: before_holiday + 59,
        final_minute: before_holiday + HOUR + 45,
        kind: Kind::In,
        institution: 0,
        bank: 4,
        other_bank: 1,
        fen: 100_000_000,
        state: "03",
    });
    for hour in 9..32 * 24 {
        for _ in 0..draws.below(5) {
            let row = draw_row(draws, hour * HOUR);
            sheet.rows.push(row);
            if draws.below(12) == 0 {
                let to_payer = matches!(row.state, "00" | "03");
                let minute = row.final_minute + draws.between(1, 3 * u64::from(DAY)) as u32;
                let fen = i128::from(draws.between(1, row.fen as u64));
                sheet.corrections.push(Correction { minute, row: sheet.rows.len() - 1, to_payer, fen });
            }
        }
    }
    sheet.corrections.retain(|correction| correction.minute < 32 * DAY);
    sheet
}

fn draw_row(draws: &mut Draws, hour: u32) -> Row {
    let kind = [Kind::In, Kind::In, Kind::In, Kind::Out, Kind::Direct][draws.below(5) as usize];
    let institution = draws.below(2) as usize;
    let minute = hour + draws.below(60) as u32;
    let late = match draws.below(200) {
        // Odd, so that it is never a question of the minute whether a session still takes the batch.
        0 => draws.between(45, 300) | 1,
        1..=10 => draws.between(5, 20),
        _ => 0,
    };
    let other_bank = if kind == Kind::Direct { draws.below(5) as usize } else { 1 + institution };
    Row {
        minute,
        final_minute: if late < 45 { minute + late as u32 } else { hour + HOUR + late as u32 },
        kind,
        institution,
        bank: draws.below(5) as usize,
        other_bank,
        fen: i128::from(draws.between(1, 10_000_000)),
        state: ["00", "00", "00", "00", "00", "01", "03", "04"][draws.below(8) as usize],
    }
}
