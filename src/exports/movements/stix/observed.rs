//! The observable objects of a movement: addresses, names, accounts, traffic, processes, files. What is not known is left
//! out.

use std::net::IpAddr;

use serde_json::{Map, Value as Json, json};

use super::super::movement::Movement;
use super::fact::{Fact, Image, Process};
use super::id::Id;
use super::time::milliseconds;
use timeline::Ticks;

/// Processes, and files, that are told of one movement.
const MOST: usize = 200;
/// By which of its hashes a file is known, the first that it has.
const BY_HASH: [&str; 4] = ["MD5", "SHA-1", "SHA-256", "SHA-512"];

/// The objects of a movement, in the order in which they are told, each once.
#[derive(Debug, Default)]
pub(super) struct Observed {
    pub(super) objects: Vec<(Id, Json)>,
    /// What the ends of the movement are.
    pub(super) source: End,
    pub(super) target: End,
    /// Processes and files beyond those that are told.
    pub(super) cut: u64,
}

/// What one end of a movement is known by.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct End {
    pub(super) address: Option<Id>,
    pub(super) domain: Option<Id>,
}

impl End {
    /// What traffic comes from or goes to.
    fn of_traffic(self) -> Option<Id> {
        self.address.or(self.domain)
    }
}

impl Observed {
    /// The objects of a movement, of which these are the facts. `case` keeps processes of different cases apart.
    pub(super) fn of(case: &str, movement: &Movement, facts: &[(String, Fact)]) -> Self {
        let mut all = Self::default();
        all.source = all.end(movement, "src");
        all.target = all.end(movement, "dst");
        all.traffic(movement, facts);
        all.account(movement.get("account"), movement.get("account_sid"));
        all.account(movement.get("ran_as"), "");
        let source = movement.get("src_host");
        // What the source recorded is how it went there, not what ran on the target.
        let facts = facts
            .iter()
            .filter(|(_, fact)| fact.host.is_empty() || !fact.host.eq_ignore_ascii_case(source));
        let (mut processes, mut files) = (0, 0);
        for (uid, fact) in facts {
            let key = [case, movement.id(), uid];
            all.programs(key, fact, &mut processes);
            if let Some(file) = &fact.file {
                files += 1;
                if files <= MOST {
                    all.file(file);
                }
            }
        }
        let over = |number: usize| number.saturating_sub(MOST) as u64;
        all.cut = over(processes) + over(files);
        all
    }

    fn add(&mut self, id: Id, properties: Json) -> Id {
        if self.objects.iter().all(|(known, _)| *known != id) {
            let mut object = json!({"type": id.kind, "spec_version": "2.1", "id": id});
            if let (Json::Object(object), Json::Object(properties)) = (&mut object, properties) {
                object.extend(properties);
            }
            self.objects.push((id, object));
        }
        id
    }

    /// An object that is known by all of its properties.
    fn add_known(&mut self, kind: &'static str, properties: Json) -> Id {
        self.add(Id::observable(kind, properties.clone()), properties)
    }

    fn end(&mut self, movement: &Movement, side: &str) -> End {
        let address = movement.get(&format!("{side}_ip"));
        // The zone of a link-local address is that of one machine.
        let address = address.split('%').next().unwrap_or_default();
        let address = address.parse().ok().map(|address: IpAddr| {
            let kind = match address {
                IpAddr::V4(_) => "ipv4-addr",
                IpAddr::V6(_) => "ipv6-addr",
            };
            self.add_known(kind, json!({"value": address.to_string()}))
        });
        let domain = domain_name(movement.get(&format!("{side}_host")));
        let domain = domain.map(|name| self.add_known("domain-name", json!({"value": name})));
        End { address, domain }
    }

    /// The connection, when both of its ends are known.
    fn traffic(&mut self, movement: &Movement, facts: &[(String, Fact)]) {
        let (Some(source), Some(target)) = (self.source.of_traffic(), self.target.of_traffic())
        else {
            return;
        };
        let port = |side| movement.get(side).parse::<u16>().ok();
        let (from, to) = (port("src_port"), port("dst_port"));
        let mut protocols = Vec::new();
        for end in [source, target] {
            match end.kind {
                "ipv4-addr" => protocols.push("ipv4"),
                "ipv6-addr" => protocols.push("ipv6"),
                _ => {}
            }
        }
        protocols.dedup();
        let of_port = |fact: &&(String, Fact)| {
            let transport = fact.1.transport.as_ref();
            transport.is_some_and(|(port, _)| Some(*port) == from.map(u64::from))
        };
        let told = facts.iter().find(of_port);
        let transport = told.and_then(|(_, fact)| fact.transport.as_ref());
        protocols.extend(transport.map(|(_, name)| name.as_str()));
        if protocols.is_empty() {
            return;
        }
        let mut traffic = json!({"src_ref": source, "dst_ref": target, "protocols": protocols});
        if let Some(port) = from {
            traffic["src_port"] = port.into();
        }
        if let Some(port) = to {
            traffic["dst_port"] = port.into();
        }
        self.add_known("network-traffic", traffic);
    }

