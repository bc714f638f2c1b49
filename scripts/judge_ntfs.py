"""Holds what mft_events says of NTFS files against dissect.ntfs and the mft crate: see judge-ntfs."""

import datetime
import fnmatch
import json
import pathlib
import struct
import subprocess
import sys
import warnings
from collections import Counter, defaultdict

import mft
from dissect.ntfs import NTFS
from dissect.ntfs.mft import Mft

# Who differs where, and why: file, judge, entries (nothing: all of them), how what differs begins, the reason.
# Each was seen in the bytes.
EXPLAINED = [
    (
        "/xw/$MFT",
        "dissect",
        {202, 442, 612, 613, 619},
        "presence",
        "nothing, or zeros, stand where the mark behind the last attribute should: dissect.ntfs gives up the record, "
        "whose attributes are sound (the mft crate has the same)",
    ),
    (
        "/xw/$MFT",
        "dissect",
        {616},
        "presence",
        "the second sector is torn (0500, not 0400), but the record ends at byte 360: dissect.ntfs gives it up",
    ),
    (
        "/xw/$MFT",
        "dissect",
        {179, 540, 546, 551, 554, 566, 567, 568, 586},
        "presence",
        "the first sector ends otherwise than the update sequence says: dissect.ntfs gives up the record",
    ),
    (
        "/xw/$MFT",
        "dissect",
        {560},
        "presence",
        "its name has 7 characters, but the attribute's content has room for 5: dissect.ntfs gives up the record",
    ),
    (
        "/frs.bin",
        "dissect",
        {0},
        "presence",
        "the record lies alone: dissect.ntfs gives it up because the list in it names others",
    ),
    (
        "/entry_102130_fixup_issue",
        "dissect",
        {0},
        "presence",
        "the first sector ends with what belongs there instead of the update sequence: dissect.ntfs gives up the record",
    ),
    (
        "/orphan.mft",
        "mft",
        {44, 45, 46, 47},
        "path",
        "the directory 39-1 is gone, and 39-2 is another: the crate does not look at sequence numbers",
    ),
]

ROOT = 5
EPOCH = datetime.datetime(1601, 1, 1, tzinfo=datetime.timezone.utc)
OUTSIDE = "the list of attributes lies outside of the table: ours finds further records by the entry they refer to"
# Times that evidence can be from: 1980 up to 2077. There are no events for others.
BELIEVABLE = range(119_600_064_000_000_000, 150_211_584_000_000_000)
SI = ("si_created", "si_modified", "si_changed", "si_accessed")
FN = ("fn_created", "fn_modified", "fn_changed", "fn_accessed")
FIRST_FEW = 4

CLOSE, OLD_NAME, NEW_NAME, DELETE = 0x8000_0000, 0x1000, 0x2000, 0x200
REASONS = {
    1 << bit: name
    for bit, name in enumerate(
        "DATA_OVERWRITE DATA_EXTEND DATA_TRUNCATION - NAMED_DATA_OVERWRITE NAMED_DATA_EXTEND NAMED_DATA_TRUNCATION - "
        "FILE_CREATE FILE_DELETE EA_CHANGE SECURITY_CHANGE RENAME_OLD_NAME RENAME_NEW_NAME INDEXABLE_CHANGE "
        "BASIC_INFO_CHANGE HARD_LINK_CHANGE COMPRESSION_CHANGE ENCRYPTION_CHANGE OBJECT_ID_CHANGE "
        "REPARSE_POINT_CHANGE STREAM_CHANGE TRANSACTED_CHANGE INTEGRITY_CHANGE DESIRED_STORAGE_CLASS_CHANGE".split()
    )
}
REASONS[CLOSE] = "CLOSE"


class Entry:
    """An entry as one reader has it. `names`: the four times of each, by path and parent."""

    def __init__(self, number, sequence, in_use, is_directory):
        self.facts = {"number": number, "sequence": sequence, "in use": in_use, "directory": is_directory}
        self.names = {}
        self.has_list_outside = False

    def tells_something(self):
        return any(self.facts["SI times"]) or any(parent for _, parent in self.names)

    def differences(self, theirs):
        """What is not the same, as (what, ours, theirs)."""
        for what, value in theirs.facts.items():
            if self.facts.get(what) != value:
                yield what, self.facts.get(what), value
        if self.names.keys() != theirs.names.keys():
            yield "names", sorted(self.names.keys() - theirs.names.keys()), sorted(
                theirs.names.keys() - self.names.keys()
            )
        for name in self.names.keys() & theirs.names.keys():
            if self.names[name] != theirs.names[name]:
                yield f"name times of {name[0]}", self.names[name], theirs.names[name]


