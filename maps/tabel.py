"""The same figures as the map, as an accessible table."""

from __future__ import annotations

from markupsafe import Markup

from maps.beeld import Beeld
from maps.model import KaartModel
from maps.sjabloon import fill
from maps.themas import TABEL, make_beeld


def render_table(model: KaartModel, beeld: Beeld | None = None) -> Markup:
    """One row per area by name, never by value; raw values in data attributes, "" for no value.

    Without areas: a sentence instead of an empty table.
    """
    beeld = beeld or make_beeld(model)
    if not beeld.cijfers:
        return fill("leeg.html")
    titel = f"{model.titel} per {model.niveau_enkelvoud} in {model.gemeente_naam}."
    return fill(TABEL[model.thema], model=model, beeld=beeld, cijfers=beeld.cijfers, klasse=beeld.klasse, titel=titel)
