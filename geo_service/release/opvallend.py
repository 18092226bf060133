"""What stands out in one area, from the figures that its reader sees: never from those that are withheld."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from analysis.profile import biggest_problem

Document = dict[str, Any]
# With fewer categories to compare, "nothing stands out" would say more about what is withheld than about the area.
GENOEG = 3
TE_WEINIG = (
    "Er zijn te weinig onderwerpen te tonen om te zeggen wat hier opvalt. Dat betekent niet dat er niets speelt."
)


def stands_out(area: Sequence[Document], whole: Sequence[Document]) -> Document:
    """The category whose share in the area is above its share in the municipality, or none that clearly is.

    area, whole: published figures per category, of the same period and categories. A count that is not told takes no
    part. categorie is None for "geen duidelijk beeld"; verhouding, laag and hoog are then None as well.
    """
    names = {figure["categorie_naam"]: figure["categorie"] for figure in area}
    found = biggest_problem(_counts(area), _counts(whole))
    enough = found.table["quotient"].notna().sum() >= GENOEG
    clear = enough and found.categorie is not None
    return {
        "categorie": names[found.categorie] if clear else None,
        "categorie_naam": found.categorie if clear else None,
        "verhouding": round(found.quotient, 3) if clear else None,
        "laag": round(found.low, 3) if clear else None,
        "hoog": round(found.high, 3) if clear else None,
        "uitleg": found.uitleg if enough else TE_WEINIG,
    }


def _counts(figures: Sequence[Document]) -> dict[Any, float]:
    return {figure["categorie_naam"]: _count(figure) for figure in figures}


def _count(figure: Document) -> float:
    return np.nan if figure["aantal"] is None else float(figure["aantal"])
