"""Bombs, paths to outside and disguises: refused in one clear sentence, before anything is unpacked."""

from __future__ import annotations

import gzip
import struct
import tracemalloc
import zipfile
import zlib
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ingest import archief
from ingest.errors import SourceUnreadable
from ingest.gebieden import read_gebieden
from ingest.kerncijfers import read_kerncijfers
from ingest.meldingen import read_meldingen
from ingest.voorzieningen import read_voorzieningen
from ingest.woningen import read_woningen
from tests.ingest.http_bron import serve

GIGABYTE = 1024**3
BLOCK = 16 * 1024**2
MAP = b'{"type": "FeatureCollection", "features": []}'


def read_all(source: str | Path) -> None:
    """Every reader that takes a file or an address."""
    for reader in READERS:
        with pytest.raises(SourceUnreadable) as refusal:
            reader(source)
        assert str(refusal.value).endswith(".")
        assert "geweigerd" in str(refusal.value)


READERS: tuple[Callable[[str | Path], object], ...] = (
    lambda source: read_gebieden(source, jaar=2024),
    lambda source: list(read_kerncijfers(source, jaar=2024)),
    lambda source: list(read_meldingen(source, today=date(2026, 1, 1)).batches),
    lambda source: list(read_voorzieningen(source)),
    lambda source: list(read_woningen(source)),
)


