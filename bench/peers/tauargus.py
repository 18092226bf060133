"""What pytauargus does in bench.disclosure, in its own environment. Usage: tauargus.py ASKED FOUND OPT|MOD.

ASKED is what bench.disclosure writes: per dimension a tree as (code, depth) in order, and the cells with their codes,
count and whether they are unsafe. FOUND gets the status letter of each cell and the CPU seconds of the run. The
engine leaves files in the working directory.
"""

import json
import sys
import time
from pathlib import Path

from pytauargus.engine import run_batch
from pytauargus.result import TableResult

_NAMES = ("GEBIED", "CATEGORIE")


def _metadata(trees):
    lines = ['<SEPARATOR> ";"', '<SAFE> "S"', '<UNSAFE> "U"']
    for name, tree in zip(_NAMES, trees, strict=True):
        (root, _), *below = tree
        codes = Path(f"{name}.hrc")
        codes.write_text("".join(f"{'@' * (depth - 1)}{code}\n" for code, depth in below))
        lines += [name, " <RECODABLE>", f' <TOTCODE> "{root}"', " <HIERARCHICAL>"]
        lines += [f' <HIERCODELIST> "{codes}"', ' <HIERLEADSTRING> "@"']
    lines += ["AANTAL", " <NUMERIC>", " <DECIMALS> 0", "STATUS", " <STATUS>"]
    return [*lines, "ONDER", " <NUMERIC> <LOWERPL>", "BOVEN", " <NUMERIC> <UPPERPL>"]


def _cells(cells, width):
    """The peer protects each side apart: the distance that we ask between both ends is divided over the two."""
    for codes, count, unsafe in cells:
        lower = min(count, width // 2) if unsafe else 0
        upper = width - lower if unsafe else 0
        yield ";".join([*codes, str(count), "U" if unsafe else "S", str(lower), str(upper)])


def _batch(method):
    dimensions = "".join(f'"{name}"' for name in _NAMES)
    return [
        '<OPENTABLEDATA> "table.tab"',
        '<OPENMETADATA> "table.rda"',
        f'<SPECIFYTABLE> {dimensions}|"AANTAL"|""|""',
        "<SAFETYRULE>",
        "<READTABLE> 0",
        f"<SUPPRESS> {method}(1)",
        '<WRITETABLE> (1,5,SO+,"found.tab")',
    ]


def main(asked, found, method):
    question = json.loads(Path(asked).read_text())
    for name, lines in (
        ("table.rda", _metadata(question["trees"])),
        ("table.tab", _cells(question["cells"], question["width"])),
        ("table.arb", _batch(method)),
    ):
        Path(name).write_text("\n".join(lines) + "\n")
    start = time.process_time()
    run_batch("table.arb")
    seconds = time.process_time() - start
    rows = TableResult(Path("found.tab"), _NAMES, "AANTAL").rows
    roots = [tree[0][0] for tree in question["trees"]]
    statuses = [[*_codes(row, roots), row["status"]] for row in rows]
    Path(found).write_text(json.dumps({"statuses": statuses, "seconds": seconds}))


def _codes(row, roots):
    return [row[name] if row[name] not in ("", "Total") else root for name, root in zip(_NAMES, roots, strict=True)]


if __name__ == "__main__":
    main(*sys.argv[1:4])
