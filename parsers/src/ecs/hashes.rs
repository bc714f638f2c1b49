//! Sysmon's list of hashes.

use std::borrow::Cow;

use timeline::{Field, fields};

use super::Values;

/// The fields that the hashes of one object go to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HashFields {
    pub(crate) md5: Field,
    pub(crate) sha1: Field,
    pub(crate) sha256: Field,
    pub(crate) sha512: Field,
    pub(crate) imphash: Field,
}

impl HashFields {
    /// Hashes of a process's image.
    pub(crate) const PROCESS: Self = Self {
        md5: fields::PROCESS_HASH_MD5,
        sha1: fields::PROCESS_HASH_SHA1,
        sha256: fields::PROCESS_HASH_SHA256,
        sha512: fields::PROCESS_HASH_SHA512,
        imphash: fields::PROCESS_PE_IMPHASH,
    };
    /// Hashes of a file.
    pub(crate) const FILE: Self = Self {
        md5: fields::FILE_HASH_MD5,
        sha1: fields::FILE_HASH_SHA1,
        sha256: fields::FILE_HASH_SHA256,
        sha512: fields::FILE_HASH_SHA512,
        imphash: fields::FILE_PE_IMPHASH,
    };
    /// Hashes of a library.
    pub(crate) const DLL: Self = Self {
        md5: fields::DLL_HASH_MD5,
        sha1: fields::DLL_HASH_SHA1,
        sha256: fields::DLL_HASH_SHA256,
        sha512: fields::DLL_HASH_SHA512,
        imphash: fields::DLL_PE_IMPHASH,
    };

    /// All of them.
    pub(crate) fn all(self) -> [Field; 5] {
        [self.md5, self.sha1, self.sha256, self.sha512, self.imphash]
    }

    fn field(&self, algorithm: &str) -> Option<Field> {
        match algorithm.to_ascii_uppercase().as_str() {
            "MD5" => Some(self.md5),
            "SHA1" => Some(self.sha1),
            "SHA256" => Some(self.sha256),
            "SHA512" => Some(self.sha512),
            "IMPHASH" => Some(self.imphash),
            _ => None,
        }
    }
}

/// Puts `MD5=…,SHA1=…,SHA256=…,IMPHASH=…` in lower case, all-zero values left out, and every value
/// into `related.hash`.
pub(crate) fn put_hashes(values: &mut Values<'_>, hashes: &str, to: HashFields) {
    for (algorithm, hash) in hashes
        .split(',')
        .filter_map(|part| part.trim().split_once('='))
    {
        let Some(field) = to.field(algorithm) else {
            continue;
        };
        if hash.is_empty() || hash.bytes().all(|byte| byte == b'0') || values.has(field) {
            continue;
        }
        let hash = hash.to_ascii_lowercase();
        values.put_new(fields::RELATED_HASH, Cow::Owned(hash.clone()));
        values.put(field, hash);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashes_are_lower_case_and_zeros_are_none() {
        let mut values = Values::default();
        let text = "SHA1=ABCD,MD5=00AA,SHA256=0000,IMPHASH=F0";
        put_hashes(&mut values, text, HashFields::PROCESS);
        assert_eq!(values.text(fields::PROCESS_HASH_SHA1), Some("abcd"));
        assert_eq!(values.text(fields::PROCESS_HASH_MD5), Some("00aa"));
        assert_eq!(values.text(fields::PROCESS_HASH_SHA256), None);
        assert_eq!(values.text(fields::PROCESS_PE_IMPHASH), Some("f0"));
    }
}
