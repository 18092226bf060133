"""Interventions through the API: who finds them, what is refused, and that no change of somebody else is lost."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from geo_service.domain.crs import RD, transformer
from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from tests.geo_service import dorp
from tests.geo_service.api.website import Website, bearer, viewers_of
from tests.geo_service.support import load, rows, value
from tests.geo_service.werk.conftest import Person, person, website, werk_url

__all__ = ["person", "website", "werk_url"]

GEMEENTE = dorp.GEMEENTE
NOORD, ZUID = f"{GEMEENTE}-SD-noord", f"{GEMEENTE}-SD-zuid"
MANAGER = Viewer(Role.STADSDEELMANAGER, GEMEENTE, frozenset({NOORD}), id="m")
REGISSEUR = Viewer(Role.WIJKREGISSEUR, GEMEENTE, frozenset({NOORD}), id="r")
ELSEWHERE = Viewer(Role.STADSDEELMANAGER, GEMEENTE, frozenset({ZUID}), id="z")
WHOLE = Viewer(Role.STADSDEELMANAGER, GEMEENTE, frozenset({ALL_STADSDELEN}), id="w")
OTHER_TOWN = Viewer(Role.STADSDEELMANAGER, "GM0106", frozenset({ALL_STADSDELEN}), id="o")
ITEMS = "/v1/collections/interventies/items"
GEOJSON = {"Content-Type": "application/geo+json"}
PLAN = {
    "naam": "Samen schoon", "soort": "schoonmaak", "doel": 5, "partners": "wijkteam; bewoners", "van": "2026-09-01",
    "tot": "2026-12-31", "signaal_bron": "lijst", "categorie": "afval", "richting": "daling", "kosten": 12500.5,
    "evaluatie_op": "2027-03-01", "gebied_codes": dorp.NW,
}  # fmt: skip


def ring(west: float, south: float, east: float, north: float) -> list[list[float]]:
    """A rectangle in the village, metres from its lower left corner, in longitude and latitude."""
    corners = ((west, south), (east, south), (east, north), (west, north), (west, south))
    return [degrees(x, y) for x, y in corners]


def degrees(x: float, y: float) -> list[float]:
    lon, lat = transformer(RD, 4326).transform(dorp.LEFT + x, dorp.BOTTOM + y)
    return [round(lon, 7), round(lat, 7)]


def polygon(*corners: float) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": [ring(*corners)]}


NORTH_WEST = polygon(200, 1200, 700, 1700)


def feature(geometry: Any = None, **changes: Any) -> dict[str, Any]:
    return {"type": "Feature", "geometry": geometry, "properties": PLAN | changes}


def send(
    website: Website, method: str, path: str, body: Any = None, viewer: Viewer | None = MANAGER, **headers: str
) -> httpx.Response:
    named = {name.replace("_", "-"): text for name, text in headers.items()}
    content = None if body is None else json.dumps(body)
    return website.client.request(method, path, content=content, headers=GEOJSON | bearer(viewer) | named)


def create(website: Website, *given: Any, **changes: Any) -> str:
    """The address of a new intervention."""
    answer = send(website, "POST", ITEMS, feature(*given, **changes))
    assert (answer.status_code, answer.content) == (201, b"")
    return answer.headers["location"]


def test_it_is_written_read_changed_and_withdrawn(website: Website, werk_url: str):
    address = create(website)
    answer = website.get(address, MANAGER)
    found = answer.json()
    assert answer.status_code == 200
    kept = {name: found["properties"][name] for name in PLAN}
    assert kept == PLAN
    assert (found["properties"]["versie"], found["properties"]["tekening"]) == (1, None)
    assert found["geometry"]["type"] == "MultiPolygon"
    tag = answer.headers["etag"]
    assert send(website, "GET", address, If_None_Match=tag).status_code == 304
    # What was read can be sent back as it is.
    found["properties"]["naam"] = "Samen schoner"
    assert send(website, "PUT", address, found, If_Match=tag).status_code == 204
    now = website.get(address, MANAGER)
    assert (now.json()["properties"]["naam"], now.json()["properties"]["versie"]) == ("Samen schoner", 2)
    assert now.json()["properties"]["tekening"] is None
    assert send(website, "DELETE", address, If_Match=now.headers["etag"]).status_code == 204
    assert website.get(address, MANAGER).status_code == 404
    history = "select versie, handeling, inhoud ->> 'naam', rol from intern.interventie_versie order by versie"
    assert rows(werk_url, history) == [
        (1, "gemaakt", "Samen schoon", "stadsdeelmanager"),
        (2, "gewijzigd", "Samen schoner", "stadsdeelmanager"),
        (3, "ingetrokken", "Samen schoner", "stadsdeelmanager"),
    ]


def test_the_second_editor_is_refused_and_nothing_is_lost(website: Website):
    address = create(website)
    tag = website.get(address, REGISSEUR).headers["etag"]
    assert send(website, "PUT", address, feature(naam="Eerst"), If_Match=tag).status_code == 204
    for method, body in (("PUT", feature(naam="Later")), ("DELETE", None)):
        second = send(website, method, address, body, REGISSEUR, If_Match=tag)
        assert (second.status_code, second.headers["content-type"]) == (412, "application/problem+json")
        assert "inmiddels gewijzigd" in second.json()["detail"]
        assert send(website, method, address, body).status_code == 428
        weak = "W/" + website.get(address, MANAGER).headers["etag"]
        assert send(website, method, address, body, If_Match=weak).status_code == 412
        assert send(website, method, address, body, If_Match='"iets anders"').status_code == 412
    assert website.get(address, MANAGER).json()["properties"]["naam"] == "Eerst"
    many = f'"9-{"0" * 32}", {website.get(address, MANAGER).headers["etag"]}'
    assert send(website, "PUT", address, feature(naam="Nu"), If_Match=many).status_code == 204
    assert send(website, "DELETE", address, If_Match="*").status_code == 204


def test_the_database_says_which_buurten_a_drawing_touches(website: Website):
    address = create(website, NORTH_WEST, gebied_codes=dorp.ZO)
    found = website.get(address, MANAGER).json()
    assert found["properties"]["gebied_codes"] == dorp.NW
    assert found["properties"]["tekening"].startswith("MULTIPOLYGON(((")
    (((*corners, _),),) = found["geometry"]["coordinates"]
    assert {tuple(round(c, 5) for c in corner) for corner in corners} == {
        tuple(round(c, 5) for c in corner) for corner in NORTH_WEST["coordinates"][0]
    }
    both = create(website, polygon(200, 1200, 1700, 1700))
    assert website.get(both, MANAGER).json()["properties"]["gebied_codes"] == f"{dorp.NW};{dorp.NO}"


UPSIDE_DOWN = {"type": "Polygon", "coordinates": [[[52, 6], [52, 7], [53, 7], [52, 6]]]}
BOWTIE = {
    "type": "Polygon",
    "coordinates": [[degrees(*p) for p in ((200, 1200), (700, 1700), (700, 1200), (200, 1700), (200, 1200))]],
}


WRONG = (
    (None, {"naam": ""}, ["naam"], "Geef de interventie een naam."),
    (None, {"naam": "Bel 06 12345678"}, ["naam"], "een telefoonnummer"),
    (None, {"doel": 6, "van": None}, ["doel", "van"], "Geef de dag waarop de interventie begint."),
    (None, {"tot": "2026-08-01"}, ["tot"], "Het einde ligt voor het begin."),
    (None, {"evaluatie_op": "2026-08-01"}, ["evaluatie_op"], "U kunt pas terugkijken"),
    (None, {"van": "1 september"}, ["van"], "Dit is geen dag."),
    (None, {"signaal_bron": "x", "categorie": "x"}, ["categorie", "signaal_bron"], "Kies een bron uit de lijst."),
    (None, {"richting": "opzij"}, ["richting"], "minder of meer"),
    (None, {"kosten": "veel"}, ["kosten"], "Dit is geen bedrag."),
    (None, {"gebied_codes": ""}, ["gebied_codes"], "teken een gebied of kies buurten"),
    (None, {"gebied_codes": "BU99999999"}, ["gebied_codes"], "is geen gebied van Dorp"),
    (None, {"gebied_codes": f"{dorp.NW};{dorp.ZW}"}, ["gebied_codes"], "Het gebied ligt ook in Buurt 000."),
    (None, {"gebied_codes": GEMEENTE}, ["gebied_codes"], "Daar werkt u niet"),
    (None, {"kleur": "rood"}, ["kleur"], "onbekend"),
    (None, {"naam": ["a"]}, ["naam"], "Geef één waarde."),
    (polygon(200, 200, 700, 1700), {}, ["geometry"], "Het gebied ligt ook in Buurt 000."),
    (polygon(200, 1200, 700, 2500), {}, ["geometry"], "voor 38 % buiten Dorp"),
    (polygon(5000, 5000, 5500, 5500), {}, ["geometry"], "Het gebied ligt buiten Dorp."),
    (BOWTIE, {}, ["geometry"], "kruist of raakt zichzelf"),
    (BOWTIE, {"naam": ""}, ["geometry", "naam"], "Dat is in Buurt 100, bij 52,"),
    ({"type": "Point", "coordinates": [6, 52]}, {}, ["geometry"], "Hierin staat geen vlak."),
    (UPSIDE_DOWN, {}, ["geometry"], "niet in Nederland"),
    ({"type": "Polygon", "coordinates": "x"}, {}, ["geometry"], "Hierin staat geen vlak."),
    ({"type": "Polygon", "coordinates": []}, {}, ["geometry"], "leeg"),
    (polygon(200, 1200, 205, 1205), {}, ["geometry"], "kleiner dan 100 m²"),
)  # fmt: skip


def test_everything_that_is_wrong_is_told_at_once(website: Website, werk_url: str):
    for geometry, changes, named, said in WRONG:
        answer = send(website, "POST", ITEMS, feature(geometry, **changes))
        assert answer.status_code == 400, said
        assert sorted(fault["parameter"] for fault in answer.json()["parameters"]) == named
        assert said in answer.json()["detail"]
    assert value(werk_url, "select count(*) from intern.interventie") == 0


def test_who_may_not_write_finds_nothing(website: Website, werk_url: str, person: Callable[[Viewer], Person]):
    address = create(website)
    everyone = viewers_of(GEMEENTE, NOORD)
    for viewer in (None, *(everyone[role] for role in ("onderzoeker", "gegevensbeheerder", "beheerder"))):
        for method, path, body in (("POST", ITEMS, feature()), ("PUT", address, feature()), ("DELETE", address, None)):
            assert send(website, method, path, body, viewer, If_Match="*").status_code == 404, (viewer, method)
        assert send(website, "OPTIONS", ITEMS, None, viewer).status_code == 404
        listed = website.get("/v1/collections", viewer).json()["collections"]
        assert "interventies" not in [one["id"] for one in listed]
        assert "interventies" not in website.get("/v1/openapi.json", viewer).text
    for viewer in (ELSEWHERE, OTHER_TOWN):
        assert website.get(address, viewer).status_code in (400, 404)
        assert send(website, "PUT", address, feature(), viewer, If_Match="*").status_code == 404
        assert send(website, "DELETE", address, None, viewer, If_Match="*").status_code == 404
    assert website.features("interventies", ELSEWHERE) == []
    who = person(MANAGER)
    by_cookie = who.client.post(ITEMS, content=json.dumps(feature()), headers=GEOJSON)
    assert (by_cookie.status_code, who.client.delete(address, headers={"If-Match": "*"}).status_code) == (403, 403)
    other_site = send(website, "POST", ITEMS, feature(), Origin="https://kwaad.example")
    assert other_site.status_code == 403
    assert value(werk_url, "select count(*) from intern.interventie_versie") == 1


def test_who_sees_a_part_sees_no_costs_and_changes_nothing(website: Website):
    answer = send(website, "POST", ITEMS, feature(gebied_codes=f"{dorp.NW};{dorp.ZW}"), WHOLE)
    address = answer.headers["location"]
    for viewer, kosten in ((WHOLE, 12500.5), (MANAGER, None), (ELSEWHERE, None)):
        assert website.get(address, viewer).json()["properties"]["kosten"] == kosten
        assert f";{kosten or ''};" not in website.get(f"{ITEMS}?f=csv", MANAGER).text or kosten is None
    assert send(website, "PUT", address, feature(), If_Match="*").status_code == 404
    # Neither may anyone hand an area of their own to somebody else.
    own = create(website)
    taken = send(website, "PUT", own, feature(gebied_codes=dorp.ZW), If_Match="*")
    assert taken.json()["parameters"][0]["parameter"] == "gebied_codes"


def test_what_is_no_feature_is_refused(website: Website):
    answer = website.client.post(ITEMS, content="naam=x", headers=bearer(MANAGER))
    assert answer.status_code == 415
    for content, named in ((b"{", "inhoud"), (b"[]", "type"), (b'{"type": "Feature"}', "properties")):
        answer = website.client.post(ITEMS, content=content, headers=bearer(MANAGER) | GEOJSON)
        assert (answer.status_code, answer.json()["parameters"][0]["parameter"]) == (400, named)
    other = send(website, "POST", ITEMS, feature(), Content_Crs="<http://www.opengis.net/def/crs/EPSG/0/28992>")
    assert other.json()["parameters"][0]["parameter"] == "Content-Crs"
    assert send(website, "POST", ITEMS + "?x=1", feature()).status_code == 400
    assert send(website, "PUT", f"{ITEMS}/interventielogboek.geen", feature(), If_Match="*").status_code == 404
    allowed = send(website, "OPTIONS", ITEMS)
    assert (allowed.status_code, allowed.headers["allow"]) == (204, "GET, HEAD, OPTIONS, POST")


def test_what_was_loaded_is_never_changed(website: Website, werk_url: str, tmp_path):
    path = tmp_path / "acties.csv"
    path.write_text(f"sleutel,naam,doel,gebied,van\nA-1,Toezicht,5,{dorp.NW},2026-01-01\n", encoding="utf-8")
    load("ingest", "interventies", path, "--bron", "lijst-van-acties", url=werk_url)
    (found,) = website.features("interventies", MANAGER)
    assert found["id"] == "lijst-van-acties.A-1"
    for method, body in (("PUT", feature()), ("DELETE", None)):
        assert send(website, method, f"{ITEMS}/{found['id']}", body, If_Match="*").status_code == 404
    assert value(werk_url, "select naam from intern.interventie") == "Toezicht"


@pytest.mark.parametrize("f", ["json", "csv"])
def test_what_leaves_comes_back_the_same(website: Website, werk_url: str, tmp_path, f: str):
    create(website, NORTH_WEST)
    create(website, naam="Praten; met buren", tot=None, kosten=None, categorie=None, signaal_bron=None, doel=1)
    path = tmp_path / f"acties.{'geojson' if f == 'json' else f}"
    path.write_bytes(website.get(ITEMS, MANAGER, f=f).content)
    said = load("ingest", "interventies", path, "--bron", "terug", "--gemeente", GEMEENTE, url=werk_url)
    assert "opgeslagen 2" in " ".join(said.lower().split()) or "2" in said
    fields = (
        "naam, soort, doel, partners, gebied_codes, van, tot, signaal_bron, categorie, richting, kosten, evaluatie_op, "
    )
    fields += "round(st_area(geom)), round(st_xmin(geom)::numeric, 1)"
    there = rows(werk_url, f"select {fields} from intern.interventie where bron = 'interventielogboek' order by naam")
    back = rows(werk_url, f"select {fields} from intern.interventie where bron = 'terug' order by naam")
    assert len(there) == 2
    assert back == there
