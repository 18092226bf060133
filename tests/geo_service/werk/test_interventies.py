"""The log of interventions in the browser: planning, changing, conflicts, history, and what the database decides."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from typing import Any

import psycopg
import pytest
from lxml import html as lxml_html

from geo_service.db.connection import Role as DatabaseRole
from geo_service.db.engine import Database
from geo_service.identity import Viewer
from tests.geo_service import dorp
from tests.geo_service.api.test_schrijven import (
    BOWTIE,
    ELSEWHERE,
    GEMEENTE,
    MANAGER,
    NOORD,
    NORTH_WEST,
    REGISSEUR,
    WHOLE,
    ZUID,
    polygon,
)
from tests.geo_service.api.website import Website
from tests.geo_service.support import load, rows, value
from tests.geo_service.werk.conftest import Person

Come = Callable[[Viewer], Person]
NEW = "/interventies/nieuw"
PLAN = {
    "naam": "Samen schoon", "soort": "schoonmaak", "doel": "5", "partners": "wijkteam; bewoners",
    "gebied_soort": "buurten", "buurten": dorp.NW, "tekening": "", "van": "2026-09-01", "tot": "2026-12-31",
    "signaal_bron": "lijst", "categorie": "afval", "richting": "daling", "kosten": "12.500,50",
    "evaluatie_op": "2027-03-01",
}  # fmt: skip


def plan(who: Person, **changes: str) -> str:
    """Plan an action; where it is."""
    done = who.send(NEW, NEW, **(PLAN | changes))
    assert done.status_code == 303, done.text
    return done.headers["location"]


def said(page: str) -> dict[str, str]:
    """What the form says is wrong, by field."""
    tree = lxml_html.fromstring(page)
    links = tree.xpath("//div[@role='alert']//a")
    return {link.get("href").removeprefix("#veld-"): link.text_content().split(": ", 1)[1] for link in links}


def typed(page: str) -> dict[str, str]:
    """What stands in the form."""
    form = lxml_html.fromstring(page).xpath("//form[@data-interventieform]")[0]
    return {name: text for name, text in form.form_values() if name not in ("csrf", "versie")}


def test_it_is_planned_seen_changed_and_withdrawn(werk_url: str, person: Come):
    manager, regisseur = person(MANAGER), person(REGISSEUR)
    here = plan(manager)
    page = regisseur.see(here)
    for text in ("Samen schoon", "leefbare wijken", "wijkteam, bewoners", "Buurt 100", "€ 12.500", "minder meldingen"):
        assert text in page, text
    assert here in regisseur.see("/interventies")
    change = f"{here}/wijzigen"
    versie = re.search(r'name="versie" value="(\d+)"', regisseur.see(change))
    assert typed(regisseur.see(change)) == PLAN
    done = regisseur.send(change, change, **(PLAN | {"naam": "Samen schoner", "versie": versie[1]}))
    assert (done.status_code, done.headers["location"]) == (303, here)
    done = manager.send(f"{here}/intrekken", here, versie="2")
    assert (done.status_code, done.headers["location"]) == (303, f"{here}/geschiedenis")
    assert manager.client.get(here).status_code == 404
    history = manager.see(f"{here}/geschiedenis")
    steps = lxml_html.fromstring(history).xpath("//section/h2/text()")
    assert steps == ["Versie 3: ingetrokken", "Versie 2: gewijzigd", "Versie 1: gemaakt"]
    assert history.count("door u.") == 2
    assert "een collega (wijkregisseur)" in history
    acts = "select handeling from intern.logboek where handeling like 'interventie %%' order by dag, nummer"
    for _ in range(100):
        if len(rows(werk_url, acts)) == 3:
            break
        asyncio.run(asyncio.sleep(0.05))
    assert [act for (act,) in rows(werk_url, acts)] == [
        "interventie schrijven", "interventie wijzigen", "interventie intrekken"
    ]  # fmt: skip


def test_the_second_editor_sees_both_versions_and_loses_nothing(werk_url: str, person: Come):
    first, second = person(MANAGER), person(REGISSEUR)
    here = plan(first)
    change = f"{here}/wijzigen"
    mine = PLAN | {"naam": "Van de tweede", "partners": "school", "tot": "2027-01-31", "versie": "1"}
    assert first.send(change, change, **(PLAN | {"naam": "Van de eerste", "versie": "1"})).status_code == 303
    clash = second.send(change, change, **mine)
    assert clash.status_code == 412
    tree = lxml_html.fromstring(clash.text)
    differ = {
        row.xpath("th/text()")[0]: [cell.text for cell in row.xpath("td")]
        for row in tree.xpath("//tr[@class='bs-anders']")
    }
    assert differ == {
        "Naam": ["Van de eerste", "Van de tweede"],
        "Partners": ["wijkteam; bewoners", "school"],
        "Einde": ["31 december 2026", "31 januari 2027"],
    }
    assert typed(clash.text) == {name: text for name, text in mine.items() if name != "versie"}
    assert value(werk_url, "select naam from intern.interventie") == "Van de eerste"
    # Who changed one field keeps what the other changed elsewhere, unless they say otherwise.
    one_field = second.send(change, change, **(PLAN | {"partners": "school", "versie": "1"}))
    kept = PLAN | {"naam": "Van de eerste", "partners": "school"}
    assert (one_field.status_code, typed(one_field.text)) == (412, kept)
    # Now they know, and what they keep is a change of the version that they saw.
    again = tree.xpath("//input[@name='versie']/@value")[0]
    assert second.send(change, change, **(mine | {"versie": again})).status_code == 303
    assert value(werk_url, "select naam from intern.interventie") == "Van de tweede"
    assert first.send(f"{here}/intrekken", here, versie="3").status_code == 303
    gone = second.send(change, NEW, **mine)
    assert (gone.status_code, typed(gone.text)["naam"]) == (412, "Van de tweede")
    assert "bewaar het als nieuwe" in gone.text


def test_a_drawing_is_kept_or_taken_over_as_any_other_field(person: Come):
    first, second = person(MANAGER), person(REGISSEUR)
    drawn = PLAN | {"gebied_soort": "tekening", "tekening": json.dumps(NORTH_WEST)}
    here = plan(first, **drawn)
    change = f"{here}/wijzigen"
    seen = typed(second.see(change))
    other = json.dumps(polygon(100, 1100, 400, 1400))
    assert first.send(change, change, **(drawn | {"tekening": other, "versie": "1"})).status_code == 303
    # The second one did not touch the drawing: theirs is that of the first by now.
    clash = second.send(change, change, **(drawn | {"tekening": seen["tekening"], "naam": "Nieuw", "versie": "1"}))
    found = typed(clash.text)
    corners = json.loads(found["tekening"])["coordinates"][0][0]
    drawn_now = {tuple(round(c, 5) for c in corner) for corner in json.loads(other)["coordinates"][0]}
    assert (clash.status_code, found["naam"]) == (412, "Nieuw")
    assert {tuple(round(c, 5) for c in corner) for corner in corners} == drawn_now
    assert "een andere tekening" in clash.text
    # They choose buurten: then it is theirs that stays.
    clash = second.send(change, change, **(PLAN | {"versie": "1"}))
    assert (typed(clash.text)["gebied_soort"], typed(clash.text)["buurten"]) == ("buurten", dorp.NW)


WRONG = {
    "gebroken bestand": (
        {"gebied_soort": "tekening", "tekening": '{"type": "Polygon", '}, {"gebied": "geen GeoJSON: op regel 1"}
    ),
    "kruist zichzelf": (
        {"gebied_soort": "tekening", "tekening": json.dumps(BOWTIE)}, {"gebied": "Dat is in Buurt 100"}
    ),
    "einde voor begin": ({"tot": "2026-08-31"}, {"tot": "Het einde ligt voor het begin."}),
    "ander stadsdeel": ({"buurten": dorp.ZW}, {"gebied": "Het gebied ligt ook in Buurt 000."}),
    "buiten de gemeente": (
        {
            "gebied_soort": "tekening",
            "tekening": json.dumps({"type": "Polygon", "coordinates": [[[6, 53], [6.1, 53], [6.1, 53.1], [6, 53]]]}),
        },
        {"gebied": "Het gebied ligt buiten Dorp."},
    ),
    "alles tegelijk": (
        {"naam": "", "doel": "", "van": "", "kosten": "veel", "gebied_soort": "tekening"},
        {
            "naam": "Geef de interventie een naam.", "doel": "Kies het doel", "van": "Geef de dag",
            "kosten": "geen bedrag", "gebied": "teken een gebied",
        },
    ),
}  # fmt: skip


def test_what_is_wrong_names_its_field_and_what_was_typed_stays(werk_url: str, person: Come):
    who = person(MANAGER)
    for case, (changes, expected) in WRONG.items():
        done = who.send(NEW, NEW, **(PLAN | changes))
        found = said(done.text)
        assert (done.status_code, sorted(found)) == (400, sorted(expected)), case
        for field, text in expected.items():
            assert text in found[field], case
        # A buurt of others is not among the boxes, so that it cannot stay ticked.
        gone = {"buurten"} if case == "ander stadsdeel" else set()
        kept = {name: text for name, text in (PLAN | changes).items() if name not in gone}
        assert typed(done.text) == kept, case
    assert value(werk_url, "select count(*) from intern.interventie") == 0
    assert who.client.post(NEW, data=PLAN).status_code == 403


@pytest.mark.parametrize("f", ["csv", "json"])
def test_a_list_that_left_is_read_again_whole_or_not_at_all(werk_url: str, person: Come, website: Website, f: str):
    who = person(MANAGER)
    plan(who)
    plan(who, naam="Getekend", gebied_soort="tekening", tekening=json.dumps(NORTH_WEST), kosten="", tot="")
    form = "/interventies/inlezen"
    text = website.get(f"/v1/collections/interventies/items?f={f}", MANAGER).text
    broken = text.replace("Samen schoon", "Bel 06 12345678").replace("2026-12-31", "2026-01-31")
    done = who.send(form, form, lijst=broken)
    assert done.status_code == 400
    assert "Het einde" in done.text or "De einddatum" in done.text
    assert "2026-01-31" in done.text
    assert value(werk_url, "select count(*) from intern.interventie") == 2
    done = who.send(form, form, lijst=text)
    assert (done.status_code, done.headers.get("location")) == (303, "/interventies"), done.text
    fields = "naam, soort, doel, partners, gebied_codes, van, tot, signaal_bron, categorie, richting, kosten, "
    fields += "evaluatie_op, round(st_area(geom)), count(*)"
    found = rows(werk_url, f"select {fields} from intern.interventie group by {fields[:-10]} order by 1")
    assert [(row[0], row[-1]) for row in found] == [("Getekend", 2), ("Samen schoon", 2)]
    for nothing in ("", "naam,doel\nx,1\n", "{"):
        assert who.send(form, form, lijst=nothing).status_code == 400


def test_a_drawing_is_judged_before_it_is_kept(person: Come):
    who = person(MANAGER)
    good = who.send("/interventies/proef", NEW, tekening=json.dumps(NORTH_WEST)).json()
    assert good == {"goed": True, "tekst": "25,0 hectare in Buurt 100."}
    bad = who.send("/interventies/proef", NEW, tekening=json.dumps(BOWTIE)).json()
    assert (bad["goed"], "kruist of raakt zichzelf" in bad["tekst"]) == (False, True)


def test_the_list_is_narrowed_by_stadsdeel_and_by_where_it_is_in_time(person: Come, website: Website):
    who = person(WHOLE)
    plan(who, naam="Noord nu", van="2020-01-01", tot="", evaluatie_op="")
    plan(who, naam="Zuid straks", buurten=dorp.ZW, van="2030-01-01", tot="", evaluatie_op="")
    plan(who, naam="Noord toen", van="2020-01-01", tot="2020-02-01", evaluatie_op="")

    def names(query: str) -> list[str]:
        return lxml_html.fromstring(who.see(f"/interventies{query}")).xpath("//tbody//th/a/text()")

    assert sorted(names("")) == ["Noord nu", "Noord toen", "Zuid straks"]
    assert sorted(names(f"?stadsdeel={NOORD}")) == ["Noord nu", "Noord toen"]
    assert names("?stand=gepland") == ["Zuid straks"]
    assert names(f"?stadsdeel={NOORD}&stand=loopt") == ["Noord nu"]
    for wrong in ("?stadsdeel=x", "?stand=x", "?kleur=rood"):
        assert who.client.get(f"/interventies{wrong}").status_code == 400


def test_a_plan_can_begin_with_an_area(person: Come):
    who = person(MANAGER)
    for asked, ticked in ((dorp.NW, {dorp.NW}), (NOORD, {dorp.NW, dorp.NO}), (ZUID, set()), ("x", set())):
        boxes = lxml_html.fromstring(who.see(f"{NEW}?gebied={asked}")).xpath(
            "//input[@name='buurten'][@checked]/@value"
        )
        assert set(boxes) == ticked, asked


def test_nobody_else_finds_the_log(person: Come, website: Website):
    here = plan(person(MANAGER))
    for path in ("/interventies", NEW, here, f"{here}/wijzigen", f"{here}/geschiedenis"):
        assert website.get(path).status_code == 404, path
        if path not in ("/interventies", NEW):
            assert person(ELSEWHERE).client.get(path).status_code == 404, path


def test_what_was_loaded_is_read_only(werk_url: str, person: Come, tmp_path):
    path = tmp_path / "acties.csv"
    path.write_text(f"sleutel,naam,doel,gebied,van\nA-1,Toezicht,5,{dorp.NW},2026-01-01\n", encoding="utf-8")
    load("ingest", "interventies", path, "--bron", "lijst van acties", url=werk_url)
    who = person(MANAGER)
    here = "/interventies/lijst%20van%20acties/A-1"
    assert here in who.see("/interventies")
    page = who.see(here)
    assert ("hier niet te wijzigen" in page, "/wijzigen" in page) == (True, False)
    assert who.client.get(f"{here}/wijzigen").status_code == 404
    assert who.send(f"{here}/wijzigen", NEW, **PLAN).status_code == 404
    assert who.send(f"{here}/intrekken", NEW, versie="1").status_code == 404


# --- the database decides, whatever the page forgets


def as_medewerker(url: str, stadsdelen: str, *statements: str) -> list[Any]:
    """The rows of each statement, or what the database said."""

    async def run() -> list[Any]:
        database, found = Database(url, pool_size=1), []
        scope = {
            "buurtsignaal.gemeente": GEMEENTE, "buurtsignaal.stadsdelen": stadsdelen, "buurtsignaal.medewerker": "a",
            "buurtsignaal.rol": "wijkregisseur",
        }  # fmt: skip
        try:
            for statement in statements:
                async with database.connect(DatabaseRole.WERK, scope) as connection:
                    try:
                        found.append([tuple(row.values()) for row in await connection.fetch(statement, {})])
                    except psycopg.errors.InsufficientPrivilege:
                        found.append("geweigerd")
        finally:
            await database.close()
        return found

    return asyncio.run(run())


def insert(codes: str, bron: str = "interventielogboek", geom: str = "null", gemeente: str = GEMEENTE) -> str:
    return (
        "insert into intern.interventie (gemeente_code, bron, sleutel, naam, doel, gebied_codes, van, geom) values "
        f"('{gemeente}', '{bron}', md5(random()::text), 'x', 1, '{codes}', '2026-01-01', {geom}) returning gebied_codes"
    )


def box(west: int, south: int, east: int, north: int) -> str:
    corners = (dorp.LEFT + west, dorp.BOTTOM + south, dorp.LEFT + east, dorp.BOTTOM + north)
    return f"st_multi(st_makeenvelope({', '.join(map(str, corners))}, 28992))"


def test_row_security_keeps_writers_to_their_areas_and_to_the_log(werk_url: str):
    inside, across, outside = box(100, 1100, 900, 1900), box(100, 500, 900, 1900), box(100, 1100, 900, 2900)
    assert as_medewerker(
        werk_url, NOORD, insert(dorp.NW), insert(dorp.NW, geom=inside), insert(dorp.NW, geom=across),
        insert(dorp.NW, geom=outside), insert(dorp.ZW), insert(f"{dorp.NW};{dorp.ZW}"), insert(GEMEENTE), insert(""),
        insert(dorp.NW, bron="lijst"), insert(dorp.NW, gemeente="GM0106"),
    ) == [[(dorp.NW,)], [(dorp.NW,)], *["geweigerd"] * 8]  # fmt: skip
    move = f"update intern.interventie set gebied_codes = '{dorp.ZW}' returning 1"
    renumber = "update intern.interventie set versie = 9 returning 1"
    look, drop = "select 1 from intern.interventie", "delete from intern.interventie returning 1"
    assert as_medewerker(werk_url, NOORD, move, renumber) == ["geweigerd", "geweigerd"]
    assert as_medewerker(werk_url, ZUID, look, drop) == [[], []]
    assert as_medewerker(werk_url, NOORD, look) == [[(1,), (1,)]]


def test_the_history_only_grows(werk_url: str):
    as_medewerker(werk_url, NOORD, insert(dorp.NW), "update intern.interventie set naam = 'y' returning 1")
    tamper = (
        "delete from intern.interventie_versie returning 1",
        "update intern.interventie_versie set handeling = 'gemaakt' returning 1",
        "insert into intern.interventie_versie (gemeente_code) values ('x') returning 1",
    )
    assert as_medewerker(werk_url, NOORD, *tamper) == ["geweigerd"] * 3
    for statement in (*(part.replace(" returning 1", "") for part in tamper[:2]), "truncate intern.interventie_versie"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            value(werk_url, statement + (" returning 1" if not statement.startswith("truncate") else ""))
    kept = "select versie, inhoud ->> 'naam', medewerker, rol from intern.interventie_versie order by versie"
    assert rows(werk_url, kept) == [(1, "x", "a", "wijkregisseur"), (2, "y", "a", "wijkregisseur")]
    assert len(as_medewerker(werk_url, NOORD, kept)[0]) == 2
    assert as_medewerker(werk_url, ZUID, kept) == [[]]


def test_a_list_that_cannot_be_stored_to_its_end_is_not_stored_at_all(
    werk_url: str, person: Come, website: Website, monkeypatch: pytest.MonkeyPatch
):
    who = person(MANAGER)
    plan(who)
    plan(who, naam="Nog een")
    form = "/interventies/inlezen"
    text = website.get("/v1/collections/interventies/items?f=csv", MANAGER).text
    monkeypatch.setattr("geo_service.werk.interventies.secrets.token_hex", lambda _: "tweemaal dezelfde")
    assert who.send(form, form, lijst=text).status_code >= 500
    assert value(werk_url, "select count(*) from intern.interventie") == 2
    monkeypatch.undo()
    assert who.send(form, form, lijst=text).status_code == 303
    assert value(werk_url, "select count(*) from intern.interventie") == 4
