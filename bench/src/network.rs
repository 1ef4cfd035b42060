//! Bytes that crossed loopback: everything that node, banks and institutions of a run say to each other.

/// Bytes that this machine has received over loopback since it started, headers and acknowledgements included; `None` when the system does not
/// say. What is received there was sent there, so each byte counts once.
pub fn loopback_bytes() -> Option<u64> {
    received(&std::fs::read_to_string("/proc/net/dev").ok()?)
}

/// The first number behind `lo:`, see proc(5).
fn received(table: &str) -> Option<u64> {
    table.lines().find_map(|line| line.trim().strip_prefix("lo:"))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_of_loopback_are_told_from_others() {
        let table = "Inter-|   Receive\n face |bytes    packets\n  eth0: 11 1 0 0 0 0 0 0 11 1\n    lo: 4711 20 0 0 0 0 0 0 4711 20\n";
        assert_eq!(received(table), Some(4_711));
        assert_eq!(received("eth0: 11 1"), None);
    }

    #[test]
    fn what_is_sent_over_loopback_is_counted() {
        use std::io::Write;
        let Some(before) = loopback_bytes() else { return };
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let mut sender = std::net::TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let reader = std::thread::spawn(move || std::io::copy(&mut listener.accept().unwrap().0, &mut std::io::sink()));
        sender.write_all(&vec![1; 100_000]).unwrap();
        drop(sender);
        reader.join().unwrap().unwrap();
        assert!(loopback_bytes().unwrap() >= before + 100_000);
    }
}
