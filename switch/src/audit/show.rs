//! Traces as text for people.

use std::fmt::Write;

use super::report::{Step, Trace, TracedMessage};

impl Trace {
    /// The trace as text: one line a step, one a message, its values below.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::with_capacity(4096);
        // Writing to a String cannot fail.
        let _ = self.write_text(&mut text);
        text
    }

    fn write_text(&self, out: &mut String) -> std::fmt::Result {
        let [bank1, bank2] = &self.banks;
        writeln!(out, "payment      {}", self.trx_id)?;
        writeln!(out, "business     {}, {}, batch {}", self.business, self.amount, self.batch)?;
        writeln!(out, "parties      {} | leg 1 {bank1} | leg 2 {bank2}", self.institution)?;
        if let Some(original) = &self.original {
            writeln!(out, "refunds      {original}")?;
        }
        if let Some(refunded) = &self.refunded {
            writeln!(out, "refunded     {refunded}")?;
        }
        match self.final_after_us {
            Some(after_us) => writeln!(out, "status       {}, final after {}", self.status, duration(after_us))?,
            None => writeln!(out, "status       {}, not final", self.status)?,
        }
        for step in &self.steps {
            step.write_text(out)?;
        }
        writeln!(out)?;
        for fault in &self.faults {
            writeln!(out, "WRONG        {fault}")?;
        }
        let messages: usize = self.steps.iter().map(|step| step.messages.len()).sum();
        let verdict = if self.good { "good" } else { "NOT GOOD" };
        writeln!(out, "{verdict}: {} records, {messages} messages, every signature verified again", self.steps.len())
    }
}

impl Step {
    fn write_text(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "\n{}  +{:<12} step {:<3} {}", self.at, duration(self.elapsed_us), self.step, self.what)?;
        writeln!(out, "    -> {}   (journal position {})", self.state, self.position)?;
        if let Some(link) = &self.link {
            writeln!(out, "    over link {link}")?;
        }
        self.route_lines.iter().try_for_each(|line| writeln!(out, "    route: {line}"))?;
        self.messages.iter().try_for_each(|message| message.write_text(out))
    }
}

impl TracedMessage {
    fn write_text(&self, out: &mut String) -> std::fmt::Result {
        let (way, preposition) = if self.sent { ("sent    ", "to") } else { ("received", "from") };
        let message_type = self.message_type.as_deref().unwrap_or("(unreadable)");
        let signer = match (&self.signer, &self.serial) {
            (Some(signer), Some(serial)) => format!(", signed by {signer} key {serial}"),
            _ => String::new(),
        };
        writeln!(
            out,
            "    {way} {message_type} {}, {preposition} {} ({}), {} bytes{signer}: {}",
            self.role, self.participant, self.party, self.bytes, self.signature
        )?;
        if let Some(fault) = &self.schema_fault {
            writeln!(out, "        does not keep to its schema: {fault}")?;
        }
        for line in self.fields.chunks(4) {
            let values: Vec<_> = line.iter().map(|(name, value)| format!("{name} {}", printable(value))).collect();
            writeln!(out, "        {}", values.join(" | "))?;
        }
        match &self.document {
            Some(document) => writeln!(out, "        {}", printable(document)),
            None => Ok(()),
        }
    }
}

/// A stranger's text must not drive the reader's terminal.
fn printable(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { '\u{fffd}' } else { character }).collect()
}

/// `850 us`, `12.345 ms`, `8.000 s`.
fn duration(micros: u64) -> String {
    match micros {
        0..1_000 => format!("{micros} us"),
        1_000..1_000_000 => format!("{}.{:03} ms", micros / 1_000, micros % 1_000),
        _ => format!("{}.{:03} s", micros / 1_000_000, micros / 1_000 % 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_fitting_unit() {
        for (micros, text) in [
            (0, "0 us"),
            (999, "999 us"),
            (1_000, "1.000 ms"),
            (12_345, "12.345 ms"),
            (8_000_999, "8.000 s"),
            (u64::MAX, "18446744073709.551 s"),
        ] {
            assert_eq!(duration(micros), text);
        }
    }

    #[test]
    fn control_characters_are_not_printed() {
        assert_eq!(printable("a\u{1b}[2Jb\n"), "a\u{fffd}[2Jb\u{fffd}");
    }
}
