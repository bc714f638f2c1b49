//! The signature of a manifest, in the format of minisign (<https://jedisct1.github.io/minisign/>): whoever has
//! the public key sees that the manifest, and with it every file that it lists, is the examiner's.

use std::fmt;
use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::path::Path;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use minisign::{SecretKey, SecretKeyBox};
use minisign_verify::{PublicKey, Signature};
use sha2::{Digest, Sha256};

use crate::exit::UsageError;
use crate::manifest::{self, SIGNATURE};
use crate::visible::visible;

/// Keys and signatures are a few lines.
const LONGEST: u64 = 64 << 10;
/// What an encrypted secret key begins with: Ed25519, scrypt and BLAKE2b (`EdScB2`) in Base64.
const ENCRYPTED: &str = "RWRTY0Iy";
/// What one without a password begins with (`Ed`, nothing, `B2`).
const PLAIN: &str = "RWQAAEIy";
/// Where the password of a key may be.
const PASSWORD: &str = "SIDETRACK_SIGN_PASSWORD";
/// So much of a case number is signed: the format allows 8 KiB for it all.
const LONGEST_ID: usize = 1000;

/// What signs manifests.
pub(crate) struct Signer(SecretKey);

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl Signer {
    /// Opens a secret key, with its password if it has one.
    pub(crate) fn open(path: &Path) -> anyhow::Result<Self> {
        let wrong = |why: String| UsageError::because(format!("--sign: {}: {why}", path.display()));
        let text = text(path).map_err(|error| wrong(error.to_string()))?;
        let line = text.lines().nth(1).unwrap_or_default();
        let key = if line.starts_with(ENCRYPTED) {
            let password = password(path)?;
            SecretKeyBox::from(text).into_secret_key(Some(password))
        } else if line.starts_with(PLAIN) {
            // Not by the library's reading of such keys: minisign leaves their checksum empty.
            let bytes = STANDARD.decode(line.trim());
            SecretKey::from_bytes(&bytes.unwrap_or_default())
        } else {
            return Err(wrong("no secret key of minisign".into()));
        };
        let signer = key
            .map(Self)
            .map_err(|error| wrong(format!("the key cannot be read: {error}")))?;
        // A key whose halves do not belong together is found now, and not after the run.
        let tried = signer.signature(b"", "");
        tried.map_err(|error| wrong(format!("the key is damaged: {error:#}")))?;
        Ok(signer)
    }

    /// Signs the manifest of a case.
    pub(crate) fn sign(&self, case: &Path, case_id: &str) -> anyhow::Result<()> {
        let manifest = manifest::bytes(case)?;
        let signature = self.signature(&manifest, &comment(case_id, &manifest))?;
        let mut file = File::create_new(case.join(SIGNATURE))?;
        file.write_all(signature.as_bytes())?;
        Ok(file.sync_all()?)
    }

    /// A signature, which is checked with the public half of the key.
    fn signature(&self, bytes: &[u8], comment: &str) -> anyhow::Result<String> {
        let public = minisign::PublicKey::from_secret_key(&self.0)?;
        let untrusted = "signature of a case of sidetrack";
        let signature = minisign::sign(
            Some(&public),
            &self.0,
            bytes,
            Some(comment),
            Some(untrusted),
        )?;
        Ok(signature.into_string())
    }
}

/// What is signed beside the manifest: which case it is of, and its hash. No clock: the manifest has one.
fn comment(case_id: &str, manifest: &[u8]) -> String {
    let hash = timeline::hex(&Sha256::digest(manifest));
    let case: String = visible(case_id).chars().take(LONGEST_ID).collect();
    let of_case = if case.is_empty() {
        String::new()
    } else {
        format!("case {case}, ")
    };
    format!("{of_case}SHA-256 of manifest.json {hash}")
}

/// The password of a key: one that lies ready, or one that is typed.
fn password(path: &Path) -> anyhow::Result<String> {
    if let Ok(password) = std::env::var(PASSWORD) {
        return Ok(password);
    }
    if !io::stdin().is_terminal() {
        return Err(UsageError::because(format!(
            "--sign: {} has a password: it is taken from {PASSWORD}, or asked for on a terminal",
            path.display()
        )));
    }
    let shown = visible(&path.display().to_string());
    rpassword::prompt_password(format!("Password of {shown}: ")).context("reading the password")
}

/// What checks the signature of manifests.
#[derive(Debug)]
pub(crate) struct Checker(PublicKey);

impl Checker {
    /// Takes a public key, or reads it from a file.
    pub(crate) fn new(key: &str) -> anyhow::Result<Self> {
        if let Ok(key) = PublicKey::from_base64(key.trim()) {
            return Ok(Self(key));
        }
        let wrong = |why: String| UsageError::because(format!("--public-key: {key}: {why}"));
        let text = text(Path::new(key)).map_err(|error| {
            wrong(format!(
                "neither a public key of minisign, nor a file with one: {error}"
            ))
        })?;
        // The file has a comment above the key; some keep the key alone.
        let decoded = PublicKey::decode(&text)
            .or_else(|error| PublicKey::from_base64(text.trim()).map_err(|_| error));
        decoded
            .map(Self)
            .map_err(|error| wrong(format!("no public key of minisign: {error}")))
    }

    /// Checks the signature of a case's manifest, of which these are the bytes: what is signed beside it, or
    /// what is wrong.
    pub(crate) fn check(&self, case: &Path, manifest: &[u8]) -> Result<String, String> {
        let path = case.join(SIGNATURE);
        let is_file = path.symlink_metadata().map(|file| file.is_file());
        let text = match is_file {
            Ok(true) => text(&path),
            Ok(false) => Err(io::Error::other("it is no file")),
            Err(error) => Err(error),
        };
        let text = match text {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err("is missing, so nobody knows whose the manifest is".into());
            }
            Err(error) => return Err(format!("cannot be read: {error}")),
        };
        let signature =
            Signature::decode(&text).map_err(|error| format!("is no signature: {error}"))?;
        match self.0.verify(manifest, &signature, true) {
            Ok(()) => Ok(signature.trusted_comment().to_owned()),
            Err(minisign_verify::Error::UnexpectedKeyId) => Err("was made by another key".into()),
            Err(_) => Err("is not that of this manifest".into()),
        }
    }
}

/// A short text.
fn text(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    File::open(path)?.take(LONGEST).read_to_string(&mut text)?;
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_signed_beside_the_manifest_is_one_line() {
        let hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        let expected = format!("SHA-256 of manifest.json {hash}");
        assert_eq!(comment("", b""), expected);
        let expected = format!("case a\\nb, SHA-256 of manifest.json {hash}");
        assert_eq!(comment("a\nb", b""), expected);
        assert!(comment(&"é".repeat(9000), b"").len() < 8000);
    }

    #[test]
    fn keys_are_checked_when_they_are_given() {
        let key = "RWQf6LRCGA9i53mlYecO4IzT51TGPpvWucNSCh1CBM0QTaLn73Y7GFO3";
        assert!(Checker::new(key).is_ok());
        for text in [format!("untrusted comment: x\n{key}\n"), format!("{key}\n")] {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), text).unwrap();
            assert!(Checker::new(file.path().to_str().unwrap()).is_ok());
            assert!(Signer::open(file.path()).is_err(), "not a secret one");
        }
        assert!(Checker::new(&key[1..]).is_err());
        assert!(Checker::new("/does/not/exist").is_err());
        assert!(Signer::open(Path::new("/does/not/exist")).is_err());
    }
}
