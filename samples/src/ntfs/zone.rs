//! The stream in which browsers and mail programs note where a file is from.

/// The content of `Zone.Identifier` for a file from the internet.
#[must_use]
pub fn zone_identifier(referrer: &str, host: &str) -> Vec<u8> {
    format!("[ZoneTransfer]\r\nZoneId=3\r\nReferrerUrl={referrer}\r\nHostUrl={host}\r\n")
        .into_bytes()
}
