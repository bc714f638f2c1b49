//! The samples' volumes: what the story, and the days before it, left in `$MFT`, the journal and `$Secure:$SDS` of
//! three hosts.
//!
//! What the event logs saw of files happens here at the same ticks (`heard`); `workstation`, `server` and `application`
//! add what no log saw.

mod application;
mod describe;
mod heard;
mod image;
mod profile;
mod server;
mod workstation;

pub use self::describe::describe;
use crate::FileError;
use crate::corp::{APP04, SRV02, WS01};
use crate::evidence::log_files;
use crate::evtx;
use crate::hives::hive_files;
use crate::ntfs::{self, Disk};
use crate::windows::Host;

/// Zeros that the samples' journals begin with.
const ZEROS: usize = 0x1_0000;

/// A file of a volume that collectors copy.
#[derive(Clone, Debug)]
pub struct VolumeFile {
    /// Below the evidence folder, in a folder per host.
    pub path: String,
    /// The file.
    pub bytes: Vec<u8>,
}

/// Why a volume could not be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The logs, whose sizes are in the MFT, could not be made.
    #[error("the logs on the volume could not be made")]
    Log(#[from] evtx::Error),
    /// The volume could not.
    #[error("a volume could not be made")]
    Volume(#[from] ntfs::Error),
    /// A description could not be made.
    #[error("a description could not be made")]
    Json(#[from] serde_json::Error),
    /// A file failed.
    #[error(transparent)]
    File(#[from] FileError),
}

/// `$MFT`, `$Extend/$J` and `$Secure_$SDS` of these hosts, under the names that KAPE gives them.
pub fn volume_files() -> Result<Vec<VolumeFile>, Error> {
    let mut files = Vec::new();
    for (host, disk) in disks()? {
        for (name, bytes) in [
            ("$MFT", disk.mft),
            ("$Extend/$J", disk.journal),
            ("$Secure_$SDS", disk.security),
        ] {
            let path = format!("{}/{name}", host.name);
            files.push(VolumeFile { path, bytes });
        }
    }
    Ok(files)
}

/// The volume `C:` of the workstation, the server, and the server of the application.
pub fn disks() -> Result<[(Host<'static>, Disk); 3], Error> {
    let [on_workstation, on_server, on_application] = heard::evening();
    let sizes = sizes()?;
    Ok([
        (WS01, workstation::disk(on_workstation, &sizes)?),
        (SRV02, server::disk(on_server, &sizes)?),
        (APP04, application::disk(on_application, &sizes)?),
    ])
}

/// How long the files of the samples' evidence are.
#[derive(Debug)]
struct Sizes(Vec<(String, u64)>);

impl Sizes {
    /// That of a file of a host; of one that is not in the evidence, what is given instead.
    fn of(&self, host: &Host<'_>, path: &str, otherwise: u64) -> u64 {
        let below = path.trim_start_matches(r"C:\").replace('\\', "/");
        let path = format!("{}/{below}", host.name);
        let known = self.0.iter().find(|(other, _)| *other == path);
        known.map_or(otherwise, |(_, size)| *size)
    }
}

fn sizes() -> Result<Sizes, Error> {
    let logs = log_files()?;
    let logs = logs.iter().map(|log| (log.path(), log.bytes.len() as u64));
    let hives = hive_files();
    let hives = hives
        .iter()
        .map(|hive| (hive.path.clone(), hive.bytes.len() as u64));
    Ok(Sizes(logs.chain(hives).collect()))
}
