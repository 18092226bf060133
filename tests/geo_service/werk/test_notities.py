"""Field notes: who reads, writes and changes them, what may not be in them, and where they never come."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import psycopg
import pytest

from geo_service.db.connection import Role as DatabaseRole
from geo_service.db.engine import Database
from geo_service.identity import Viewer
from tests.geo_service import dorp
from tests.geo_service.api.website import Website, viewers_of
from tests.geo_service.support import change, load, rows, value
from tests.geo_service.werk.conftest import Person

GEMEENTE = dorp.GEMEENTE
NOORD, ZUID = f"{GEMEENTE}-SD-noord", f"{GEMEENTE}-SD-zuid"
VIEWERS = viewers_of(GEMEENTE, NOORD)
REGISSEUR = VIEWERS["wijkregisseur"]
COLLEAGUE = Viewer(VIEWERS["stadsdeelmanager"].role, GEMEENTE, frozenset({NOORD}))
ELSEWHERE = Viewer(COLLEAGUE.role, GEMEENTE, frozenset({ZUID}))
OTHER_TOWN = Viewer(REGISSEUR.role, "GM0106", frozenset({"GM0106-SD-noord"}))
MARK = "Klaarblijkelijk zwerfafval achter de sporthal"
AREA = f"/gebied/{NOORD}"
Come = Callable[[Viewer], Person]


def write(who: Person, **changes: str) -> Any:
    fields = {"over": "lijst|2026-Q1", "oordeel": "klopt", "tekst": MARK} | changes
    return who.send(f"{AREA}/notities", AREA, **fields)


def number_of(url: str) -> int:
    found: int = value(url, "select max(nummer) from intern.notitie")
    return found


def test_a_note_is_read_by_colleagues_of_the_area_and_by_nobody_else(werk_url: str, person: Come, website: Website):
    done = write(person(REGISSEUR))
    assert (done.status_code, done.headers["location"]) == (303, f"{AREA}#notitie-{number_of(werk_url)}")
    assert MARK in person(COLLEAGUE).see(AREA)
    assert "een collega (wijkregisseur)" in person(COLLEAGUE).see(AREA)
    for viewer in (
        ELSEWHERE,
        OTHER_TOWN,
        *(VIEWERS[name] for name in ("onderzoeker", "gegevensbeheerder", "beheerder")),
    ):
        page = person(viewer).see(AREA)
        assert (MARK in page, 'id="notities"' in page) == (False, False), viewer
    assert MARK not in website.get(AREA, headers={"accept": "text/html"}).text
    assert write(person(ELSEWHERE)).status_code == 404
    assert value(werk_url, "select count(*) from intern.notitie") == 1


def test_it_is_beside_its_figure_and_one_about_the_area_is_below(person: Come):
    who = person(REGISSEUR)
    page = who.see(AREA)
    about = page.split('name="over"')[1].split("</select>")[0]
    bron = next(part for part in about.split('value="')[2:]).split('"')[0]
    write(who, over=bron)
    write(who, over="", tekst="De buurt kent een nieuwe speeltuin.", oordeel="uitleg")
    figures, below = who.see(AREA).split('id="notities"')
    assert (MARK in figures, "speeltuin" in figures) == (True, False)
    assert (MARK in below, "speeltuin" in below) == (False, True)


def test_only_who_wrote_it_changes_or_removes_it_and_each_act_is_logged_without_the_text(werk_url: str, person: Come):
    who, colleague = person(REGISSEUR), person(COLLEAGUE)
    write(who)
    path = f"/notities/{number_of(werk_url)}"
    changed = {"oordeel": "klopt_niet", "tekst": "Dit is één melder."}
    assert colleague.client.get(path).status_code == 404
    assert colleague.send(path, AREA, **changed).status_code == 404
    assert colleague.send(f"{path}/verwijderen", AREA).status_code == 404
    assert who.send(path, path, **changed).status_code == 303
    page = colleague.see(AREA)
    assert ("Dit is één melder." in page, MARK in page, ", gewijzigd" in page) == (True, False, True)
    assert who.send(f"{path}/verwijderen", AREA).status_code == 303
    assert value(werk_url, "select count(*) from intern.notitie") == 0
    logged = "select handeling, object from intern.logboek where handeling like 'notitie %%' order by dag, nummer"
    until_logged = rows(werk_url, logged)
    for _ in range(100):
        if len(until_logged) == 3:
            break
        asyncio.run(asyncio.sleep(0.05))
        until_logged = rows(werk_url, logged)
    about = path.strip("/").replace("notities/", "notitie ")
    assert until_logged == [(f"notitie {act}", about) for act in ("schrijven", "wijzigen", "verwijderen")]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"tekst": ""}, "Schrijf wat u weet."),
        ({"tekst": "x" * 501}, "ten hoogste 500 tekens"),
        ({"tekst": "Bel 06 12345678 maar eens."}, "een telefoonnummer"),
        ({"oordeel": "slecht"}, "Kies of het cijfer klopt"),
        ({"over": "andere|2026-Q1"}, "Kies waar de notitie over gaat."),
        ({"over": "lijst|straks"}, "Kies waar de notitie over gaat."),
    ],
)
def test_what_is_not_right_is_told_and_what_was_typed_stays(werk_url: str, person: Come, fields, said):
    done = write(person(REGISSEUR), **fields)
    assert done.status_code == 400
    assert said in done.text
    assert fields.get("tekst", MARK) in done.text
    assert value(werk_url, "select count(*) from intern.notitie") == 0


def test_a_form_of_another_site_writes_nothing(werk_url: str, person: Come):
    who = person(REGISSEUR)
    fields = {"over": "", "oordeel": "klopt", "tekst": MARK}
    assert who.client.post(f"{AREA}/notities", data=fields).status_code == 403
    assert who.client.post(f"{AREA}/notities", data={f"veld{n}": "x" for n in range(99)}).status_code == 413
    assert value(werk_url, "select count(*) from intern.notitie") == 0


def test_it_comes_in_no_answer_of_the_api_and_in_no_file(person: Come, website: Website):
    write(person(REGISSEUR))
    asked = [f"/v1/gebieden/{NOORD}/profiel", "/v1/catalog.ttl", f"/zoeken?q={MARK.split()[1]}", "/kaart", "/"]
    collections = website.get("/v1/collections", REGISSEUR).json()["collections"]
    asked += [f"/v1/collections/{c['id']}/items?f={f}" for c in collections for f in ("json", "csv", "html")]
    assert len(asked) > 20
    for path in asked:
        found = website.get(path, REGISSEUR)
        assert MARK not in found.text, path


def test_it_goes_after_two_years(werk_url: str, person: Come):
    write(person(REGISSEUR))
    write(person(REGISSEUR), tekst="Van een maand geleden.")
    aged = "update intern.notitie set geschreven_op = now() - interval '{}' where nummer = {}"
    last = number_of(werk_url)
    change(werk_url, aged.format("23 months", last))
    change(werk_url, aged.format("24 months 1 day", last - 1))
    load("bewaartermijnen", url=werk_url)
    assert rows(werk_url, "select nummer from intern.notitie") == [(last,)]


# --- the database decides, whatever the page forgets

INSERT = (
    "insert into intern.notitie (gemeente_code, gebied_code, oordeel, tekst, medewerker, rol) "
    "values (%(gemeente)s, %(gebied)s, 'klopt', 'x', %(wie)s, 'wijkregisseur') returning nummer"
)


def as_medewerker(url: str, wie: str, stadsdelen: str, *questions: tuple[str, dict[str, Any]]) -> list[Any]:
    """The rows of each question, or the name of what the database said."""

    async def run() -> list[Any]:
        database, found = Database(url, pool_size=1), []
        scope = {
            "buurtsignaal.gemeente": GEMEENTE, "buurtsignaal.stadsdelen": stadsdelen, "buurtsignaal.medewerker": wie
        }  # fmt: skip
        try:
            for statement, values in questions:
                async with database.connect(DatabaseRole.WERK, scope) as connection:
                    try:
                        found.append(await connection.fetch(statement, values))
                    except psycopg.errors.InsufficientPrivilege:
                        found.append("geweigerd")
        finally:
            await database.close()
        return found

    return asyncio.run(run())


def test_row_security_keeps_notes_to_their_area_and_their_writer(werk_url: str):
    own = {"gemeente": GEMEENTE, "gebied": NOORD, "wie": "a"}
    said = as_medewerker(
        werk_url, "a", NOORD,
        (INSERT, own), (INSERT, own | {"gebied": ZUID}), (INSERT, own | {"wie": "b"}),
        (INSERT, own | {"gemeente": "GM0106"}), (INSERT, own | {"gebied": GEMEENTE}),
    )  # fmt: skip
    assert [type(answer) is list for answer in said] == [True, False, False, False, False]
    look = ("select tekst from intern.notitie", {})
    edit = ("update intern.notitie set tekst = 'y' returning nummer", {})
    drop = ("delete from intern.notitie returning nummer", {})
    assert as_medewerker(werk_url, "b", NOORD, look, edit, drop) == [[{"tekst": "x"}], [], []]
    assert as_medewerker(werk_url, "a", ZUID, look, edit, drop) == [[], [], []]
    assert as_medewerker(werk_url, "a", NOORD, ("update intern.notitie set medewerker = 'b'", {})) == ["geweigerd"]
    assert [len(answer) for answer in as_medewerker(werk_url, "a", NOORD, look, edit, drop)] == [1, 1, 1]


@pytest.mark.parametrize("table", ["weergave", "laatste_bezoek"])
def test_what_somebody_keeps_is_theirs_alone(werk_url: str, table: str):
    columns, values = {"weergave": ("naam, adres", "'n', '/kaart'"), "laatste_bezoek": ("gezien_op", "now()")}[table]
    add = f"insert into intern.{table} (medewerker, {columns}) values (%(wie)s, {values}) returning 1"
    look = (f"select medewerker from intern.{table}", {})
    said = as_medewerker(werk_url, "a", NOORD, (add, {"wie": "a"}), (add, {"wie": "b"}), look)
    assert said[1:] == ["geweigerd", [{"medewerker": "a"}]]
    assert as_medewerker(werk_url, "b", NOORD, look) == [[]]


def test_this_role_reads_no_figure(werk_url: str):
    asked = ["intern.kubus", "intern.melding", "intern.cijfer_dienst", "publiek.cijfer", "intern.logboek"]
    said = as_medewerker(werk_url, "a", "alle", *((f"select 1 from {table} limit 1", {}) for table in asked))
    assert said == ["geweigerd"] * len(asked)
