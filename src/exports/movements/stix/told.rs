//! What is said of a movement beside what was observed: the observation itself, a sighting of each technique, how its hosts
//! belong together, and a note with all that the case says of it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::super::movement::Movement;
use super::id::Id;
use super::observed::{End, Observed};
use super::time::{TIMELESS, milliseconds};

/// Columns of movements.csv in a note, each with what it is called there.
const IN_NOTE: [(&str, &str); 25] = [
    ("account", "Account"),
    ("account_sid", "SID"),
    ("logon_type", "Logon type"),
    ("ran_as", "Ran as"),
    ("technique", "Technique"),
    ("attack", "ATT&CK"),
    ("start_utc", "Start"),
    ("end_utc", "End"),
    ("src_basis", "The source is"),
    ("what_ran", "What ran, or was placed"),
    ("process_tree", "Processes"),
    ("scripts", "Scripts"),
    ("dropped", "Files placed on the target"),
    ("persistence", "Persistence"),
    ("evidence_found", "Looked for and found"),
    ("evidence_expected_missing", "Looked for and not found"),
    ("far_evidence", "Recorded elsewhere"),
    ("false_positive_hint", "Innocent explanation"),
    ("skew_note", "Clocks"),
    ("also", "Several values possible"),
    ("order", "Order"),
    ("path_id", "Path"),
    ("rule_ids", "Rules"),
    ("finding_ids", "Findings"),
    ("around", "Findings around it"),
];

/// What all objects of a bundle have in common.
pub(super) struct Case {
    /// SHA-256 of the case's manifest: objects of different cases are different.
    pub(super) manifest: String,
    /// What techniques are called.
    pub(super) techniques: BTreeMap<String, String>,
    /// Who says all of this.
    pub(super) maker: Id,
}

impl Case {
    pub(super) fn new(manifest: String, techniques: BTreeMap<String, String>) -> Self {
        Self {
            manifest,
            techniques,
            maker: Id::ours("identity", &["sidetrack"]),
        }
    }

    /// The program.
    pub(super) fn maker(&self) -> (Id, Json) {
        let identity = json!({
            "type": "identity",
            "spec_version": "2.1",
            "id": self.maker,
            "created": TIMELESS,
            "modified": TIMELESS,
            "name": "sidetrack",
            "description": "A program that finds lateral movement in what was collected of Windows hosts.",
            "identity_class": "system",
        });
        (self.maker, identity)
    }

    /// Everything that is said of a movement, what is referred to first. What of it other movements have in common comes
    /// with each of them, and is the same each time.
    pub(super) fn tell(&self, movement: &Movement, observed: Observed) -> Vec<(Id, Json)> {
        let told = Told {
            case: self,
            movement,
        };
        let source = self.host(movement.get("src_host"));
        let target = self.host(movement.get("dst_host"));
        let mut objects: Vec<(Id, Json)> = [&source, &target]
            .into_iter()
            .flatten()
            .map(|host| (host.0, host.1.clone()))
            .collect();
        let ends = [(&source, observed.source), (&target, observed.target)];
        let known = ends.map(|(host, end)| self.known_by(host.as_ref(), end));
        let data = told.data(&observed);
        objects.extend(observed.objects);
        objects.extend(known.into_iter().flatten());
        let data_id = data.as_ref().map(|(id, _)| *id);
        objects.extend(data);
        let hosts = [source, target].map(|host| host.map(|(id, _)| id));
        let mut about: Vec<Id> = data_id.into_iter().collect();
        let ids: BTreeSet<&str> = movement.techniques().0.into_iter().collect();
        for id in ids {
            let (technique, object) = self.technique(id);
            let sighting = told.sighting(id, technique, data_id, hosts);
            about.push(sighting.0);
            objects.extend([(technique, object), sighting]);
        }
        let way = told.way(hosts);
        about.extend(way.iter().map(|(id, _)| *id));
        objects.extend(way);
        objects.push(told.note(&about));
        objects
    }

    fn object(&self, id: Id, time: &str, properties: Json) -> (Id, Json) {
        let mut object = json!({
            "type": id.kind,
            "spec_version": "2.1",
            "id": id,
            "created": time,
            "modified": time,
            "created_by_ref": self.maker,
        });
        if let (Json::Object(object), Json::Object(properties)) = (&mut object, properties) {
            object.extend(properties);
        }
        (id, object)
    }

