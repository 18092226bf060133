"""Where an action was, what lies around it and what it was compared with: a small map, told apart by pattern too."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from maps.sjabloon import fill
from maps.stijl import LIJN, LIJN_DONKER, WIT, Vlak
from maps.vorm import draw_areas

AANPAK, OMGEVING, VERGELIJK, VERGELIJK_OMGEVING, BUITEN = (
    "aanpak", "omgeving", "vergelijk", "vergelijk_omgeving", "buiten",
)  # fmt: skip
_REST = Vlak("#f4f4f2", "#9aa5ad")


@dataclass(frozen=True, slots=True)
class Rol:
    """What a buurt does in the comparison: its name and its look. teken: what its pattern is drawn with."""

    naam: str
    kleur: str
    lijn: str
    teken: str = ""
    dash: str = ""

    def vlak(self, code: str) -> Vlak:
        fill_with = f"url(#bs-rol-{code})" if self.teken else self.kleur
        return Vlak(fill_with, self.lijn, 2.0 if self.teken == "" else 1.2, self.dash)


ROLLEN = {
    AANPAK: Rol("Hier was de aanpak", "#0b4654", LIJN_DONKER),
    OMGEVING: Rol("Omgeving: hierheen kan het verschuiven", "#fdd9a8", LIJN_DONKER, "schuin"),
    VERGELIJK: Rol("Vergeleken met het gebied van de aanpak", "#d5e6f0", LIJN, "stip"),
    VERGELIJK_OMGEVING: Rol("Vergeleken met de omgeving", "#e9e2f3", LIJN, "kruis"),
    BUITEN: Rol("Doet niet mee; in de tekst staat waarom", WIT, LIJN_DONKER, "", "6 5"),
}


@dataclass(frozen=True, slots=True)
class Rolbuurt:
    """One buurt. rol: a key of ROLLEN, or "" for one that plays no part; geometry: GeoJSON in lon/lat."""

    code: str
    naam: str
    rol: str
    geometry: Mapping[str, Any]


def render_rollenkaart(buurten: Sequence[Rolbuurt], titel: str) -> Markup:
    """The map with its legend; nothing where no buurt can be drawn. The table of names is the caller's."""
    tekening = draw_areas([{"geometry": buurt.geometry} for buurt in buurten])
    if tekening is None:
        return Markup("")
    drawn = [
        (pad, ROLLEN[buurt.rol].vlak(buurt.rol) if buurt.rol else _REST, _label(buurt), buurt.rol)
        for buurt, pad in zip(buurten, tekening.paden, strict=True)
        if pad
    ]
    drawn.sort(key=lambda part: list(ROLLEN).index(part[3]) if part[3] else -1)
    used = [(code, rol) for code, rol in ROLLEN.items() if any(buurt.rol == code for buurt in buurten)]
    return fill(
        "rollenkaart.html",
        tekening=tekening,
        titel=titel,
        gebieden=drawn,
        rollen=[(code, rol, rol.vlak(code)) for code, rol in used],
        rest=_REST,
        tellingen={code: sum(buurt.rol == code for buurt in buurten) for code, _ in used},
    )


def _label(buurt: Rolbuurt) -> str:
    return f"{buurt.naam}: {ROLLEN[buurt.rol].naam.lower()}" if buurt.rol else buurt.naam