def believable(times):
    return tuple(time if time in BELIEVABLE else None for time in times)


# What ours says.


def run(command, *files):
    done = subprocess.run([command, *files], capture_output=True, check=True)
    return [json.loads(line) for line in done.stdout.decode("utf8", "surrogatepass").split("\n") if line]


def first(event, field, default=None):
    return event.get(field, [default])[0]


def ours_of_table(events):
    """Entries by the offsets of their records: there are such that have the number of another. And what is odd."""
    entries, times, odd = {}, defaultdict(dict), []
    for event in events:
        number = event["offset"]
        entry = entries.setdefault(
            number,
            Entry(
                int(first(event, "file.Ext.mft.entry")),
                int(first(event, "file.Ext.mft.sequence")),
                first(event, "file.Ext.mft.in_use") == "true",
                first(event, "file.type") == "dir",
            ),
        )
        entry.facts["size"] = int(first(event, "file.size", -1))
        entry.facts["streams"] = sorted(event.get("file.Ext.stream", []))
        entry.facts["target"] = first(event, "file.target_path")
        entry.facts["short names"] = sorted(set(entry.facts.get("short names", [])) | set(
            (short, first(event, "file.Ext.mft.parent")) for short in event.get("file.Ext.mft.short_name", [])
        ))
        name = (first(event, "file.path"), first(event, "file.Ext.mft.parent"))
        for kind in event["event.Ext.timestamp_kind"]:
            known = times[number, name].setdefault(kind, event["time"])
            if known != event["time"]:
                odd.append((number, f"two times {kind} of {name[0]}"))
    for (number, name), kinds in times.items():
        entries[number].names[name] = tuple(kinds.get(kind) for kind in FN)
        si = tuple(kinds.get(kind) for kind in SI)
        if entries[number].facts.setdefault("SI times", si) != si:
            odd.append((number, f"other SI times under its name {name[0]}"))
    return entries, odd


# What dissect.ntfs says.


def parent_of(name):
    parent = name.attr.ParentDirectory
    return parent.SegmentNumberLowPart | parent.SegmentNumberHighPart << 32, parent.SequenceNumber


class Dissect:
    """A table as dissect.ntfs reads it."""

    def __init__(self, path):
        head = open(path, "rb").read(64)
        # Given a table, NTFS looks for $Secure in it, and takes its records for those of 1 KiB.
        self.ntfs = NTFS()
        self.ntfs._record_size = struct.unpack_from("<I", head, 0x1C)[0]
        self.ntfs.mft = Mft(open(path, "rb"), self.ntfs)
        slots = path.stat().st_size // self.ntfs._record_size
        self.records, self.all, self.refused = {}, [], {}
        for place in range(slots):
            try:
                record = self.ntfs.mft.get(place)
                has_number = record.header.MultiSectorHeader.UpdateSequenceArrayOffset >= 0x30
                number = struct.unpack_from("<I", record.data, 0x2C)[0] if has_number else place
                record.attributes
                self.all.append((place, number, record))
                # A reference means the place; a record that lies alone in a file has none but its number.
                self.records[place if slots > 1 else number] = record
            except Exception as error:
                self.refused[place] = repr(error)

    def entries(self):
        for place, number, record in self.all:
            base = record.header.BaseFileRecordSegment
            if not (base.SegmentNumberLowPart or base.SegmentNumberHighPart or base.SequenceNumber):
                yield place, self.entry(number, record)

    def entry(self, number, record):
        header = record.header
        entry = Entry(number, header.SequenceNumber, bool(header.Flags & 1), record.is_dir())
        try:
            entry.facts["size"] = -1 if record.is_dir() else record.size()
        except FileNotFoundError:
            entry.facts["size"] = -1
        except Exception:
            entry.facts["size"] = "dissect fails"
        entry.has_list_outside = any(not one.resident for one in record.attributes.ATTRIBUTE_LIST)
        data = [attribute for attribute in record.attributes.DATA if attribute.name]
        entry.facts["streams"] = sorted(one.name for one in data if one.resident or one.header.lowest_vcn == 0)
        reparse = [one for one in record.attributes.REPARSE_POINT if one.attribute]
        entry.facts["target"] = reparse and (reparse[0].print_name or reparse[0].substitute_name) or None
        standard = record.attributes.STANDARD_INFORMATION
        times = standard[0].attribute.attr if standard else None
        entry.facts["SI times"] = believable(four(times)) if standard else (None,) * 4
        names = [name.attribute for name in record.attributes.FILE_NAME]
        long = [name for name in names if name.flags != 2]
        shorts = [name for name in names if name.flags == 2] if long else []
        parents = {parent_of(name) for name in long}
        entry.facts["short names"] = sorted(
            (name.file_name, "{}-{}".format(*parent_of(name))) for name in shorts if parent_of(name) in parents
        )
        for name in long or names:
            parent = "{}-{}".format(*parent_of(name))
            entry.names[self.path(number, name), parent] = believable(four(name.attr))
        if not names:
            entry.names[rf"C:\$Orphan\$Unnamed-{number}", None] = (None,) * 4
        return entry

    def path(self, number, name):
        if number == ROOT:
            return "C:\\"
        path = rf"{self.folder(parent_of(name))}\{name.file_name}"
        said = name.full_path()
        # What dissect calls broken may be a directory that was only deleted since: ours names it.
        return path if "<" in said or path == "C:\\" + said else f"C:\\{said} (dissect), {path} (by hand)"

    def folder(self, reference):
        """The path of a directory, by what dissect reads: one that was only deleted counts one higher."""
        below, passed = [], set()
        while reference[0] != ROOT:
            record = self.records.get(reference[0])
            names = record and [name.attribute for name in record.attributes.FILE_NAME]
            if not names or not record.is_dir() or not is_same(reference[1], record.header) or reference[0] in passed:
                return "\\".join(["C:", "$Orphan", *below])
            passed.add(reference[0])
            best = min(names, key=lambda name: (3, 1, 0, 2).index(name.flags))
            below.insert(0, best.file_name)
            reference = parent_of(best)
        return "\\".join(["C:", *below])


