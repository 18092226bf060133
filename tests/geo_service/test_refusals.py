"""Bad input: a clear Dutch sentence, a code other than 0, and nothing changed but the record of the refusal."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.geo_service.dorp import COLUMNS, ZW, melding, write_csv
from tests.geo_service.support import call_cli, fingerprint, load, rows, run_cli, value

Testdata = Callable[[str], Path]
RUNS = "intern.ingest_run"
LON, LAT = 6.0589, 52.4866


@pytest.fixture(scope="module")
def filled(server, worker: str, loaded: Callable[[str], str], tmp_path_factory) -> Iterator[str]:
    """The village with ten reports; refusals leave it as it is, so the tests can share it."""
    url = server.clone(loaded("dorp"), f"{worker}_geweigerd")
    path = write_csv(tmp_path_factory.mktemp("vol") / "lijst.csv", [melding(number) for number in range(10)])
    load("ingest", "meldingen", path, "--bron", "lijst", url=url)
    yield url
    server.drop(f"{worker}_geweigerd")


def assert_one_dutch_sentence(done: subprocess.CompletedProcess[str], fragment: str) -> None:
    said = done.stderr.strip()
    assert done.returncode == 1, (done.returncode, said, done.stdout)
    assert said.startswith("Geweigerd: "), said
    assert "\n" not in said, said
    assert "Traceback" not in said
    assert fragment.lower() in said.lower(), said
    assert said.endswith((".", "?")), said


def assert_refused(url: str, *args, fragment: str) -> None:
    before = fingerprint(url, without=frozenset({RUNS}))
    last = value(url, f"select coalesce(max(run_id), 0) from {RUNS}")
    done = call_cli("ingest", *args, url=url)
    assert_one_dutch_sentence(done, fragment)
    assert fingerprint(url, without=frozenset({RUNS})) == before
    new = rows(url, f"select uitkomst, opmerkingen -> 0 ->> 'tekst' from {RUNS} where run_id > %s", last)
    assert [outcome for outcome, _ in new] == ["geweigerd"]
    assert new[0][1] in done.stderr


def write(path: Path, content: str | bytes) -> Path:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


CSV_HEAD = "id,created_at,lon,lat,category\n"
FEATURE = {
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [LON, LAT]},
    "properties": {"created_at": "2025-03-10T12:00:00Z", "category": {"slug": "grofvuil", "parent": {"slug": "afval"}}},
}
TRUNCATED = '{"type": "FeatureCollection", "features": [' + ", ".join([json.dumps(FEATURE)] * 20) + ', {"type": "Fea'

WHOLE_FILES = {
    "empty": ("leeg.csv", "", "is leeg"),
    "only spaces": ("leeg.json", "  \n \n", "is leeg"),
    "HTML instead of JSON": ("meldingen.json", "<!DOCTYPE html><html><body>Inloggen</body></html>", "webpagina"),
    "broken zip": ("meldingen.zip", b"PK\x03\x04" + b"x" * 300, "zip"),
    "no time column": ("a.csv", "id,lon,lat,category\n1,6.05,52.48,grofvuil\n", "kolom"),
    "no place": ("b.csv", "id,created_at,category\n1,2025-03-10,grofvuil\n", "kolom"),
    "truncated JSON": ("stuk.json", TRUNCATED, "stuk.json"),
    "JSON of something else": ("anders.json", '{"hallo": "wereld"}', "anders.json"),
    "swapped lat and lon": (
        "om.csv", CSV_HEAD + "".join(f"{n},2025-03-10,{LAT},{LON},grofvuil\n" for n in range(5)), "lat",
    ),
    "RD metres in lon and lat": (
        "rd.csv", CSV_HEAD + "".join(f"{n},2025-03-10,200500,500500,grofvuil\n" for n in range(5)), "afgekeurd",
    ),
    "another municipality": (
        "elders.csv", CSV_HEAD + "".join(f"{n},2025-03-10,6.89,52.22,grofvuil\n" for n in range(5)), "buiten",
    ),
    "all rows rejected": ("oud.csv", CSV_HEAD + f"1,1999-01-01,{LON},{LAT},grofvuil\n", "datum_voor_2000"),
}  # fmt: skip


@pytest.mark.parametrize(("name", "content", "fragment"), WHOLE_FILES.values(), ids=WHOLE_FILES.keys())
def test_a_file_that_cannot_be_used_is_refused_whole(
    filled: str, tmp_path: Path, name: str, content: str | bytes, fragment: str
) -> None:
    path = write(tmp_path / name, content)
    assert_refused(filled, "meldingen", path, "--bron", "lijst", fragment=fragment)


def test_a_list_without_rows_changes_nothing_and_says_so(filled: str, tmp_path: Path) -> None:
    """An empty list is an answer too; even as a whole list it closes nothing."""
    before = fingerprint(filled, without=frozenset({RUNS}))
    path = write(tmp_path / "kop.csv", CSV_HEAD)
    said = load("ingest", "meldingen", path, "--bron", "lijst", "--volledig", url=filled)
    assert "0 gelezen · 0 opgeslagen · 0 ongewijzigd · 0 afgekeurd" in said
    assert fingerprint(filled, without=frozenset({RUNS})) == before


def test_a_missing_file_is_refused(filled: str, tmp_path: Path) -> None:
    assert_refused(filled, "meldingen", tmp_path / "weg.csv", "--bron", "lijst", fragment="bestaat niet")


def test_a_folder_is_refused(filled: str, tmp_path: Path) -> None:
    assert_refused(filled, "meldingen", tmp_path, "--bron", "lijst", fragment="is een map")


@pytest.mark.parametrize(
    "text",
    ['"geb\\u0000aar"', '"half \\ud800 teken"'],
    ids=["NUL", "half a character"],
)
def test_text_that_a_database_cannot_hold_is_no_stack_trace(filled: str, tmp_path: Path, text: str) -> None:
    """Either refused in one sentence, or kept with the character gone; never a stack trace, never half a file."""
    feature = json.dumps(FEATURE).replace('"grofvuil"', text)
    path = write(tmp_path / "vreemd.json", '{"type": "FeatureCollection", "features": [' + feature + "]}")
    done = call_cli("ingest", "meldingen", path, "--bron", "vreemd", "--gemeente", "GM9001", url=filled)
    if done.returncode:
        assert_one_dutch_sentence(done, "")
    else:
        assert "1 gelezen" in done.stdout
        with_it = rows(filled, "delete from intern.melding where bron = 'vreemd' returning bron_categorie")
        assert len(with_it) == 1


MAPPINGS = {
    "nationality": ('[kolommen]\nsleutel = "id"\ntijd = "created_at"\ncategorie = "nationaliteit"\n', "nationaliteit"),
    "origin": ('[kolommen]\nsleutel = "id"\nmelder = "migratieachtergrond"\n', "herkomst"),
    "religion": ('[kolommen]\nsleutel = "id"\nstatus = "geloof"\n', "religie"),
    "no TOML": ("dit is = = geen toml", "toml"),
    "unknown key": ('kolomen = "x"\n', "kent de sleutel"),
    "unknown category": ('categorie = "bestaat-niet"\n', "geen bekende code"),
}


@pytest.mark.parametrize(("content", "fragment"), MAPPINGS.values(), ids=MAPPINGS.keys())
def test_a_mapping_that_asks_too_much_or_is_wrong_is_refused(
    filled: str, tmp_path: Path, content: str, fragment: str
) -> None:
    header = "id,created_at,lon,lat,category,nationaliteit,migratieachtergrond,geloof\n"
    path = write(tmp_path / "m.csv", header + f"1,2025-03-10,{LON},{LAT},grofvuil,NL,geen,geen\n")
    mapping = write(tmp_path / "m.toml", content)
    assert_refused(filled, "meldingen", path, "--bron", "lijst", "--mapping", mapping, fragment=fragment)


def test_a_missing_mapping_is_refused(filled: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "lijst.csv", [melding(1)])
    assert_refused(
        filled, "meldingen", path, "--bron", "lijst", "--mapping", tmp_path / "weg.toml", fragment="bestaat niet"
    )


OTHER_LAYERS = {
    "gebieden, HTML": ("gebieden", "g.geojson", "<html></html>", ("--jaar", 2022), "webpagina"),
    "gebieden, empty": ("gebieden", "g.geojson", "", ("--jaar", 2022), "is leeg"),
    "gebieden, no codes": (
        "gebieden", "g.geojson", json.dumps({"type": "FeatureCollection", "features": [FEATURE]}), ("--jaar", 2022), "",
    ),
    "gebieden, broken zip": ("gebieden", "g.zip", b"PK\x03\x04xx", ("--jaar", 2022), "zip"),
    "woningen, broken zip": ("woningen", "w.zip", b"PK\x03\x04xx", ("--gemeente", "GM9001"), "zip"),
    "kerncijfers, HTML": ("kerncijfers", "k.json", "<html></html>", ("--jaar", 2022), "webpagina"),
    "kerncijfers, no year": ("kerncijfers", "k.csv", "gebied,inwoners\nBU90010000,5\n", (), ""),
    "wijkwijzers, missing column": ("wijkwijzers", "ww.csv", "id,adres\n1,Plein 1\n", (), "kolom"),
    "bezoeken, missing column": ("bezoeken", "b.csv", "id,kanaal\n1,fysiek\n", (), "kolom"),
    "voorzieningen, empty": ("voorzieningen", "v.csv", "", (), "is leeg"),
    "interventies, missing column": ("interventies", "i.csv", "soort\nx\n", (), "kolom"),
    "bronnen, no TOML": ("bronnen", "bronnen.toml", "[[bron]\nnaam=", (), "toml"),
    "bronnen, empty": ("bronnen", "bronnen.toml", "", (), "is leeg"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("laag", "name", "content", "options", "fragment"), OTHER_LAYERS.values(), ids=OTHER_LAYERS.keys()
)
def test_every_layer_refuses_bad_files(
    filled: str, tmp_path: Path, laag: str, name: str, content: str | bytes, options: tuple, fragment: str
) -> None:
    assert_refused(filled, laag, write(tmp_path / name, content), *options, fragment=fragment)


def test_real_areas_without_the_asked_municipality_are_refused_and_the_present_ones_named(
    filled: str, testdata: Testdata
) -> None:
    path = testdata("enschede/cbs_buurten_2021_enschede_28992.gpkg")
    assert_refused(filled, "gebieden", path, "--jaar", 2021, "--gemeente", "GM0106", fragment="Wel aanwezig: GM0153")


def test_real_counts_of_another_municipality_are_refused(filled: str, testdata: Testdata) -> None:
    path = testdata("politie/politie_47018NED_2023_enschede_buurt_totaal.csv")
    assert_refused(
        filled, "meldingen", path, "--bron", "politie", "--gemeente", "GM9001", fragment="gebied_onbekend (70)"
    )


def test_a_wrong_municipality_code_is_refused(filled: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "lijst.csv", [melding(1)])
    before = fingerprint(filled, without=frozenset({RUNS}))
    done = call_cli("ingest", "meldingen", path, "--gemeente", "Enschede", url=filled)
    assert_one_dutch_sentence(done, "GM0153")
    assert fingerprint(filled, without=frozenset({RUNS})) == before


def test_rejects_that_cannot_be_written_are_told_before_anything_is_stored(filled: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "lijst.csv", [melding(77), melding(78, created_at="1999-01-01")])
    before = fingerprint(filled, without=frozenset({RUNS}))
    done = call_cli(
        "ingest", "meldingen", path, "--bron", "lijst", "--afkeur", tmp_path / "geen" / "map.csv", url=filled
    )
    assert_one_dutch_sentence(done, "afkeur")
    assert fingerprint(filled, without=frozenset({RUNS})) == before


def test_a_short_secret_is_told_in_dutch(filled: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "lijst.csv", [melding(1)])
    done = call_cli("ingest", "meldingen", path, "--bron", "lijst", url=filled, geheim="kort")
    assert_one_dutch_sentence(done, "geheim")


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://u@/db?host=/bestaat/niet",
        "postgresql://u@127.0.0.1:1/db",
        "dit is geen url",
        "postgresql://u@/db?hots=/x",
    ],
)
def test_no_database_is_one_dutch_sentence(address: str) -> None:
    done = call_cli("db", "migrate", url=address)
    assert_one_dutch_sentence(done, "database")


def test_the_real_command_refuses_the_same_way(filled: str, tmp_path: Path) -> None:
    path = write(tmp_path / "leeg.csv", "")
    done = run_cli("ingest", "meldingen", path, "--bron", "lijst", url=filled)
    assert_one_dutch_sentence(done, "leeg.csv is leeg.")
    assert done.stdout == ""


# --- rows


def test_rejected_rows_carry_code_and_line_and_the_rest_is_stored(dorp_url: str, tmp_path: Path) -> None:
    tomorrow = value(dorp_url, "select (current_date + 5)::text")
    path = write_csv(
        tmp_path / "lijst.csv",
        [
            melding("goed-1"),
            melding("oud", created_at="1999-12-31T23:59:59+01:00"),
            melding("toekomst", created_at=tomorrow),
            melding("nan", x="NaN", y="NaN"),
            melding("lang", category="x" * 1_000_000),
            melding("dubbel"),
            melding("dubbel", created_at="2025-03-11T12:00:00Z"),
            melding("dubbel", at=(200_600, 500_500)),
            melding("", created_at="2025-03-10"),
            melding("onleesbaar", created_at="gisteren"),
            melding("goed-2"),
        ],
    )  # fmt: skip
    afkeur = tmp_path / "afkeur.csv"
    said = load("ingest", "meldingen", path, "--bron", "lijst", "--afkeur", afkeur, url=dorp_url)
    expected = [
        (3, "datum_voor_2000", "oud"),
        (4, "datum_na_morgen", "toekomst"),
        (5, "coordinaat_nan", "nan"),
        (6, "veld_te_lang", "lang"),
        (8, "sleutel_dubbel", "dubbel"),
        (9, "sleutel_dubbel", "dubbel"),
        (10, "sleutel_ontbreekt", ""),
        (11, "datum_onleesbaar", "onleesbaar"),
    ]
    assert rows(dorp_url, "select regel, code, coalesce(sleutel, '') from intern.ingest_afkeur order by 1") == expected
    with afkeur.open(encoding="utf-8") as file:
        written = list(csv.DictReader(file))
    assert [(int(row["regel"]), row["code"], row["sleutel"]) for row in written] == expected
    assert all(row["reden"].endswith(".") for row in written)
    assert "11 gelezen · 3 opgeslagen · 0 ongewijzigd · 8 afgekeurd" in said
    assert rows(dorp_url, "select sleutel from intern.melding_sleutel order by 1") == [
        ("dubbel",),
        ("goed-1",),
        ("goed-2",),
    ]
    assert rows(
        dorp_url,
        "select tijd::date::text from intern.melding join intern.melding_sleutel using (melding_id) "
        "where sleutel = 'dubbel'",
    ) == [("2025-03-10",)]


def test_an_unknown_category_is_kept_as_overig_with_a_note(dorp_url: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "lijst.csv", [melding(1, category="ufo"), melding(2, category="ufo")])
    said = load("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)
    assert rows(dorp_url, "select distinct categorie, bron_categorie from intern.melding") == [("overig-overig", "ufo")]
    assert "ufo" in said
    assert "let op" in said


def test_the_double_hour_of_october_is_the_first_one_and_uncertain(dorp_url: str, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "lijst.csv",
        [melding(1, created_at="2025-10-26 02:30:00"), melding(2, created_at="2025-10-26 03:30:00")],
    )
    said = load("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)
    assert rows(
        dorp_url,
        "select (tijd at time zone 'UTC')::text, tijd_onzeker, dag::text from intern.melding order by tijd",
    ) == [
        ("2025-10-26 00:30:00", True, "2025-10-26"),
        ("2025-10-26 02:30:00", False, "2025-10-26"),
    ]
    assert "klokwisseling" in said


def test_the_day_of_a_report_is_the_dutch_day(dorp_url: str, tmp_path: Path) -> None:
    """23:30 UTC on New Year's Eve is the first hour of the new year here: in its day, its year and its partition."""
    path = write_csv(tmp_path / "lijst.csv", [melding(1, created_at="2024-12-31T23:30:00Z")])
    load("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)
    assert rows(dorp_url, "select dag::text, jaar, tableoid::regclass::text from intern.melding") == [
        ("2025-01-01", 2025, "intern.melding_2025")
    ]
    assert rows(dorp_url, "select dag::text, aantal from intern.kubus") == [("2025-01-01", 1)]


def test_latin_1_is_decoded_and_said(dorp_url: str, tmp_path: Path) -> None:
    text = "id,created_at,x,y,category\n1,2025-03-10,200500,500500,café\n"
    path = write(tmp_path / "lijst.csv", text.encode("latin-1"))
    said = load("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)
    assert value(dorp_url, "select bron_categorie from intern.melding") == "café"
    assert "let op" in said
    assert "utf-8" in said.lower()


def test_columns_that_are_not_read_are_named(dorp_url: str, tmp_path: Path) -> None:
    path = write_csv(
        tmp_path / "lijst.csv",
        [melding(1, nationaliteit="geheim-NL", opmerking="geheime tekst")],
        (*COLUMNS, "nationaliteit", "opmerking"),
    )
    said = load("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)
    assert "nationaliteit" in said
    assert "opmerking" in said
    assert "geheim" not in said


def test_points_outside_are_kept_without_a_buurt(dorp_url: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "lijst.csv", [melding(1), melding(2), melding(3, buurt=None)])
    said = load("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)
    assert "3 opgeslagen" in said
    assert "1 buiten de gebieden" in said
    assert rows(dorp_url, "select gebied_code, aantal from intern.kubus order by 1") == [(ZW, 2), ("buiten", 1)]


def test_exactly_half_outside_is_not_yet_refused(dorp_url: str, tmp_path: Path) -> None:
    path = write_csv(tmp_path / "lijst.csv", [melding(1), melding(2, buurt=None)])
    assert "1 buiten" in load("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)


def test_a_buurt_code_that_does_not_exist_counts_as_outside(dorp_url: str, tmp_path: Path) -> None:
    """A row with only a code: buurten plus outside must still sum to all reports."""
    path = write(
        tmp_path / "lijst.csv",
        f"id,created_at,buurt_code,category\n1,2025-03-10,{ZW},afval-dumping\n2,2025-03-10,BU90019999,afval-dumping\n",
    )
    said = load("ingest", "meldingen", path, "--bron", "lijst", "--gemeente", "GM9001", url=dorp_url)
    known = {ZW, "buiten"}
    assert {code for (code,) in rows(dorp_url, "select gebied_code from intern.kubus")} == known
    assert "1 buiten" in said or "1 afgekeurd" in said
