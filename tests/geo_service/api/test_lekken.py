"""What must never leave: small counts, sensitive places, raw reports, texts of the database. Planted, then sought."""

from __future__ import annotations

import http.client
import json
import re
import time
from pathlib import Path

import httpx
import numpy as np
import psycopg
import pytest
from pyproj import Transformer

from geo_service.db import schema
from geo_service.db.connection import Role, role_conninfo
from tests.geo_service.api.website import serve, viewers_of
from tests.geo_service.release import dorp
from tests.geo_service.release.dorp import CORNER, GEMEENTE, load_bronnen, load_dorp, load_points, load_voorzieningen
from tests.geo_service.support import call_cli, change, rows

# Numbers that occur nowhere by chance: 7 reports in a buurt of 739 dwellings would be 9.472 per 1 000.
SMALL, DWELLINGS = 7, 739
TELLTALE_RATE = ("9.472", "9,472", "9.5", "9,5")
SECRET_NAME, SECRET_PROVIDER = "Huis Zonnedauw", "Stichting Verborgen"
SECRET_TYPE = "doorstroomwoning"
SECRET_PLACE = (CORNER[0] + 321.0, CORNER[1] + 123.0)
ACTION, COST = "Aanpak Zevenster", 471_137
OPEN_NAME = "Buurthuis De Open Deur"
COLLECTIONS = (
    "stadsdelen", "wijken", "buurten", "wijkteamgebieden", "meldingen-per-gebied", "bezoeken-per-gebied", "hotspots",
    "wijkwijzers", "voorzieningen", "woningvoorraad", "interventies",
)  # fmt: skip
PAGES = (
    "/", "/kaart", "/kaart?periode=2024-Q1", "/kaart?periode=2024&niveau=wijk", "/kaart?thema=samen&periode=2024-Q1",
    "/kaart?klassen=gelijk&periode=2024-Q1", "/kaart?thema=dekking", "/kaart?thema=wonen", "/uitleg",
    "/toegankelijkheid", "/interventies", "/interventies/nieuw", "/interventies/interventielogboek/geheim",
    f"/getal?periode=2024-Q1&gebied={dorp.buurt_code('A')}", f"/getal?periode=2024&gebied={dorp.buurt_code('A')}",
)  # fmt: skip
VIEWERS = viewers_of(GEMEENTE, dorp.OOST)
LONLAT_TO_RD = Transformer.from_crs(4326, 28992, always_xy=True)


@pytest.fixture(scope="module")
def planted(server, migrated, worker, tmp_path_factory):
    """A buurt (A) with 7 reports close together, its neighbour with 30; an open place and a sensitive one."""
    name = f"{worker}_lekken"
    url = load_dorp(server.clone(migrated, name))
    change(url, "update publiek.kerncijfer set waarde = %s where gebied_code = %s", DWELLINGS, dorp.buurt_code("A"))
    rng = np.random.default_rng(1)
    spots = np.vstack(
        [
            rng.uniform(-60, 60, (SMALL, 2)) + CORNER + (400, 400),
            rng.uniform(-60, 60, (30, 2)) + CORNER + (1500, 500),
        ]
    )
    load_points(url, spots[:, 0], spots[:, 1], ["2024-02-15"] * len(spots))
    place = {"zonder_verwijzing": True}
    load_voorzieningen(
        url,
        [
            place
            | {"naam": OPEN_NAME, "type": "buurthuis", "gevoelig": False, "x": CORNER[0] + 700, "y": CORNER[1] + 700},
            place
            | {"naam": SECRET_NAME, "type": SECRET_TYPE, "aanbieder": SECRET_PROVIDER, "gevoelig": True}
            | {"x": SECRET_PLACE[0], "y": SECRET_PLACE[1]},
        ],
    )
    change(
        url,
        "insert into intern.interventie (gemeente_code, bron, sleutel, naam, doel, gebied_codes, van, kosten) "
        "values (%s, 'interventielogboek', 'geheim', %s, 5, %s, '2024-01-01', %s)",
        GEMEENTE, ACTION, dorp.OOST, COST,
    )  # fmt: skip
    assert call_cli("hotspots", url=url).returncode == 0
    yield url, spots
    server.drop(name)


@pytest.fixture(scope="module")
def village(planted):
    with serve(planted[0]) as website:
        yield website


