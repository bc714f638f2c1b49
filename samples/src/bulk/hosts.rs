//! The hosts of a bulk case, by number.

use crate::corp::Desk;
use crate::stage::Machine;
use crate::time::{FileTime, Span};
use crate::windows::{Account, Host, Noise};

/// The names and addresses of one host, of who works at it, and of where intruders come from.
pub(super) struct Names {
    pub(super) number: u32,
    /// When the host's logs begin.
    pub(super) begin: FileTime,
    pub(super) name: String,
    computer: String,
    ip: String,
    person: String,
    far: Far,
}

/// The host on the other side of this one's intrusions. It is not part of the evidence.
struct Far {
    name: String,
    computer: String,
    ip: String,
}

impl Names {
    pub(super) fn of(number: u32, begin: FileTime) -> Self {
        let kind = if number.is_multiple_of(2) {
            "SRV"
        } else {
            "WKS"
        };
        let name = format!("{kind}{number:05}");
        let far = format!("LAB{number:05}");
        Self {
            number,
            begin,
            computer: format!("{}.corp.example.com", name.to_lowercase()),
            ip: address(40, number),
            person: format!("user{number:05}"),
            far: Far {
                computer: format!("{}.corp.example.com", far.to_lowercase()),
                ip: address(140, number),
                name: far,
            },
            name,
        }
    }

    pub(super) fn machine(&self) -> Machine<'_> {
        self.host(&self.name, &self.computer, &self.ip, 1)
    }

    pub(super) fn far_machine(&self) -> Machine<'_> {
        let Far { name, computer, ip } = &self.far;
        self.host(name, computer, ip, 2)
    }

    fn host<'a>(&self, name: &'a str, computer: &'a str, ip: &'a str, kind: u64) -> Machine<'a> {
        let drawn = Noise::seeded(u64::from(self.number) << 2 | kind).draw();
        Machine::running(Host {
            name,
            computer,
            ip,
            machine: (drawn >> 32 & 0xFFFF_FFFF) as u32,
            boot: self.begin - Span::seconds(86_400),
        })
    }

    pub(super) fn desk(&self) -> Desk<'_> {
        let account = Account::of_domain(&self.person, 2_000 + self.number);
        Desk::at_console(account, 0x8_3D21, self.begin - Span::seconds(7_200))
    }
}

/// One address each for some four million hosts.
fn address(network: u32, number: u32) -> String {
    let (last, rest) = (number % 250 + 1, number / 250);
    format!("10.{}.{}.{last}", network + rest / 250, rest % 250)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_hosts_share_a_name_an_address_or_a_sysmon_guid() {
        let begin = FileTime::day(2026, 2, 2);
        let mut names = BTreeSet::new();
        for number in 0..5_000 {
            let host = Names::of(number, begin);
            for machine in [host.machine(), host.far_machine()] {
                let Host {
                    name, ip, machine, ..
                } = machine.host;
                assert!(names.insert(name.to_owned()));
                assert!(names.insert(ip.to_owned()));
                assert!(names.insert(machine.to_string()));
            }
        }
    }
}
