//! Which end of a flow opened it (ECS.md §7.5): *source is the initiator*.
//!
//! Old systems write the local end as source even of an incoming flow. For those the ends are
//! exchanged, when it can be told which end is the host's own; what stays open is marked, not
//! guessed.

use timeline::{Field, Segment, Ticks, Value, fields as f};

use super::edit;
use super::facts::Addresses;
use super::gather::{can_be_own, same_host};

/// Ports on which Windows hosts and their usual services listen.
const LISTENERS: &[i64] = &[
    21, 22, 23, 25, 53, 80, 88, 110, 111, 135, 137, 138, 139, 143, 389, 443, 445, 464, 500, 593,
    636, 902, 1433, 1521, 2049, 3268, 3269, 3306, 3389, 5432, 5722, 5900, 5985, 5986, 8080, 8443,
    9389, 47001,
];

/// The fields of a flow's ends.
const PAIRS: [(Field, Field); 4] = [
    (f::SOURCE_IP, f::DESTINATION_IP),
    (f::SOURCE_PORT, f::DESTINATION_PORT),
    (f::SOURCE_DOMAIN, f::DESTINATION_DOMAIN),
    (f::SOURCE_ADDRESS, f::DESTINATION_ADDRESS),
];

/// The local end of an incoming flow.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Local {
    Source,
    Destination,
    Unknown,
}

/// Makes the source of every flow the side that opened it.
pub(super) fn orient(segment: &mut Segment, own: &Addresses) {
    let mut swapped = Vec::new();
    let mut marks = Vec::new();
    for row in incoming(segment) {
        match local_end(&Flow::of(segment, row), own) {
            Local::Source => {
                swapped.push(row);
                marks.push((row, Value::from("true")));
            }
            Local::Destination => {}
            Local::Unknown => marks.push((row, Value::from("unknown"))),
        }
    }
    if !swapped.is_empty() {
        for (a, b) in PAIRS {
            edit::exchange(segment, a, b, &swapped);
        }
    }
    edit::add(segment, f::NETWORK_EXT_SWAPPED, &marks);
}

/// Rows of incoming TCP flows with both ends.
fn incoming(segment: &Segment) -> Vec<u32> {
    let Some(column) = segment.column(f::NETWORK_DIRECTION) else {
        return Vec::new();
    };
    let mut rows: Vec<u32> = column.rows.clone();
    rows.dedup();
    rows.retain(|&row| {
        let ingress = segment
            .all(f::NETWORK_DIRECTION, row)
            .any(|way| way == Value::from("ingress"));
        let flow = matches!(segment.text(f::EVENT_CODE, row), Some("3" | "5156"));
        let udp = segment
            .text(f::NETWORK_TRANSPORT, row)
            .is_some_and(|t| t.eq_ignore_ascii_case("udp"));
        ingress && flow && !udp
    });
    rows
}

struct Flow<'a> {
    computer: &'a str,
    time: Option<Ticks>,
    source: End<'a>,
    destination: End<'a>,
}

struct End<'a> {
    ip: &'a str,
    port: Option<i64>,
    host: &'a str,
}

impl<'a> Flow<'a> {
    fn of(segment: &'a Segment, row: u32) -> Self {
        Self {
            computer: segment.strings.get(segment.rows[row as usize].host),
            time: segment.rows[row as usize].time,
            source: End::of(
                segment,
                row,
                [f::SOURCE_IP, f::SOURCE_PORT, f::SOURCE_DOMAIN],
            ),
            destination: End::of(
                segment,
                row,
                [
                    f::DESTINATION_IP,
                    f::DESTINATION_PORT,
                    f::DESTINATION_DOMAIN,
                ],
            ),
        }
    }

    fn is_own(&self, end: &End<'_>, own: &Addresses) -> bool {
        same_host(end.host, self.computer)
            || self.time.is_some_and(|time| own.contains(end.ip, time))
    }
}

impl<'a> End<'a> {
    fn of(segment: &'a Segment, row: u32, [ip, port, host]: [Field; 3]) -> Self {
        let number = match segment.get(port, row) {
            Some(Value::Integer(number)) => Some(number),
            _ => None,
        };
        Self {
            ip: segment.text(ip, row).unwrap_or_default(),
            port: number,
            host: segment.text(host, row).unwrap_or_default(),
        }
    }