@pytest.fixture(scope="module")
def exported(planted, tmp_path_factory) -> str:
    """The map as a file, as the command line writes it."""
    path = tmp_path_factory.mktemp("kaart") / "kaart.html"
    done = call_cli("kaart", path, "--periode", "2024-Q1", url=planted[0])
    assert done.returncode == 0, done.stderr
    return path.read_text(encoding="utf-8")


def answers(website, viewer) -> dict[str, str]:
    """Everything that this viewer can get, by address."""
    found = {}
    questions = ["", "?periode=2024-Q1", "?periode=2024"]
    for collection in COLLECTIONS:
        for query in questions if collection in ("meldingen-per-gebied", "hotspots") else [""]:
            for niveau in (
                ("buurt", "wijk", "stadsdeel", "gemeente") if collection == "meldingen-per-gebied" else (None,)
            ):
                path = f"/v1/collections/{collection}/items{query}"
                path += f"{'&' if query else '?'}niveau={niveau}" if niveau else ""
                found[path] = website.get(path, viewer).text
    for path in (*PAGES, "/v1/", "/v1/collections", "/v1/openapi.json", "/gezond"):
        found[path] = website.get(path, viewer).text
    return found


def test_the_plant_is_there(planted, village):
    """The search below can find what it looks for: a stadsdeelmanager does see the 7."""
    manager = VIEWERS["stadsdeelmanager"]
    figures = village.features("meldingen-per-gebied", manager, periode="2024-Q1")
    cells = {figure["properties"]["gebied_code"]: figure["properties"] for figure in figures}
    planted_cell = cells[dorp.buurt_code("A")]
    assert (planted_cell["aantal"], planted_cell["per_1000"]) == (SMALL, 9.472)
    page = village.get("/kaart?periode=2024-Q1", manager).text
    assert f'data-kolom="aantal" data-waarde="{SMALL}"' in page
    assert "9,5" in page


@pytest.mark.parametrize("role", ["publiek", "onderzoeker"])
def test_a_small_count_is_nowhere(village, role):
    code = dorp.buurt_code("A")
    for path, text in answers(village, VIEWERS[role]).items():
        for rate in TELLTALE_RATE:
            assert not re.search(rf"(?<![\d.,]){re.escape(rate)}(?![\d])", text), f"{rate} in {path}"
        assert not re.search(rf'"aantal": ?{SMALL}\b', text), path
        assert f'data-waarde="{SMALL}"' not in text, path
        assert f'data-aantal="{SMALL}"' not in text, path
        assert f"{SMALL} melding" not in text, path
    for periode in ("2024-Q1", "2024"):
        for categorie in ("alle", "afval", "afval-zwerfafval"):
            (cell,) = village.features(
                "meldingen-per-gebied", VIEWERS[role], gebied=code, periode=periode, categorie=categorie
            )
            hidden = {name: cell["properties"][name] for name in ("aantal", "per_1000", "laag", "hoog")}
            assert set(hidden.values()) == {None}
            assert cell["properties"]["status"] == "onderdrukt"


def test_a_small_count_is_not_in_the_exported_map(exported):
    assert dorp.buurt_code("A") in exported
    assert "verborgen om privacy" in exported
    for mark in (f'data-waarde="{SMALL}"', f'data-aantal="{SMALL}"', f"{SMALL} melding"):
        assert mark not in exported
        assert mark.replace('"', '\\"') not in exported
    assert not re.search(r"(?<![\d.,])9[.,](472|5)(?!\d)", exported.partition('<h2 id="kop-tabel">')[2])


def test_seven_reports_close_together_are_no_hotspot_for_the_public(village):
    for periode in ("2024-Q1", "2024"):
        for spot in village.features("hotspots", periode=periode):
            assert "Buurt A" not in spot["properties"]["buurten"]
            assert spot["properties"]["status"] == "onderdrukt" or spot["properties"]["aantal"] >= 10


def test_no_coordinate_that_leaves_is_that_of_a_report(planted, village, exported):
    """Not in any geometry, table, popup or script, for no role: nowhere two numbers within half a metre of a report."""
    x, y = planted[1].T
    for role, viewer in VIEWERS.items():
        for path, text in (answers(village, viewer) | {"export": exported}).items():
            pairs = np.array(re.findall(r"(6\.\d+),\s*(52\.\d+)", text), dtype=float).reshape(-1, 2)
            assert len(pairs) or "buurten/items" not in path
            east, north = LONLAT_TO_RD.transform(*pairs.T)
            distance = np.hypot(np.subtract.outer(east, x), np.subtract.outer(north, y))
            assert distance.min(initial=np.inf) > 0.5, f"{role} {path}"


