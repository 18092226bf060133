"""What may be asked: every wrong parameter is named, in Dutch, and nothing that is asked breaks the service."""

from __future__ import annotations

import contextlib
import http.client

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from geo_service.api.parameters import value_of
from geo_service.domain.velden import Soort, Veld
from tests.geo_service.api.website import named, token_of, viewers_of

ITEMS = "/v1/collections/{}/items"
FIGURES = ITEMS.format("meldingen-per-gebied")
MANAGER = viewers_of("GM0153", "GM0153-SD-noord")["stadsdeelmanager"]
fuzz = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


#  query string -> the parameters that are named
WRONG = [
    ("limiet=5", ["limiet"]),
    ("datetime=gisteren", ["datetime"]),
    ("datetime=2025-02-30", ["datetime"]),
    ("datetime=../..", ["datetime"]),
    ("sortby=onzin", ["sortby"]),
    ("sortby=aantal,-aantal", ["sortby"]),
    ("properties=aantal,onzin", ["properties"]),
    ("count=ja", ["count"]),
    ("crs=EPSG:1", ["crs"]),
    ("bbox-crs=EPSG:28992", ["bbox-crs"]),
    ("filter-lang=cql2-text", ["filter-lang"]),
    ("filter=aantal", ["filter"]),
    ("filter=onzin=1", ["filter"]),
    ("cursor=x", ["cursor"]),
    ("cursor=x&offset=3", ["offset"]),
    ("aantal=veel", ["aantal"]),
    ("status=onzin", ["status"]),
    ("a=1&b=2&c=3", ["a", "b", "c"]),
    ("limit=0", ["limit"]),
    ("limit=-1", ["limit"]),
    ("limit=1.5", ["limit"]),
    ("limit=veel", ["limit"]),
    ("limit=%D9%A3", ["limit"]),  # an Arabic three is a digit to Python
    ("limit=", ["limit"]),
    ("limit=1&limit=2", ["limit"]),
    ("offset=-1", ["offset"]),
    ("offset=9999999999999999999999", ["offset"]),
    ("bbox=", ["bbox"]),
    ("bbox=1,2,3", ["bbox"]),
    ("bbox=1,2,3,4,5", ["bbox"]),
    ("bbox=a,b,c,d", ["bbox"]),
    ("bbox=nan,nan,nan,nan", ["bbox"]),
    ("bbox=-inf,-inf,inf,inf", ["bbox"]),
    ("bbox=7,52,6,53", ["bbox"]),
    ("bbox=6,53,7,52", ["bbox"]),
    ("bbox=252000,468000,262000,476000", ["bbox"]),  # RD metres
    ("f=xml", ["f"]),
    ("gemeente=0153", ["gemeente"]),
    ("gemeente=GM9998", ["gemeente"]),
    ("gemeente=GM0153%00", ["gemeente"]),
    ("niveau=straat", ["niveau"]),
    ("bron=krant", ["bron"]),
    ("categorie=herkomst", ["categorie"]),
    ("noemer=auto%27s", ["noemer"]),
    ("periode=ooit", ["periode"]),
    ("periode=2024-Q5", ["periode"]),
    ("periode=2024-13", ["periode"]),
    ("periode=2024-05", ["periode"]),  # a month is not public
    ("periode=9999-W52", ["periode"]),
    ("limit=0&bbox=x&niveau=straat&onzin=1", ["onzin", "limit", "niveau", "bbox"]),
]


@pytest.mark.parametrize(("query", "names"), WRONG)
def test_every_wrong_parameter_is_named_at_once(demo, query, names):
    assert sorted(named(demo.get(f"{FIGURES}?{query}"))) == sorted(names)


def test_wrong_values_of_different_kinds_are_named_together(demo):
    """A form that is wrong in four places should not take four attempts."""
    query = "periode=ooit&bron=krant&categorie=herkomst&noemer=autos"
    assert sorted(named(demo.get(f"{FIGURES}?{query}"))) == ["bron", "categorie", "noemer", "periode"]


