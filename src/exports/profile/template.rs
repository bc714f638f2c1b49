//! The index template of `ecs`: the type of every field that is written (docs/fields.md).

use std::io::Write;

use serde_json::{Map, Value as Json, json};
use timeline::{FIELDS, Kind};

use super::ecs::{INDEX, OPEN};
use crate::export::{json_document, sorted};
use crate::exports::output::Files;

/// Characters of the longest text that a keyword keeps: 32,766 bytes is Lucene's limit, whatever the characters.
const LONGEST_KEYWORD: u64 = 8191;
/// Names that evidence brings are fields, too.
const MOST_FIELDS: u64 = 20_000;
/// Fields that ECS gives the type `wildcard`: long texts, of which EQL asks for parts.
const WILDCARD: [&str; 10] = [
    "process.command_line",
    "process.parent.command_line",
    "process.title",
    "registry.data.strings",
    "url.full",
    "file.origin_url",
    "file.origin_referrer_url",
    "powershell.file.script_block_text",
    "powershell.command.value",
    "winlog.scheduled_task.actions.definition",
];

/// Writes `x-template.json`.
pub(super) fn write(files: &Files<'_>) -> anyhow::Result<()> {
    let mut file = files.file(files.beside("-template.json"))?;
    file.write_all(json_document(&sorted(template()))?.as_bytes())?;
    file.finish()
}

fn template() -> Json {
    json!({
        "index_patterns": [format!("{INDEX}*")],
        // Above those that come with Elasticsearch.
        "priority": 500,
        "_meta": {"description": "events of sidetrack, in Elastic Common Schema"},
        "template": {
            "settings": {
                "index.mapping.total_fields.limit": MOST_FIELDS,
                "index.mapping.ignore_malformed": true,
            },
            "mappings": {
                "date_detection": false,
                "numeric_detection": false,
                // What has no type of its own below is a text that evidence brought.
                "dynamic_templates": [{"texts": {
                    "match_mapping_type": "string",
                    "mapping": keyword(),
                }}],
                "properties": properties(),
            },
        },
    })
}

fn keyword() -> Json {
    json!({"type": "keyword", "ignore_above": LONGEST_KEYWORD})
}

fn properties() -> Json {
    let mut all = Map::new();
    put(&mut all, "@timestamp", json!({"type": "date"}));
    put(&mut all, "tags", keyword());
    for open in OPEN {
        let name = open.trim_end_matches('.');
        put(&mut all, name, json!({"dynamic": true, "properties": {}}));
    }
    for info in FIELDS {
        put(&mut all, info.name, of_kind(info.name, info.kind));
    }
    for name in [
        "event_uid",
        "timestamp_desc",
        "host",
        "host_raw",
        "source_type",
        "recovered",
        "severity",
        "attack",
        "finding_ids",
        "evidence.file",
        "evidence.sha256",
    ] {
        put(&mut all, &format!("sidetrack.{name}"), keyword());
    }
    for name in ["message", "channel_or_key", "comment"] {
        put(
            &mut all,
            &format!("sidetrack.{name}"),
            json!({"type": "wildcard"}),
        );
    }
    for name in ["order", "evidence.record", "evidence.offset"] {
        put(
            &mut all,
            &format!("sidetrack.{name}"),
            json!({"type": "long"}),
        );
    }
    for info in FIELDS {
        let below = match info.kind {
            Kind::Ip => "not_ip",
            Kind::Date => "not_date",
            _ => continue,
        };
        put(
            &mut all,
            &format!("sidetrack.{below}.{}", info.name),
            keyword(),
        );
    }
    Json::Object(all)
}

/// ECS's type of a field.
fn of_kind(name: &str, kind: Kind) -> Json {
    match kind {
        // ECS's type is for words; EQL compares the whole.
        Kind::Keyword if name == "message" => json!({
            "type": "match_only_text",
            "fields": {"keyword": keyword()},
        }),
        Kind::Keyword if WILDCARD.contains(&name) => json!({"type": "wildcard"}),
        Kind::Keyword => keyword(),
        Kind::Integer => json!({"type": "long"}),
        Kind::Double => json!({"type": "double"}),
        Kind::Boolean => json!({"type": "boolean"}),
        Kind::Ip => json!({"type": "ip"}),
        Kind::Date => json!({"type": "date"}),
    }
}

/// Puts a field's mapping below the objects that its name says.
fn put(properties: &mut Map<String, Json>, name: &str, mapping: Json) {
    match name.split_once('.') {
        None => {
            properties.insert(name.into(), mapping);
        }
        Some((head, rest)) => {
            let object = properties
                .entry(head)
                .or_insert_with(|| json!({"properties": {}}));
            if let Some(Json::Object(inner)) = object.get_mut("properties") {
                put(inner, rest, mapping);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A name that is a value cannot have others below it.
    #[test]
    fn no_field_stands_below_another() {
        for a in FIELDS {
            let below = format!("{}.", a.name);
            assert!(
                FIELDS.iter().all(|b| !b.name.starts_with(&below)),
                "{}",
                a.name
            );
        }
    }

    #[test]
    fn wildcards_are_fields() {
        for name in WILDCARD {
            assert!(
                FIELDS
                    .iter()
                    .any(|info| info.name == name && info.kind == Kind::Keyword),
                "{name}"
            );
        }
    }

    /// Were one of these objects unknown, its first text would be taken for the object's own.
    #[test]
    fn names_of_evidence_are_texts_below_known_objects() {
        let mappings = &template()["template"]["mappings"];
        for open in OPEN {
            let mut object = mappings;
            for part in open.trim_end_matches('.').split('.') {
                object = &object["properties"][part];
            }
            assert_eq!(object["dynamic"], true, "{open}");
        }
        let texts = &mappings["dynamic_templates"][0]["texts"];
        assert_eq!(texts["match_mapping_type"], "string");
    }
}
