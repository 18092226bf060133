"""Disclosure control: our protect and audit against pytauargus (OPT and MOD) on the same tables, and a town's quarter.

python -m bench.disclosure [--tabellen 5] [--stad] [--jaar]. The peer takes one tree per dimension, so the tables of
the comparison have one division of the town; its pattern is judged by our audit, which assumes more of the outsider
than the peer does. The linked divisions of a whole town (--stad) and of its year (--jaar) are ours alone.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd

from analysis.disclosure import audit, losses, protect
from bench.harness import BenchError
from bench.peers.services import prepare_environment
from tests.analysis.linked_tables import ALLE, ENSCHEDE, SMALL, Hierarchies, Town, make_table

_HERE = Path(__file__).resolve().parent
_THRESHOLD = 10
_PEER_SECONDS = 120
_PEER_STATUS = {"S": "ok", "U": "primary", "M": "secondary", "E": "ok"}


def one_division(seed: int) -> tuple[pd.DataFrame, Hierarchies]:
    """Return a table of gemeente > wijk > buurt only."""
    table, hierarchies = make_table(seed, SMALL)
    wijken = next(own for own in hierarchies["gebied"] if "WK00" in own)
    known = {code for total, parts in wijken.items() for code in (total, *parts)}
    return table[table["gebied"].isin(known)].reset_index(drop=True), {**hierarchies, "gebied": [wijken]}


def protect_by_peer(
    python: Path, table: pd.DataFrame, hierarchies: Hierarchies, method: str
) -> tuple[pd.DataFrame, float] | str:
    """Return the table with the peer's statuses and its CPU seconds, or what went wrong."""
    small = table["count"].between(1, _THRESHOLD - 1)
    codes = table[list(hierarchies)].to_numpy().tolist()
    asked = {
        "trees": [
            list(_in_order(maps[0], root)) for maps, root in zip(hierarchies.values(), ("GM", ALLE), strict=True)
        ],
        "cells": list(zip(codes, table["count"].tolist(), small.tolist(), strict=True)),
        "width": _THRESHOLD // 2,
    }
    with tempfile.TemporaryDirectory() as folder:
        source, target = Path(folder) / "asked.json", Path(folder) / "found.json"
        source.write_text(json.dumps(asked))
        argv = [str(python), str(_HERE / "peers" / "tauargus.py"), str(source), str(target), method]
        try:
            done = subprocess.run(argv, cwd=folder, capture_output=True, text=True, timeout=_PEER_SECONDS, check=False)
        except subprocess.TimeoutExpired:
            return f"no answer in {_PEER_SECONDS} s"
        if done.returncode:
            return done.stderr.strip().splitlines()[-1][:90] if done.stderr.strip() else f"exit code {done.returncode}"
        found = json.loads(target.read_text())
    letters = {tuple(key): letter for *key, letter in found["statuses"]}
    status = [_PEER_STATUS[letters.get(tuple(key), "E")] for key in codes]
    return table.assign(status=status), found["seconds"]


def _in_order(children: Mapping[str, Sequence[str]], code: str, depth: int = 0) -> Iterator[tuple[str, int]]:
    yield code, depth
    for part in children.get(code, ()):
        yield from _in_order(children, part, depth + 1)


def _line(name: str, seconds: float, table: pd.DataFrame, hierarchies: Hierarchies) -> str:
    lost = losses(table, threshold=_THRESHOLD)
    start = time.process_time()
    exposed = len(audit(table, hierarchies=hierarchies, threshold=_THRESHOLD))
    audited = time.process_time() - start
    return (
        f"  {name:<12} {seconds:7.1f} s  audit {audited:5.1f} s  secondary {lost.secondary:5d} of "
        f"{lost.published + lost.secondary} cells, value {lost.secondary_value:8.0f}, exposed {exposed}"
    )


def _ours(table: pd.DataFrame, hierarchies: Hierarchies) -> tuple[pd.DataFrame, float]:
    start = time.process_time()
    found = protect(table, hierarchies=hierarchies, threshold=_THRESHOLD)
    return found, time.process_time() - start


def _side_by_side(n_tables: int, python: Path) -> int:
    """Print all patterns; the number of tables that ours leaves exposed."""
    failures = 0
    for seed in range(n_tables):
        table, hierarchies = one_division(seed)
        print(f"table {seed}: {len(table)} cells, {table['count'].between(1, _THRESHOLD - 1).sum()} primary")
        found, seconds = _ours(table, hierarchies)
        print(_line("protect", seconds, found, hierarchies))
        failures += bool(audit(found, hierarchies=hierarchies, threshold=_THRESHOLD))
        for method in ("OPT", "MOD"):
            peer = protect_by_peer(python, table, hierarchies, method)
            name = f"peer {method}"
            print(f"  {name:<12} {peer}" if isinstance(peer, str) else _line(name, peer[1], peer[0], hierarchies))
        failures += _linked(f"table {seed} with its linked divisions", seed, SMALL)
    return failures


def _linked(name: str, seed: int, town: Town) -> int:
    """Print what all divisions together cost, ours alone; 1 when something is exposed."""
    table, hierarchies = make_table(seed, town)
    nonzero = int((table["count"] > 0).sum())
    print(f"{name}: {len(table)} cells, {nonzero} not 0, {table['count'].between(1, _THRESHOLD - 1).sum()} primary")
    found, seconds = _ours(table, hierarchies)
    print(_line("protect", seconds, found, hierarchies))
    return int(bool(audit(found, hierarchies=hierarchies, threshold=_THRESHOLD)))


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.disclosure", description=__doc__)
    parser.add_argument("--tabellen", type=int, default=5)
    parser.add_argument("--stad", action="store_true", help="a quarter of Enschede: 7 790 cells")
    parser.add_argument("--jaar", action="store_true", help="four quarters and their year: 38 950 cells")
    options = parser.parse_args(arguments)
    failures = 0
    try:
        with tempfile.TemporaryDirectory() as folder:
            programs = prepare_environment(Path(folder) / "peer", _HERE / "peers" / "disclosure.txt")
            failures += _side_by_side(options.tabellen, programs / "python")
    except BenchError as error:
        print(error, file=sys.stderr)
        return 1
    if options.stad:
        failures += _linked("quarter", 0, ENSCHEDE)
    if options.jaar:
        failures += _linked("year", 0, replace(ENSCHEDE, quarters=4))
    return int(failures > 0)


if __name__ == "__main__":
    raise SystemExit(main())
