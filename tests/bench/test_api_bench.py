"""The API bench: other questions every time, no figure of a wrong answer, and tables that say what was measured."""

import re
import threading
from dataclasses import replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from string import Template

import mapbox_vector_tile
import orjson
import pytest

from bench import api
from bench.harness import BenchError
from bench.peers import client, database, services
from bench.peers.client import Answer, Batch, fetch, hammer, read_wrk
from bench.peers.database import Box
from bench.peers.figures import Figure
from bench.peers.questions import (
    Page,
    Tile,
    check_page,
    check_places,
    check_same_properties,
    check_same_tile,
    choose_boxes,
    choose_tiles,
    draw_boxes,
    next_path,
    read_tile,
)
from bench.peers.report import Goal, Series, goals_table
from bench.peers.services import OURS, Service

BOX = Box(6.85, 52.20, 6.87, 52.21, matched=7)
PEERS = Path(services.__file__).parent


def feature(number, lon=6.86, lat=52.205, **properties):
    return {
        "type": "Feature",
        "id": number,
        "geometry": {"type": "Point", "coordinates": [lon, lat]},
        "properties": {"bron": "bench", **properties},
    }


def answer(document, status=200, path="/items"):
    body = document if isinstance(document, bytes) else orjson.dumps(document)
    return Answer(path, status, {}, body, 0.01)


def page(*features, matched=7, **more):
    return answer({"features": list(features), "numberMatched": matched, "numberReturned": len(features)} | more)


def test_boxes_are_distinct_seeded_and_of_the_size_that_is_promised():
    boxes = draw_boxes(2000, seed=1)
    assert len({box.text for box in boxes}) == 2000
    assert boxes == draw_boxes(2000, seed=1)
    assert not {box.text for box in boxes} & {box.text for box in draw_boxes(2000, seed=2)}
    heights = [(box.north - box.south) * 111.2 for box in boxes]
    assert min(heights) == pytest.approx(0.35, abs=0.01)
    assert max(heights) == pytest.approx(1.05, abs=0.01)


def test_only_boxes_with_enough_reports_on_which_all_readings_agree_are_asked():
    def count(boxes):
        return [(2000, 2000), (2000, 2001), (1099, 1099), *[(5000, 5000)] * (len(boxes) - 3)]

    drawn = draw_boxes(4 * 3 + 20, seed=1)
    chosen = choose_boxes(3, 1, count, least=1100)
    assert [box.text for box in chosen] == [drawn[0].text, drawn[3].text, drawn[4].text]
    assert [box.matched for box in chosen] == [2000, 5000, 5000]


def test_too_few_boxes_is_an_error():
    with pytest.raises(BenchError, match="only 0 of 5 boxes hold 1100 reports"):
        choose_boxes(5, 1, lambda boxes: [(10, 10)] * len(boxes), least=1100)


def test_a_right_page_is_read():
    read = check_page("x", page(feature(1), feature(2, lon=6.8700009)), limit=2, matched=7, box=BOX)
    assert read == Page([1, 2], [(6.86, 52.205), (6.8700009, 52.205)], frozenset({"bron"}), 7)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (answer({"title": "kapot"}, status=500), "answers 500"),
        (answer(b"<html>"), "is not JSON"),
        (answer([]), "not a JSON object"),
        (page(feature(1), feature(2), matched=8), "numberMatched 8 where 7 match"),
        (answer({"features": [feature(1), feature(2)]}), "numberMatched None"),
        (page(feature(1)), "1 features where 2 were expected"),
        (page(feature(1), feature(2), numberReturned=3), "2 features where 2 were expected"),
        (page(feature(1), feature(1)), "comes twice"),
        (page(feature(1), feature(2, lon=6.870002)), "outside the bbox"),
    ],
)
def test_a_wrong_page_is_refused(wrong, says):
    with pytest.raises(BenchError, match=says):
        check_page("x", wrong, limit=2, matched=7, box=BOX)


def test_a_page_may_be_shorter_than_its_limit_when_fewer_match():
    assert check_page("x", page(*map(feature, range(7))), limit=1000, matched=7).matched == 7


