"""Page after page: every feature once, whatever is loaded meanwhile, forwards and backwards, and counted once."""

from __future__ import annotations

import base64
import itertools
import json
import time
from pathlib import Path

import httpx
import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from geo_service.api import items
from geo_service.identity import ALL_STADSDELEN, Role, Viewer
from geo_service.release.collecties import COLLECTIES
from tests.geo_service import support
from tests.geo_service.api.website import Website, items_of, links_of, named, query_of, serve
from tests.geo_service.dorp import GEMEENTE, MIDDLE, melding, write_csv
from tests.geo_service.support import load, rows, value

MANAGER = Viewer(Role.STADSDEELMANAGER, GEMEENTE, frozenset({ALL_STADSDELEN}))
BUURTEN = list(MIDDLE)
browse = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def report(number: int, status: str = "gemeld") -> dict:
    """A report at a place and time of its own."""
    x, y = MIDDLE[BUURTEN[number % 4]]
    at = (x + number % 97, y + number % 89)
    moment = f"2025-{1 + number % 12:02d}-{1 + number % 28:02d}T{number % 24:02d}:00:00Z"
    return melding(number, at=at, status=status, created_at=moment)


def ingest(url: str, path: Path, reports: list[dict]) -> str:
    return load("ingest", "meldingen", write_csv(path, reports), "--bron", "lijst", url=url)


def ids(page: dict) -> list:
    return [feature["id"] for feature in page["features"]]


def test_no_report_twice_or_missed_while_reports_are_loaded(dorp_url, tmp_path):
    """Three readers walk in orders of their own; between pages runs of the command line commit new and changed ones."""
    ingest(dorp_url, tmp_path / "begin.csv", [report(number) for number in range(600)])
    start = {number for (number,) in rows(dorp_url, "select melding_id from intern.melding")}
    with serve(dorp_url) as website:
        orders = ({}, {"sortby": "-tijd"}, {"sortby": "categorie,-tijd"})
        readers = [website.pages("meldingen", MANAGER, limit=28, **order) for order in orders]
        seen: list[list[int]] = [[] for _ in readers]
        for turn in itertools.count():
            found = [next(reader, None) for reader in readers]
            if not any(found):
                break
            for page, numbers in zip(found, seen, strict=True):
                numbers += ids(page) if page else []
            if turn % 2 == 0:
                changed = [report(number, "afgehandeld") for number in range(turn * 7, 600, 29)]
                new = [report(1000 + turn * 10 + extra) for extra in range(6)]
                said = ingest(dorp_url, tmp_path / f"{turn}.csv", [*changed, *new])
                assert f"{len(changed) + 6} gelezen · 6 opgeslagen" in said
    assert turn > 20
    for numbers in seen:
        assert len(numbers) == len(set(numbers))
        assert start <= set(numbers)


def test_a_report_whose_content_changes_keeps_its_number(dorp_url, tmp_path):
    ingest(dorp_url, tmp_path / "a.csv", [report(number) for number in range(30)])
    query = (
        "select k.sleutel, m.melding_id, m.status "
        "from intern.melding m join intern.melding_sleutel k using (melding_id)"
    )
    before = {key: number for key, number, _ in rows(dorp_url, query)}
    moved = [report(number, "afgehandeld") | {"x": MIDDLE[BUURTEN[0]][0] + 5} for number in range(0, 30, 3)]
    assert "10 gewijzigd" in ingest(dorp_url, tmp_path / "b.csv", moved)
    after = rows(dorp_url, query)
    assert {key: number for key, number, _ in after} == before
    assert sum(status == "afgehandeld" for _, _, status in after) == 10


SORTABLE = {
    name: [veld.naam for veld in COLLECTIES[name].velden] for name in ("voorzieningen", "buurten", "woningvoorraad")
}


@st.composite
def orders(draw):
    collection = draw(st.sampled_from(sorted(SORTABLE)))
    names = draw(st.lists(st.sampled_from(SORTABLE[collection]), min_size=1, max_size=3, unique=True))
    return collection, ",".join(draw(st.sampled_from(["", "-"])) + name for name in names)


@browse
@given(order=orders(), limit=st.sampled_from([17, 40]))
def test_any_order_gives_every_feature_once_and_prev_undoes_next(demo, order, limit):
    collection, sortby = order
    whole = demo.items(collection, sortby=sortby)
    check_first_key(whole["features"], sortby.partition(",")[0])
    pages = list(demo.pages(collection, sortby=sortby, limit=limit))
    assert list(itertools.chain.from_iterable(map(ids, pages))) == ids(whole)
    assert len(set(ids(whole))) == whole["numberMatched"] == len(whole["features"])
    back = walk_back(demo, pages[-1])
    assert [ids(page) for page in back] == [ids(page) for page in reversed(pages)]
    assert "prev" not in links_of(back[-1])


