//! Where a figure comes from.

use super::facts::Facts;
use crate::manifest::Manifest;
use crate::plot::Unit;

/// Digits of a digest that are shown: enough to tell configurations apart.
const DIGITS_SHOWN: usize = 12;

impl Facts {
    /// Program, machine and what was given to the program; none where nobody asked.
    pub fn of(manifest: Option<&Manifest>) -> Self {
        manifest.map_or_else(Self::new, |manifest| Self::new().with_manifest(manifest))
    }

    /// Program, machine and what was given to the program, behind what is there already.
    #[must_use]
    pub fn with_manifest(self, manifest: &Manifest) -> Self {
        let (program, machine) = (&manifest.program, &manifest.machine);
        let beneath = if machine.virtual_machine { "a virtual machine" } else { "no hypervisor seen" };
        self.with("target", manifest.target.clone())
            .with_known("configuration", manifest.config_digest.as_deref().map(shortened))
            .with("program", format!("{} ({} build)", program.version, program.build))
            .with_known("commit", program.describe_commit())
            .with_known("compiler", program.rustc.clone())
            .with("command", program.command.join(" "))
            .with("machine", machine.describe())
            .with("cores", format!("{} in {} NUMA nodes, {beneath}", machine.cores, machine.numa_nodes))
            .with("instruction sets", machine.cpu_features.join(", "))
            .with_known("governor", machine.governor.clone())
            .with_known("load when it began", machine.load_average.map(|load| Unit::Number.print(load)))
    }
}

fn shortened(digest: &str) -> String {
    match digest.split_once(':') {
        Some((kind, digits)) => format!("{kind}:{}...", digits.chars().take(DIGITS_SHOWN).collect::<String>()),
        None => digest.to_owned(),
    }
}
