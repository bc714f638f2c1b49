//! Scheduled tasks.

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