@pytest.mark.parametrize("role", list(VIEWERS))
def test_a_sensitive_place_is_nowhere(village, role):
    found = answers(village, VIEWERS[role])
    assert OPEN_NAME in found["/v1/collections/voorzieningen/items"]
    for path, text in found.items():
        for word in (SECRET_NAME, "Zonnedauw", SECRET_PROVIDER, SECRET_TYPE):
            assert word.lower() not in text.lower(), f"{word} in {path}"


@pytest.mark.parametrize("role", list(VIEWERS))
def test_an_intervention_is_for_staff_of_its_area_only(village, role):
    found = answers(village, VIEWERS[role])
    sees = {path for path, text in found.items() if ACTION in text}
    costs = {path for path, text in found.items() if str(COST) in text or "471.137" in text}
    if VIEWERS[role].scoped:
        assert {"/v1/collections/interventies/items", "/interventies"} <= sees
        assert costs == {"/v1/collections/interventies/items", "/interventies/interventielogboek/geheim"}
    else:
        assert (sees, costs) == (set(), set())


def test_a_sensitive_place_is_not_in_the_exported_map(exported):
    assert OPEN_NAME in exported
    for word in (SECRET_NAME, SECRET_PROVIDER, SECRET_TYPE):
        assert word.lower() not in exported.lower()


def test_a_sensitive_place_is_not_where_the_public_role_can_read(planted):
    with psycopg.connect(role_conninfo(planted[0], Role.PUBLIEK)) as connection:
        tables = connection.execute(
            "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname = 'publiek' "
            "and has_table_privilege(format('%I.%I', schemaname, tablename), 'select')"
        ).fetchall()
        assert len(tables) > 10
        for (table,) in tables:
            content = json.dumps(connection.execute(f"select t::text from {table} t").fetchall())
            for word in (SECRET_NAME, SECRET_PROVIDER, SECRET_TYPE):
                assert word.lower() not in content.lower(), table


def test_sensitive_places_of_the_demo_stay_inside_for_every_role(demo, demo_url):
    secret = [name for (name,) in rows(demo_url, "select naam from intern.voorziening_gevoelig")]
    assert secret
    for viewer in viewers_of("GM0153", "GM0153-SD-noord").values():
        text = demo.get("/v1/collections/voorzieningen/items", viewer).text + demo.get("/kaart", viewer).text
        assert [name for name in secret if name in text] == []


def test_the_public_schema_holds_public_columns_only():
    classes = {
        (table.name, column.name): column.info.get("klasse")
        for table in schema.metadata.tables.values()
        if table.schema == "publiek"
        for column in table.columns
    }
    assert len(classes) > 100
    assert {key: klasse for key, klasse in classes.items() if klasse != "openbaar"} == {}


def test_every_column_has_a_class_and_every_table_of_the_database_is_described(planted):
    described = {
        (table.schema, table.name, column.name): column.info.get("klasse")
        for table in schema.metadata.tables.values()
        for column in table.columns
    }
    assert set(described.values()) == {"openbaar", "intern", "vertrouwelijk"}
    actual = rows(
        planted[0],
        "select n.nspname, c.relname, a.attname from pg_attribute a join pg_class c on c.oid = a.attrelid "
        "join pg_namespace n on n.oid = c.relnamespace where n.nspname in ('publiek', 'intern') "
        "and c.relkind in ('r', 'p', 'v', 'm') "
        "and not c.relispartition and a.attnum > 0 and not a.attisdropped and c.relname <> 'alembic_version'",
    )
    assert set(actual) == set(described)


def test_the_public_role_reads_nothing_internal(planted):
    with psycopg.connect(role_conninfo(planted[0], Role.PUBLIEK), autocommit=True) as connection:
        for table in schema.metadata.tables.values():
            if table.schema == "intern":
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(f"select 1 from intern.{table.name}")


