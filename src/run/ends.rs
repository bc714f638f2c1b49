//! The hosts that movements lead between: names that mean the same host are one. Which host had an address is
//! decided before (`detectors/identity`); where that is not known, the address stands for itself.

use std::collections::BTreeMap;

use detectors::identity::Host;
use detectors::movement::{Movement, Way};

use crate::case::{End, Ends};

impl Ends {
    /// The hosts of all movements, in the order in which movements reach them. `names` has what each machine
    /// is called.
    pub(super) fn of(
        movements: &[Movement],
        hosts: &[Host],
        names: &BTreeMap<String, String>,
    ) -> Self {
        let mut finder = Finder {
            hosts,
            names,
            by_name: BTreeMap::new(),
            by_label: BTreeMap::new(),
            places: BTreeMap::new(),
            all: Vec::new(),
        };
        for (place, host) in hosts.iter().enumerate() {
            for name in &host.names {
                finder.by_name.entry(name.to_lowercase()).or_insert(place);
                let label = name.split('.').next().unwrap_or(name);
                finder.note_label(label, place);
            }
        }
        let ways = movements.iter().map(|movement| Way {
            from: finder.end(&movement.source_host, &movement.source_ip),
            to: finder.end(&movement.target_host, &movement.target_ip),
        });
        let ways = ways.collect();
        Self {
            all: finder.all,
            ways,
        }
    }
}

/// Finds hosts by what they are called.
struct Finder<'c> {
    hosts: &'c [Host],
    names: &'c BTreeMap<String, String>,
    /// Places among the known hosts, by each name in lower case; those with evidence come before others.
    by_name: BTreeMap<String, usize>,
    /// Machines of the case by the first label of their names; none where several have it.
    by_label: BTreeMap<String, Option<usize>>,
    places: BTreeMap<String, usize>,
    all: Vec<End>,
}

impl Finder<'_> {
    fn note_label(&mut self, label: &str, place: usize) {
        if self.hosts[place].machine.is_empty() {
            return;
        }
        let known = self.by_label.entry(label.to_lowercase());
        let known = known.or_insert(Some(place));
        if *known != Some(place) {
            *known = None;
        }
    }

    /// The host that is called so. A short name is that of the one machine that has it, unless an address stands beside
    /// it that is not known to be the machine's: what the other side calls itself proves nothing.
    fn known(&self, name: &str, ip: &str) -> Option<usize> {
        let by_name = self.by_name.get(&name.to_lowercase()).copied();
        let is_collected = |&place: &usize| !self.hosts[place].machine.is_empty();
        if by_name.is_some_and(|place| is_collected(&place)) || name.contains('.') {
            return by_name;
        }
        let by_label = self.by_label.get(&name.to_lowercase()).copied().flatten();
        let fits = |&place: &usize| {
            let mut addresses = self.hosts[place].addresses.iter();
            ip.is_empty() || addresses.any(|address| address.ip == ip)
        };
        by_label.filter(fits).or(by_name)
    }

    fn end(&mut self, host: &str, ip: &str) -> Option<usize> {
        let recorded = if host.is_empty() { ip } else { host };
        if recorded.is_empty() {
            return None;
        }
        let known = self.known(recorded, ip);
        let machine = known.map_or("", |place| self.hosts[place].machine.as_str());
        let name = self.names.get(machine).filter(|name| !name.is_empty());
        let name = name.map_or(recorded, String::as_str);
        let place = *self
            .places
            .entry(name.to_lowercase())
            .or_insert(self.all.len());
        if place == self.all.len() {
            self.all.push(End {
                name: name.to_owned(),
                is_collected: !machine.is_empty(),
                known,
                addresses: Vec::new(),
            });
        }
        let addresses = &mut self.all[place].addresses;
        if !ip.is_empty() && !addresses.iter().any(|known| known == ip) {
            addresses.push(ip.to_owned());
        }
        Some(place)
    }
}

#[cfg(test)]
mod tests {
    use detectors::identity::Leased;
    use timeline::Ticks;

    use super::*;

    #[test]
    fn a_host_is_one_by_all_of_its_names() {
        let host = |machine: &str, names: &[&str]| {
            let mut host = Host::default();
            machine.clone_into(&mut host.machine);
            host.names = names.iter().map(|&name| name.to_owned()).collect();
            host
        };
        let hosts = [
            host(
                "srv02.corp.example.com",
                &["SRV02", "SRV02.corp.example.com"],
            ),
            host("", &["KALI"]),
        ];
        let names = BTreeMap::from([(
            "srv02.corp.example.com".into(),
            "SRV02.corp.example.com".into(),
        )]);
        let movement = |source: [&str; 2], target: [&str; 2]| Movement {
            source_host: source[0].into(),
            source_ip: source[1].into(),
            target_host: target[0].into(),
            target_ip: target[1].into(),
            ..Movement::default()
        };
        let movements = [
            movement(["kali", "10.0.0.9"], ["srv02", "10.0.0.2"]),
            movement(["", "10.0.0.7"], ["SRV02.CORP.example.com", ""]),
            movement(["", ""], ["SRV02", "10.0.0.3"]),
        ];
        let ends = Ends::of(&movements, &hosts, &names);
        let all: Vec<(&str, bool)> = ends
            .all
            .iter()
            .map(|end| (end.name.as_str(), end.is_collected))
            .collect();
        assert_eq!(
            all,
            [
                ("kali", false),
                ("SRV02.corp.example.com", true),
                ("10.0.0.7", false)
            ]
        );
        assert_eq!(ends.all[1].addresses, ["10.0.0.2", "10.0.0.3"]);
        let ways: Vec<_> = ends.ways.iter().map(|way| (way.from, way.to)).collect();
        assert_eq!(
            ways,
            [(Some(0), Some(1)), (Some(2), Some(1)), (None, Some(1))]
        );
    }
    #[test]
    fn a_short_name_is_that_of_the_one_machine_that_has_it() {
        let host = |machine: &str, name: &str, ip: &str| {
            let mut host = Host::default();
            machine.clone_into(&mut host.machine);
            host.names = vec![name.to_owned()];
            if !ip.is_empty() {
                host.addresses = vec![Leased {
                    ip: ip.to_owned(),
                    from: Ticks(0),
                    to: None,
                }];
            }
            host
        };
        let hosts = [
            host("jump01.a.example", "jump01.a.example", "10.0.0.1"),
            host("dc1.a.example", "dc1.a.example", ""),
            host("dc1.b.example", "dc1.b.example", ""),
            host("srv.a.example", "srv.a.example", ""),
            host("", "JUMP01", ""),
        ];
        let names = hosts
            .iter()
            .map(|host| (host.machine.clone(), host.names[0].clone()));
        let names = names.filter(|(machine, _)| !machine.is_empty()).collect();
        let end = |name: &str, ip: &str| {
            let movement = Movement {
                source_host: name.into(),
                source_ip: ip.into(),
                ..Movement::default()
            };
            Ends::of(&[movement], &hosts, &names).all[0].name.clone()
        };
        assert_eq!(end("JUMP01", "10.0.0.1"), "jump01.a.example");
        assert_eq!(end("JUMP01", ""), "jump01.a.example");
        assert_eq!(end("JUMP01", "10.0.0.9"), "JUMP01", "somebody who says so");
        assert_eq!(end("SRV", ""), "srv.a.example");
        assert_eq!(end("SRV", "10.0.0.5"), "SRV", "nobody knows its address");
        assert_eq!(end("DC1", ""), "DC1", "there are two");
    }
}
