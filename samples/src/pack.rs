//! The sample evidence, packed as collectors leave it.

use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use zip::write::SimpleFileOptions;
use zip::{AesMode, CompressionMethod, ZipWriter};

/// How a collection is packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layout {
    /// KAPE: one ZIP for each host, drive letters as folders, its own logs beside them.
    Kape,
    /// Velociraptor: one ZIP for each host, encoded paths below `uploads/auto` (`uploads/ntfs` for what only
    /// reading the volume gives), with what it knows of the client.
    Velociraptor,
    /// CyLR: one ZIP for each host, drive letters as folders.
    Cylr,
    /// The KAPE archives in one ZIP, not compressed again.
    Nested,
    /// The same, compressed again.
    NestedDeflated,
    /// One ZIP of all hosts, members encrypted by AES-256 with the password `infected`.
    Password,
    /// One compressed tar of all hosts, as collectors on other systems make it.
    TarGz,
}

impl Layout {
    /// Every layout.
    pub const ALL: [Self; 7] = [
        Self::Kape,
        Self::Velociraptor,
        Self::Cylr,
        Self::Nested,
        Self::NestedDeflated,
        Self::Password,
        Self::TarGz,
    ];

    /// The name of its folder.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kape => "kape",
            Self::Velociraptor => "velociraptor",
            Self::Cylr => "cylr",
            Self::Nested => "nested",
            Self::NestedDeflated => "nested-deflated",
            Self::Password => "password",
            Self::TarGz => "tar.gz",
        }
    }
}

/// What only reading the volume gives, as KAPE names it and so the samples.
const MFT: &str = "$MFT";
const JOURNAL: &str = "$Extend/$J";
const SECURITY: &str = "$Secure_$SDS";

/// One file of a collection: below the drive, with `/`.
struct Collected {
    path: String,
    bytes: Vec<u8>,
}

/// What was collected of one host.
struct Host {
    name: String,
    files: Vec<Collected>,
}

/// Packs folders of evidence, one for each host, into archives below `out`.
///
/// # Errors
/// When a file cannot be read or written.
pub fn pack(evidence: &Path, layout: Layout, out: &Path) -> io::Result<Vec<PathBuf>> {
    std::fs::create_dir_all(out)?;
    let hosts = hosts(evidence)?;
    match layout {
        Layout::Kape => each(&hosts, out, "2026-03-03T000000_{}.zip", kape),
        Layout::Velociraptor => each(
            &hosts,
            out,
            "Collection-{}-2026-03-03T00_00_00Z.zip",
            velociraptor,
        ),
        Layout::Cylr => each(&hosts, out, "{}.zip", cylr),
        Layout::Nested => nested(&hosts, &out.join("case.zip"), CompressionMethod::Stored),
        Layout::NestedDeflated => {
            nested(&hosts, &out.join("case.zip"), CompressionMethod::Deflated)
        }
        Layout::Password => locked(&hosts, &out.join("case.zip")),
        Layout::TarGz => tar_gz(&hosts, &out.join("case.tar.gz")),
    }
}

fn hosts(evidence: &Path) -> io::Result<Vec<Host>> {
    let mut hosts = Vec::new();
    for folder in sorted(evidence)? {
        let mut files = Vec::new();
        collect(&folder, &folder, &mut files)?;
        let name = folder.file_name().unwrap_or_default();
        hosts.push(Host {
            name: name.to_string_lossy().into_owned(),
            files,
        });
    }
    Ok(hosts)
}

fn sorted(folder: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder)?;
    let mut paths = entries
        .map(|entry| Ok(entry?.path()))
        .collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    Ok(paths)
}

fn collect(root: &Path, folder: &Path, files: &mut Vec<Collected>) -> io::Result<()> {
    for path in sorted(folder)? {
        if path.is_dir() {
            collect(root, &path, files)?;
            continue;
        }
        let below = path.strip_prefix(root).unwrap_or(&path);
        let parts: Vec<_> = below.iter().map(|part| part.to_string_lossy()).collect();
        files.push(Collected {
            path: parts.join("/"),
            bytes: std::fs::read(&path)?,
        });
    }
    Ok(())
}

type Zip = ZipWriter<File>;
type Fill = fn(&Host, &mut Zip) -> io::Result<()>;

fn create(path: &Path) -> io::Result<Zip> {
    Ok(ZipWriter::new(File::create(path)?))
}

fn each(hosts: &[Host], out: &Path, pattern: &str, fill: Fill) -> io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for host in hosts {
        let path = out.join(pattern.replace("{}", &host.name));
        let mut archive = create(&path)?;
        fill(host, &mut archive)?;
        archive.finish()?;
        paths.push(path);
    }
    Ok(paths)
}

fn put(archive: &mut Zip, name: &str, bytes: &[u8], options: SimpleFileOptions) -> io::Result<()> {
    archive.start_file(name, options)?;
    archive.write_all(bytes)
}

