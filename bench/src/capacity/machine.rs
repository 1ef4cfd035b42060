//! The machine of a course, as far as the report needs it.

use std::time::{SystemTime, UNIX_EPOCH};

use super::arguments::CourseArguments;
use super::model::measurements::MachineFacts;
use super::raw::{COURSE_FORMAT, CourseFile};
use crate::cpu::Cores;
use crate::machine::Machine;

/// The head of a course that begins at `now`.
pub(super) fn course_file(
    arguments: &CourseArguments,
    machine: &Machine,
    cores: &Cores,
    now: SystemTime,
) -> CourseFile {
    CourseFile {
        format: COURSE_FORMAT.to_owned(),
        quick: arguments.quick,
        seed: arguments.seed,
        machine: facts(machine, cores, now),
        ..CourseFile::default()
    }
}

fn facts(machine: &Machine, cores: &Cores, now: SystemTime) -> MachineFacts {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    MachineFacts {
        cpu: machine.cpu.clone(),
        cores: count(machine.cores),
        node_cores: count(cores.node_cores().len().max(1)),
        load_cores: count(cores.load_capacity()),
        memory_bytes: machine.memory_bytes,
        kernel: machine.kernel.clone(),
        filesystem: machine.filesystem.kind.clone(),
        rustc: machine.rustc.clone(),
        build: machine.build.to_owned(),
        commit: machine.commit.clone(),
        virtual_machine: machine.virtual_machine,
        command: machine.command.clone(),
        started_unix_s: now.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()),
    }
}
