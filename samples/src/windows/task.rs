//! Scheduled tasks.

use crate::time::FileTime;

/// The start of `Actions`: its version and the id of the principal.
fn header(context: &str) -> Vec<u8> {
    let mut bytes = 3_u16.to_le_bytes().to_vec();
    put_text(&mut bytes, context);
    bytes
}

/// A text as `Actions` has it: its length in bytes, and UTF-16.
fn put_text(bytes: &mut Vec<u8>, text: &str) {
    let units: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let length = u32::try_from(units.len()).expect("a short text");
    bytes.extend(length.to_le_bytes());
    bytes.extend(units);
}

/// A task as it is registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Task<'a> {
    /// Its path, from the first backslash.
    pub path: &'a str,
    /// Who says to have made it.
    pub author: &'a str,
    /// What it runs.
    pub command: &'a str,
    /// And with which arguments.
    pub arguments: &'a str,
    /// The process that asked the scheduler: its id, or 0 when it is on another host.
    pub client: u32,
    /// That process's parent, or 0.
    pub client_parent: u32,
}

impl Task<'_> {
    /// What it does, as the registry has it in `Actions`.
    #[must_use]
    pub fn actions(&self) -> Vec<u8> {
        let mut bytes = header("Author");
        bytes.extend(0x6666_u16.to_le_bytes());
        for text in ["", self.command, self.arguments, ""] {
            put_text(&mut bytes, text);
        }
        bytes.extend([0; 2]);
        bytes
    }

    /// The `Actions` of a task that starts a COM class.
    #[must_use]
    pub fn com_handler_actions(context: &str, class: [u8; 16], data: &str) -> Vec<u8> {
        let mut bytes = header(context);
        bytes.extend(0x7777_u16.to_le_bytes());
        put_text(&mut bytes, "");
        bytes.extend(class);
        put_text(&mut bytes, data);
        bytes
    }

    /// When a task was registered and ran, as the registry has it in `DynamicInfo`; it ended well.
    #[must_use]
    pub fn dynamic_info(registered: FileTime, ran: FileTime) -> Vec<u8> {
        let mut bytes = 3_u32.to_le_bytes().to_vec();
        bytes.extend(registered.0.to_le_bytes());
        bytes.extend(ran.0.to_le_bytes());
        bytes.extend([0; 8]);
        bytes.extend(ran.0.to_le_bytes());
        bytes
    }

    /// The definition as event 4698 quotes it.
    #[must_use]
    pub fn xml(&self) -> String {
        let Self {
            path,
            author,
            command,
            arguments,
            ..
        } = self;
        [
            r#"<?xml version="1.0" encoding="UTF-16"?>"#,
            r#"<Task version="1.2" xmlns="http://schemas.microsoft.com/windows/2004/02/mit/task">"#,
            "  <RegistrationInfo>",
            &format!("    <Author>{author}</Author>"),
            &format!("    <URI>{path}</URI>"),
            "  </RegistrationInfo>",
            "  <Triggers />",
            "  <Principals>",
            r#"    <Principal id="Author">"#,
            "      <UserId>S-1-5-18</UserId>",
            "      <RunLevel>HighestAvailable</RunLevel>",
            "    </Principal>",
            "  </Principals>",
            "  <Settings>",
            "    <Enabled>true</Enabled>",
            "  </Settings>",
            r#"  <Actions Context="Author">"#,
            "    <Exec>",
            &format!("      <Command>{command}</Command>"),
            &format!("      <Arguments>{arguments}</Arguments>"),
            "    </Exec>",
            "  </Actions>",
            "</Task>",
        ]
        .join("\r\n")
    }
}
