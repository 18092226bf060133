"""The API beside tipg and pygeoapi: same database, same reports, one worker each, in one run.

python -m bench.api [--keer 5] [--bboxen 1000] [--deel koud …] [--peers-lezen view] [--figuren-rijen 10000000]

It opens a cluster of its own on loopback and loads a million reports into it (kept for the next run), makes an
environment of its own for the peers with uv, and starts all three services. Every answer is asked without
content-encoding and must be right: all features, an exact numberMatched that all three agree on, the places as in
the database; anything else ends the bench with an error (what the services wrote is in .buurtsignaal/bench/api/logs).
The services take turns, each round another one first.

koud          distinct bboxes, each asked once: pages of 1 000 features, over 1, 2 and (each other bboxes) 4 connections
warm          the same page again and again, 2 connections
bladeren      the first page, the second, and one after row 900 000: ours by following links, the peers by offset
tegels        vector tiles with the same columns: each once (ours and tipg), and one again and again
ongewijzigd   a page that the client has already: 304
figuren       only with --figuren-rijen: the figures of one buurt with so many reports in the database
"""

from __future__ import annotations

import argparse
import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from bench.harness import BenchError
from bench.peers import database
from bench.peers.client import Answer, Connection, fetch, fetch_once, generator_name, hammer
from bench.peers.database import Box
from bench.peers.figures import fill_meldingen, measure_figures
from bench.peers.questions import (
    check_page,
    check_places,
    check_same_properties,
    check_same_tile,
    choose_boxes,
    choose_tiles,
    next_path,
    read_tile,
)
from bench.peers.report import Goal, Series, goals_table
from bench.peers.services import (
    OURS,
    Service,
    describe_empty,
    describe_ours,
    describe_pygeoapi,
    describe_tipg,
    prepare_environment,
    running,
)
from geo_service.errors import BuurtsignaalError

_FOLDER = Path(__file__).resolve().parent.parent / ".buurtsignaal" / "bench"
_LIMIT = 1000
_LEAST = 1100
_DEEP_ROW = 900_000
_PAGES = 20
_PEER_PAGES = 5
_ZOOM = 15
# One client that waits for each page, and more than one at once: the same one worker answers them.
_CONNECTIONS = (1, 2, 4)
# Where tipg cuts a tile off.
_MOST_IN_TILE = 10_000
# What a report is about and when it came; its number goes with it as the id of the feature.
_DRAWN = "categorie,dag"
_COMPARED_TILES = 2
_FIGURES = 1000
_SEED = 3

Measured = tuple[list[Series], list[Goal]]