    /// An account, as it is typed, and its SID.
    fn account(&mut self, login: &str, sid: &str) -> Option<Id> {
        let mut account = Map::new();
        for (name, value) in [("account_login", login), ("user_id", sid)] {
            if !value.is_empty() {
                account.insert(name.into(), value.into());
            }
        }
        (!account.is_empty()).then(|| self.add_known("user-account", Json::Object(account)))
    }

    /// What ran, or was set up to run. What several events say of one service or task is told once.
    fn programs(&mut self, key: [&str; 3], fact: &Fact, number: &mut usize) {
        let [case, movement, _] = key;
        let mut is_told = || {
            *number += 1;
            *number <= MOST
        };
        if let Some(process) = &fact.process
            && is_told()
        {
            self.process(&key, process);
        }
        if let Some(service) = &fact.service
            && is_told()
        {
            let key = [case, movement, "service", &service.name, &service.command];
            let extension = json!({"windows-service-ext": {"service_name": service.name}});
            self.add(
                Id::ours("process", &key),
                json!({"command_line": service.command, "extensions": extension}),
            );
        }
        for action in &fact.actions {
            if is_told() {
                let id = Id::ours("process", &[case, movement, "task", action]);
                self.add(id, json!({"command_line": action}));
            }
        }
    }

    fn process(&mut self, key: &[&str], process: &Process) {
        let image = self.file(&process.image);
        let user = self.account(&process.user, &process.sid);
        let mut properties = Map::new();
        let mut put = |name: &str, value: Option<Json>| {
            properties.extend(value.map(|value| (name.to_owned(), value)));
        };
        let text = |text: &String| (!text.is_empty()).then(|| text.as_str().into());
        put("command_line", text(&process.command));
        put("cwd", text(&process.folder));
        put("pid", process.pid.map(Json::from));
        let started = Ticks::parse(&process.started).and_then(milliseconds);
        put("created_time", started.map(Json::from));
        put("image_ref", image.map(Json::from));
        put("creator_user_ref", user.map(Json::from));
        self.add(Id::ours("process", key), Json::Object(properties));
    }

    /// A file in its folder. What has no folder is none: the kernel is called `System`.
    fn file(&mut self, file: &Image) -> Option<Id> {
        let (folder, name) = file.path.rsplit_once('\\')?;
        if name.is_empty() || folder.is_empty() {
            return None;
        }
        let root = if folder.ends_with(':') { "\\" } else { "" };
        let folder = self.add_known("directory", json!({"path": format!("{folder}{root}")}));
        let mut known = json!({"name": name, "parent_directory_ref": folder});
        let hash = BY_HASH
            .iter()
            .find_map(|name| file.hashes.get_key_value(*name));
        if let Some((name, hash)) = hash {
            known["hashes"] = json!({ name: hash });
        }
        let id = Id::observable("file", known.clone());
        if !file.hashes.is_empty() {
            known["hashes"] = json!(file.hashes);
        }
        Some(self.add(id, known))
    }
}

