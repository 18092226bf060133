"""What it costs to ask for figures as staff: the same questions as the public and as a wijkregisseur, in turns.

python -m bench.scope [--keer 3]. On the demo municipality at its full size, in a cluster of its own. Every question is
another one and is asked once by each, so that no answer comes from memory; who is first changes from question to
question. An answer must hold every area of the level, and the wijkregisseur must see own areas complete.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import secrets
import socket
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from pathlib import Path

import httpx

from bench.harness import BenchError, run_quietly
from geo_service.identity import Role, Viewer
from geo_service.settings import get_settings
from geo_service.toegang.ontwikkel import issue_development_token

_FOLDER = Path(__file__).resolve().parent.parent / ".buurtsignaal" / "bench" / "scope"
_AREAS = {"buurt": 70, "wijk": 10, "stadsdeel": 5}
_PERIODS = ("2025-Q4", "2026-Q1", "2026-Q2", "2026-Q3")
_CATEGORIES = (
    "alle", "afval", "openbare-ruimte", "verkeer", "personen", "wonen", "groen-water", "dieren", "afval-dumping",
    "afval-zwerfafval",
)  # fmt: skip
_BRON = "signalen-openbare-ruimte"
_OWN = "GM0153-SD-noord"
_STAFF = Viewer(Role.WIJKREGISSEUR, "GM0153", frozenset({_OWN}))
_GOAL = 1.3


def _load() -> str:
    """The demo with its newest quarters decided; the URL of its database."""
    _FOLDER.mkdir(parents=True, exist_ok=True)
    os.environ |= {"BUURTSIGNAAL_MAP": str(_FOLDER), "BUURTSIGNAAL_VRIJGAVE_DIRECT": "6000"}
    os.environ.pop("BUURTSIGNAAL_DATABASE_URL", None)
    get_settings.cache_clear()
    run_quietly(["buurtsignaal", "demo", "--alleen-laden"])
    from geo_service.db.cluster import locate_cluster

    return locate_cluster().url


def _serve(url: str, secret: bytes, port: int) -> None:
    import uvicorn

    from geo_service.app import create_app

    os.environ["BUURTSIGNAAL_VERZOEKEN_PER_MINUUT"] = str(10**9)
    get_settings.cache_clear()
    uvicorn.run(create_app(url, secret), host="127.0.0.1", port=port, log_level="critical", access_log=False)


@contextmanager
def _website(url: str, secret: bytes) -> Iterator[httpx.Client]:
    """The service by itself: nothing is computed behind it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(url, secret, port), daemon=True)
    process.start()
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            _wait(client)
            yield client
    finally:
        process.terminate()
        process.join(20)


def _wait(client: httpx.Client) -> None:
    for _ in range(200):
        try:
            client.get("/gezond")
        except httpx.TransportError:
            time.sleep(0.1)
        else:
            return
    raise BenchError("the service does not start")


def _questions() -> list[dict[str, str]]:
    found = product(_AREAS, _CATEGORIES, _PERIODS)
    return [{"niveau": level, "categorie": category, "periode": period} for level, category, period in found]


def _ask(client: httpx.Client, question: dict[str, str], headers: dict[str, str]) -> float:
    path = "/v1/collections/meldingen-per-gebied/items"
    begin = time.perf_counter()
    answer = client.get(path, params={"bron": _BRON, "limit": "1000", **question}, headers=headers)
    seconds = time.perf_counter() - begin
    if answer.status_code != 200:
        raise BenchError(f"{question}: {answer.status_code}")
    features = answer.json()["features"]
    if len(features) != _AREAS[question["niveau"]]:
        raise BenchError(f"{question}: {len(features)} areas")
    own = [feature["properties"] for feature in features if feature["properties"]["gebied_code"] == _OWN]
    if headers and own and own[0]["aantal"] is None:
        raise BenchError(f"{question}: the own stadsdeel is not told")
    return seconds


def measure(client: httpx.Client, headers: dict[str, str], questions: Sequence[dict[str, str]]) -> dict[str, float]:
    """Seconds of the public and of staff, median and mean."""
    taken: dict[str, list[float]] = {"public": [], "staff": []}
    for number, question in enumerate(questions):
        turns = (("public", {}), ("staff", headers))
        for who, own in turns if number % 2 else reversed(turns):
            taken[who].append(_ask(client, question, own))
    return {
        f"{who} {name}": figure(times)
        for who, times in taken.items()
        for name, figure in (("median", statistics.median), ("mean", statistics.mean))
    }


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Figures asked by staff, beside the same asked by the public.")
    parser.add_argument("--keer", type=int, default=3, help="rounds, each with a new website")
    options = parser.parse_args(arguments)
    try:
        url = _load()
        found = []
        for _ in range(options.keer):
            secret = secrets.token_bytes(64)
            headers = {"Authorization": f"Bearer {issue_development_token(_STAFF, secret)}"}
            with _website(url, secret) as client:
                # Another quarter: what is read once per municipality is not part of a question.
                warm = [{"niveau": level, "categorie": "alle", "periode": "2025-Q3"} for level in _AREAS]
                measure(client, headers, warm * 3)
                found.append(measure(client, headers, _questions()))
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        run_quietly(["buurtsignaal", "db", "stop"])
    best = {name: statistics.median(one[name] for one in found) for name in found[0]}
    for name in ("median", "mean"):
        public, staff = (1000 * best[f"{who} {name}"] for who in ("public", "staff"))
        print(f"{name}: public {public:.1f} ms, wijkregisseur {staff:.1f} ms, {staff / public:.2f} x (wanted {_GOAL})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
