//! $Secure:$SDS, which tells the owners of files: it is read with its volume.

use timeline::Sink;

use super::read::{SECURITY_BLOCK, security_entries};
use super::text::file_name;
use crate::{Counts, Input, ParseError, Parser};

/// The parser of $Secure:$SDS: it only counts descriptors, for their volume's files refer to them.
#[derive(Clone, Copy, Debug)]
pub struct SecurityStream;

impl Parser for SecurityStream {
    fn kind(&self) -> &'static str {
        "secure"
    }

    fn describe(&self) -> &'static str {
        "NTFS security descriptors ($Secure:$SDS), which tell the owners of files"
    }

    fn recognises(&self, head: &[u8]) -> bool {
        security_entries(head, 0).next().is_some()
    }

    fn is_known_name(&self, name: &str) -> bool {
        let name = file_name(name);
        name == "$sds" || (name.starts_with("$secure") && name.ends_with("$sds"))
    }

    fn parse(&self, input: &Input<'_>, _: &mut dyn Sink) -> Result<Counts, ParseError> {
        let mut block = vec![0; SECURITY_BLOCK];
        let (mut at, mut records) = (0, 0);
        loop {
            let read = input.bytes.read_at(at, &mut block);
            let count = read.map_err(|source| ParseError::Read { offset: at, source })?;
            if count == 0 {
                break;
            }
            let entries = security_entries(block.get(..count).unwrap_or_default(), at);
            records += entries.count() as u64;
            at += block.len() as u64;
        }
        Ok(Counts {
            records,
            ..Counts::default()
        })
    }
}