    /// A host of this name.
    fn host(&self, name: &str) -> Option<(Id, Json)> {
        let lower = name.to_lowercase();
        let key = [self.manifest.as_str(), "host", &lower];
        (!name.is_empty()).then(|| {
            let host = json!({"name": name, "identity_class": "system"});
            self.object(Id::ours("identity", &key), TIMELESS, host)
        })
    }

    /// That a host has an address and a name.
    fn known_by(&self, host: Option<&(Id, Json)>, end: End) -> Vec<(Id, Json)> {
        let known = [end.address, end.domain].into_iter().flatten();
        let pairs = known.filter_map(|known| Some((host?.0, known)));
        let each = pairs.map(|(host, known)| {
            let (from, to) = (host.to_string(), known.to_string());
            let key = [self.manifest.as_str(), &from, &to];
            let relationship = json!({
                "relationship_type": "related-to",
                "source_ref": host,
                "target_ref": known,
                "description": "A movement of the case names both as one of its ends.",
            });
            self.object(Id::ours("relationship", &key), TIMELESS, relationship)
        });
        each.collect()
    }

    /// A technique of ATT&CK. It is the same in every case.
    fn technique(&self, id: &str) -> (Id, Json) {
        let name = self.techniques.get(id).map_or(id, String::as_str);
        let page = id.replace('.', "/");
        let technique = json!({
            "name": name,
            "external_references": [{
                "source_name": "mitre-attack",
                "external_id": id,
                "url": format!("https://attack.mitre.org/techniques/{page}"),
            }],
        });
        let key = Id::ours("attack-pattern", &[id, name]);
        self.object(key, TIMELESS, technique)
    }
}

/// A movement of a case.
struct Told<'a> {
    case: &'a Case,
    movement: &'a Movement,
}

