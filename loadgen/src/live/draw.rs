//! A view as a picture in the terminal.

use super::view::View;
use crate::histogram::Quantiles;
use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Block, Gauge, Paragraph, Sparkline};
use std::time::Duration;

/// Draws it on the whole frame: what matters most stands first, so that a small terminal cuts off the rest.
pub fn draw(view: &View, frame: &mut Frame<'_>) {
    let parts = [
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Length(5),
        Constraint::Length(3),
        Constraint::Length(8),
        Constraint::Min(0),
        Constraint::Length(1),
    ];
    let [title, progress, doubt, figures, quantiles, latency, notes, foot] =
        Layout::vertical(parts).areas(frame.area());
    frame.render_widget(title_line(view), title);
    frame.render_widget(gauge(view), progress);
    frame.render_widget(doubt_line(view), doubt);
    frame.render_widget(figure_lines(view), figures);
    frame.render_widget(quantile_lines(view), quantiles);
    draw_latency(view, frame, latency);
    frame.render_widget(note_lines(view, notes), notes);
    frame.render_widget(foot_line(view), foot);
}

fn bold(text: impl Into<String>) -> Span<'static> {
    Span::styled(text.into(), Style::new().add_modifier(Modifier::BOLD))
}

fn title_line(view: &View) -> Line<'static> {
    Line::from(vec![bold(view.title.clone()), Span::raw("  "), Span::raw(view.label.clone())])
}

fn gauge(view: &View) -> Gauge<'static> {
    let seconds = |duration: Duration| duration.as_secs_f64();
    let label = if view.is_draining() {
        format!("waiting for {} answers", view.in_flight())
    } else {
        format!("{:.0} s of {:.0} s", seconds(view.seen.elapsed), seconds(view.length))
    };
    Gauge::default().gauge_style(Style::new().fg(Color::Cyan)).ratio(view.share_done()).label(label)
}

fn doubt_line(view: &View) -> Line<'static> {
    match view.doubt() {
        Some(doubt) => {
            let style = Style::new().fg(Color::Red).add_modifier(Modifier::BOLD);
            Line::from(vec![Span::styled("INVALID so far: ", style), Span::raw(doubt)])
        }
        None => Line::styled("valid so far", Style::new().fg(Color::Green)),
    }
}

fn figure_lines(view: &View) -> Paragraph<'static> {
    let (seen, rates) = (&view.seen, view.rates());
    let rate = |name: &str, per_s: f64, total: u64| format!("{name:<9} {per_s:>9.0}/s {total:>11}");
    let pairs = [
        (rate("offered", rates.scheduled, seen.scheduled), format!("refused   {:>9}", seen.refused)),
        (rate("sent", rates.sent, seen.sent), format!("unknown   {:>9}", seen.failed)),
        (rate("answered", rates.completed, seen.completed), format!("late      {:>9}", seen.late)),
        (rate("final", rates.finals, seen.finals), format!("dropped   {:>9}", seen.dropped)),
        (String::new(), format!("in flight {:>9}", view.in_flight())),
    ];
    let lines = pairs.map(|(rate, count)| Line::raw(format!("{rate:<33}   {count}")));
    Paragraph::new(lines.to_vec())
}

fn quantile_lines(view: &View) -> Paragraph<'static> {
    let head = Line::raw("latency of the last second      p50      p90      p99    p99.9      max");
    let row = |name: &str, of: Option<&Quantiles>| {
        let figures = of.filter(|of| of.count > 0).map(|of| [of.p50, of.p90, of.p99, of.p999, of.max]);
        let cells = figures.map_or_else(|| [(); 5].map(|()| "-".to_owned()), |of| of.map(show_us));
        Line::raw(format!("{name:<26}{}", cells.map(|cell| format!(" {cell:>8}")).concat()))
    };
    let last = view.slices.back();
    Paragraph::new(vec![
        head,
        row("from the intended instant", last.map(|slice| &slice.response_us)),
        row("from the actual sending", last.map(|slice| &slice.service_us)),
    ])
}

/// Four characters of figure, and the unit.
fn show_us(micros: u64) -> String {
    let value = micros as f64;
    match micros {
        0..1_000 => format!("{micros}us"),
        1_000..10_000 => format!("{:.2}ms", value / 1e3),
        10_000..1_000_000 => format!("{:.0}ms", value / 1e3),
        _ => format!("{:.2}s", value / 1e6),
    }
}

fn draw_latency(view: &View, frame: &mut Frame<'_>, area: Rect) {
    let width = usize::from(area.width.saturating_sub(2));
    let shown = view.slices.iter().skip(view.slices.len().saturating_sub(width));
    let p99: Vec<u64> = shown.map(|slice| slice.response_us.p99).collect();
    let worst = p99.iter().max().map_or_else(String::new, |worst| format!(", at most {}", show_us(*worst)));
    let block = Block::bordered().title(format!("p99 by second{worst}"));
    frame.render_widget(Sparkline::default().block(block).style(Style::new().fg(Color::Yellow)).data(p99), area);
}

