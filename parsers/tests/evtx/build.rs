//! Makes event logs, byte by byte, for what no log of the corpus shows.

/// A value of a template instance.
pub(crate) enum Val<'v> {
    Plain(u8, Vec<u8>),
    /// A fragment, written where it will stand.
    Fragment(&'v dyn Fn(&mut Content)),
}

/// UTF-16LE bytes.
pub(crate) fn utf16(text: &str) -> Vec<u8> {
    text.encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// A text value.
pub(crate) fn text(text: &str) -> Val<'static> {
    Val::Plain(1, utf16(text))
}

/// An absent value.
pub(crate) fn null() -> Val<'static> {
    Val::Plain(0, Vec::new())
}

/// A chunk being filled.
pub(crate) struct Content {
    bytes: Vec<u8>,
    /// Whether elements are those of a definition.
    definition: bool,
}

impl Content {
    /// Where the next byte goes.
    pub(crate) fn position(&self) -> usize {
        self.bytes.len()
    }

    pub(crate) fn raw(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes.extend_from_slice(bytes);
        self
    }

    fn u16(&mut self, number: usize) -> &mut Self {
        self.raw(&u16::try_from(number).unwrap().to_le_bytes())
    }

    fn u32(&mut self, number: usize) -> &mut Self {
        self.raw(&u32::try_from(number).unwrap().to_le_bytes())
    }

    /// A name, always right here.
    fn name(&mut self, name: &str) -> &mut Self {
        let here = self.position() + 4;
        let name = utf16(name);
        self.u32(here).u32(0).u16(0).u16(name.len() / 2);
        self.raw(&name).u16(0)
    }

    pub(crate) fn header(&mut self) -> &mut Self {
        self.raw(&[0x0f, 1, 1, 0])
    }

    pub(crate) fn open(&mut self, name: &str) -> &mut Self {
        self.open_dependent(name, 0xffff)
    }

    /// An element that is left out when a substitution is absent.
    pub(crate) fn open_dependent(&mut self, name: &str, dependency: u16) -> &mut Self {
        self.raw(&[0x01]);
        if self.definition {
            self.u16(dependency.into());
        }
        self.u32(0).name(name)
    }

    /// An element with attributes to follow.
    pub(crate) fn open_with(&mut self, name: &str) -> &mut Self {
        self.raw(&[0x41]);
        if self.definition {
            self.u16(0xffff);
        }
        self.u32(0).name(name).u32(0)
    }

    pub(crate) fn attribute(&mut self, name: &str) -> &mut Self {
        self.raw(&[0x06]).name(name)
    }

    pub(crate) fn start(&mut self) -> &mut Self {
        self.raw(&[0x02])
    }

    pub(crate) fn empty(&mut self) -> &mut Self {
        self.raw(&[0x03])
    }