@pytest.mark.parametrize(
    ("truth", "says"),
    [
        ({1: (6.860002, 52.205)}, "feature 1 lies at"),
        ({1: (6.86, 52.204998)}, "lies at"),
        ({2: (6.86, 52.205)}, "not in"),
    ],
)
def test_features_elsewhere_than_in_the_database_are_refused(truth, says):
    with pytest.raises(BenchError, match=says):
        check_places("x", Page([1], [(6.86, 52.205)], frozenset(), 1), truth)


def test_features_may_be_rounded_to_six_decimals():
    check_places("x", Page([1], [(6.86, 52.205)], frozenset(), 1), {1: (6.8600005, 52.2049995)})


def test_services_must_give_the_same_properties_the_number_aside():
    own = Page([1], [(6.86, 52.205)], frozenset({"bron", "dag"}), 1)
    check_same_properties({"a": own, "b": replace(own, properties=frozenset({"bron", "dag", "melding_id"}))})
    with pytest.raises(BenchError, match=r"a: bron, dag; b: bron$"):
        check_same_properties({"a": own, "b": replace(own, properties=frozenset({"bron"}))})


def test_the_next_page_is_the_one_that_is_linked():
    links = [{"rel": "self", "href": "http://h/v1/items"}, {"rel": "next", "href": "http://h:80/v1/items?cursor=a%2Fb"}]
    assert next_path("x", page(links=links)) == "/v1/items?cursor=a%2Fb"
    with pytest.raises(BenchError, match="no link to a next page"):
        next_path("x", page(links=links[:1]))


def test_tiles_are_those_of_the_town_with_enough_and_not_too_many_reports():
    asked = []

    def count(boxes):
        asked.extend(boxes)
        return [(500, 500), (9, 9), (20_000, 20_000), *[(0, 0)] * (len(boxes) - 3)]

    assert choose_tiles(15, count, least=10, most=10_000) == [(17003, 10785)]
    # Bounds of 15/17004/10785 as morecantile, which tipg uses, gives them.
    known = (6.8115234375, 52.2547088011308, 6.8225097656250, 52.2614335972723)
    assert (asked[1].west, asked[1].south, asked[1].east, asked[1].north) == pytest.approx(known, abs=1e-12)


def mvt(*points, extent=4096):
    features = [
        {"geometry": f"POINT({x} {y})", "properties": {"melding_id": number, "bron": "b"}} for number, x, y in points
    ]
    return mapbox_vector_tile.encode(
        [{"name": "default", "features": features}], default_options={"extents": extent, "y_coord_down": True}
    )


def test_a_tile_is_read_in_4096ths_without_what_lies_on_its_edge():
    read = read_tile("x", answer(mvt((1, 10, 20), (2, 0, 20), (3, 511, 512), extent=512)))
    assert set(read.places) == {1}
    assert read.places[1][0] == 80
    assert read.properties == {"melding_id", "bron"}


@pytest.mark.parametrize("wrong", [answer(b""), answer(b"x", status=404)])
def test_no_tile_is_an_error(wrong):
    with pytest.raises(BenchError, match="answers"):
        read_tile("x", wrong)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (Tile({1: (10, 10)}, frozenset({"bron"})), "has 1 reports in the tile, ours 2"),
        (Tile({1: (10, 10), 2: (22, 20)}, frozenset({"bron"})), "elsewhere in the tile"),
        (Tile({1: (10, 10), 2: (20, 20)}, frozenset()), "different properties"),
    ],
)
def test_other_tiles_are_refused(other, says):
    ours = Tile({1: (10, 10), 2: (20, 20)}, frozenset({"bron"}))
    check_same_tile("/t", {"ours": ours, "tipg": replace(ours, places={1: (11, 9), 2: (20, 20)})})
    with pytest.raises(BenchError, match=says):
        check_same_tile("/t", {"ours": ours, "tipg": other})


def test_empty_tiles_are_no_comparison():
    nothing = Tile({}, frozenset())
    with pytest.raises(BenchError, match="empty tile"):
        check_same_tile("/t", {"ours": nothing, "tipg": nothing})


WRK = """Running 1s test @ http://127.0.0.1:1/
  2000 requests in 1.00s, 2.10MB read
Requests/sec:   1998.50
Transfer/sec:      2.10MB
"""


def test_the_rate_of_wrk_is_read():
    assert read_wrk(WRK, 1000) == 1998.5