@pytest.mark.parametrize(
    ("collection", "own"),
    [
        ("buurten", {"niveau", "peiljaar"}),
        ("wijkwijzers", {"bron"}),
        ("voorzieningen", {"bron"}),
        ("woningvoorraad", {"niveau", "peiljaar"}),
        ("hotspots", {"bron", "categorie", "periode"}),
        ("meldingen-per-gebied", {"niveau", "gebied", "bron", "categorie", "periode", "noemer", "peiljaar"}),
    ],
)
def test_a_parameter_of_another_collection_is_unknown_here(demo, collection, own):
    """A question of another collection, or a field that this one does not have."""
    foreign = {"niveau", "gebied", "bron", "categorie", "periode", "noemer", "peiljaar"} - own
    for name in sorted(foreign):
        assert named(demo.get(f"{ITEMS.format(collection)}?{name}=buurt")) == [name]


def test_a_parameter_without_its_equals_sign_is_refused_too(demo):
    assert named(demo.get(f"{FIGURES}?niveau")) == ["niveau"]
    assert named(demo.get(f"{FIGURES}?debug")) == ["debug"]


def test_a_very_long_value_is_refused_and_not_repeated(demo):
    response = demo.get(f"{FIGURES}?bron={'x' * 5000}")
    assert named(response) == ["bron"]
    assert len(response.content) < 2000


def test_a_category_that_holds_no_hotspots_is_known_or_refused(demo):
    assert demo.features("hotspots", categorie="wonen") == []
    assert named(demo.get(f"{ITEMS.format('hotspots')}?categorie=herkomst")) == ["categorie"]


def test_a_filter_that_is_far_too_long_is_refused(demo):
    answer = demo.client.get(FIGURES, params={"filter": "aantal=1OR" * 5_000})
    assert named(answer) == ["filter"]
    assert len(answer.content) < 2000


def test_a_filter_of_a_megabyte_does_not_reach_the_service(demo):
    """The server cuts off an address of that length; the next question is answered as ever."""
    before = len(demo.asked)
    connection = http.client.HTTPConnection(demo.address.removeprefix("http://"), timeout=20)
    with contextlib.suppress(ConnectionError):
        connection.request("GET", f"{FIGURES}?filter={'x' * 1_000_000}")
        assert connection.getresponse().status in (400, 414, 431)
    connection.close()
    assert len(demo.asked) == before
    assert demo.get(FIGURES).status_code == 200


def test_an_area_that_does_not_exist_is_refused(demo):
    """An empty answer would read as: there is nothing there."""
    assert named(demo.get(f"{FIGURES}?gebied=BU99999999")) == ["gebied"]


def test_a_vintage_that_is_not_loaded_is_refused(demo):
    for collection in ("buurten", "woningvoorraad"):
        assert named(demo.get(f"{ITEMS.format(collection)}?peiljaar=1999")) == ["peiljaar"]


def test_an_unknown_address_is_a_problem_for_machines_and_a_page_for_people(demo):
    machine = demo.get("/v1/onzin")
    assert (machine.status_code, machine.headers["content-type"]) == (404, "application/problem+json")
    person = demo.client.get("/onzin", headers={"accept": "text/html"})
    assert (person.status_code, person.headers["content-type"]) == (404, "text/html; charset=utf-8")
    assert '<html lang="nl" ' in person.text
    assert "Dit adres bestaat niet." in person.text


def test_a_wrong_question_on_the_map_is_a_page_that_names_it(demo):
    person = demo.client.get("/kaart?periode=ooit", headers={"accept": "text/html"})
    assert (person.status_code, person.headers["content-type"]) == (400, "text/html; charset=utf-8")
    assert "is geen periode" in person.text
    assert "<script>" not in demo.client.get("/kaart?bron=<script>", headers={"accept": "text/html"}).text