@dataclass(frozen=True)
class Setting:
    """What every part needs. boxes: enough for every number of connections; seconds: how long one path is repeated."""

    services: Sequence[Service]
    boxes: Sequence[Box]
    rows: int
    rounds: int
    seconds: int

    def turns(self, *names: str) -> Iterator[tuple[int, list[Service]]]:
        """Yield each round with the services (all, or those named) in their order of that round."""
        services = [service for service in self.services if not names or service.name in names]
        for turn in range(self.rounds):
            first = turn % len(services)
            yield turn, [*services[first:], *services[:first]]

    @property
    def ours(self) -> Service:
        return next(service for service in self.services if service.name == OURS)

    @property
    def page(self) -> Box:
        """The box whose page is asked again and again: the middle one by number of reports."""
        return sorted(self.boxes, key=lambda box: box.matched)[len(self.boxes) // 2]


def page_path(service: Service, box: Box) -> str:
    return service.items(f"bbox={box.text}&limit={_LIMIT}")


def measure_cold(setting: Setting) -> Measured:
    series, goals = [], []
    for turn, connections in enumerate(_CONNECTIONS):
        series.append(_cold(setting, setting.boxes[turn :: len(_CONNECTIONS)], connections))
        goals += _beside_peers(series[-1], f"cold page, {connections} at once", 3, 6)
    return series, goals


def _cold(setting: Setting, boxes: Sequence[Box], connections: int) -> Series:
    rates: dict[str, list[float]] = {service.name: [] for service in setting.services}
    sizes: dict[str, list[int]] = {service.name: [] for service in setting.services}
    for turn, services in setting.turns():
        part = boxes[turn :: setting.rounds]
        firsts = {}
        for service in services:
            batch = fetch(service, [page_path(service, box) for box in part], connections)
            pages = [
                check_page(service.name, answer, limit=_LIMIT, matched=box.matched, box=box)
                for box, answer in zip(part, batch.answers, strict=True)
            ]
            check_places(service.name, pages[0], database.places_of(pages[0].ids))
            firsts[service.name] = pages[0]
            rates[service.name].append(batch.rate)
            sizes[service.name] += [len(answer.body) for answer in batch.answers]
        check_same_properties(firsts)
    title = f"Distinct bboxes ({len(boxes)}), {connections} connection{'s' * (connections > 1)}"
    return Series(title, "requests/s", OURS, rates, sizes)


def measure_warm(setting: Setting) -> Measured:
    box = setting.page
    for service in setting.services:
        check_page(
            service.name, fetch_once(service, page_path(service, box)), limit=_LIMIT, matched=box.matched, box=box
        )
    series = _repeated(setting, "The same page again, 2 connections", lambda service: page_path(service, box))
    return [series], _beside_peers(series, "the same page again", 10, 20)


def measure_paging(setting: Setting) -> Measured:
    ours, peers = setting.ours, [service for service in setting.services if service.name != OURS]
    tables = [_paging(setting.rows, ours, _pages_by_link(setting))]
    tables += [_paging(setting.rows, peer, _pages_by_offset(peer)) for peer in peers]
    slower = {name: tables[0].faster("first page", name) for name in ("second page", "page after row 900 000")}
    return tables, [Goal(f"time of the {name}, × the first", ratio, most=1.2) for name, ratio in slower.items()]


def _paging(rows: int, service: Service, pages: dict[str, list[tuple[int, Answer]]]) -> Series:
    for found in pages.values():
        for limit, answer in found:
            check_page(service.name, answer, limit=limit, matched=rows)
    times = {name: [answer.seconds * 1000 for _, answer in found] for name, found in pages.items()}
    sizes = {name: [len(answer.body) for _, answer in found] for name, found in pages.items()}
    return Series(f"Paging through {rows} reports: {service.name}", "ms", "first page", times, sizes)


def _pages_by_link(setting: Setting) -> dict[str, list[tuple[int, Answer]]]:
    """First, second and deep pages each differ in their limit only, so that none was answered before and all read the
    same reports again and again; those of the walk read reports that nobody read before."""
    service = setting.ours
    with closing(Connection(service)) as line:
        walked, path = _walk(line, service, setting.rows)
        first, second, deep = [], [], []
        for limit in range(_LIMIT - 1, _LIMIT - 1 - _PAGES, -1):
            first.append((limit, line.get(service.items(f"limit={limit}"))))
            second.append((limit, line.get(next_path(service.name, first[-1][1]))))
            deep.append((limit, line.get(re.sub(r"\blimit=\d+", f"limit={limit}", path))))
    return {"first page": first, "second page": second, "page after row 900 000": deep, "next pages there": walked}


def _walk(line: Connection, service: Service, rows: int) -> tuple[list[tuple[int, Answer]], str]:
    """Follow the links from the first page; none may repeat a feature. The pages after row 900 000, and the address of
    the first one of them."""
    answer = line.get(service.items(f"limit={_LIMIT}"))
    seen = set(check_page(service.name, answer, limit=_LIMIT, matched=rows).ids)
    deep: list[tuple[int, Answer]] = []
    while len(deep) < _PAGES:
        path, before = next_path(service.name, answer), len(seen)
        if "offset=" in path:
            raise BenchError(f"{service.name}: the next page is asked by offset, not by cursor: {path}")
        answer = line.get(path)
        seen.update(check_page(service.name, answer, limit=_LIMIT, matched=rows).ids)
        if len(seen) != before + _LIMIT:
            raise BenchError(f"{service.name}: {path} repeats features of earlier pages")
        if before >= _DEEP_ROW:
            deep.append((_LIMIT, answer))
    return deep, deep[0][1].path


def _pages_by_offset(service: Service) -> dict[str, list[tuple[int, Answer]]]:
    with closing(Connection(service)) as line:

        def ask(start: int, step: int) -> list[tuple[int, Answer]]:
            offsets = [start + step * number for number in range(_PEER_PAGES)]
            return [(_LIMIT, line.get(service.items(f"limit={_LIMIT}&offset={offset}"))) for offset in offsets]

        ask(0, 0)
        return {
            "first page": ask(0, 0),
            "second page": ask(_LIMIT, 0),
            "page after row 900 000": ask(_DEEP_ROW, _LIMIT),
        }


def measure_tiles(setting: Setting) -> Measured:
    tile, *tiles = choose_tiles(_ZOOM, database.count_inside, least=_LEAST, most=_MOST_IN_TILE)
    cold = _cold_tiles(setting, tiles[::2], "all columns", None)
    drawn = _cold_tiles(setting, tiles[1::2], "the columns that a map draws by", _DRAWN)
    warm = _repeated(setting, "One vector tile again, 2 connections", lambda s: s.tile_path(_ZOOM, *tile), OURS, "tipg")
    goals = [
        Goal("cold tile, all columns, × tipg", cold.faster(OURS, "tipg"), least=2),
        Goal("cold tile, columns of a map, × tipg", drawn.faster(OURS, "tipg"), least=2),
        Goal("one tile again, requests/s", warm.median(OURS), least=1000),
    ]
    return [cold, drawn, warm], goals


def _cold_tiles(setting: Setting, tiles: Sequence[tuple[int, int]], columns: str, properties: str | None) -> Series:
    """properties: what both are asked for; the id of a feature comes with it."""
    rates: dict[str, list[float]] = {OURS: [], "tipg": []}
    sizes: dict[str, list[int]] = {OURS: [], "tipg": []}
    for turn, services in setting.turns(*rates):
        part = tiles[turn :: setting.rounds]
        batches = {
            service.name: fetch(service, [service.tile_path(_ZOOM, *tile, properties) for tile in part])
            for service in services
        }
        for name, batch in batches.items():
            rates[name].append(batch.rate)
            sizes[name] += [len(answer.body) for answer in batch.answers]
            if any(answer.status != 200 for answer in batch.answers):
                raise BenchError(f"{name}: not every tile was given")
        for number in range(_COMPARED_TILES):
            compared = {name: read_tile(name, batch.answers[number]) for name, batch in batches.items()}
            check_same_tile(batches[OURS].answers[number].path, compared)
    title = f"Distinct vector tiles at zoom {_ZOOM} ({len(tiles)}), {columns}, 1 connection"
    return Series(title, "tiles/s", OURS, rates, sizes)


def measure_unchanged(setting: Setting) -> Measured:
    path = page_path(setting.ours, setting.page)
    etag = fetch_once(setting.ours, path).headers.get("etag")
    if not etag:
        raise BenchError(f"{OURS}: no ETag on {path}")
    known = {"If-None-Match": etag}
    answer = fetch_once(setting.ours, path, known)
    if answer.status != 304 or answer.body:
        raise BenchError(f"{OURS}: {answer.status} with {len(answer.body)} bytes where 304 was expected: {path}")
    rates = [hammer(setting.ours, path, setting.seconds, known) for _ in range(setting.rounds)]
    series = Series("A page that has not changed (304), 2 connections", "requests/s", OURS, {OURS: rates}, {OURS: [0]})
    return [series], [Goal("304, requests/s", series.median(OURS), least=2000)]


def _repeated(setting: Setting, title: str, path_of: Callable[[Service], str], *names: str) -> Series:
    rates: dict[str, list[float]] = {}
    sizes: dict[str, list[int]] = {}
    for _, services in setting.turns(*names):
        for service in services:
            path = path_of(service)
            sizes.setdefault(service.name, []).append(len(fetch_once(service, path).body))
            rates.setdefault(service.name, []).append(hammer(service, path, setting.seconds))
    return Series(title, "requests/s", OURS, rates, sizes)


def _beside_peers(series: Series, text: str, tipg: float, pygeoapi: float) -> list[Goal]:
    wanted = {"tipg": tipg, "pygeoapi": pygeoapi}
    return [Goal(f"{text}, × {name}", series.faster(OURS, name), least=least) for name, least in wanted.items()]


PARTS: dict[str, Callable[[Setting], Measured]] = {
    "koud": measure_cold,
    "warm": measure_warm,
    "bladeren": measure_paging,
    "tegels": measure_tiles,
    "ongewijzigd": measure_unchanged,
}


def run(options: argparse.Namespace) -> list[Goal]:
    """Measure the chosen parts and print each as soon as it is known; returns what was wanted of them."""
    database.open_cluster(_FOLDER / "api")
    database.load_meldingen(options.rijen)
    database.give_to_peers(database.VIEW if options.peers_lezen == "view" else database.TABLE)
    programs = prepare_environment(_FOLDER / "peers")
    logs = _FOLDER / "api" / "logs"
    logs.mkdir(exist_ok=True)
    _print_generator(logs, options.seconden)
    goals: list[Goal] = []
    with running([describe_ours(), describe_tipg(programs), describe_pygeoapi(programs, logs)], logs) as services:
        boxes = choose_boxes(len(_CONNECTIONS) * options.bboxen, _SEED, database.count_inside, least=_LEAST)
        setting = Setting(services, boxes, options.rijen, options.keer, options.seconden)
        for service in services:
            fetch(service, [page_path(service, setting.page)] * 3)
        for name in options.deel or PARTS:
            goals += _print_measured(PARTS[name](setting))
    if options.figuren_rijen:
        with running([describe_ours()], logs) as (ours,):
            rows = fill_meldingen(options.figuren_rijen)
            series, goal = measure_figures(ours, rows, _FIGURES, _SEED)
            goals += _print_measured(([series], [goal]))
    return goals


def _print_generator(logs: Path, seconds: int) -> None:
    with running([describe_empty()], logs) as (empty,):
        rate = hammer(empty, "/", seconds)
    print(f"Load on one path by {generator_name()}: at most {rate:.0f} requests/s. All bytes without encoding.\n")


def _print_measured(measured: Measured) -> list[Goal]:
    tables, goals = measured
    print("\n\n".join(table.as_table() for table in tables), end="\n\n", flush=True)
    return goals


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m bench.api", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--keer", type=int, default=5, help="rounds (default 5)")
    parser.add_argument("--rijen", type=int, default=1_000_000, help="reports (default 1 000 000)")
    parser.add_argument("--bboxen", type=int, default=1000, help="bboxes for each number of connections")
    parser.add_argument("--seconden", type=int, default=5, help="how long one path is repeated (default 5)")
    parser.add_argument("--deel", action="append", choices=PARTS, help="only this part; may be given more often")
    parser.add_argument("--peers-lezen", choices=("tabel", "view"), default="tabel", help="what the peers read")
    parser.add_argument("--figuren-rijen", type=int, default=0, help="measure figures with this many reports")
    options = parser.parse_args(arguments)
    try:
        print(goals_table(run(options)))
    except (BenchError, BuurtsignaalError) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        database.close_cluster(_FOLDER / "api")
    return 0


if __name__ == "__main__":
    # Stopped from outside, it still stops the services and the cluster.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    raise SystemExit(main())
