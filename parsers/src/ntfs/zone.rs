//! Zone.Identifier: where a file was downloaded from.

use timeline::fields as f;

use super::text::utf16;
use crate::ecs::Values;

/// What the stream says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Zone {
    pub(super) id: Option<i64>,
    pub(super) url: Option<String>,
    pub(super) referrer: Option<String>,
}

impl Zone {
    /// Reads the stream's content: an INI file, in any coding.
    pub(super) fn read(content: &[u8]) -> Self {
        let text = match content {
            [0xff, 0xfe, rest @ ..] => utf16(rest),
            _ => String::from_utf8_lossy(content).into_owned(),
        };
        let mut zone = Self::default();
        for line in text.lines() {
            let Some((name, value)) = line.split_once('=') else {
                continue;
            };
            let value = value.trim();
            let text = Some(value.to_owned()).filter(|value| !value.is_empty());
            match name.trim().to_ascii_lowercase().as_str() {
                "zoneid" => zone.id = zone.id.or(value.parse().ok()),
                "hosturl" => zone.url = zone.url.or(text),
                "referrerurl" => zone.referrer = zone.referrer.or(text),
                _ => {}
            }
        }
        zone
    }

    pub(super) fn put(&self, values: &mut Values<'_>) {
        values.put_some(f::FILE_EXT_ZONE_IDENTIFIER, self.id);
        values.put_some(f::FILE_ORIGIN_URL, self.url.clone());
        values.put_some(f::FILE_ORIGIN_REFERRER_URL, self.referrer.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_zone_is_read() {
        let text = "[ZoneTransfer]\r\nZoneId=3\r\nReferrerUrl=https://a.example/?x=1\r\nHostUrl=https://b.example/c\r\n";
        let zone = Zone::read(text.as_bytes());
        assert_eq!(zone.id, Some(3));
        assert_eq!(zone.url.as_deref(), Some("https://b.example/c"));
        assert_eq!(zone.referrer.as_deref(), Some("https://a.example/?x=1"));
        let wide: Vec<u8> = [0xff, 0xfe]
            .into_iter()
            .chain(text.encode_utf16().flat_map(u16::to_le_bytes))
            .collect();
        assert_eq!(Zone::read(&wide), zone);
        assert_eq!(Zone::read(b"\xff\xfe\x00"), Zone::default());
    }
}
