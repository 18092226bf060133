"""The fields of an action as a form sends them, as a reader sees them, and where two versions of them differ."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import shapely

from geo_service.domain.interventies import RICHTINGEN, VELDEN, Keuzes
from geo_service.domain.perioden import dag_naam
from geo_service.identity import Viewer
from geo_service.release.context import Gemeente
from geo_service.release.interventies import Interventie, doel_naam
from geo_service.werk.interventies import Versie

LEEG = "niets"
_DAYS = ("van", "tot", "evaluatie_op")
_AREA = ("gebied_soort", "tekening")
_DEGREES = 1e-6
_HANDELING = {"gemaakt": "Gemaakt", "gewijzigd": "Gewijzigd", "ingetrokken": "Ingetrokken"}


@dataclass(frozen=True)
class Ingevuld:
    """What a form sent. texts: as the rules read it, with only the kind of area that was chosen."""

    ingevuld: Mapping[str, str]
    buurten: frozenset[str]

    @property
    def versie(self) -> int | None:
        text = self.ingevuld.get("versie", "")
        return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None

    @property
    def texts(self) -> dict[str, str]:
        drawn = self.ingevuld.get("gebied_soort") != "buurten"
        area = {"gebied": "" if drawn else ";".join(sorted(self.buurten))}
        return {**self.ingevuld, **area, "tekening": self.ingevuld.get("tekening", "") if drawn else ""}


@dataclass(frozen=True)
class Verschil:
    """One field of two versions. anders: whether they differ."""

    naam: str
    nu: str
    ingevuld: str

    @property
    def anders(self) -> bool:
        return self.nu != self.ingevuld


@dataclass(frozen=True)
class Stap:
    """One version in the history, with what it changed: (field, what it was, what it became)."""

    versie: Versie
    handeling: str
    veranderd: list[tuple[str, str, str]]


def read(fields: Iterable[tuple[str, str]]) -> Ingevuld:
    told = list(fields)
    return Ingevuld(
        {name: text for name, text in told if name not in ("buurten", "csrf")},
        frozenset(text for name, text in told if name == "buurten"),
    )


def of(gemeente: Gemeente, found: Interventie) -> tuple[dict[str, str], frozenset[str]]:
    """An action as the texts of the form, and its buurten."""
    days = {name: day.isoformat() if (day := getattr(found, name)) else "" for name in _DAYS}
    return {
        "naam": found.naam, "soort": found.soort, "doel": str(found.doel_nummer or ""),
        "partners": "; ".join(found.partners), "signaal_bron": found.signaal_bron or "",
        "categorie": found.categorie or "", "richting": found.richting or "", "kosten": _amount(found.kosten),
        "gebied_soort": "tekening" if found.tekening else "buurten", "tekening": found.tekening or "", **days,
    }, members(gemeente, found.gebied_codes)  # fmt: skip


def choices_of(gemeente: Gemeente, viewer: Viewer, jaar: int) -> list[tuple[str, list[tuple[str, str]]]]:
    """The viewer's own buurten by stadsdeel: (name of the stadsdeel, [(code, name)])."""
    own, parts = gemeente.eigen_buurten(viewer, jaar), gemeente.stadsdeel_van(jaar)
    groups: dict[str, list[tuple[str, str]]] = {}
    for code in own:
        groups.setdefault(gemeente.gebied_naam(parts.get(code, "")), []).append((code, gemeente.gebied_naam(code)))
    return sorted((naam, sorted(buurten, key=lambda item: item[1])) for naam, buurten in groups.items())


def differences(now: Interventie, getypt: Ingevuld, gemeente: Gemeente, keuzes: Keuzes) -> list[Verschil]:
    """What is there now beside what somebody typed, field by field."""
    there, chosen = of(gemeente, now)

    def pair(name: str) -> tuple[str, str]:
        if name == "gebied":
            same = "een tekening" if _same_area(Ingevuld(there, chosen), getypt) else "een andere tekening"
            typed = _area(getypt.ingevuld, getypt.buurten, gemeente, same)
            return _area(there, chosen, gemeente, "een tekening"), typed
        nu, ingevuld = (shown(name, texts.get(name), keuzes.categorieen) for texts in (there, getypt.ingevuld))
        return nu, ingevuld

    return [Verschil(label, *pair(name)) for name, label in VELDEN.items()]


def merged(getypt: Ingevuld, base: Mapping[str, Any] | None, now: Interventie, gemeente: Gemeente) -> Ingevuld:
    """What somebody changed of the version that they read (base), and for the rest what is there now."""
    if base is None:
        return getypt
    there, chosen = of(gemeente, now)
    read = _read_of(base, gemeente)
    texts, area = dict(getypt.ingevuld), getypt
    for name in VELDEN:
        if " ".join(texts.get(name, "").split()) == read.ingevuld.get(name, ""):
            texts[name] = there.get(name, "")
    if _same_area(read, getypt):
        area = Ingevuld(there, chosen)
    return Ingevuld(texts | {name: area.ingevuld.get(name, "") for name in _AREA}, area.buurten)


