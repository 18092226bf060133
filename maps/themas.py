"""The themes of the map: what colours the areas, and which table shows the same figures."""

from __future__ import annotations

from maps.beeld import Beeld
from maps.dekking import dekking_beeld
from maps.model import KaartModel
from maps.samen import samen_beeld
from maps.schaal import telling_beeld, wonen_beeld

TABEL = {
    "meldingen": "tabel.html",
    "bezoeken": "tabel.html",
    "wonen": "tabel_wonen.html",
    "dekking": "tabel_dekking.html",
    "samen": "tabel_samen.html",
}
_BEELD = {
    "meldingen": telling_beeld,
    "bezoeken": telling_beeld,
    "wonen": wonen_beeld,
    "dekking": dekking_beeld,
    "samen": samen_beeld,
}


def make_beeld(model: KaartModel) -> Beeld:
    """Colours, words and classes of all areas of a map."""
    return _BEELD[model.thema](model)