fn note_lines(view: &View, area: Rect) -> Paragraph<'static> {
    let skipped = view.notes.len().saturating_sub(usize::from(area.height));
    Paragraph::new(view.notes.iter().skip(skipped).map(|note| Line::raw(note.clone())).collect::<Vec<_>>())
}

fn foot_line(view: &View) -> Line<'static> {
    Line::raw(if view.is_stopping { "stopping: waiting for the last answers" } else { "q or Ctrl-C: stop" })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::Slice;
    use crate::run::Progress;
    use ratatui::Terminal;
    use ratatui::backend::TestBackend;

    fn picture(view: &View, width: u16, height: u16) -> Vec<String> {
        let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
        terminal.draw(|frame| draw(view, frame)).unwrap();
        let cells = terminal.backend().buffer().content().chunks(usize::from(width));
        cells.map(|row| row.iter().map(|cell| cell.symbol()).collect::<String>().trim_end().to_owned()).collect()
    }

    fn view() -> View {
        let mut view = View::new("clearway-loadgen run");
        view.begin("payments at 500/s", Duration::from_secs(20));
        for step in 0..=50_u64 {
            let sent = 50 * step;
            view.look(&Progress {
                elapsed: Duration::from_millis(100 * step),
                scheduled: sent,
                sent,
                completed: sent - sent.min(7),
                finals: sent - sent.min(7),
                refused: 3,
                failed: 2,
                late: 1,
                ..Progress::default()
            });
        }
        for second in 0..5 {
            let response_us = Quantiles {
                p50: 640,
                p90: 2_345,
                p99: 4_000 + 9_000 * second,
                p999: 81_000,
                max: 1_250_000,
                count: 9,
                mean: 1.0,
            };
            view.slice(&Slice { response_us, ..Slice::default() });
        }
        view
    }

    #[test]
    fn everything_has_its_place_in_an_ordinary_terminal() {
        let mut view = view();
        view.note("1  ramp  200.0/s  good");
        let lines = picture(&view, 80, 24);
        let expected = [
            (0, "clearway-loadgen run  payments at 500/s"),
            (1, "5 s of 20 s"),
            (2, "valid so far"),
            (3, "offered         500/s        2500   refused           3"),
            (4, "sent            500/s        2500   unknown           2"),
            (5, "answered        500/s        2493   late              1"),
            (6, "final           500/s        2493   dropped           0"),
            (7, "in flight         7"),
            (8, "latency of the last second      p50      p90      p99    p99.9      max"),
            (9, "from the intended instant     640us   2.35ms     40ms     81ms    1.25s"),
            (10, "from the actual sending           -        -        -        -        -"),
            (11, "p99 by second, at most 40ms"),
            (19, "1  ramp  200.0/s  good"),
            (23, "q or Ctrl-C: stop"),
        ];
        for (row, text) in expected {
            assert!(lines[row].contains(text), "row {row}: {:?}, not {text:?}", lines[row]);
        }
        assert!(lines[17].contains('█'), "{lines:#?}");
    }

    #[test]
    fn an_invalid_run_says_so_at_once() {
        let mut view = view();
        view.look(&Progress { dropped: 12, ..view.seen });
        assert_eq!(picture(&view, 80, 24)[2], "INVALID so far: 12 dropped: target rate not sustained");
    }

    #[test]
    fn the_end_waits_and_a_stop_is_acknowledged() {
        let mut view = view();
        view.look(&Progress { elapsed: Duration::from_secs(21), ..view.seen });
        view.is_stopping = true;
        let lines = picture(&view, 80, 24);
        assert!(lines[1].contains("waiting for 7 answers") && lines[23].starts_with("stopping"), "{lines:#?}");
    }

    #[test]
    fn any_size_of_terminal_is_drawn_on() {
        let mut busy = view();
        (0..200).for_each(|note| busy.note(format!("note {note}")));
        for (width, height) in [(1, 1), (7, 3), (20, 50), (40, 12), (300, 100)] {
            picture(&View::new("nothing yet"), width, height);
            picture(&busy, width, height);
        }
        assert!(picture(&busy, 80, 30).concat().contains("note 199"));
    }

    #[test]
    fn a_line_says_the_same() {
        let line = super::super::line(&view());
        assert_eq!(
            line,
            "    5 s of 20: offered 500/s, final 500/s; sent 2500, final 2493, refused 3, unknown 2, late 1, dropped 0, \
             in flight 7; p50 640 us, p99 40000 us, max 1250000 us"
        );
    }
}