    fn listens(&self) -> bool {
        self.port.is_some_and(|port| LISTENERS.contains(&port))
    }
}

fn local_end(flow: &Flow<'_>, own: &Addresses) -> Local {
    // Multicast and broadcast have no opening side; they are left as they are.
    if [&flow.source, &flow.destination]
        .iter()
        .any(|end| is_for_many(end.ip))
    {
        return Local::Destination;
    }
    match (
        flow.is_own(&flow.source, own),
        flow.is_own(&flow.destination, own),
    ) {
        (true, false) => return Local::Source,
        (false, true) => return Local::Destination,
        _ => {}
    }
    match (flow.source.listens(), flow.destination.listens()) {
        (true, false) => Local::Source,
        (false, true) => Local::Destination,
        _ => Local::Unknown,
    }
}

fn is_for_many(ip: &str) -> bool {
    ip.parse::<std::net::IpAddr>()
        .is_ok_and(|address| !address.is_loopback() && !address.is_unspecified() && !can_be_own(ip))
}

#[cfg(test)]
mod tests {
    use timeline::json;

    use super::*;

    /// Source and destination after orientation, and the mark.
    fn oriented(source: (&str, i64, &str), destination: (&str, i64, &str)) -> String {
        let event = serde_json::json!({
            "@timestamp": "2026-03-02T21:00:00Z", "host.name": "SRV02", "event.code": "3",
            "network.direction": "ingress", "network.transport": "tcp",
            "source.ip": source.0, "source.port": source.1, "source.domain": source.2,
            "destination.ip": destination.0, "destination.port": destination.1,
            "destination.domain": destination.2,
        });
        let mut segment = json::read(&[event.as_object().cloned().unwrap_or_default()]);
        let mut own = Addresses::default();
        own.add_for_test("10.20.30.22", Ticks::parse("2026-03-02T20:00:00Z").unwrap());
        orient(&mut segment, &own);
        let of = |field| {
            segment
                .get(field, 0)
                .map(|value| value.to_string())
                .unwrap_or_default()
        };
        format!(
            "{}:{} > {}:{} {}",
            of(f::SOURCE_IP),
            of(f::SOURCE_PORT),
            of(f::DESTINATION_IP),
            of(f::DESTINATION_PORT),
            of(f::NETWORK_EXT_SWAPPED)
        )
    }

    #[test]
    fn the_source_is_who_opened_it() {
        for (source, destination, expected) in [
            // As new systems write it.
            (
                ("10.20.30.11", 50_000, ""),
                ("10.20.30.22", 445, ""),
                "10.20.30.11:50000 > 10.20.30.22:445 ",
            ),
            // As old ones do: known by address, by name, by port.
            (
                ("10.20.30.22", 445, ""),
                ("10.20.30.11", 33_801, ""),
                "10.20.30.11:33801 > 10.20.30.22:445 true",
            ),
            (
                ("10.9.9.9", 5000, "srv02.corp"),
                ("10.20.30.11", 135, ""),
                "10.20.30.11:135 > 10.9.9.9:5000 true",
            ),
            (
                ("10.9.9.9", 139, ""),
                ("10.20.30.11", 49_184, ""),
                "10.20.30.11:49184 > 10.9.9.9:139 true",
            ),
            // Loopback at both ends: the port decides.
            (
                ("127.0.0.1", 445, ""),
                ("127.0.0.1", 50_000, ""),
                "127.0.0.1:50000 > 127.0.0.1:445 true",
            ),
            // Nothing decides.
            (
                ("10.9.9.9", 445, ""),
                ("10.9.9.8", 445, ""),
                "10.9.9.9:445 > 10.9.9.8:445 unknown",
            ),
            (
                ("10.9.9.9", 5000, ""),
                ("10.9.9.8", 5001, ""),
                "10.9.9.9:5000 > 10.9.9.8:5001 unknown",
            ),
            (
                ("10.20.30.11", 5353, ""),
                ("224.0.0.251", 5353, ""),
                "10.20.30.11:5353 > 224.0.0.251:5353 ",
            ),
        ] {
            assert_eq!(oriented(source, destination), expected);
        }
    }
}