def check_first_key(features: list[dict], key: str) -> None:
    """Missing values last, the others in order (texts have an order of their own, in the database)."""
    values = [feature["properties"][key.lstrip("-")] for feature in features]
    known = [value for value in values if value is not None]
    assert values[: len(known)] == known
    if known and not isinstance(known[0], str):
        assert known == sorted(known, reverse=key.startswith("-"))


def walk_back(website: Website, page: dict, viewer: Viewer | None = None) -> list[dict]:
    pages = [page]
    while previous := links_of(pages[-1]).get("prev"):
        pages.append(website.get(previous, viewer).json())
    return pages


def test_missing_values_are_walked_through_in_both_directions(demo):
    """The end of a stay is unknown for most: pages begin and end in the middle of missing values."""
    for sortby in ("geldig_tot", "-geldig_tot", "-geldig_tot,capaciteit"):
        features = demo.features("voorzieningen", sortby=sortby)
        empty = sum(feature["properties"]["geldig_tot"] is None for feature in features)
        assert empty > 30
        pages = list(demo.pages("voorzieningen", sortby=sortby, limit=9))
        assert [ids(page) for page in walk_back(demo, pages[-1])] == [ids(page) for page in reversed(pages)]


@pytest.fixture
def cursor(demo) -> str:
    return query_of(links_of(demo.items("voorzieningen", limit=5, sortby="naam", bereik="buurt"))["next"])["cursor"]


def test_a_cursor_works_with_its_own_question_in_any_order_of_parameters(demo, cursor):
    first = demo.get(f"{items_of('voorzieningen')}?limit=5&sortby=naam&bereik=buurt&cursor={cursor}")
    other = demo.get(f"{items_of('voorzieningen')}?cursor={cursor}&bereik=buurt&sortby=naam&limit=5")
    assert ids(first.json()) == ids(other.json())
    longer = demo.items("voorzieningen", limit=7, sortby="naam", bereik="buurt", cursor=cursor)
    assert ids(longer)[:5] == ids(first.json())


@pytest.mark.parametrize(
    "other",
    [
        {"sortby": "-naam"}, {"sortby": "type"}, {"bereik": "stad"}, {"bbox": "6,52,7,53"}, {"datetime": "2025-01-01"},
        {"filter": "naam LIKE 'B%'"}, {"type": "buurthuis"}, {"gemeente": "GM0153"},
    ],
)  # fmt: skip
def test_a_cursor_of_another_question_is_refused(demo, cursor, other):
    question = {"limit": 5, "sortby": "naam", "bereik": "buurt", "cursor": cursor} | other
    assert named(demo.get(items_of("voorzieningen"), **question)) == ["cursor"]


def test_a_cursor_of_another_collection_or_viewer_is_refused(demo, viewers):
    made = query_of(links_of(demo.items("buurten", limit=5))["next"])["cursor"]
    assert demo.get(items_of("buurten"), cursor=made).status_code == 200
    assert named(demo.get(items_of("wijken"), cursor=made)) == ["cursor"]
    for role in ("onderzoeker", "wijkregisseur", "stadsdeelmanager"):
        assert named(demo.get(items_of("buurten"), viewers[role], cursor=made)) == ["cursor"]


def test_a_cursor_with_one_changed_byte_is_refused(demo, cursor):
    question = {"limit": 5, "sortby": "naam", "bereik": "buurt"}
    for place in range(len(cursor)):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        assert named(demo.get(items_of("voorzieningen"), **question, cursor=changed)) == ["cursor"]
    for changed in (cursor + "A", cursor[:-1], cursor + "=", cursor + "!", "!" + cursor, "é", "AAAA", "A"):
        assert named(demo.get(items_of("voorzieningen"), **question, cursor=changed)) == ["cursor"]


def test_a_cursor_made_without_the_secret_is_refused(demo):
    """Whoever writes one by hand could skip to any value, in any field."""
    forged = base64.urlsafe_b64encode(b"\0" * 12 + json.dumps([0, "BU01530100"]).encode()).decode().rstrip("=")
    assert named(demo.get(items_of("buurten"), cursor=forged)) == ["cursor"]