def _read_of(inhoud: Mapping[str, Any], gemeente: Gemeente) -> Ingevuld:
    """A stored version as the form had it, its drawing as GeoJSON."""
    texts = {name: "" if inhoud.get(name) is None else str(inhoud[name]) for name in VELDEN}
    drawn = inhoud.get("tekening")
    area = {"gebied_soort": "tekening" if drawn else "buurten", "tekening": ""}
    if drawn:
        area["tekening"] = shapely.to_geojson(shapely.from_wkt(drawn))
    codes = (inhoud.get("gebied_codes") or "").split(";")
    return Ingevuld(texts | {"kosten": _amount(inhoud.get("kosten"))} | area, members(gemeente, codes))


def _same_area(one: Ingevuld, other: Ingevuld) -> bool:
    """Whether two forms choose the same buurten, or draw the same to a centimetre or so."""
    if {one.ingevuld.get("gebied_soort"), other.ingevuld.get("gebied_soort")} != {"tekening"}:
        return one.texts["gebied"] == other.texts["gebied"] != ""
    try:
        drawn, again = (_shape(form.ingevuld.get("tekening", "")) for form in (one, other))
        return bool(shapely.equals_exact(drawn, again, tolerance=_DEGREES))
    except (shapely.errors.GEOSException, AttributeError, TypeError, ValueError):
        return False


def changes(versies: Sequence[Versie], gemeente: Gemeente, categorieen: Mapping[str, str]) -> list[Stap]:
    """The versions, newest first, each with what it changed of the one before it."""
    steps = []
    for number, versie in enumerate(versies):
        before = versies[number + 1].inhoud if number + 1 < len(versies) else {}
        pairs = [
            (label, _stored(name, before, gemeente, categorieen), _stored(name, versie.inhoud, gemeente, categorieen))
            for name, label in VELDEN.items()
        ]
        steps.append(Stap(versie, _HANDELING[versie.handeling], [pair for pair in pairs if pair[1] != pair[2]]))
    return steps


def shown(name: str, text: str | None, categorieen: Mapping[str, str]) -> str:
    """A field as a reader sees it."""
    plain = " ".join((text or "").split())
    if not plain:
        return LEEG
    if name == "doel":
        return doel_naam(int(plain)) if plain.isascii() and plain.isdigit() else plain
    if name in _DAYS:
        try:
            return dag_naam(date.fromisoformat(plain))
        except ValueError:
            return plain
    if name == "richting":
        return RICHTINGEN.get(plain, plain)
    if name == "kosten":
        return f"€ {plain}"
    return categorieen.get(plain, plain) if name == "categorie" else plain


def _stored(name: str, inhoud: Mapping[str, Any], gemeente: Gemeente, categorieen: Mapping[str, str]) -> str:
    if not inhoud:
        return LEEG
    if name == "gebied":
        names = ", ".join(gemeente.gebied_naam(code) for code in (inhoud.get("gebied_codes") or "").split(";"))
        return f"getekend in {names}" if inhoud.get("tekening") else names
    value = inhoud.get(name)
    return shown(name, _amount(value) if name == "kosten" else None if value is None else str(value), categorieen)


def _shape(text: str) -> shapely.Geometry:
    shape = shapely.from_geojson(text)
    return shapely.normalize(shape if shape.geom_type == "MultiPolygon" else shapely.MultiPolygon([shape]))


def _area(ingevuld: Mapping[str, str], buurten: frozenset[str], gemeente: Gemeente, drawn: str) -> str:
    if ingevuld.get("gebied_soort") == "buurten":
        return ", ".join(sorted(gemeente.gebied_naam(code) for code in buurten)) or LEEG
    return drawn if ingevuld.get("tekening", "").strip() else LEEG


def _amount(value: float | None) -> str:
    """Euro as a Dutch reader writes it."""
    if value is None:
        return ""
    whole = f"{value:,.2f}".replace(",", " ").replace(".", ",").replace(" ", ".")
    return whole.removesuffix(",00")


def members(gemeente: Gemeente, codes: Iterable[str]) -> frozenset[str]:
    """The buurten of areas of any level."""
    jaar = gemeente.peiljaar(None) if gemeente.vintages else 0
    found: set[str] = set()
    for code in codes:
        niveau = gemeente.niveau_van(code)
        found |= gemeente.leden(jaar, niveau).get(code, frozenset()) if niveau and niveau != "buurt" else {code}
    return frozenset(found)
