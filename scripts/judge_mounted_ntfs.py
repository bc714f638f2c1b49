"""Makes a volume through a mount, and holds what mft_events says of its table against it: see judge-mounted-ntfs."""

import json
import os
import pathlib
import random
import stat
import struct
import subprocess
import sys
import tempfile
from collections import defaultdict

KINDS = ("si_created", "si_modified", "si_changed", "si_accessed")
WORDS = "windows system report budget Пример 資料 résumé driver update cache backup naïve".split()
FIRST_FEW = 5
RECORD = 1024


def make(top, count, dice):
    """Files and folders below a mounted volume. The paths that were deleted again, and the targets of junctions."""
    folders = [top]
    files = []
    for number in range(count):
        # Mostly in one of the last folders, as programs are installed.
        near = folders[-20:] if dice.random() < 0.8 else folders
        parent = dice.choice(near)
        name = f"{dice.choice(WORDS)}-{number}"
        if dice.random() < 0.12 and len(parent.parts) - len(top.parts) < 8:
            folder = parent / name
            folder.mkdir()
            folders.append(folder)
            continue
        if dice.random() < 0.03:
            name += "-" + "long" * dice.randint(10, 45)
        file = parent / f"{name}.{dice.choice(('dll', 'txt', 'log.gz', 'docx'))}"
        # What fits into the record stays in it.
        file.write_bytes(b"\x41" * dice.choice((0, 1, 99, 500, 700, 5000, 70000)))
        files.append(file)
    for file in dice.sample(files, count // 40):
        link(file, dice.choice(folders), dice)
    for file in dice.sample(files, count // 40):
        streams(file, dice)
    for file in dice.sample(files, count // 50):
        os.utime(file, ns=(10**18 + dice.randrange(10**15) * 100, 10**18 + dice.randrange(10**15) * 100))
    for short, file in enumerate(dice.sample(files, count // 50)):
        # A file with two long names can have no short one.
        if file.stat().st_nlink == 1:
            os.setxattr(file, "system.ntfs_dos_name", f"F{short:05}~1.X".encode())
    files = renamed(files, folders, dice)
    # The deepest first: the paths of the others stay.
    for folder in sorted(dice.sample(folders[1:], max(1, len(folders) // 50)), key=lambda path: -len(path.parts)):
        folder.rename(folder.with_name(folder.name + "-renamed"))
    fragments(top)
    gone = deleted(top, count // 20, dice)
    return gone, junctions(top, count // 500)


def link(file, folder, dice):
    """More names: some have so many that they do not fit into one record."""
    for number in range(dice.choice((1, 1, 2, 3, 40))):
        name = folder / f"link-{number}-{file.name}"[:200]
        if not name.exists():
            os.link(file, name)


def streams(file, dice):
    for number in range(dice.choice((1, 1, 2, 30))):
        pathlib.Path(f"{file}:stream{number}").write_bytes(b"z" * dice.choice((10, 300, 9000)))
    pathlib.Path(f"{file}:Zone.Identifier").write_bytes(b"[ZoneTransfer]\r\nZoneId=3\r\n")


def renamed(files, folders, dice):
    for place in dice.sample(range(len(files)), len(files) // 20):
        new = dice.choice(folders) / ("renamed-" + files[place].name)[:220]
        files[place].rename(new)
        files[place] = new
    return files


def junctions(top, count):
    """Folders that lead elsewhere: the targets that people see, by entry."""
    targets = {}
    for number in range(count):
        folder = top / f"junction-{number}"
        folder.mkdir()
        targets[folder.stat().st_ino] = target = rf"C:\Users\ünused-{number}"
        followed, seen = (text.encode("utf-16-le") for text in (rf"\??\{target}", target))
        places = struct.pack("<4H", 0, len(followed), len(followed) + 2, len(seen))
        data = places + followed + b"\0\0" + seen + b"\0\0"
        os.setxattr(folder, "system.ntfs_reparse_data", struct.pack("<IHH", 0xA0000003, len(data), 0) + data)
    return targets


def fragments(top):
    """A file in so many pieces that its runs take further records: two that grow in turns."""
    with open(top / "one.bin", "wb") as one, open(top / "two.bin", "wb") as two:
        for _ in range(1500):
            for file in (one, two):
                file.write(b"f" * 4096)
                file.flush()
                os.fsync(file.fileno())


def deleted(top, count, dice):
    files = sorted(path for path in top.rglob("*") if path.is_file())
    gone = {}
    for file in dice.sample(files, count):
        known = file.stat()
        if known.st_nlink == 1:
            gone[known.st_ino] = "C:\\" + str(file.relative_to(top)).replace("/", "\\")
            file.unlink()
    return gone


def said_by(top):
    """What the mounted volume says: by entry and path: (size, times, streams)."""
    said = {}
    for path in top.rglob("*"):
        known = path.lstat()
        name = "C:\\" + str(path.relative_to(top)).replace("/", "\\")
        # Created, modified, accessed, changed.
        times = os.getxattr(path, "system.ntfs_times", follow_symlinks=False)
        created, modified, accessed, changed = struct.unpack("<4Q", times)
        # A junction is a link to the mount, and a folder to the table.
        size = known.st_size if stat.S_ISREG(known.st_mode) else -1
        said[known.st_ino, name] = size, (created, modified, changed, accessed)
    return said


def streams_of(top):
    """The names of streams, as the other way of mounting lists them: as extended attributes."""
    found = {}
    for path in top.rglob("*"):
        names = [] if path.is_symlink() else os.listxattr(path)
        names = sorted(name[5:] for name in names if name.startswith("user."))
        if names:
            found[path.lstat().st_ino] = names
    return found


class Mounted:
    """A mounted image."""

    def __init__(self, image, top, options):
        self.command = ["ntfs-3g", "-o", options, str(image), str(top)]
        self.top = top

    def __enter__(self):
        subprocess.run(self.command, check=True)

    def __exit__(self, *_):
        subprocess.run(["umount", str(self.top)], check=True)


def number(bytes_, at, size):
    return int.from_bytes(bytes_[at : at + size], "little")


def table_of(image):
    """The bytes of $MFT, by the boot sector and the runs of its first record."""
    with open(image, "rb") as volume:
        boot = volume.read(512)
        cluster = number(boot, 0x0B, 2) * boot[0x0D]
        volume.seek(number(boot, 0x30, 8) * cluster)
        record = bytearray(volume.read(RECORD))
        fix_ups = number(record, 4, 2)
        for sector in (1, 2):
            record[sector * 512 - 2 : sector * 512] = record[fix_ups + 2 * sector : fix_ups + 2 * sector + 2]
        at = number(record, 0x14, 2)
        while number(record, at, 4) != 0x80:
            at += number(record, at + 4, 4)
        table, place, run = b"", 0, at + number(record, at + 0x20, 2)
        while record[run]:
            lengths, places = record[run] & 15, record[run] >> 4
            count = number(record, run + 1, lengths)
            place += int.from_bytes(record[run + 1 + lengths : run + 1 + lengths + places], "little", signed=True)
            volume.seek(place * cluster)
            table += volume.read(count * cluster)
            run += 1 + lengths + places
    return table[: number(record, at + 0x30, 8)]


def attributes(record):
    """The types of a record's attributes."""
    at = number(record, 0x14, 2)
    while at + 8 <= RECORD and (kind := number(record, at, 4)) != 0xFFFF_FFFF:
        yield kind
        at += max(number(record, at + 4, 4), 16)


def named(table):
    """The entries that have a name in one of their records: ntfs-3g takes away the last one of some when it deletes."""
    entries = set()
    for place in range(0, len(table), RECORD):
        record = table[place : place + RECORD]
        if record[:4] == b"FILE" and 0x30 in attributes(record):
            entries.add(number(record, 0x20, 6) or place // RECORD)
    return entries


def first(event, field, default=None):
    return event.get(field, [default])[0]


def ours_of(command, table):
    done = subprocess.run([command, table], capture_output=True, check=True)
    print(done.stderr.decode()[:2000], end="")
    found, free, streams, targets = defaultdict(dict), {}, {}, {}
    for line in done.stdout.decode("utf8").splitlines():
        event = json.loads(line)
        key = int(first(event, "file.Ext.mft.entry")), first(event, "file.path")
        if first(event, "file.Ext.mft.in_use") != "true":
            free[key[0]] = key[1]
            continue
        if "file.Ext.stream" in event:
            streams[key[0]] = sorted(event["file.Ext.stream"])
        if "file.target_path" in event:
            targets[key[0]] = first(event, "file.target_path")
        found[key]["size"] = int(first(event, "file.size", -1))
        for kind in event["event.Ext.timestamp_kind"]:
            found[key][kind] = event["time"]
    told = {key: (own.get("size"), tuple(own.get(kind) for kind in KINDS)) for key, own in found.items()}
    return told, free, streams, targets


def compare(what, ours, theirs):
    """Prints what is not the same. Whether something is not."""
    missing = sorted(theirs.keys() - ours.keys())
    more = sorted(ours.keys() - theirs.keys())
    other = sorted(key for key in ours.keys() & theirs.keys() if ours[key] != theirs[key])
    print(f"{what}: {len(theirs)}; missing {len(missing)}, more {len(more)}, otherwise {len(other)}")
    for title, keys in (("missing", missing), ("more", more), ("otherwise", other)):
        for key in keys[:FIRST_FEW]:
            print(f"    {title}: {key}: ours {ours.get(key)}, theirs {theirs.get(key)}"[:400])
    return bool(missing or more or other)


def main():
    command, count = sys.argv[1], int(sys.argv[2])
    with tempfile.TemporaryDirectory() as room:
        image, top = pathlib.Path(room, "image"), pathlib.Path(room, "mounted")
        top.mkdir()
        with open(image, "wb") as file:
            file.truncate(2 << 30)
        made = ["mkntfs", "-F", "-Q", "-q", "-s", "512", "-p", "0", "-H", "0", "-S", "0", str(image)]
        subprocess.run(made, check=True, stderr=subprocess.DEVNULL)
        with Mounted(image, top, "streams_interface=windows"):
            gone, leads = make(top, count, random.Random(11))
        with Mounted(image, top, "ro,noatime"):
            theirs, their_streams = said_by(top), streams_of(top)
        table = pathlib.Path(room, "$MFT")
        table.write_bytes(table_of(image))
        names = named(table.read_bytes())
        print(f"table of {table.stat().st_size // RECORD} records")
        ours, free, streams, targets = ours_of(command, str(table))
    # The volume's own files are hidden in a mount.
    ours = {(entry, path): own for (entry, path), own in ours.items() if entry >= 24 and "$Extend\\" not in path}
    wrong = compare("names", ours, theirs)
    streams = {entry: names for entry, names in streams.items() if entry >= 24}
    wrong |= compare("entries with streams", streams, their_streams)
    wrong |= compare("targets of junctions", targets, leads)
    # Not those whose place was taken again.
    used = {entry for entry, _ in theirs}
    gone = {entry: path for entry, path in gone.items() if entry in names - used}
    wrong |= compare("deleted, with a name", {entry: path for entry, path in free.items() if entry in gone}, gone)
    sys.exit(wrong)


main()
