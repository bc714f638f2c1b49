//! The outcome of Sysmon's signature check.

use timeline::{Field, fields as f};

use super::super::writer::truth;
use crate::ecs::Values;
use crate::evtx::record::LogRecord;

/// What [`put`] fills.
pub(super) const FIELDS: [Field; 9] = [
    f::FILE_CODE_SIGNATURE_EXISTS,
    f::FILE_CODE_SIGNATURE_STATUS,
    f::FILE_CODE_SIGNATURE_SUBJECT_NAME,
    f::FILE_CODE_SIGNATURE_TRUSTED,
    f::FILE_CODE_SIGNATURE_VALID,
    f::DLL_CODE_SIGNATURE_EXISTS,
    f::DLL_CODE_SIGNATURE_STATUS,
    f::DLL_CODE_SIGNATURE_SUBJECT_NAME,
    f::DLL_CODE_SIGNATURE_TRUSTED,
];

/// The outcome of the signature check, in Sysmon's word and in the endpoint's (ECS.md §7.4).
pub(super) fn put<'a>(record: &LogRecord<'a>, values: &mut Values<'a>) {
    let signed = record.get("Signed");
    let status = match signed {
        // Some versions put the failure where `true` or `false` belongs.
        Some(text) if truth(text).is_none() => Some(text),
        _ => record.get("SignatureStatus"),
    };
    if let Some(signed) = signed.and_then(truth) {
        values.put(f::FILE_CODE_SIGNATURE_EXISTS, signed);
        values.put(f::DLL_CODE_SIGNATURE_EXISTS, signed);
    }
    values.put_some(f::FILE_CODE_SIGNATURE_SUBJECT_NAME, record.get("Signature"));
    values.put_some(f::DLL_CODE_SIGNATURE_SUBJECT_NAME, record.get("Signature"));
    let unsigned = signed.and_then(truth) == Some(false);
    if let Some(status) = status {
        let valid = status.eq_ignore_ascii_case("Valid") && !unsigned;
        put_status(values, status, valid);
        values.put(f::FILE_CODE_SIGNATURE_TRUSTED, valid);
        values.put(f::DLL_CODE_SIGNATURE_TRUSTED, valid);
    } else if unsigned {
        values.put(f::FILE_CODE_SIGNATURE_TRUSTED, false);
        values.put(f::DLL_CODE_SIGNATURE_TRUSTED, false);
    }
}

fn put_status<'a>(values: &mut Values<'a>, status: &'a str, valid: bool) {
    let lower = status.to_ascii_lowercase();
    let alias = match lower.as_str() {
        "valid" if valid => Some("trusted"),
        "expired" => Some("errorExpired"),
        "revoked" => Some("errorRevoked"),
        "invalid" => Some("errorBadDigest"),
        _ if lower.contains("invalid hash") => Some("errorBadDigest"),
        _ if lower.contains("root") => Some("errorUntrustedRoot"),
        _ if lower.contains("chain") => Some("errorChaining"),
        _ => None,
    };
    for field in [f::FILE_CODE_SIGNATURE_STATUS, f::DLL_CODE_SIGNATURE_STATUS] {
        values.put(field, status);
        values.put_some(field, alias);
    }
    if valid {
        values.put(f::FILE_CODE_SIGNATURE_VALID, true);
    }
}