/// The name in lower case, when it is one with a domain (RFC 1034): a bare name of a host is none.
fn domain_name(name: &str) -> Option<String> {
    let is_label = |label: &str| {
        let known = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        (1..64).contains(&label.len())
            && label.bytes().all(known)
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let mut labels = name.split('.');
    let is_name = name.len() < 254 && labels.clone().count() > 1 && labels.all(is_label);
    let top = name.rsplit('.').next().unwrap_or_default();
    let is_number = top.bytes().all(|byte| byte.is_ascii_digit());
    (is_name && !is_number).then(|| name.to_ascii_lowercase())
}

#[cfg(test)]
mod tests {
    use super::super::super::movement::movement;
    use super::super::fact::Service;
    use super::*;

    fn kinds(observed: &Observed) -> Vec<&str> {
        observed.objects.iter().map(|(id, _)| id.kind).collect()
    }

    #[test]
    fn only_names_with_a_domain_are_domain_names() {
        assert_eq!(
            domain_name("SRV02.corp.example.com").as_deref(),
            Some("srv02.corp.example.com")
        );
        for name in [
            "",
            "SRV02",
            "10.0.0.1",
            "a..b",
            ".a.b",
            "a.b.",
            "-a.b",
            "a_b.c",
            "ä.example",
            "a b.c",
        ] {
            assert_eq!(domain_name(name), None, "{name}");
        }
        assert_eq!(domain_name(&format!("{}.b", "a".repeat(64))), None);
        assert_eq!(domain_name(&"a.".repeat(130)), None);
    }

    #[test]
    fn what_is_not_known_is_left_out() {
        let nothing = Observed::of("case", &movement(&[]), &[]);
        assert!(nothing.objects.is_empty());
        let one = movement(&[
            ("src_ip", "fe80::1%12"),
            ("dst_host", "SRV02"),
            ("src_port", "x"),
        ]);
        let one = Observed::of("case", &one, &[]);
        assert_eq!(kinds(&one), ["ipv6-addr"]);
        assert_eq!(one.objects[0].1["value"], "fe80::1");
        let local = movement(&[("src_ip", "LOCAL"), ("dst_host", "a.b"), ("account", "x")]);
        assert_eq!(
            kinds(&Observed::of("case", &local, &[])),
            ["domain-name", "user-account"]
        );
    }

    #[test]
    fn traffic_has_the_protocols_that_events_tell() {
        let cells = [
            ("src_ip", "10.0.0.1"),
            ("src_port", "50112"),
            ("dst_ip", "10.0.0.2"),
            ("dst_port", "445"),
        ];
        let fact = |port| Fact {
            transport: Some((port, "tcp".into())),
            ..Fact::default()
        };
        let of = |port| {
            let facts = [("u".to_owned(), fact(port))];
            let observed = Observed::of("case", &movement(&cells), &facts);
            observed.objects[2].1["protocols"].clone()
        };
        assert_eq!(of(50112), json!(["ipv4", "tcp"]));
        assert_eq!(of(1), json!(["ipv4"]));
    }

    #[test]
    fn what_ran_on_the_target_is_told_and_what_ran_on_the_source_is_not() {
        let process = |host: &str| Fact {
            host: host.into(),
            process: Some(Process {
                command: "x".into(),
                image: Image {
                    path: r"C:\x.exe".into(),
                    ..Image::default()
                },
                ..Process::default()
            }),
            ..Fact::default()
        };
        let service = Fact {
            service: Some(Service {
                name: "s".into(),
                command: "y".into(),
            }),
            actions: vec!["z".into(), "z".into()],
            ..Fact::default()
        };
        let row = movement(&[("src_host", "ws01.b")]);
        let facts = [
            ("1".to_owned(), process("WS01.b")),
            ("2".to_owned(), process("SRV02.b")),
            ("3".to_owned(), service.clone()),
            ("4".to_owned(), service),
        ];
        let observed = Observed::of("case", &row, &facts);
        let expected = [
            "domain-name",
            "directory",
            "file",
            "process",
            "process",
            "process",
        ];
        assert_eq!(kinds(&observed), expected);
        let commands = observed.objects.iter();
        let commands = commands.filter_map(|(_, object)| object["command_line"].as_str());
        assert_eq!(commands.collect::<Vec<_>>(), ["x", "y", "z"]);
        assert_eq!(observed.objects[1].1["path"], r"C:\");
    }

    #[test]
    fn there_is_an_end_to_what_is_told() {
        let fact = |number: usize| {
            let fact = Fact {
                actions: vec![number.to_string()],
                file: Some(Image {
                    path: format!(r"C:\d\{number}"),
                    ..Image::default()
                }),
                ..Fact::default()
            };
            (number.to_string(), fact)
        };
        let facts: Vec<_> = (0..MOST + 3).map(fact).collect();
        let observed = Observed::of("case", &movement(&[]), &facts);
        assert_eq!(observed.objects.len(), 2 * MOST + 1);
        assert_eq!(observed.cut, 6);
    }

    #[test]
    fn a_file_has_all_hashes_and_is_known_by_the_first() {
        let mut observed = Observed::default();
        let image = |names: &[&str]| {
            let hashes = names.iter().map(|name| ((*name).into(), "0".into()));
            Image {
                path: r"C:\a\b".into(),
                hashes: hashes.collect(),
            }
        };
        let both = observed.file(&image(&["MD5", "SHA-256"]));
        assert_eq!(both, observed.file(&image(&["MD5"])));
        assert_ne!(both, observed.file(&image(&["SHA-256"])));
        assert_eq!(
            observed.objects[1].1["hashes"],
            json!({"MD5": "0", "SHA-256": "0"})
        );
        assert_eq!(
            observed.file(&Image {
                path: "System".into(),
                ..Image::default()
            }),
            None
        );
    }
}