def test_next_and_prev_keep_the_question_and_drop_the_offset(demo):
    question = {"niveau": "wijk", "periode": "2025", "categorie": "afval", "limit": "3", "crs": "EPSG:28992"}
    page = demo.items("meldingen-per-gebied", **question, offset="3")
    links = links_of(page)
    assert query_of(links["self"]) == question | {"offset": "3"}
    for rel in ("next", "prev"):
        query = query_of(links[rel])
        assert query.pop("cursor")
        assert query == question
    assert ids(demo.get(links["prev"]).json()) == ids(demo.items("meldingen-per-gebied", **question))


def test_offset_reaches_any_depth_and_past_the_end_is_empty(demo):
    whole = ids(demo.items("voorzieningen"))
    for offset in (1, 50, len(whole) - 1, len(whole), 10**9):
        page = demo.items("voorzieningen", offset=offset, limit=10)
        assert ids(page) == whole[offset : offset + 10]
        assert page["numberMatched"] == len(whole)


def test_the_limit_is_lowered_to_the_maximum_of_the_settings(demo):
    with support.settings(limiet_maximum=20, limiet_standaard=15):
        assert len(demo.features("buurten", limit=50)) == 20
        assert len(demo.features("buurten")) == 15
        assert sum(len(page["features"]) for page in demo.pages("buurten", limit=50)) == 70


def test_a_page_of_bytes_holds_less_and_nothing_is_lost(demo, viewers):
    manager = viewers["stadsdeelmanager"]
    question = {"bron": "signalen-openbare-ruimte", "limit": 5000, "sortby": "-tijd"}
    whole = ids(demo.items("meldingen", manager, **question))
    with support.settings(pagina_bytes=100_000):
        forwards = list(demo.pages("meldingen", manager, **question))
        backwards = walk_back(demo, forwards[-1], manager)
    for pages in (forwards, backwards):
        assert len(pages) > 2
        assert all(len(orjson.dumps(page["features"])) <= 100_000 + 2 * len(page["features"]) for page in pages)
        assert all(page["numberMatched"] == len(whole) for page in pages)
    assert [key for page in forwards for key in ids(page)] == whole
    assert [key for page in reversed(backwards) for key in ids(page)] == whole


@pytest.fixture
def counted(monkeypatch) -> list[str]:
    """One entry per count that the database had to make, by itself or while it read the page."""
    made: list[str] = []
    alone, along = items.count_features, items.read_counted_page

    async def count(connection, selectie):
        made.append(selectie.relatie.naam)
        return await alone(connection, selectie)

    async def read(connection, selectie, bladzijde):
        found = await along(connection, selectie, bladzijde)
        made.extend([selectie.relatie.naam] if found is not None else [])
        return found

    monkeypatch.setattr(items, "count_features", count)
    monkeypatch.setattr(items, "read_counted_page", read)
    return made


def test_a_question_is_counted_once_for_all_its_pages_and_anew_after_a_load(dorp_url, tmp_path, counted):
    ingest(dorp_url, tmp_path / "a.csv", [report(number) for number in range(100)])
    with serve(dorp_url) as website:
        pages = list(website.pages("meldingen", MANAGER, limit=10))
        assert [page["numberMatched"] for page in pages] == [100] * 10
        assert len(counted) == 1
        narrow = list(website.pages("meldingen", MANAGER, limit=5, status="gemeld", bbox="6.0,52.0,6.1,52.4948"))
        assert len(narrow) > 2
        assert len(counted) == 2
        expected = "select count(*) from intern.melding where st_y(st_transform(geom, 4326)) <= 52.4948"
        assert {page["numberMatched"] for page in narrow} == {value(dorp_url, expected)}
        list(website.pages("meldingen", MANAGER, limit=10, count="false"))
        assert len(counted) == 2
        ingest(dorp_url, tmp_path / "b.csv", [report(number) for number in range(100, 130)])
        loaded = time.monotonic()
        while website.items("meldingen", MANAGER, limit=10)["numberMatched"] != 130:
            assert time.monotonic() - loaded < 10
            time.sleep(0.1)
        assert len(counted) == 3


def test_without_counting_there_is_no_count(demo, counted):
    page = demo.items("voorzieningen", limit=3, count="false")
    assert "numberMatched" not in page
    assert page["numberReturned"] == 3
    assert counted == []
    assert named(demo.get(items_of("voorzieningen"), count="nee")) == ["count"]


def test_links_work_without_the_client_that_asked(demo):
    """A next link is an address like any other: also for who got it by mail."""
    following = links_of(demo.items("buurten", limit=60))["next"]
    assert len(httpx.get(following).json()["features"]) == 10