    pub(crate) fn close(&mut self) -> &mut Self {
        self.raw(&[0x04])
    }

    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        let text = utf16(text);
        self.raw(&[0x05, 1]).u16(text.len() / 2).raw(&text)
    }

    pub(crate) fn cdata(&mut self, text: &str) -> &mut Self {
        let text = utf16(text);
        self.raw(&[0x07]).u16(text.len() / 2).raw(&text)
    }

    pub(crate) fn character(&mut self, code: u16) -> &mut Self {
        self.raw(&[0x08]).u16(code.into())
    }

    pub(crate) fn entity(&mut self, name: &str) -> &mut Self {
        self.raw(&[0x09]).name(name)
    }

    pub(crate) fn instruction(&mut self, target: &str, data: &str) -> &mut Self {
        let data = utf16(data);
        self.raw(&[0x0a]).name(target);
        self.raw(&[0x0b]).u16(data.len() / 2).raw(&data)
    }

    pub(crate) fn sub(&mut self, index: usize) -> &mut Self {
        self.raw(&[0x0d]).u16(index).raw(&[1])
    }

    pub(crate) fn optional(&mut self, index: usize) -> &mut Self {
        self.raw(&[0x0e]).u16(index).raw(&[1])
    }

    /// `<name>text</name>`.
    pub(crate) fn leaf(&mut self, name: &str, text: &str) -> &mut Self {
        self.open(name).start().text(text).close()
    }

    /// `<Data Name="name">%index</Data>`.
    pub(crate) fn data(&mut self, name: &str, index: usize) -> &mut Self {
        self.open_with("Data").attribute("Name").text(name).start();
        self.sub(index).close()
    }

    /// The `System` of all our events.
    pub(crate) fn system(&mut self) -> &mut Self {
        self.open("System").start();
        self.open_with("Provider").attribute("Name").text("Maker");
        self.empty().leaf("EventID", "7").leaf("Channel", "Made");
        self.close()
    }

    /// An instance with its definition right here. Gives the definition's place.
    pub(crate) fn instance(
        &mut self,
        guid: u8,
        body: &dyn Fn(&mut Self),
        values: &[Val<'_>],
    ) -> usize {
        self.instance_ending_with(&[0], guid, body, values)
    }

    /// The same, but the definition ends by its size alone, without a token that says so.
    pub(crate) fn endless_instance(
        &mut self,
        guid: u8,
        body: &dyn Fn(&mut Self),
        values: &[Val<'_>],
    ) -> usize {
        self.instance_ending_with(&[], guid, body, values)
    }

    fn instance_ending_with(
        &mut self,
        end: &[u8],
        guid: u8,
        body: &dyn Fn(&mut Self),
        values: &[Val<'_>],
    ) -> usize {
        let definition = self.position() + 10;
        self.raw(&[0x0c, 1]).u32(guid.into()).u32(definition);
        self.u32(0).raw(&[guid; 16]);
        let size_at = self.position();
        self.u32(0);
        let outer = std::mem::replace(&mut self.definition, true);
        self.header();
        body(self);
        self.raw(end);
        self.definition = outer;
        self.patch_u32(size_at, self.position() - size_at - 4);
        self.values(values);
        definition
    }

    /// An instance of a definition that stands elsewhere.
    pub(crate) fn instance_of(&mut self, definition: usize, values: &[Val<'_>]) -> &mut Self {
        self.raw(&[0x0c, 1]).u32(0).u32(definition);
        self.values(values);
        self
    }

    fn values(&mut self, values: &[Val<'_>]) {
        self.u32(values.len());
        let table = self.position();
        self.bytes.resize(table + values.len() * 4, 0);
        let outer = std::mem::replace(&mut self.definition, false);
        for (index, value) in values.iter().enumerate() {
            let start = self.position();
            let kind = match value {
                Val::Plain(kind, bytes) => {
                    self.raw(bytes);
                    *kind
                }
                Val::Fragment(write) => {
                    write(self);
                    0x21
                }
            };
            let size = u16::try_from(self.position() - start).unwrap();
            let [low, high] = size.to_le_bytes();
            let entry = table + index * 4;
            self.bytes[entry..entry + 4].copy_from_slice(&[low, high, kind, 0]);
        }
        self.definition = outer;
    }

    pub(crate) fn patch_u32(&mut self, at: usize, number: usize) {
        let number = u32::try_from(number).unwrap();
        self.bytes[at..at + 4].copy_from_slice(&number.to_le_bytes());
    }
}

/// A chunk with records.
pub(crate) struct Chunk {
    content: Content,
    first: u64,
    next: u64,
}

impl Chunk {
    /// An empty chunk whose first record will have that number.
    pub(crate) fn new(first: u64) -> Self {
        Self {
            content: Content {
                bytes: vec![0; 512],
                definition: false,
            },
            first,
            next: first,
        }
    }

    /// Adds a record. Gives its offset.
    pub(crate) fn record(&mut self, write: impl FnOnce(&mut Content)) -> usize {
        let content = &mut self.content;
        let start = content.position();
        content.raw(b"**\0\0").u32(0);
        content.raw(&self.next.to_le_bytes());
        content.raw(&132_000_000_000_000_000_u64.to_le_bytes());
        content.header();
        write(content);
        content.raw(&[0]);
        while content.position() % 8 != 4 {
            content.raw(&[0]);
        }
        let size = content.position() + 4 - start;
        content.u32(size);
        content.patch_u32(start + 4, size);
        self.next += 1;
        start
    }

    /// The chunk's 65,536 bytes with all checksums.
    pub(crate) fn finish(self) -> Vec<u8> {
        let mut bytes = self.content.bytes;
        let free = bytes.len();
        assert!(free <= 65_536, "{free} bytes are too many for a chunk");
        let last = self.next - 1;
        bytes[..8].copy_from_slice(b"ElfChnk\0");
        for (at, number) in [(8, self.first), (16, last), (24, self.first), (32, last)] {
            bytes[at..at + 8].copy_from_slice(&number.to_le_bytes());
        }
        bytes[40..44].copy_from_slice(&128_u32.to_le_bytes());
        bytes[48..52].copy_from_slice(&u32::try_from(free).unwrap().to_le_bytes());
        bytes.resize(65_536, 0);
        sum(&mut bytes);
        bytes
    }
}

/// Puts the right checksums into a chunk.
pub(crate) fn sum(chunk: &mut [u8]) {
    let free = u32::from_le_bytes(chunk[48..52].try_into().unwrap()) as usize;
    let data = crc32fast::hash(&chunk[512..free]);
    chunk[52..56].copy_from_slice(&data.to_le_bytes());
    let mut header = crc32fast::Hasher::new();
    header.update(&chunk[..120]);
    header.update(&chunk[128..512]);
    chunk[124..128].copy_from_slice(&header.finalize().to_le_bytes());
}

/// A log of chunks.
pub(crate) fn log(chunks: &[Vec<u8>]) -> Vec<u8> {
    let mut file = vec![0; 4096];
    file[..8].copy_from_slice(b"ElfFile\0");
    file[32] = 128;
    file[36..42].copy_from_slice(&[1, 0, 3, 0, 0, 16]);
    file[42..44].copy_from_slice(&u16::try_from(chunks.len()).unwrap().to_le_bytes());
    let checksum = crc32fast::hash(&file[..120]);
    file[124..128].copy_from_slice(&checksum.to_le_bytes());
    file.extend(chunks.iter().flatten());
    file
}

/// A log of one chunk with one record.
pub(crate) fn log_of(write: impl FnOnce(&mut Content)) -> Vec<u8> {
    let mut chunk = Chunk::new(1);
    chunk.record(write);
    log(&[chunk.finish()])
}