def zeros(size: int) -> bytes:
    """Real deflate data of so many zero bytes: one block that says the same again and again."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    first = packer.compress(bytes(BLOCK)) + packer.flush(zlib.Z_FULL_FLUSH)
    return first * (size // BLOCK) + packer.flush()


def write_zip(path: Path, parts: dict[str, tuple[bytes, int]], *, told: int | None = None) -> Path:
    """A zip of parts that are packed already: (data, size unpacked). told: the size that it claims for each."""
    listing, body = b"", b""
    for name, (data, size) in parts.items():
        size = size if told is None else told
        wide = struct.pack("<HHQQQ", 1, 24, size, len(data), len(body))
        head = struct.pack("<HHHHHIIIHH", 45, 0, 8, 0, 33, 0, 0xFFFFFFFF, 0xFFFFFFFF, len(name), len(wide) - 8)
        local = b"PK\x03\x04" + head + name.encode() + struct.pack("<HHQQ", 1, 16, size, len(data))
        listing += b"PK\x01\x02" + struct.pack("<H", 45) + head[:-2] + struct.pack("<H", len(wide))
        listing += struct.pack("<HHHII", 0, 0, 0, 0, 0xFFFFFFFF) + name.encode() + wide
        body += local + data
    end = struct.pack("<HHHHIIH", 0, 0, len(parts), len(parts), len(listing), len(body), 0)
    path.write_bytes(body + listing + b"PK\x05\x06" + end)
    return path


def test_the_bomb_is_a_real_one(tmp_path: Path) -> None:
    """A good zip of 1 GB of zeros in 1 MB, which unpacks to what it says."""
    bomb = write_zip(tmp_path / "bom.zip", {"nul.csv": (zeros(GIGABYTE), GIGABYTE)})
    assert bomb.stat().st_size < 2_000_000
    with zipfile.ZipFile(bomb) as archive, archive.open("nul.csv") as member:
        assert member.read(BLOCK) == bytes(BLOCK)


@pytest.mark.parametrize(
    ("suffix", "inside"), [(".zip", "nul.csv"), (".zip", "nul.gpkg"), (".zip", "nul.xml"), (".xlsx", "xl/a.xml")]
)
def test_ten_gigabytes_of_zeros_are_refused_unread(tmp_path: Path, inside: str, suffix: str) -> None:
    bomb = write_zip(tmp_path / f"bom{suffix}", {inside: (zeros(10 * GIGABYTE), 10 * GIGABYTE)})
    assert bomb.stat().st_size < 20_000_000
    tracemalloc.start()
    read_all(bomb)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20_000_000


def test_many_small_parts_are_a_bomb_together(tmp_path: Path) -> None:
    part = (zeros(BLOCK), BLOCK)
    read_all(write_zip(tmp_path / "veel.zip", {f"deel{number}.xml": part for number in range(600)}))


def test_one_part_that_is_listed_many_times_is_a_bomb(tmp_path: Path) -> None:
    """The parts lie over each other, so that the whole is small."""
    path = tmp_path / "overlap.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("deel.xml", b"<x/>" + bytes(range(256)) * 40_000)
        for number in range(2_000):
            again = zipfile.ZipInfo(f"deel{number}.xml")
            first = archive.filelist[0]
            for field in ("header_offset", "compress_size", "file_size", "CRC", "compress_type"):
                setattr(again, field, getattr(first, field))
            archive.filelist.append(again)
    assert path.stat().st_size < 1_000_000
    read_all(path)


def test_a_bomb_in_a_zip_in_a_zip_is_refused(tmp_path: Path) -> None:
    inner = write_zip(tmp_path / "binnen.zip", {"9999PND01.xml": (zeros(10 * GIGABYTE), 10 * GIGABYTE)})
    outer = tmp_path / "buiten.zip"
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_STORED) as archive:
        archive.write(inner, "9999PND.zip")
    with pytest.raises(SourceUnreadable, match="onwaarschijnlijk groot"):
        list(read_woningen(outer))


def test_zips_in_zips_end_somewhere(tmp_path: Path) -> None:
    path = tmp_path / "0.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("9999PND.xml", "<x/>")
    for depth in range(1, 6):
        outer = tmp_path / f"{depth}.zip"
        with zipfile.ZipFile(outer, "w") as archive:
            archive.write(path, "9999PND.zip")
        path = outer
    with pytest.raises(SourceUnreadable, match="te veel zipbestanden in elkaar"):
        list(read_woningen(path))


def test_a_size_that_is_a_lie_gives_no_more_than_it_says(tmp_path: Path) -> None:
    """What unpacks to 10 GB and claims 1000 bytes is broken, and costs no memory."""
    lie = write_zip(tmp_path / "leugen.zip", {"9999PND01.xml": (zeros(10 * GIGABYTE), 0)}, told=1000)
    tracemalloc.start()
    with pytest.raises(SourceUnreadable):
        list(read_woningen(lie))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60_000_000


def test_a_zip_of_very_many_parts_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archief, "MAX_ENTRIES", 100)
    path = tmp_path / "veel.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(101):
            archive.writestr(str(number), b"")
    read_all(path)


@pytest.mark.parametrize(
    "name",
    [
        "../gebieden.geojson",
        "map/../../gebieden.geojson",
        "/etc/gebieden.geojson",
        "..\\gebieden.geojson",
        "C:\\gebieden.geojson",
        "gebieden\0.geojson",
        "a\r\nb.geojson",
        "{gebieden.geojson",
        "vsicurl/http://kwaad.example/x.geojson",
    ],
)
def test_a_name_that_leads_out_of_the_zip_is_refused(tmp_path: Path, name: str) -> None:
    path = tmp_path / "pad.zip"
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("x" * len(name))
        archive.writestr(entry, MAP)
    path.write_bytes(path.read_bytes().replace(b"x" * len(name), name.encode()))
    read_all(path)


def test_a_link_in_a_zip_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as archive:
        entry = zipfile.ZipInfo("gebieden.geojson")
        entry.external_attr = 0o120777 << 16
        archive.writestr(entry, "/etc/passwd")
    read_all(path)


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (gzip.compress(b"a;b\n1;2\n", mtime=0), "gzip"),
        (b"BZh91AY", "bzip2"),
        (b"\xfd7zXZ\x00\x00", "xz"),
        (b"7z\xbc\xaf\x27\x1c", "7z"),
        (b"Rar!\x1a\x07", "rar"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
        (b"naam".ljust(257, b"\0") + b"ustar", "tar"),
    ],
)
@pytest.mark.parametrize("name", ["bron.csv", "bron.csv.gz", "bron.geojson", "bron.xlsx", "bron.zip"])
def test_other_archives_are_named_and_refused(tmp_path: Path, start: bytes, kind: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(start)
    for reader in READERS:
        with pytest.raises(SourceUnreadable, match=f"is ingepakt als {kind}. Pak het eerst uit"):
            reader(path)


VRT = b'<OGRVRTDataSource><OGRVRTLayer name="x"><SrcDataSource>%s</SrcDataSource></OGRVRTLayer></OGRVRTDataSource>'
GDALG = b'{"type": "gdal_streamed_alg", "command_line": "gdal vector read %s ! write --of=stream"}'


@pytest.mark.parametrize("trick", [VRT, GDALG, b"\n\n" + VRT, b"PGDUMP --\n%s"])
@pytest.mark.parametrize("suffix", [".geojson", ".json", ".gpkg", ".shp", ".topojson"])
@pytest.mark.parametrize("packed", [False, True])
def test_a_map_file_that_is_an_instruction_is_refused(tmp_path: Path, trick: bytes, suffix: str, packed: bool) -> None:
    """GDAL would open whatever the file names."""
    other = tmp_path / "ander.geojson"
    other.write_bytes(MAP)
    path = tmp_path / f"kaart{suffix}"
    path.write_bytes(trick % str(other).encode())
    if packed:
        outer = tmp_path / "kaart.zip"
        with zipfile.ZipFile(outer, "w") as archive:
            archive.write(path, path.name)
        path = outer
    with pytest.raises(SourceUnreadable, match=r"de inhoud is iets anders|geen goede TopoJSON|geen geldige JSON"):
        read_gebieden(path, jaar=2024)


def test_a_bomb_over_the_web_is_cut_off(tmp_path: Path) -> None:
    """A body of some kilobytes that the connection itself unpacks."""
    head = b"\x1f\x8b\x08\0\0\0\0\0\0\xff"
    body = head + zeros(GIGABYTE)
    with serve({"/bom.csv": (200, "text/csv", body)}, {"Content-Encoding": "gzip"}) as address:
        for reader in READERS:
            with pytest.raises(SourceUnreadable, match="onwaarschijnlijk groot"):
                reader(f"{address}/bom.csv")


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "deflate, gzip", "compress"])
def test_other_encodings_of_the_web_are_refused(encoding: str) -> None:
    with (
        serve({"/x.csv": (200, "text/csv", b"a")}, {"Content-Encoding": encoding}) as address,
        pytest.raises(SourceUnreadable, match="ingepakt op een manier die wij niet lezen"),
    ):
        READERS[1](f"{address}/x.csv")
