//! What is counted, as data: the counters, levels, timings and leg outcomes, each with its exported name and meaning.
//!
//! Invariant: the position of a variant in its `ALL` is its discriminant; the blocks of atomics are indexed by it.

macro_rules! meters {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident $export:literal $help:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum $name {
            $(#[doc = $help] $(#[$variant_doc])* $variant,)+
        }

        impl $name {
            /// All of them, in the order of their discriminants.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The exported name, without the prefix `clearway_`.
            #[must_use]
            pub const fn export_name(self) -> &'static str {
                match self { $(Self::$variant => $export,)+ }
            }

            /// The exported explanation.
            #[must_use]
            pub const fn help(self) -> &'static str {
                match self { $(Self::$variant => $help,)+ }
            }
        }
    };
}

meters! {
    /// A count that only grows; exported with the suffix `_total`.
    Count {
        RequestsReceived "requests_received" "Messages read from participants, answers of banks not among them",
        PaymentsAccepted "payments_accepted" "Payments and refunds accepted: durable before leg 1",
        DuplicatesAnswered "duplicates_answered" "Requests with a known TrxId answered from the stored receipt or as in process",
        InProcessReceipts "receipts_in_process" "Receipts ES000033 with status 02 given because the receipt deadline came first",
        QueriesAnswered "queries_answered" "Queries (301) of participants answered",
        QueriesSent "queries_sent" "Queries (301) sent to banks because a leg was unknown",
        LegsMoved "legs_moved" "Legs that took another channel because nothing of them could leave",
        NoticesSent "notices_sent" "Terminal notices (207) sent, resends included",
        NoticesAcknowledged "notices_acknowledged" "Terminal notices acknowledged by 303",
        ProbesAnswered "probes_answered" "Link probes (991) answered",
        LateAnswers "late_answers" "Answers of banks that came when their payment did not wait for them any more",
        ConnectionsAccepted "connections_accepted" "Connections of participants accepted",
        ConnectionsRefused "connections_refused" "Connections closed unread because of a connection limit",
        ImpostorsRefused "impostors_refused" "Messages refused because they came under the certificate of another participant",
        MessagesVerified "messages_verified" "Signatures verified",
        MessagesSigned "messages_signed" "Signatures made",
        Bursts "bursts" "Turns of the workers' loops that had work",
    }
}

meters! {
    /// A level that rises and falls.
    Level {
        InFlightPayments "in_flight_payments" "Payments that a worker still has to do something for, notices included",
        UnfinishedPayments "unfinished_payments" "Payments without final status, queried ones included",
        CommitQueue "queue_commit_effects" "Effects that wait for their journal group to be durable",
        IngressConnections "connections_open_ingress" "Open connections of participants to the switch",
        TimersArmed "timers_armed" "Entries of the timing wheels",
    }
}

meters! {
    /// A duration, kept in a histogram in microseconds.
    Timing {
        Internal "internal_us" "Time of a payment inside the switch, waits for the two banks excluded, microseconds",
        Leg1 "leg1_us" "Leg 1 from sent to answered, microseconds",
        Leg2 "leg2_us" "Leg 2 from sent to answered, microseconds",
    }
}

meters! {
    /// A part of a payment's way through the node; label `stage` of `clearway_stage_us` and `clearway_stage_cpu_us`.
    Stage {
        Read "read" "From the first byte of a message, request or answer, until all of it is there",
        Queue "queue" "Until the worker's next burst begins on it; also what an account is paced, and a request waits for its shelf",
        Decode "decode" "Bytes to checked messages, the whole burst",
        Verify "verify" "Whose message is it, and did they sign it: the whole burst",
        Admit "admit" "What it means, whether it may be, the next state, and what follows is composed: the whole burst",
        Sign "sign" "Signatures, the whole burst",
        CommitWait "commit-wait" "Recorded, until the journal has it on disk and the worker has seen so",
        Forward "forward" "Until the last byte of a leg is written to its bank",
        BankWait "bank-wait" "Until the first byte of the bank's answer",
        Write "write" "Until the last byte of the receipt is written",
        Reactor "reactor" "No time of a payment: what the worker's thread spends on waiting for sockets and timers, found by difference",
    }
}

meters! {
    /// Why a case was opened for dispute handling; label `kind` of `clearway_cases_total`.
    Case {
        Presumed03 "presumed-03" "Presumed success: leg 2 stayed unknown",
        Presumed04 "presumed-04" "Presumed failure: leg 1 stayed unknown",
        LateAnswer "late-answer" "A late answer that agrees with the final status",
        LateAnswerContradicts "late-answer-contradicts" "A late answer that contradicts the final status",
        HeldRefund "held-refund" "A refund of a payment of the old direct channel waits for a transfer",
    }
}

meters! {
    /// How one request to a bank ended; label `outcome` of `clearway_leg_outcomes_total`.
    LegOutcome {
        Success "success" "The bank did it",
        Refused "refused" "The bank gave a business no",
        TimedOut "timed-out" "No answer before the deadline",
        Broken "broken" "The connection broke after a byte may have left",
        NotOk "not-ok" "An HTTP status other than 200",
        Unreadable "unreadable" "An answer that could not be read or named another transaction",
        BadSignature "bad-signature" "An answer whose signature is missing or wrong",
        NotSent "not-sent" "No byte left: no connection could be had",
        Late "late" "An answer after its payment had moved on",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn discriminants_are_positions_and_names_differ() {
        fn check<T: Copy>(all: &[T], position: fn(T) -> usize, name: fn(T) -> &'static str) {
            assert!(all.iter().enumerate().all(|(place, meter)| position(*meter) == place));
            let names: BTreeSet<_> = all.iter().map(|meter| name(*meter)).collect();
            assert_eq!(names.len(), all.len());
        }
        check(Count::ALL, |meter| meter as usize, Count::export_name);
        check(Level::ALL, |meter| meter as usize, Level::export_name);
        check(Stage::ALL, |meter| meter as usize, Stage::export_name);
        check(Timing::ALL, |meter| meter as usize, Timing::export_name);
        check(Case::ALL, |meter| meter as usize, Case::export_name);
        check(LegOutcome::ALL, |meter| meter as usize, LegOutcome::export_name);
    }
}
