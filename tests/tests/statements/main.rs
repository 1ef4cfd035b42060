//! Statements from outside: fetched over SFTP by their own participant and nobody else, decrypted by the `openssl` command, made again
//! by the command line to the same bytes.

mod again;
mod openssl;
mod sftp;
mod source;

/// The node's binary.
const NODE: &str = env!("CARGO_BIN_EXE_clearway-node");
