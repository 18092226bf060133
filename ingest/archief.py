"""What a file is and what a zip would become: looked at before anything is unpacked or handed to a library."""

from __future__ import annotations

import zipfile
from pathlib import Path, PurePosixPath
from stat import S_ISLNK

from ingest.errors import SourceUnreadable

# A register shrinks 20 to 30 times, empty columns in a spreadsheet 100 times; far more is a bomb.
MAX_RATIO = 400
RATIO_FROM_BYTES = 16 * 1024**2
MAX_ENTRIES = 100_000
MAX_UNPACKED = 512 * 1024**3
_UNIX_MODE = 16
_ENCRYPTED = 0x1
_ARCHIVES = {
    b"\x1f\x8b": "gzip",
    b"BZh": "bzip2",
    b"\xfd7zXZ\x00": "xz",
    b"7z\xbc\xaf\x27\x1c": "7z",
    b"Rar!": "rar",
    b"\x28\xb5\x2f\xfd": "zstd",
}
_TAR = (257, b"ustar")
_SIGNATURES = {".gpkg": b"SQLite format 3\x00", ".shp": b"\x00\x00\x27\x0a"}
_JSON = (".json", ".geojson", ".topojson")
# A description of work for GDAL in a file that says to be data; it can name any other file.
_INSTRUCTIONS = b"gdal_streamed_alg"


def refuse_other_archive(head: bytes, name: str) -> None:
    """Raise SourceUnreadable for an archive that is no zip: none of those is read. head: the first 1024 bytes."""
    kind = next((kind for start, kind in _ARCHIVES.items() if head.startswith(start)), None)
    if kind is None and head[_TAR[0] :].startswith(_TAR[1]):
        kind = "tar"
    if kind is not None:
        raise SourceUnreadable(f"{name} is ingepakt als {kind}. Pak het eerst uit, of lever een zip.")


def refuse_disguise(head: bytes, suffix: str, name: str) -> None:
    """Raise SourceUnreadable when a map file is not what its extension says.

    GDAL looks at the content: a file called .geojson may be an instruction to open other files or addresses.
    """
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    expected = _SIGNATURES.get(suffix)
    if expected is not None and not head.startswith(expected):
        raise SourceUnreadable(f"{name} is geen {suffix}: de inhoud is iets anders.")
    if suffix in _JSON and (not start.startswith((b"{", b"[")) or _INSTRUCTIONS in head):
        raise SourceUnreadable(f"{name} is geen {suffix}: de inhoud is iets anders.")


def check_zip(path: Path, name: str, *, limit: int = MAX_UNPACKED) -> None:
    """Read the table of contents only: testing every byte of a BAG extract takes minutes."""
    try:
        with zipfile.ZipFile(path) as archive:
            check_entries(archive, name, path.stat().st_size, limit=limit)
    except (zipfile.BadZipFile, OSError, NotImplementedError, ValueError) as error:
        raise SourceUnreadable(f"{name} is een kapot of onvolledig zipbestand. Haal het bestand opnieuw op.") from error


def check_entries(archive: zipfile.ZipFile, name: str, size: int, *, limit: int = MAX_UNPACKED) -> None:
    """Raise SourceUnreadable for a zip that is empty, locked, a bomb, or holds a name outside of itself.

    size: bytes of the zip itself. Parts that overlap, so that a small zip holds much, count each time.
    """
    entries = archive.infolist()
    if not entries:
        raise SourceUnreadable(f"{name} is een leeg zipbestand.")
    if len(entries) > MAX_ENTRIES:
        raise SourceUnreadable(f"{name} bevat meer dan {MAX_ENTRIES} bestanden en is daarom geweigerd.")
    if any(not _is_inside(entry) for entry in entries):
        raise SourceUnreadable(f"{name} bevat een bestand met een pad naar buiten en is daarom geweigerd.")
    if any(entry.flag_bits & _ENCRYPTED for entry in entries):
        raise SourceUnreadable(f"{name} is een versleuteld zipbestand. Lever het zonder wachtwoord.")
    unpacked = sum(entry.file_size for entry in entries)
    bombs = [entry for entry in entries if _is_bomb(entry.file_size, entry.compress_size)]
    if unpacked > limit or bombs or _is_bomb(unpacked, size):
        raise SourceUnreadable(f"{name} is uitgepakt onwaarschijnlijk groot en is daarom geweigerd.")


def _is_bomb(unpacked: int, packed: int) -> bool:
    return unpacked > RATIO_FROM_BYTES and unpacked > MAX_RATIO * max(packed, 1)


def _is_inside(entry: zipfile.ZipInfo) -> bool:
    """A plain path below the zip; a link could point anywhere."""
    # What zipfile itself makes of a name is shorter: it stops at a zero byte.
    name = entry.orig_filename
    path = PurePosixPath(name)
    plain = name.isprintable() and not set(name) & set('\\:{}<>|"?*')
    link = S_ISLNK(entry.external_attr >> _UNIX_MODE)
    return plain and not link and not path.is_absolute() and ".." not in path.parts
