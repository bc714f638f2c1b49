//! The samples' intrusion, told once for each class of payload: every name, path and command line in it is one.

use std::collections::BTreeMap;
use std::io::Cursor;

use aho_corasick::{AhoCorasick, MatchKind};
use samples::evtx::{Body, LogWriter, Record, Value};
use samples::intrusion::{CAST, SCENES};
use samples::ntfs::Volume;
use samples::onward;
use samples::regf::{Hive, Key};
use samples::stage::{Stage, Tag};
use samples::time::{FileTime, Span};
use samples::windows::{Account, Happening, Host, Log, observe};

use crate::other_logs;
use crate::payload::{LONE_SURROGATE, Payloads};

/// Names in the samples, and the fields that marks name them by. The longest first is found first.
const NAMES: [(&str, &str); 20] = [
    ("WS01", "hw"),
    ("SRV02", "hs"),
    ("FS03", "hf"),
    ("APP04", "ha"),
    ("corp.example.com", "dn"),
    ("CORP.EXAMPLE.COM", "dn"),
    ("CORP", "do"),
    ("svc-deploy", "ua"),
    ("j.moreau", "ub"),
    ("svc-backup", "uc"),
    ("WinHelpSvc", "sv"),
    ("MsHelpUpd", "sw"),
    ("winhlp64", "to"),
    ("HelpSync", "hd"),
    ("hs64", "li"),
    ("sync.lnk", "sh"),
    ("Delivery_Note_7731", "no"),
    ("nl4.txt", "nt"),
    ("w.txt", "ty"),
    ("static.example.net", "dq"),
];

/// Fields whose marks name somebody, or are a secret: nothing redacted has them.
pub(crate) const SECRET: [&str; 13] = [
    "hw", "hs", "hf", "ha", "dn", "do", "ua", "ub", "uc", "un", "pw", "wn", "ic",
];

/// Every so many classes an address is none.
const EVERY_ADDRESS: usize = 5;

/// A file of a collection: its path on the disk, and itself.
pub(crate) struct Collected {
    pub(crate) path: String,
    pub(crate) bytes: Vec<u8>,
}

/// What was collected of the hosts of one class.
pub(crate) fn collected(payloads: Payloads, class: usize) -> Vec<Collected> {
    let words = Words::of(payloads, class);
    let mut recorder = Recorder::default();
    // A day for each class.
    let later = Span::seconds(86_400 * class as u64);
    for (begin, play) in SCENES {
        play(&CAST, begin + later, &mut recorder);
    }
    for (begin, cast, play) in onward::SCENES {
        play(cast, begin + later, &mut recorder);
    }
    let mut files = Vec::new();
    for ((host, log), mut records) in recorder.seen {
        records.sort_by_key(|record| record.time);
        let name = match log {
            // What is not named by its channel is known by its content.
            Log::System => payloads.text(class, "fi") + ".evtx",
            log => log.file_name().to_owned(),
        };
        files.push(Collected {
            path: format!("{host}/Windows/System32/winevt/Logs/{}", file_name(&name)),
            bytes: log_of(&words, &records),
        });
    }
    files.push(Collected {
        path: format!("WS01/{}.evtx", file_name(&payloads.text(class, "fj"))),
        bytes: log_of(&words, &other_logs::records(payloads, class)),
    });
    files.push(Collected {
        path: "SRV02/Windows/System32/config/SYSTEM".into(),
        bytes: hive("SYSTEM", system(&words)),
    });
    files.push(Collected {
        path: "SRV02/Windows/System32/config/SOFTWARE".into(),
        bytes: hive("SOFTWARE", software(&words)),
    });
    files.push(Collected {
        path: format!(
            "SRV02/Users/{}/NTUSER.DAT",
            file_name(&payloads.text(class, "fk"))
        ),
        bytes: hive(
            "ntuser.dat",
            user(&words, &payloads.text(class, "hr").replace('\\', "")),
        ),
    });
    files.push(Collected {
        path: "SRV02/$MFT".into(),
        bytes: table(&words, later),
    });
    files
}