def is_same(referred, header):
    following = 1 if referred == 0xFFFF else referred + 1
    is_free = not header.Flags & 1
    return referred in (0, header.SequenceNumber) or (is_free and following == header.SequenceNumber)


def four(times):
    # As plain integers: a range looks for others one by one.
    own = (times.CreationTime, times.LastModificationTime, times.LastChangeTime, times.LastAccessTime)
    return tuple(int(time) for time in own)


# What the mft crate says.


def microseconds(time):
    """The crate's times, as whole microseconds since 1601."""
    return None if time is None else (time - EPOCH) // datetime.timedelta(microseconds=1)


def four_of_crate(content):
    return tuple(microseconds(getattr(content, one)) for one in ("created", "modified", "mft_modified", "accessed"))


def of_crate(path):
    """Entries by place: flags, path, names with parent and times, SI times; and what it refuses."""
    entries, refused = {}, []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for entry in mft.PyMftParser(str(path)).entries():
            if isinstance(entry, Exception):
                refused.append(f"{entry!r}"[:100])
                continue
            told = {"sequence": entry.sequence, "path": entry.full_path, "names": [], "si": None}
            told["flags"] = entry.flags.removeprefix("EntryFlags(").removesuffix(")").split(" | ")
            told["base"] = (entry.base_entry_id, entry.base_entry_sequence)
            for attribute in entry.attributes():
                content = None if isinstance(attribute, Exception) else attribute.attribute_content
                if content is not None and attribute.type_code == 0x10:
                    told["si"] = four_of_crate(content)
                if content is not None and attribute.type_code == 0x30:
                    parent = f"{content.parent_entry_id}-{content.parent_entry_sequence}"
                    told["names"].append((content.name, parent, content.namespace, four_of_crate(content)))
            entries[entry.entry_id] = told
    for told in list(entries.values()):
        # The sequence of the base is always 0 in what the crate's Python binding says.
        if told["base"] != (0, 0) and told["base"][0] in entries:
            entries[told["base"][0]]["names"] += told["names"]
    return entries, refused


