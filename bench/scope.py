"""What it costs to ask for figures as staff: the same questions as the public and as a wijkregisseur, in turns.

python -m bench.scope [--keer 3]. On the demo municipality at its full size, in a cluster of its own. Every question is
another one and is asked once by each, so that no answer comes from memory; who is first changes from question to
question. An answer must hold every area of the level, and the wijkregisseur must see own areas complete.
"""

from __future__ import annotations

import argparse
import secrets
import statistics
import sys
import time
from collections.abc import Sequence
from itertools import product

import httpx

from bench.demosite import load, website
from bench.harness import BenchError, run_quietly
from geo_service.identity import Role, Viewer
from geo_service.toegang.ontwikkel import issue_development_token

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
        turns: tuple[tuple[str, dict[str, str]], ...] = (("public", {}), ("staff", headers))
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
        url = load()
        found = []
        for _ in range(options.keer):
            secret = secrets.token_bytes(64)
            headers = {"Authorization": f"Bearer {issue_development_token(_STAFF, secret)}"}
            with website(url, secret) as client:
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