fn deflated() -> SimpleFileOptions {
    SimpleFileOptions::default().compression_method(CompressionMethod::Deflated)
}

fn kape(host: &Host, archive: &mut Zip) -> io::Result<()> {
    put_drive(host, archive, |path| path)?;
    let log = "2026-03-03T000000_CopyLog.csv";
    put(archive, log, b"CopiedTimestamp,SourceFile\n", deflated())
}

/// CyLR gives streams the path of their file.
fn cylr(host: &Host, archive: &mut Zip) -> io::Result<()> {
    put_drive(host, archive, |path| match path {
        JOURNAL => "$Extend/$UsnJrnl/$J",
        path => path,
    })
}

fn put_drive(host: &Host, archive: &mut Zip, name: fn(&str) -> &str) -> io::Result<()> {
    for file in &host.files {
        let stored = format!("C/{}", name(&file.path));
        put(archive, &stored, &file.bytes, deflated())?;
    }
    Ok(())
}

fn velociraptor(host: &Host, archive: &mut Zip) -> io::Result<()> {
    let client = serde_json::json!({ "client_id": "C.0123456789abcdef", "hostname": host.name });
    put(
        archive,
        "client_info.json",
        client.to_string().as_bytes(),
        deflated(),
    )?;
    let mut uploads = String::new();
    for file in &host.files {
        let (accessor, drive, path) = velociraptor_path(&file.path);
        let parts: Vec<String> = path.split('/').map(encoded).collect();
        let stored = format!("uploads/{accessor}/{}/{}", encoded(drive), parts.join("/"));
        put(archive, &stored, &file.bytes, deflated())?;
        let line = serde_json::json!({
            "vfs_path": stored,
            "_Components": ["uploads", accessor, drive],
            "file_size": file.bytes.len(),
            "uploaded_size": file.bytes.len(),
        });
        uploads.push_str(&line.to_string());
        uploads.push('\n');
    }
    put(archive, "uploads.json", uploads.as_bytes(), deflated())
}

/// Accessor, drive and path: what Windows hides, Velociraptor reads from the volume, with streams as NTFS names
/// them.
fn velociraptor_path(path: &str) -> (&'static str, &'static str, &str) {
    const DRIVE: &str = r"\\.\C:";
    match path {
        MFT => ("ntfs", DRIVE, path),
        JOURNAL => ("ntfs", DRIVE, "$Extend/$UsnJrnl:$J"),
        SECURITY => ("ntfs", DRIVE, "$Secure:$SDS"),
        path => ("auto", "C:", path),
    }
}

/// One part of a path, as Velociraptor encodes what archives cannot hold.
fn encoded(part: &str) -> String {
    let mut text = String::new();
    for char in part.chars() {
        match char {
            '%' | ':' | '\\' | '"' | '*' | '<' | '>' | '|' | '?' => {
                // Writing to a text does not fail.
                let _ = write!(text, "%{:02X}", u32::from(char));
            }
            char => text.push(char),
        }
    }
    text
}

fn nested(hosts: &[Host], path: &Path, method: CompressionMethod) -> io::Result<Vec<PathBuf>> {
    let mut archive = create(path)?;
    for host in hosts {
        let folder = path.with_extension("parts");
        std::fs::create_dir_all(&folder)?;
        let parts = each(std::slice::from_ref(host), &folder, "{}.zip", kape)?;
        let options = SimpleFileOptions::default().compression_method(method);
        for part in parts {
            let name = part
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            put(&mut archive, &name, &std::fs::read(&part)?, options)?;
        }
        std::fs::remove_dir_all(&folder)?;
    }
    archive.finish()?;
    Ok(vec![path.to_owned()])
}

fn locked(hosts: &[Host], path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut archive = create(path)?;
    for host in hosts {
        for file in &host.files {
            let options = SimpleFileOptions::default()
                .compression_method(CompressionMethod::Deflated)
                .with_aes_encryption(AesMode::Aes256, "infected");
            let name = format!("{}/C/{}", host.name, file.path);
            put(&mut archive, &name, &file.bytes, options)?;
        }
    }
    archive.finish()?;
    Ok(vec![path.to_owned()])
}

fn tar_gz(hosts: &[Host], path: &Path) -> io::Result<Vec<PathBuf>> {
    let encoder = GzEncoder::new(File::create(path)?, Compression::default());
    let mut archive = tar::Builder::new(encoder);
    for host in hosts {
        for file in &host.files {
            let mut header = tar::Header::new_gnu();
            header.set_size(file.bytes.len() as u64);
            header.set_mode(0o644);
            let name = format!("{}/C/{}", host.name, file.path);
            archive.append_data(&mut header, name, file.bytes.as_slice())?;
        }
    }
    archive.into_inner()?.finish()?;
    Ok(vec![path.to_owned()])
}
