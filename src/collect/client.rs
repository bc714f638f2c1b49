//! What Velociraptor knows of the machine that it collected from: `client_info.json`.

use serde::Deserialize;

/// What is read of it. Its offline collector and its server write it differently.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ClientInfo {
    #[serde(alias = "Hostname")]
    hostname: String,
    #[serde(alias = "Fqdn")]
    fqdn: String,
    os_info: OsInfo,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OsInfo {
    hostname: String,
    fqdn: String,
}

/// Whether a file is one, by its path.
pub(super) fn is_client_info(path: &str) -> bool {
    path.rsplit(['/', '!']).next() == Some("client_info.json")
}

/// The host that it names, with its domain if that is told.
pub(super) fn host(json: &[u8]) -> Option<String> {
    let info: ClientInfo = serde_json::from_slice(json).ok()?;
    let names = [
        info.fqdn,
        info.os_info.fqdn,
        info.hostname,
        info.os_info.hostname,
    ];
    names.into_iter().find(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_is_read_in_either_form() {
        for (json, expected) in [
            (
                r#"{"client_id": "C.1", "hostname": "SRV02"}"#,
                Some("SRV02"),
            ),
            (
                r#"{"Hostname": "SRV02", "Fqdn": "SRV02.corp.example.com"}"#,
                Some("SRV02.corp.example.com"),
            ),
            (
                r#"{"os_info": {"hostname": "a", "fqdn": "a.b"}}"#,
                Some("a.b"),
            ),
            (r#"{"hostname": 3}"#, None),
            ("{}", None),
            ("[", None),
        ] {
            assert_eq!(host(json.as_bytes()).as_deref(), expected, "{json}");
        }
        assert!(is_client_info("a.zip!client_info.json"));
        assert!(!is_client_info("a.zip!x_client_info.json"));
    }
}