@pytest.mark.parametrize(
    ("output", "size"),
    [
        ("", 0),
        (WRK.replace("2000 requests", "0 requests"), 0),
        (WRK + "  Non-2xx or 3xx responses: 12\n", 1000),
        (WRK + "  Socket errors: connect 0, read 3, write 0, timeout 0\n", 1000),
        (WRK, 2000),
        (WRK.replace("2.10MB", "80.00MB"), 1000),
    ],
)
def test_what_wrk_did_not_measure_is_an_error(output, size):
    with pytest.raises(BenchError, match="wrk"):
        read_wrk(output, size)


class _Echo(BaseHTTPRequestHandler):
    """Answers with the path; /encoded claims a content-encoding and /changing is another answer every time."""

    protocol_version = "HTTP/1.1"
    asked: list[tuple[str, str | None, str | None]] = []

    def do_GET(self):
        self.asked.append((self.path, self.headers["Accept-Encoding"], self.headers["Authorization"]))
        body = b"x" * len(self.asked) if self.path == "/changing" else self.path.encode()
        self.send_response(404 if self.path == "/none" else 200)
        if self.path == "/encoded":
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Quiet."""


@pytest.fixture
def echo():
    _Echo.asked = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield Service("echo", server.server_address[1], "/c", "/", headers={"Authorization": "Bearer t"})
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("connections", [1, 2, 3])
def test_each_path_is_asked_once_without_encoding_and_answered_in_order(echo, connections):
    paths = [f"/{number}" for number in range(7)]
    batch = fetch(echo, paths, connections)
    assert [(found.path, found.body.decode()) for found in batch.answers] == [(path, path) for path in paths]
    assert sorted(_Echo.asked) == [(path, "identity", "Bearer t") for path in paths]
    assert batch.rate == pytest.approx(7 / batch.seconds)


def test_an_encoded_answer_is_refused(echo):
    with pytest.raises(BenchError, match="identity"):
        fetch(echo, ["/encoded"])


def test_one_path_again_and_again_without_wrk(echo, monkeypatch):
    monkeypatch.setattr(client.shutil, "which", lambda _: None)
    assert 1 < hammer(echo, "/same", 1) < len(_Echo.asked)
    with pytest.raises(BenchError, match="different answers"):
        hammer(echo, "/changing", 1)


def test_an_error_is_not_repeated(echo):
    with pytest.raises(BenchError, match="answers 404"):
        hammer(echo, "/none", 1)


def test_a_service_that_is_not_there_is_an_error():
    with pytest.raises(BenchError, match="gone: no answer on /x"):
        fetch(Service("gone", 1, "/c", "/"), ["/x"])


SERIES = Series(
    "Pages", "requests/s", OURS, {OURS: [40.0, 60.0, 50.0], "tipg": [10.0, 12.5, 20.0]}, {OURS: [1000, 1200, 1100]}
)


def test_the_table_tells_how_many_times_as_fast_ours_is():
    assert SERIES.as_table().splitlines() == [
        "**Pages**",
        "",
        "| | n | median requests/s | min–max requests/s | buurtsignaal is × as fast | bytes per answer |",
        "|---|---:|---:|---:|---:|---:|",
        "| buurtsignaal | 3 | 50.0 | 40.0–60.0 | 1.00 | 1100 |",
        "| tipg | 3 | 12.5 | 10.0–20.0 | 4.00 | – |",
    ]


def test_in_time_less_is_faster():
    times = Series("Paging", "ms", "first", {"first": [10.0], "deep": [25.0]})
    assert times.faster("first", "deep") == 2.5
    assert times.as_table().endswith("| deep | 1 | 25.0 | 25.0–25.0 | 2.50 | – |")


@pytest.mark.parametrize("values", [[], [0.0, 1.0]])
def test_a_table_of_nothing_is_an_error(values):
    with pytest.raises(BenchError, match="nothing was measured for tipg"):
        replace(SERIES, values={OURS: [1.0], "tipg": values}).as_table()


def test_what_was_wanted_is_said_to_be_met_or_not():
    goals = [Goal("a", 3.0, least=3), Goal("b", 2.99, least=3), Goal("c", 1.2, most=1.2), Goal("d", 1.3, most=1.2)]
    assert goals_table(goals).splitlines()[4:] == [
        "| a | ≥ 3 | 3.00 | yes |",
        "| b | ≥ 3 | 2.99 | **no** |",
        "| c | ≤ 1.2 | 1.20 | yes |",
        "| d | ≤ 1.2 | 1.30 | **no** |",
    ]


def make_setting(*names, rounds=3):
    made = [Service(name, 1, "/c", "/", query="&f=json") for name in names]
    return api.Setting(made, [replace(BOX, matched=number) for number in (5, 1, 9)], 1000, rounds, 1)


def test_services_take_turns_and_swap_the_first_place():
    setting = make_setting("a", "b", "c", rounds=4)
    order = ["".join(service.name for service in part) for _, part in setting.turns()]
    assert order == ["abc", "bca", "cab", "abc"]
    assert ["".join(s.name for s in part) for _, part in setting.turns("a", "c")] == ["ac", "ca", "ac", "ca"]


def test_the_page_that_is_repeated_is_the_middle_one():
    setting = make_setting("a")
    assert setting.page.matched == 5
    assert api.page_path(setting.services[0], BOX) == (
        "/c/items?bbox=6.850000,52.200000,6.870000,52.210000&limit=1000&f=json"
    )


def test_a_cold_page_with_another_count_ends_the_bench(monkeypatch):
    def answers(service, paths, connections):
        matched = BOX.matched + (service.name == "liar")
        features = [feature(number) for number in range(BOX.matched)]
        return Batch([page(*features, matched=matched) for _ in paths], 0.5)

    monkeypatch.setattr(api, "fetch", answers)
    monkeypatch.setattr(database, "places_of", lambda ids: dict.fromkeys(ids, (6.86, 52.205)))
    setting = replace(make_setting(OURS, "tipg", rounds=2), boxes=[BOX] * 4)
    assert api._cold(setting, setting.boxes, 1).values == {OURS: [4.0, 4.0], "tipg": [4.0, 4.0]}
    with pytest.raises(BenchError, match="liar: numberMatched 8 where 7 match"):
        api._cold(replace(make_setting(OURS, "liar"), boxes=[BOX] * 4), [BOX] * 4, 1)


def test_a_walk_by_offset_is_not_taken_for_a_cursor(monkeypatch):
    links = [{"rel": "next", "href": "http://h/c/items?offset=1000"}]

    first = page(*map(feature, range(1000)), matched=2000, links=links)
    monkeypatch.setattr(api.Connection, "get", lambda *_: first)
    with pytest.raises(BenchError, match="by offset, not by cursor"):
        api._pages_by_link(replace(make_setting(OURS), rows=2000))


def test_a_figure_asks_for_a_buurt_and_knows_its_days():
    quarter = Figure("BU01530000", "wonen-geluid", 2024, 4)
    assert quarter.query == (
        "/v1/collections/meldingen-per-gebied/items?niveau=buurt&gebied=BU01530000&bron=bench"
        "&categorie=wonen-geluid&periode=2024-Q4"
    )
    assert quarter.days == (date(2024, 10, 1), date(2025, 1, 1))
    assert Figure("BU01530000", "x", 2023, 1).days == (date(2023, 1, 1), date(2023, 4, 1))
    assert Figure("BU01530000", "x", 2023).days == (date(2023, 1, 1), date(2024, 1, 1))


def test_every_peer_package_is_pinned():
    lines = (PEERS / "requirements.txt").read_text().splitlines()
    packages = [line for line in lines if not line.startswith("#")]
    assert {"tipg==1.6.1", "pygeoapi==0.21.0"} <= set(packages)
    assert all(re.fullmatch(r"[a-z0-9-]+==[0-9.]+", line) for line in packages)


@pytest.mark.parametrize("name", ["tipg.env", "pygeoapi.yml"])
def test_the_templates_of_the_peers_are_filled_completely(name):
    values = database.peer_settings() | {"service_port": "1"}
    text = Template((PEERS / name).read_text()).substitute(values)
    assert database.ADDRESS in text
    assert "$" not in text


def test_a_failure_is_told_and_the_cluster_is_stopped(monkeypatch, capsys):
    stopped = []

    def fail(folder):
        raise BenchError("uv is missing")

    monkeypatch.setattr(database, "open_cluster", fail)
    monkeypatch.setattr(database, "close_cluster", stopped.append)
    assert api.main([]) == 1
    assert capsys.readouterr().err == "uv is missing\n"
    assert [folder.name for folder in stopped] == ["api"]
