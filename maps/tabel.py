"""The same figures as the map, as an accessible table."""

from __future__ import annotations

from markupsafe import Markup

from maps.model import KaartModel
from maps.sjabloon import fill
from maps.stijl import indeling_van
from maps.teksten import make_cijfers


def render_table(model: KaartModel) -> Markup:
    """One row per area by name, never by value; raw values in data attributes, "" for no value.

    Without areas: a sentence instead of an empty table.
    """
    cijfers = make_cijfers(model)
    if not cijfers:
        return fill("leeg.html")
    indeling = indeling_van(cijfers)
    klasse = {c.code: "" if c.waarde is None else indeling.klasse_van(c.waarde).nummer for c in cijfers}
    titel = f"{model.titel} per {model.niveau_enkelvoud} in {model.gemeente_naam}."
    return fill("tabel.html", model=model, cijfers=cijfers, klasse=klasse, titel=titel)
