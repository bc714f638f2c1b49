//! What can be read, and what becomes of it.

use std::fmt::Write as _;

use crate::collect::ARTEFACTS;
use crate::exit::Exit;
use crate::stdout;

/// Prints every kind of evidence, or every event that is mapped.
pub(crate) fn print(events: bool) -> anyhow::Result<Exit> {
    stdout::print(&if events { self::events()? } else { kinds() })
}

fn kinds() -> String {
    let mut text = String::new();
    for parser in parsers::PARSERS {
        let _ = writeln!(text, "{:<20} {}", parser.kind(), parser.describe());
    }
    text.push_str("\nRecognised and counted, but not read yet:\n");
    for artefact in ARTEFACTS {
        let _ = writeln!(text, "{:<20} {}", artefact.kind, artefact.describe);
    }
    text.push_str(
        "\nAll of them in folders and in archives: ZIP (deflate, deflate64, zstd; AES and ZipCrypto with \
         --password), tar, tar.gz, nested.\n",
    );
    text
}

fn events() -> anyhow::Result<String> {
    let mut text = String::from("provider\tchannel\tid\tcategory\ttype\taction\tfields\n");
    for event in parsers::evtx::mapped().map_err(anyhow::Error::msg)? {
        let cells = [
            event.provider,
            event.channels.join(", "),
            event.id.to_string(),
            event.category.join(", "),
            event.kind.join(", "),
            event.action.join(", "),
            event.fields.join(", "),
        ];
        text.push_str(&cells.join("\t"));
        text.push('\n');
    }
    Ok(text)
}