@pytest.mark.parametrize("role", [Role.PUBLIEK, Role.DIENST])
def test_request_roles_write_nothing(planted, role):
    with psycopg.connect(role_conninfo(planted[0], role), autocommit=True) as connection:
        for table in ("publiek.cijfer", "publiek.gebied", "publiek.bron", "intern.melding", "intern.kubus"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                connection.execute(f"delete from {table}")


DATABASE_WORDS = (
    "psycopg", "sqlalchemy", "relation", "does not exist", "select ", "publiek.", "intern.", "traceback", "syntax",
    "undefinedtable", "bs_publiek", "permission denied", "column",
)  # fmt: skip


@pytest.mark.parametrize(
    ("broken", "path"),
    [
        ("alter view publiek.voorziening_nu rename to weg", "/v1/collections/voorzieningen/items"),
        ("alter table publiek.cijfer rename to weg", "/v1/collections/meldingen-per-gebied/items"),
        ("alter table publiek.gemeente rename to weg", "/v1/collections/buurten/items"),
        ("revoke select on publiek.wijkwijzer_nu from bs_publiek", "/v1/collections/wijkwijzers/items"),
    ],
)
def test_a_broken_query_never_shows_a_text_of_the_database(url, broken, path):
    load_dorp(url)
    load_points(url, np.full(20, CORNER[0] + 500.0), np.full(20, CORNER[1] + 500.0), ["2024-02-15"] * 20)
    change(url, broken)
    with serve(url) as website:
        machine = httpx.get(website.address + path)
        person = httpx.get(f"{website.address}/kaart", headers={"accept": "text/html"})
    assert machine.status_code in (500, 503)
    assert machine.headers["content-type"] == "application/problem+json"
    assert set(machine.json()) <= {"type", "title", "status", "detail", "instance"}
    assert person.status_code in (500, 503)
    assert person.headers["content-type"] == "text/html; charset=utf-8"
    for text in (machine.text, person.text):
        assert [word for word in DATABASE_WORDS if word in text.lower()] == []


def test_an_error_of_ours_carries_the_security_headers_too(url):
    load_dorp(url)
    change(url, "alter view publiek.voorziening_nu rename to weg")
    with serve(url) as website:
        headers = website.get("/v1/collections/voorzieningen/items").headers
    assert headers.get("X-Content-Type-Options") == "nosniff"
    assert "default-src 'none'" in headers.get("Content-Security-Policy", "")
    assert headers.get("API-Version") == "0.1.0"


def test_a_broken_query_does_not_break_the_connection(url):
    """Behind a proxy the next visitor on the same connection must not suffer."""
    load_dorp(url)
    change(url, "alter view publiek.voorziening_nu rename to weg")
    with serve(url) as website:
        connection = http.client.HTTPConnection(website.address.removeprefix("http://"), timeout=10)
        connection.connect()
        connection.auto_open = 0
        statuses = []
        for path in ("/v1/collections/voorzieningen/items", "/v1/"):
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            statuses.append(answer.status)
            time.sleep(0.1)  # the server closes after it has answered
        connection.close()
    assert statuses == [500, 200]


def test_hostile_names_of_sources_and_areas_stay_text(url):
    """What a source calls itself is text on a page, never markup."""
    evil = "<script>alert(1)</script>\"'&"
    load_dorp(url)
    load_points(url, np.full(20, CORNER[0] + 500.0), np.full(20, CORNER[1] + 500.0), ["2024-02-15"] * 20)
    change(url, "update publiek.bron set houder = %s, definitie = %s", evil, evil)
    change(url, "update publiek.gebied set naam = %s where code = %s", evil, dorp.buurt_code("B"))
    change(url, "update publiek.gemeente set naam = %s", evil)
    with serve(url) as website:
        for path in ("/", "/kaart?periode=2024-Q1", "/uitleg"):
            page = website.get(path)
            assert page.status_code == 200
            assert "<script>alert" not in page.text
            assert "alert(1)" in page.text or path == "/"


def test_no_answer_names_a_path_of_the_machine(village, exported):
    root = str(Path(schema.__file__).parents[2])
    for path, text in (answers(village, None) | {"export": exported}).items():
        assert root not in text, path


@pytest.mark.parametrize(
    "path", ["/statisch/../app.py", "/statisch/%2e%2e/teksten.py", "/statisch/..%2fkaart.py", "/statisch/"]
)
def test_assets_are_only_assets(demo, path):
    assert demo.client.get(path, follow_redirects=True).status_code == 404


def test_reloading_coverage_does_not_open_what_was_hidden(url):
    load_dorp(url)
    load_points(url, np.full(9, CORNER[0] + 500.0), np.full(9, CORNER[1] + 500.0), ["2024-02-15"] * 9)
    load_bronnen(url, dorp.BRONNEN + dorp.HEEL_2024)
    assert dorp.figures(url, periode="2024-Q1")["A"] == (None, "onderdrukt")