/// The file table of the server, with the tool that was copied there.
fn table(words: &Words, later: Span) -> Vec<u8> {
    let owner = CAST.account.sid();
    let (made, copied) = (CAST.target.host.boot + later, SCENES[1].0 + later);
    let mut volume = Volume::formatted(made);
    let mut folder = String::from("C:");
    for name in ["Windows", "Temp"] {
        folder = format!(r"{folder}\{name}");
        volume.folder(made, &folder, owner);
    }
    for (field, ending) in [("winhlp64", "exe"), ("hs64", "dll"), ("nl4.txt", "bat")] {
        let name = file_name(&words.hostile(field)).replace('\\', "");
        volume.file(copied, &format!(r"{folder}\{name}.{ending}"), owner, 4_711);
    }
    let mut table = volume.finish().unwrap().mft;
    break_pairs(&mut table);
    table
}

/// A text as the name of a file: not too long, and without what no name has.
pub(crate) fn file_name(text: &str) -> String {
    const LONGEST: usize = 90;
    let text = text.replace(['/', '\0', LONE_SURROGATE], "");
    if text.len() <= 2 * LONGEST {
        return text;
    }
    let end = text.ceil_char_boundary(text.len() - LONGEST);
    format!(
        "{}{}",
        &text[..text.floor_char_boundary(LONGEST)],
        &text[end..]
    )
}

/// The names of the samples in hostile words.
struct Words {
    finder: AhoCorasick,
    hostile: Vec<String>,
    subnet: String,
    address: Option<String>,
}

impl Words {
    fn of(payloads: Payloads, class: usize) -> Self {
        let finder = AhoCorasick::builder()
            .match_kind(MatchKind::LeftmostLongest)
            .build(NAMES.map(|(name, _)| name))
            .unwrap();
        let hostile = NAMES.map(|(_, field)| payloads.text(class, field));
        Self {
            finder,
            hostile: hostile.into(),
            subnet: format!("10.{}.30.", 20 + class),
            address: (class % EVERY_ADDRESS == 1).then(|| payloads.text(class, "ip")),
        }
    }

    fn hostile(&self, text: &str) -> String {
        let text = self.finder.replace_all(text, &self.hostile);
        text.replace("10.20.30.", &self.subnet)
    }

    fn field(&self, name: &str, text: &str) -> String {
        match &self.address {
            Some(address) if name == "IpAddress" && text == CAST.source.host.ip => address.clone(),
            _ => self.hostile(text),
        }
    }

    fn record(&self, record: &Record) -> Record {
        let mut record = record.clone();
        record.computer = self.hostile(&record.computer).into();
        let (Body::EventData(fields) | Body::UserData { fields, .. }) = &mut record.body;
        for (name, value) in fields {
            match value {
                Value::Text(text) => *text = self.field(name, text),
                Value::Texts(texts) => texts.iter_mut().for_each(|text| *text = self.hostile(text)),
                _ => {}
            }
        }
        record
    }
}

/// Keeps what each log of each host sees.
#[derive(Default)]
struct Recorder {
    seen: BTreeMap<(String, Log), Vec<Record>>,
}

impl Stage for Recorder {
    fn note(&mut self, host: &Host<'_>, at: FileTime, _: Tag, what: &Happening<'_>) {
        for seen in observe(host, at, what) {
            let log = (host.name.to_owned(), seen.log);
            self.seen.entry(log).or_default().push(seen.record);
        }
    }
}

fn log_of(words: &Words, records: &[Record]) -> Vec<u8> {
    let mut log = LogWriter::create(Cursor::new(Vec::new())).unwrap();
    for record in records {
        log.write(&words.record(record)).unwrap();
    }
    let mut bytes = log.finish().unwrap().into_inner();
    break_surrogates(&mut bytes);
    bytes
}