NAMES = [
    "gemeente",
    "bbox",
    "limit",
    "offset",
    "f",
    "niveau",
    "gebied",
    "bron",
    "categorie",
    "periode",
    "noemer",
    "peiljaar",
    "datetime",
    "filter",
    "filter-lang",
    "filter-crs",
    "sortby",
    "properties",
    "crs",
    "bbox-crs",
    "count",
    "cursor",
    "status",
    "aantal",
]
NASTY = st.sampled_from(
    [
        "", "0", "-1", "1e309", "NaN", "%", "%s", "%(x)s", "'", '"', "\\", ";", "--", "' or 1=1 --", "{}", "${x}",
        "\x00", "\n", "٣", "é", "😀", "\ud7ff", "\ufeff", "a" * 201, "null", "GM0153", "GM0153' --", "buurt", "alle",
        "2024", "9999", "9999-W52", "0000-Q1", "2024-02-30", "9999-12-31/9999-12-31", "0001-01-01",
        "1,2,3,4", "6.8,52.1,6.9,52.3", "-180,-90,180,90", "1_0,2,30,4", " 6,52,7,53", "179,-90,180,90",
        "1", "10000", "2147483648", "1000000000", "EPSG:28992", "CRS84", "cql2-json", "true", "-aantal,status",
        "../2025-01-01", "0001-01-01/..", "9999-12-31T23:59:59Z", "aantal > 5", "S_INTERSECTS(geometry, POINT(6 52))",
        "(" * 90, "aantal = aantal = 1", '{"op": "="}', "AAAA",
    ]
)  # fmt: skip
VALUES = st.one_of(NASTY, st.text(max_size=40))


@pytest.mark.parametrize("collection", ["meldingen-per-gebied", "hotspots", "woningvoorraad", "voorzieningen"])
@fuzz
@given(pairs=st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=4))
@example(pairs=[("periode", "9999-W52")])
@example(pairs=[("periode", "9999")])
@example(pairs=[("periode", "0001")])
@example(pairs=[("bbox", "179,-90,180,90")])
@example(pairs=[("datetime", "9999-12-31T23:59:59Z")])
@example(pairs=[("datetime", "0001-01-01/..")])
@example(pairs=[("filter", "(" * 190 + "1=1" + ")" * 190)])
@example(pairs=[("filter", '{"op":"not","args":[' * 200 + "true" + "]}" * 200), ("filter-lang", "cql2-json")])
@example(pairs=[("filter", "aantal > 1e400")])
@example(pairs=[("sortby", "aantal,aantal")])
@example(pairs=[("properties", ",")])
def test_any_question_is_answered_or_refused(demo, collection, pairs):
    """As the manager: who may ask for most reaches most code."""
    response = demo.client.get(
        str(httpx.URL(ITEMS.format(collection), params=pairs)), headers={"Authorization": f"Bearer {token_of(MANAGER)}"}
    )
    assert response.status_code in (200, 400)
    if response.status_code == 400:
        assert set(named(response)) <= {name for name, _ in pairs}


@pytest.mark.parametrize("name", NAMES)
@settings(fuzz, max_examples=8)
@given(value=VALUES)
def test_any_value_of_any_parameter_is_answered_or_refused(demo, name, value):
    response = demo.client.get(str(httpx.URL(FIGURES, params={name: value})))
    assert response.status_code in (200, 400)
    if response.status_code == 400:
        assert named(response) == [name]


@settings(fuzz, max_examples=40)
@given(query=st.binary(max_size=40))
def test_any_bytes_in_the_query_are_answered_or_refused(demo, query):
    encoded = "".join(f"%{byte:02X}" if byte not in b"&=" else chr(byte) for byte in query)
    response = demo.client.get(f"{FIGURES}?{encoded}")
    assert response.status_code in (200, 400)


@settings(fuzz, max_examples=40)
@given(path=st.text(max_size=30))
def test_any_path_is_found_or_not_found(demo, path):
    encoded = "".join(f"%{byte:02X}" for byte in path.encode("utf-8", "surrogatepass"))
    response = demo.client.get(f"/v1/collections/{encoded}/items")
    assert response.status_code in (200, 404, 307)


@given(st.floats(allow_nan=False, allow_infinity=False))
@example(5e-05)
@example(0.012345678901234567)
def test_a_number_can_be_asked_as_our_answers_write_it(number):
    assert value_of(Veld("getal", Soort.GETAL, ""))(orjson.dumps(number).decode()) == number


@pytest.mark.parametrize("text", ["1e400", "-1e400", "nan", "inf", "1,5", "0x1", "1e", "1_000", "", " 1", "１"])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match="schrijf een getal"):
        value_of(Veld("getal", Soort.GETAL, ""))(text)