def rounded(times):
    return tuple(None if time is None else time // 10 for time in times)


def believed(times):
    inside = range(BELIEVABLE.start // 10, BELIEVABLE.stop // 10)
    return tuple(time if time in inside else None for time in times)


def against_crate(ours, theirs):
    """Differences between an entry of ours and the crate's."""
    if ours.facts["sequence"] != theirs["sequence"]:
        yield "sequence", ours.facts["sequence"], theirs["sequence"]
    flags = ("ALLOCATED" in theirs["flags"], "INDEX_PRESENT" in theirs["flags"])
    if (ours.facts["in use"], ours.facts["directory"]) != flags:
        yield "flags", (ours.facts["in use"], ours.facts["directory"]), theirs["flags"]
    si = believed(theirs["si"]) if theirs["si"] else (None,) * 4
    if rounded(ours.facts["SI times"]) != si:
        yield "SI times", ours.facts["SI times"], si
    long = [name for name in theirs["names"] if name[2] != "DOS"] or theirs["names"]
    told = {(name, parent): believed(times) for name, parent, _, times in long}
    known = {
        (path.rsplit("\\", 1)[-1] or ".", parent): rounded(times)
        for (path, parent), times in ours.names.items()
        if parent
    }
    if told != known:
        yield "names", sorted(known.items() - told.items()), sorted(told.items() - known.items())
    path = "C:\\" + (theirs["path"] or "").replace("/", "\\")
    paths = {path for path, _ in ours.names}
    if theirs["path"] and "[" not in path[:6] and path not in paths | {"C:\\."}:
        yield "path", sorted(paths), path


# The change journal.


def goes_on(before, now):
    """Whether a record is of the opening that was told before: reasons are added until the closing, each time one."""
    is_kept = not before & ~(OLD_NAME | NEW_NAME) & ~now
    return is_kept and bool(now & CLOSE or now & ~before)


def expected_of_journal(records):
    """What ours must tell of records: each reason once between opening and closing, a renaming once."""
    told, known, renaming = [], {}, {}

    def tell(record, new, is_known, before=None):
        several = (record["reasons"] & ~CLOSE).bit_count() > 1
        if not is_known and new & DELETE and (several or record["reasons"] & CLOSE):
            new = DELETE
        if new:
            told.append((record, before))

    for record in records:
        own, reasons = record["file"], record["reasons"]
        before = known.pop(own, None)
        if before is not None and not goes_on(before, reasons):
            before = None
        new = reasons & ~(before or 0) & ~CLOSE
        if not reasons & CLOSE:
            # Each half of a renaming makes the other new again.
            other = NEW_NAME if reasons & OLD_NAME else OLD_NAME if reasons & NEW_NAME else 0
            known[own] = reasons & ~other
        half = renaming.pop(own, None)
        if half and (new & OLD_NAME or not new & NEW_NAME):
            tell(*half)
            half = None
        if new & OLD_NAME:
            renaming[own] = record, new, before is not None
        else:
            tell(record, new, before is not None, half and half[0]["name"])
    for half in renaming.values():
        tell(*half)
    return told


def number_of(reference):
    return reference.SegmentNumberLowPart | reference.SegmentNumberHighPart << 32 | reference.SequenceNumber << 48


def beside(path):
    """The $MFT of a journal's volume, when it lies in the folder above $Extend."""
    table = path.parent.parent / "$MFT"
    return open(table, "rb") if path.parent.name == "$Extend" and table.exists() else None


def of_journal(path):
    for record in NTFS(mft=beside(path), usnjrnl=open(path, "rb")).usnjrnl.records():
        yield {
            "path": record.full_path,
            "is_directory": bool(record.record.FileAttributes & 0x10),
            "usn": int(record.record.Usn),
            "time": int(record.record.TimeStamp),
            "name": record.filename,
            "reasons": int(record.record.Reason),
            "file": number_of(record.record.FileReferenceNumber),
            "parent": number_of(record.record.ParentFileReferenceNumber),
        }


def spelled(reference):
    return f"{reference & (1 << 48) - 1}-{reference >> 48}"


def row_of(record, before):
    reasons = tuple(name for bit, name in sorted(REASONS.items()) if record["reasons"] & bit)
    time = record["time"] if record["time"] in BELIEVABLE else None
    references = spelled(record["file"]), spelled(record["parent"])
    return record["usn"], time, record["name"], reasons, *references, before


def judge_journal(command, path):
    table = beside(path)
    events = run(command, *([table.name] if table else []), str(path))
    events = [event for event in events if event["event.dataset"] == ["offline.usn"]]
    ours = Counter(
        (
            int(first(event, "event.sequence")),
            event["time"],
            # The root has no name but its own.
            first(event, "file.name", "."),
            tuple(event.get("file.Ext.usn.reason", [])),
            f"{first(event, 'file.Ext.mft.entry')}-{first(event, 'file.Ext.mft.sequence')}",
            first(event, "file.Ext.mft.parent"),
            first(event, "file.Ext.original.name"),
        )
        for event in events
    )
    try:
        records = list(of_journal(path))
    except Exception as error:
        yield "dissect", None, f"fails: {error!r}", None, None
        return
    theirs = Counter(row_of(record, before) for record, before in expected_of_journal(records))
    for row in (ours - theirs) | (theirs - ours):
        yield "dissect", row[0], "record", row if row in ours else None, row if row in theirs else None
    paths = {record["usn"]: "C:\\" + record["path"] for record in records if "<" not in record["path"]}
    moved = [record for record in records if record["reasons"] & OLD_NAME and record["is_directory"]]
    compared = 0
    for event in events:
        usn, told = int(first(event, "event.sequence")), first(event, "file.path")
        # Ours are as they were then, dissect's as they are in the table.
        if usn in paths and told != "C:\\" and not moved:
            compared += 1
            if paths[usn] != told:
                yield "dissect", usn, "path", told, paths[usn]
    yield "counts", len(records), f"{len(records)} records, {len(events)} events, {compared} paths", None, None


# All of a folder.


def judge_table(command, path):
    dissect = Dissect(path)
    size = dissect.ntfs._record_size
    entries, odd = ours_of_table(run(command, str(path)))
    ours = {offset // size: entry for offset, entry in entries.items()}
    for offset, text in odd:
        yield "ours", offset // size, text, None, None
    theirs = dict(dissect.entries())
    for number in sorted(ours.keys() | theirs.keys()):
        if number not in theirs:
            yield "dissect", number, "presence", "there", dissect.refused.get(number)
        elif number not in ours:
            # What was formatted and never used has no events.
            if theirs[number].tells_something():
                yield "dissect", number, "presence", None, theirs[number].facts
        else:
            judge = "dissect, list outside" if theirs[number].has_list_outside else "dissect"
            for difference in ours[number].differences(theirs[number]):
                yield judge, number, *difference
    crate, refused = of_crate(path)
    for number in sorted(ours.keys() | crate.keys()):
        if number not in crate:
            yield "mft", number, "presence", "there", refused
        elif number in ours:
            for difference in against_crate(ours[number], crate[number]):
                yield "mft", number, *difference
        elif crate[number]["base"] == (0, 0) and (crate[number]["names"] or crate[number]["si"]):
            yield "mft", number, "presence", None, crate[number]
    names = sum(len(entry.names) for entry in ours.values())
    yield "counts", len(ours), f"{len(ours)} entries, {names} names", None, None


def why(path, judge, entry, what):
    if judge == "dissect, list outside":
        return OUTSIDE
    for file, by, entries, kind, reason in EXPLAINED:
        is_file = fnmatch.fnmatchcase(str(path), f"*{file}") and by == judge
        if is_file and (not entries or entry in entries) and what.startswith(kind):
            return reason
    return None


def report(path, folder, differences):
    """Prints the row of a file. Whether something is not explained."""
    counts, explained, unknown = "", Counter(), []
    for judge, entry, what, ours, theirs in differences:
        if judge == "counts":
            counts = what
            continue
        reason = why(path, judge, entry, what)
        if reason:
            explained[judge, reason] += 1
        else:
            unknown.append(f"    {judge}: {entry}: {what}: ours {ours!r}, theirs {theirs!r}"[:600])
    verdict = "DIFFERENT" if unknown else "the same, but for what is explained" if explained else "the same"
    print(f"{path.relative_to(folder)}: {counts}: {verdict}")
    for (judge, reason), count in explained.items():
        print(f"    {judge}: {count} explained: {reason}")
    for line in unknown[:FIRST_FEW]:
        print(line)
    if unknown[FIRST_FEW:]:
        print(f"    and {len(unknown) - FIRST_FEW} more")
    return bool(unknown)


def is_journal(path):
    name = path.name.lower()
    if "usn" not in name and not name.endswith("$j"):
        return False
    # A sparse journal begins with zeros.
    start = path.read_bytes().lstrip(b"\0")[:8]
    return len(start) == 8 and struct.unpack_from("<HH", start, 4) in ((2, 0), (3, 0), (4, 0))


def main():
    command, folder = sys.argv[1], pathlib.Path(sys.argv[2])
    wrong = False
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or path.stat().st_size < 64:
            continue
        head = path.open("rb").read(64)
        if head[:4] in (b"FILE", b"BAAD") and struct.unpack_from("<I", head, 0x1C)[0] in (512, 1024, 2048, 4096):
            wrong |= report(path, folder, judge_table(command, path))
        elif is_journal(path):
            wrong |= report(path, folder, judge_journal(command, path))
    sys.exit(wrong)


main()
