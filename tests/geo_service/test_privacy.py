"""Free text is never stored, reporter and address only as keyed pseudonyms: planted markers, searched everywhere."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest

from tests.geo_service.dorp import GEMEENTE, ZW, melding, write_csv
from tests.geo_service.support import call_cli, load, rows, value

MARK = "MERKTEKEN"
MARKS = re.compile(MARK, re.IGNORECASE)
LON, LAT = 6.0549, 52.4866


def signal(number: int, **changes: object) -> dict:
    """A private signal of Signalen with a marker in everything that may not be kept."""
    return {
        "id": number,
        "id_display": f"SIG-{number}",
        "text": f"{MARK}-tekst {number}",
        "text_extra": f"{MARK}-extra",
        "notes": [{"text": f"{MARK}-notitie", "created_by": f"{MARK}@gemeente.nl"}],
        "attachments": [{"href": f"https://voorbeeld.nl/{MARK}.jpg"}],
        "reporter": {"email": f"{MARK}@voorbeeld.nl", "phone": f"06-{MARK}", "sharing_allowed": True},
        "category": {"main_slug": "afval", "sub_slug": "grofvuil", "text": f"{MARK}-categorietekst"},
        "status": {"state": "m", "text": f"{MARK}-statustekst", "user": f"{MARK}-medewerker"},
        "created_at": "2025-03-10T12:00:00+01:00",
        "location": {
            "geometrie": {"type": "Point", "coordinates": [LON, LAT]},
            "address": {
                "openbare_ruimte": f"{MARK}straat",
                "huisnummer": 1,
                "postcode": "7511AA",
                "woonplaats": "Dorp",
            },
            "address_text": f"{MARK}straat 1",
            "extra_properties": {"opmerking": f"{MARK}-extra"},
            "created_by": f"{MARK}-medewerker",
        },
        "source": "app",
        "extra_properties": [{"answer": f"{MARK}-antwoord", "label": "vraag"}],
        "directing_departments": [{"name": f"{MARK}-afdeling"}],
    } | changes


def places_with(url: str, pattern: re.Pattern[str]) -> list[str]:
    """Every column of every table, in any schema, that holds the pattern somewhere: as a full dump would."""
    found = []
    with psycopg.connect(url) as connection:
        columns = connection.execute(
            "select format('%I.%I', table_schema, table_name), column_name from information_schema.columns "
            "where table_schema not in ('pg_catalog', 'information_schema') order by 1, 2"
        ).fetchall()
        for table, column in columns:
            query = f'select 1 from {table} where "{column}"::text ~* %s limit 1'
            if connection.execute(query, (pattern.pattern,)).fetchone():
                found.append(f"{table}.{column}")
    return found


@pytest.fixture
def private_url(dorp_url: str, tmp_path: Path) -> str:
    signals = [signal(1), signal(2), signal(3, reporter={"email": "ander@voorbeeld.nl"})]
    signals[2]["location"] = {**signals[2]["location"], "address": {"openbare_ruimte": "Andere weg", "huisnummer": 9}}
    path = tmp_path / "signalen.json"
    path.write_text(json.dumps({"count": 3, "results": signals}), encoding="utf-8")
    said = load("ingest", "meldingen", path, "--bron", "signalen", url=dorp_url)
    assert "3 gelezen · 3 opgeslagen" in said
    assert not MARKS.search(said)
    return dorp_url


def test_the_search_finds_what_is_there(private_url: str) -> None:
    """The search itself must be able to fail."""
    with psycopg.connect(private_url) as connection:
        connection.execute("update publiek.bron set definitie = 'merkteken'")
    assert places_with(private_url, MARKS) == ["publiek.bron.definitie"]


def test_nothing_of_text_reporter_address_notes_or_attachments_is_stored(private_url: str) -> None:
    assert places_with(private_url, MARKS) == []
    assert places_with(private_url, re.compile("voorbeeld|7511AA|andere weg")) == []


def test_distinct_reporters_and_addresses_can_still_be_counted(private_url: str) -> None:
    assert rows(private_url, "select count(*), count(distinct melder), count(distinct adres) from intern.melding") == [
        (3, 2, 2)
    ]


def test_pseudonyms_depend_on_the_secret(copy_of: Callable[[str], str], tmp_path: Path) -> None:
    path = tmp_path / "signalen.json"
    path.write_text(json.dumps({"count": 1, "results": [signal(1)]}), encoding="utf-8")
    found = []
    for secret in ("een geheim van ruim dertig tekens lang", "een heel ander geheim van dertig tekens"):
        url = copy_of("dorp")
        load("ingest", "meldingen", path, "--bron", "signalen", url=url, geheim=secret)
        found.append(rows(url, "select melder, adres from intern.melding")[0])
    assert found[0] != found[1]
    assert all(part is not None for pair in found for part in pair)


def test_the_secret_is_not_in_the_database(private_url: str) -> None:
    assert places_with(private_url, re.compile("geheim-van-de-tests")) == []


def test_rejected_rows_keep_no_text_either(dorp_url: str, tmp_path: Path) -> None:
    signals = [signal(1), signal(2, created_at=f"{MARK} gisteren"), signal(3, created_at="1990-01-01")]
    signals.append(signal(4, category={"main_slug": "x" * 5000, "sub_slug": f"{MARK}"}))
    path = tmp_path / "signalen.json"
    path.write_text(json.dumps({"count": 4, "results": signals}), encoding="utf-8")
    afkeur = tmp_path / "afkeur.csv"
    said = load("ingest", "meldingen", path, "--bron", "signalen", "--afkeur", afkeur, url=dorp_url)
    assert value(dorp_url, "select count(*) from intern.ingest_afkeur") == 3
    assert places_with(dorp_url, MARKS) == []
    assert not MARKS.search(afkeur.read_text(encoding="utf-8"))
    assert not MARKS.search(said)


COLUMNS = ("id", "created_at", "x", "y", "category", "email", "adres", "omschrijving", "toelichting", "bijlage")


def test_a_csv_keeps_pseudonyms_only(dorp_url: str, tmp_path: Path) -> None:
    private = {name: f"{MARK} {name}" for name in COLUMNS[5:]}
    path = write_csv(tmp_path / "lijst.csv", [{**melding(1), **private}], (*COLUMNS, "status"))
    said = load("ingest", "meldingen", path, "--bron", "lijst", url=dorp_url)
    assert places_with(dorp_url, MARKS) == []
    assert rows(dorp_url, "select melder is not null, adres is not null from intern.melding") == [(True, True)]
    assert "omschrijving" in said
    assert not MARKS.search(said)


def test_open311_description_address_and_media_are_dropped(dorp_url: str, tmp_path: Path) -> None:
    request = {
        "service_request_id": "1", "status": "open", "service_name": "Grofvuil", "service_code": "grofvuil",
        "requested_datetime": "2025-03-10T12:00:00+01:00", "lat": LAT, "long": LON,
        "address": f"{MARK}straat 1", "description": f"{MARK} omschrijving", "media_url": f"https://x.nl/{MARK}.jpg",
        "status_notes": f"{MARK} notitie",
    }  # fmt: skip
    path = tmp_path / "requests.json"
    path.write_text(json.dumps([request]), encoding="utf-8")
    load("ingest", "meldingen", path, "--bron", "open311", url=dorp_url)
    assert value(dorp_url, "select count(*) from intern.melding") == 1
    assert places_with(dorp_url, MARKS) == []


def test_sensitive_voorzieningen_are_in_no_public_table(dorp_url: str, tmp_path: Path) -> None:
    path = tmp_path / "voorzieningen.csv"
    path.write_text(
        "id,naam,type,x,y,gevoelig\n"
        f"1,Buurthuis,buurthuis,200500,500500,nee\n2,{MARK} opvang,vrouwenopvang,200600,500600,ja\n",
        encoding="utf-8",
    )
    said = load("ingest", "voorzieningen", path, "--bron", "lijst", url=dorp_url)
    assert "2 gelezen · 2 opgeslagen" in said
    assert rows(dorp_url, "select naam from publiek.voorziening") == [("Buurthuis",)]
    assert places_with(dorp_url, MARKS) == ["intern.voorziening_gevoelig.naam"]


def test_a_voorziening_that_becomes_sensitive_leaves_the_public_table(dorp_url: str, tmp_path: Path) -> None:
    path = tmp_path / "voorzieningen.csv"
    line = f"1,{MARK} huis,buurthuis,200500,500500,"
    path.write_text(f"id,naam,type,x,y,gevoelig\n{line}nee\n", encoding="utf-8")
    load("ingest", "voorzieningen", path, "--bron", "lijst", url=dorp_url)
    path.write_text(f"id,naam,type,x,y,gevoelig\n{line}ja\n", encoding="utf-8")
    load("ingest", "voorzieningen", path, "--bron", "lijst", url=dorp_url)
    assert places_with(dorp_url, MARKS) == ["intern.voorziening_gevoelig.naam"]


def test_a_token_in_the_address_of_a_source_is_not_kept(dorp_url: str) -> None:
    """The run's record names the file; what follows the question mark of a URL may hold a key."""
    address = f"http://127.0.0.1:9/signalen.json?token={MARK}"
    done = call_cli("ingest", "meldingen", address, "--bron", "signalen", "--gemeente", GEMEENTE, url=dorp_url)
    assert done.returncode == 1
    assert places_with(dorp_url, MARKS) == []
    assert not MARKS.search(done.stderr)


def test_a_report_lies_in_its_buurt(private_url: str) -> None:
    assert rows(private_url, "select distinct buurt_code from intern.melding") == [(ZW,)]