impl Told<'_> {
    fn object(&self, kind: &'static str, part: &str, properties: Json) -> (Id, Json) {
        let id = Id::ours(kind, &[&self.case.manifest, self.movement.id(), part]);
        let time = self.start().unwrap_or_else(|| TIMELESS.to_owned());
        let (id, mut object) = self.case.object(id, &time, properties);
        object["confidence"] = self.movement.confidence().into();
        if object.get("external_references").is_none() {
            object["external_references"] = json!([self.reference(None)]);
        }
        (id, object)
    }

    fn start(&self) -> Option<String> {
        milliseconds(self.movement.start()?)
    }

    fn end(&self) -> Option<String> {
        milliseconds(self.movement.end()?)
    }

    /// Where the case has it.
    fn reference(&self, description: Option<String>) -> Json {
        let id = self.movement.id();
        let mut reference = json!({"source_name": "sidetrack", "external_id": id});
        if let Some(description) = description {
            reference["description"] = description.into();
        }
        reference
    }

    /// The records that prove it.
    fn proof(&self) -> String {
        let parts = [
            ("Events", "event_uids"),
            ("Records of the source", "src_evidence"),
            ("Records of the target", "dst_evidence"),
        ];
        let told = parts.map(|(name, column)| (name, self.movement.get(column)));
        let told = told.iter().filter(|(_, value)| !value.is_empty());
        let lines: Vec<String> = told
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        lines.join("\n")
    }

    /// `CONFIRMED: CORP\ana from WS01 (10.0.0.1) to SRV02`.
    fn words(&self) -> String {
        let known = |words: String, unknown: &str| match words.as_str() {
            "" => unknown.to_owned(),
            _ => words,
        };
        let movement = self.movement;
        format!(
            "{}: {} from {} to {}",
            movement.get("grade"),
            known(movement.get("account").to_owned(), "an unknown account"),
            known(movement.end_words("src"), "an unknown source"),
            known(movement.end_words("dst"), "an unknown target"),
        )
    }

    /// What was observed, if anything was that STIX has objects for, and when.
    fn data(&self, observed: &Observed) -> Option<(Id, Json)> {
        let refs: Vec<Id> = observed.objects.iter().map(|(id, _)| *id).collect();
        if refs.is_empty() {
            return None;
        }
        let data = json!({
            "first_observed": self.start()?,
            "last_observed": self.end()?,
            "number_observed": 1,
            "object_refs": refs,
            "external_references": [self.reference(Some(self.proof()))],
        });
        Some(self.object("observed-data", "data", data))
    }

    /// A technique was sighted, on the hosts that recorded it.
    fn sighting(
        &self,
        id: &str,
        technique: Id,
        data: Option<Id>,
        [source, target]: [Option<Id>; 2],
    ) -> (Id, Json) {
        let recorded = [(source, "src_evidence"), (target, "dst_evidence")];
        let recorded = recorded
            .into_iter()
            .filter(|(_, column)| !self.movement.get(column).is_empty());
        let mut hosts: Vec<Id> = recorded.filter_map(|(host, _)| host).collect();
        hosts.dedup();
        let mut sighting = Map::from_iter([
            ("sighting_of_ref".to_owned(), technique.into()),
            ("count".to_owned(), 1.into()),
            ("description".to_owned(), self.words().into()),
        ]);
        if let (Some(start), Some(end)) = (self.start(), self.end()) {
            sighting.insert("first_seen".into(), start.into());
            sighting.insert("last_seen".into(), end.into());
        }
        if let Some(data) = data {
            sighting.insert("observed_data_refs".into(), json!([data]));
        }
        if !hosts.is_empty() {
            sighting.insert("where_sighted_refs".into(), json!(hosts));
        }
        self.object("sighting", id, Json::Object(sighting))
    }

    /// From host to host, when both are known.
    fn way(&self, [source, target]: [Option<Id>; 2]) -> Option<(Id, Json)> {
        let (source, target) = (source?, target?);
        let mut way = json!({
            "relationship_type": "related-to",
            "source_ref": source,
            "target_ref": target,
            "description": self.words(),
        });
        if let Some(start) = self.start() {
            way["start_time"] = start.as_str().into();
            // It must be later than the start.
            if let Some(end) = self.end().filter(|end| *end > start) {
                way["stop_time"] = end.into();
            }
        }
        (source != target).then(|| self.object("relationship", "way", way))
    }

    /// All that the case says of it, in words.
    fn note(&self, about: &[Id]) -> (Id, Json) {
        let movement = self.movement;
        let cells = IN_NOTE.map(|(column, name)| (name, movement.get(column)));
        let cells = cells.iter().filter(|(_, value)| !value.is_empty());
        let lines = cells.map(|(name, value)| format!("{name}: {value}"));
        let lines: Vec<String> = std::iter::once(self.words()).chain(lines).collect();
        let maker = [self.case.maker];
        let about = if about.is_empty() { &maker } else { about };
        let note = json!({
            "abstract": format!("{}, {}", movement.id(), movement.get("grade")),
            "content": lines.join("\n"),
            "object_refs": about,
        });
        self.object("note", "note", note)
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::movement::movement;
    use super::super::fact::{Fact, Image, Process};
    use super::*;

    fn tell(cells: &[(&str, &str)], facts: &[(String, Fact)]) -> Vec<(Id, Json)> {
        let case = Case::new("f".repeat(64), BTreeMap::new());
        let movement = movement(cells);
        let observed = Observed::of(&case.manifest, &movement, facts);
        let mut all = vec![case.maker()];
        all.extend(case.tell(&movement, observed));
        all
    }

    fn kinds(objects: &[(Id, Json)]) -> Vec<&str> {
        objects.iter().map(|(id, _)| id.kind).collect()
    }

    /// Every reference of every object, which must be to an object that came before.
    fn check_refs(objects: &[(Id, Json)]) {
        let mut known = BTreeSet::new();
        for (id, object) in objects {
            assert_eq!(object["id"], id.to_string());
            let fields = object.as_object().unwrap().iter();
            for (name, value) in fields {
                let refs = match value {
                    Json::Array(values) if name.ends_with("_refs") => values.clone(),
                    value if name.ends_with("_ref") => vec![value.clone()],
                    _ => Vec::new(),
                };
                assert!(
                    !name.ends_with("_refs") || !refs.is_empty(),
                    "{name} of {id}"
                );
                for reference in refs {
                    let reference = reference.as_str().unwrap().to_owned();
                    assert!(known.contains(&reference), "{name} of {id}: {reference}");
                }
            }
            known.insert(id.to_string());
        }
    }

    #[test]
    fn a_movement_of_which_nothing_is_known_is_a_note() {
        let objects = tell(&[("id", "M-0001"), ("grade", "POSSIBLE")], &[]);
        check_refs(&objects);
        assert_eq!(kinds(&objects), ["identity", "note"]);
        let note = &objects[1].1;
        assert_eq!(note["created"], TIMELESS);
        assert_eq!(note["confidence"], 40);
        assert_eq!(
            note["content"],
            "POSSIBLE: an unknown account from an unknown source to an unknown target"
        );
    }

    #[test]
    fn a_movement_without_a_time_has_no_observation() {
        let objects = tell(
            &[
                ("id", "M-0001"),
                ("src_ip", "10.0.0.1"),
                ("dst_host", "SRV02"),
                ("attack", "T1047"),
            ],
            &[],
        );
        check_refs(&objects);
        assert!(!kinds(&objects).contains(&"observed-data"));
        let sighting = objects.iter().find(|(id, _)| id.kind == "sighting");
        assert!(sighting.unwrap().1.get("first_seen").is_none());
    }

    #[test]
    fn a_way_ends_after_it_began_or_has_no_end() {
        let way = |end: &str| {
            let objects = tell(
                &[
                    ("id", "M-0001"),
                    ("src_host", "A"),
                    ("dst_host", "B"),
                    ("start_utc", "2026-03-02T21:14:02.7026065Z"),
                    ("end_utc", end),
                ],
                &[],
            );
            check_refs(&objects);
            let way = objects
                .into_iter()
                .find(|(id, _)| id.kind == "relationship");
            way.unwrap().1.get("stop_time").cloned()
        };
        assert_eq!(way("2026-03-02T21:14:02.7029999Z"), None);
        assert_eq!(
            way("2026-03-02T21:14:02.7030000Z"),
            Some("2026-03-02T21:14:02.703Z".into())
        );
    }

    #[test]
    fn a_host_that_moves_to_itself_is_no_way() {
        let cells = [
            ("id", "M-0001"),
            ("src_host", "srv02"),
            ("dst_host", "SRV02"),
        ];
        assert!(!kinds(&tell(&cells, &[])).contains(&"relationship"));
    }

    /// Whatever stands in a case, it is one text in the JSON, and every reference resolves.
    #[test]
    fn what_an_attacker_writes_stays_text() {
        let evil =
            "\",\"x\":{\u{0}\u{1b}\u{7f}\u{202e}\\\n\u{2028}😀</script>=cmd|' /C calc'!A0;,--";
        let columns = IN_NOTE.iter().map(|(column, _)| *column);
        let mut cells: Vec<(&str, &str)> = columns.map(|column| (column, evil)).collect();
        cells.extend([
            ("src_host", evil),
            ("src_ip", evil),
            ("src_port", "-1"),
            ("dst_host", evil),
            ("dst_ip", "10.0.0.1"),
            ("grade", evil),
            ("event_uids", evil),
        ]);
        cells.extend([
            ("id", "M-0001"),
            ("attack", "T1047;\"T1021"),
            ("start_utc", "2026-03-02T21:14:02.7026065Z"),
        ]);
        let image = Image {
            path: format!("C:\\{evil}"),
            ..Image::default()
        };
        let fact = Fact {
            process: Some(Process {
                command: evil.into(),
                image: image.clone(),
                user: evil.into(),
                started: evil.into(),
                ..Process::default()
            }),
            file: Some(image),
            actions: vec![evil.into()],
            ..Fact::default()
        };
        let objects = tell(&cells, &[("u".into(), fact)]);
        check_refs(&objects);
        for (_, object) in &objects {
            let text = crate::export::json_text(object.clone());
            assert!(!text.contains(|char: char| char < ' '), "{text}");
            assert_eq!(serde_json::from_str::<Json>(&text).unwrap(), *object);
            assert!(object.get("x").is_none());
        }
        let of = |kind| objects.iter().find(|(id, _)| id.kind == kind).unwrap();
        assert_eq!(of("process").1["command_line"], evil);
        assert!(of("process").1.get("created_time").is_none());
        assert_eq!(of("note").1["confidence"], 10);
        let sightings = kinds(&objects)
            .iter()
            .filter(|kind| **kind == "sighting")
            .count();
        assert_eq!(sightings, 1);
    }
}