/// Puts half of a surrogate pair where it is to be, and makes the sums of the chunks right again.
fn break_surrogates(log: &mut [u8]) {
    const FILE_HEADER: usize = 4096;
    const CHUNK: usize = 0x1_0000;
    for chunk in log[FILE_HEADER..].chunks_exact_mut(CHUNK) {
        break_pairs(chunk);
        let free = u32::from_le_bytes(chunk[48..52].try_into().unwrap()) as usize;
        let records = crc32fast::hash(&chunk[512..free]);
        chunk[52..56].copy_from_slice(&records.to_le_bytes());
        let header = [&chunk[..120], &chunk[128..512]].concat();
        chunk[124..128].copy_from_slice(&crc32fast::hash(&header).to_le_bytes());
    }
}

fn break_pairs(bytes: &mut [u8]) {
    let stand_in = (LONE_SURROGATE as u16).to_le_bytes();
    for at in 0..bytes.len() - 1 {
        if bytes[at..at + 2] == stand_in {
            bytes[at..at + 2].copy_from_slice(&0xD800_u16.to_le_bytes());
        }
    }
}

fn hive(name: &str, root: Key) -> Vec<u8> {
    let hive = Hive {
        root,
        file_name: format!(r"\SystemRoot\System32\Config\{name}"),
        written: CAST.target.host.boot,
        sequence: 1,
        minor: 5,
        granted: vec![Account::SYSTEM.sid()],
    };
    let mut bytes = hive.bytes();
    break_pairs(&mut bytes[4096..]);
    bytes
}

fn system(words: &Words) -> Key {
    let mut root = Key::new("ROOT", CAST.target.host.boot);
    root.at("Select").number("Current", 1);
    let set = root.at("ControlSet001");
    let name = words.hostile("SRV02");
    set.at(r"Control\ComputerName\ComputerName")
        .text("ComputerName", &name);
    set.at(r"Control\TimeZoneInformation")
        .text("TimeZoneKeyName", &words.hostile("HelpSync"));
    set.at(r"Services\Tcpip\Parameters")
        .text("Hostname", &name)
        .text("Domain", &words.hostile("corp.example.com"));
    let service = words.hostile("WinHelpSvc").replace('\\', "");
    set.at(&format!(r"Services\{service}"))
        .text("ImagePath", &words.hostile(r"%COMSPEC% /c winhlp64"))
        .text("DisplayName", &words.hostile("MsHelpUpd"))
        .text("ObjectName", &words.hostile(r"CORP\svc-deploy"))
        .number("Type", 16)
        .number("Start", 2);
    root
}

fn software(words: &Words) -> Key {
    let mut root = Key::new("ROOT", CAST.target.host.boot);
    root.at(r"Microsoft\Windows NT\CurrentVersion")
        .text("ProductName", &words.hostile("HelpSync"))
        .text("CurrentBuild", &words.hostile("hs64"));
    let profiles = root.at(r"Microsoft\Windows NT\CurrentVersion\ProfileList");
    profiles
        .at(&CAST.account.sid().to_string())
        .text("ProfileImagePath", &words.hostile(r"C:\Users\svc-deploy"));
    root.at(r"Microsoft\Windows\CurrentVersion\Run").text(
        &words.hostile("HelpSync"),
        &words.hostile(r"C:\Temp\winhlp64.exe"),
    );
    root
}

fn user(words: &Words, server: &str) -> Key {
    let mut root = Key::new("ROOT", CAST.target.host.boot);
    root.at(r"Software\Microsoft\Windows\CurrentVersion\Explorer\RunMRU")
        .text("a", &(words.hostile("cmd /c w.txt") + r"\1"))
        .text("MRUList", "a");
    root.at(&format!(
        r"Software\Microsoft\Terminal Server Client\Servers\{server}"
    ))
    .text("UsernameHint", &words.hostile(r"CORP\svc-backup"));
    root
}
