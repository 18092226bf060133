"""The Dutch words of one figure: popup, tooltip, table and legend all read them from here."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from maps.getallen import format_cijfer, format_procent, shown_value
from maps.model import KaartModel

STATUS_WOORD = {
    "ok": "betrouwbaar",
    "onbetrouwbaar": "onbetrouwbaar",
    "onderdrukt": "verborgen om privacy",
    "niet_gedekt": "niet gedekt",
    "ontbreekt": "ontbreekt",
}

STATUS_UITLEG = {
    "onbetrouwbaar": "Het cijfer is erg onzeker. Trek er geen conclusie uit.",
    "onderdrukt": "Het aantal is klein, of het zou een klein aantal verraden. Zo is niemand te herkennen.",
    "niet_gedekt": "De bron telt hier niet in deze periode. Dit is geen nul.",
    "ontbreekt": "Er is (nog) geen cijfer vrijgegeven, of er is niets om mee te vergelijken. Dit is geen nul.",
}

GEEN = "–"


def text_of(value: Any) -> str:
    """Plain text of a remark that the API gives as text, list, mapping or nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, Mapping):
        return "; ".join(f"{name}: {text_of(part)}" for name, part in value.items() if text_of(part))
    if isinstance(value, list | tuple):
        return "; ".join(text_of(part) for part in value if text_of(part))
    if isinstance(value, bool):
        return "ja" if value else "nee"
    return str(value)


def eenheid_text(model: KaartModel) -> str:
    """Either "per 1.000 woningen" or "aantal meldingen"."""
    return f"per 1.000 {model.noemer}" if model.eenheid == "per_1000" else f"aantal {model.geteld[1]}"


@dataclass(frozen=True, slots=True)
class Cijfer:
    """One area's figure, raw and in words.

    waarde: what colours the area, rounded as shown; None unless status is ok or onbetrouwbaar. meer: other words that a
    theme of the map tells of this area, by name.
    """

    code: str
    naam: str
    status: str
    waarde: float | None
    ruw: dict[str, Any]
    tekst: str
    aantal: str
    per_1000: str
    interval: str
    dekking: str
    trendbreuk: str
    herkomst: str
    getekend: bool
    meer: Mapping[str, str] = field(default_factory=dict)

    @property
    def status_woord(self) -> str:
        return STATUS_WOORD[self.status]

    @property
    def uitleg(self) -> str:
        return STATUS_UITLEG.get(self.status, "")

    @property
    def opmerking(self) -> str:
        """Everything a reader must know beside the figure, in one cell."""
        drawn = "" if self.getekend else "Geen grens bekend: niet op de kaart"
        trend = f"Trendbreuk: {self.trendbreuk}" if self.trendbreuk else ""
        return ". ".join(part.rstrip(".") for part in (self.dekking, trend, drawn) if part)

    @property
    def label(self) -> str:
        """Name and figure in one line, for a tooltip and for who cannot see the map."""
        return f"{self.naam}: {self.tekst}"


def make_cijfer(feature: Mapping[str, Any], model: KaartModel) -> Cijfer:
    """Words of one area feature."""
    ruw = feature["properties"]
    value = ruw.get(model.eenheid)
    # A source may know a count without a denominator: then the rate is missing though the count is fine.
    status = "ontbreekt" if ruw["status"] in ("ok", "onbetrouwbaar") and value is None else ruw["status"]
    return Cijfer(
        code=ruw["gebied_code"],
        naam=ruw["gebied_naam"],
        status=status,
        waarde=None if value is None else shown_value(value, model.eenheid),
        ruw=dict(ruw),
        tekst=_figure_text(value, status, model),
        aantal=_or_dash(ruw.get("aantal"), "aantal"),
        per_1000=_or_dash(ruw.get("per_1000"), "per_1000"),
        interval=_interval(ruw),
        dekking=_coverage_text(ruw, value, model),
        trendbreuk=text_of(ruw.get("trendbreuk")),
        herkomst=text_of(ruw.get("herkomst")),
        getekend=bool(feature.get("geometry")),
    )


def _coverage_text(ruw: Mapping[str, Any], value: float | None, model: KaartModel) -> str:
    """What part the source covers, when it is not everything; and what is missing to compare with."""
    parts = []
    share = ruw.get("dekking")
    if isinstance(share, int | float) and not isinstance(share, bool):
        if 0 < share < 1:
            parts.append(f"De bron dekt {format_procent(share)} van gebied en periode")
    else:
        parts.append(text_of(share))
    if value is None and ruw.get("aantal") is not None:
        parts.append(f"Geen aantal {model.noemer} bekend: alleen het aantal {model.geteld[1]}")
    return ". ".join(part for part in parts if part)


def make_cijfers(model: KaartModel) -> list[Cijfer]:
    """All areas by name, then code: never by value, for this is no league table."""
    return in_order(make_cijfer(feature, model) for feature in model.gebieden["features"])


def in_order(cijfers: Iterable[Cijfer]) -> list[Cijfer]:
    """By name, then code."""
    return sorted(cijfers, key=lambda cijfer: (cijfer.naam.casefold(), cijfer.code))


def describe(model: KaartModel) -> str:
    """The sentence that says what the map shows."""
    if model.thema not in ("meldingen", "bezoeken"):
        return _describe_theme(model)
    counted = model.geteld[1]
    what = f"het aantal {counted}" if model.eenheid == "aantal" else f"{counted} per 1.000 {model.noemer}"
    return (
        f"U ziet {what} over {model.categorie[:1].lower()}{model.categorie[1:]}, per "
        f"{model.niveau_enkelvoud} in {model.gemeente_naam}, over {period_text(model)}. Bron: {model.bron}."
    )


def period_text(model: KaartModel) -> str:
    """As inside a sentence: "het 3e kwartaal 2026", "mei 2026"."""
    return f"het {model.periode_tekst}" if "kwartaal" in model.periode_tekst else model.periode_tekst


def _describe_theme(model: KaartModel) -> str:
    where = f"per {model.niveau_enkelvoud} in {model.gemeente_naam}"
    kenmerk = model.kenmerk
    if model.thema == "dekking":
        return (
            f"U ziet {where} of de bron {model.bron} telt in {period_text(model)}. Waar een bron niet telt, "
            "zegt een laag aantal niets."
        )
    assert kenmerk is not None  # noqa: S101 the model refuses to be made without
    about = f"{kenmerk.naam[:1].lower()}{kenmerk.naam[1:]}"
    if model.thema == "wonen":
        return f"U ziet {about}, {where}. Stand: {kenmerk.jaar}. Bron: {kenmerk.bron}."
    what = f"{model.geteld[1]} {eenheid_text(model)}" if model.eenheid == "per_1000" else eenheid_text(model)
    return (
        f"U ziet twee dingen tegelijk, {where}: {what} over {period_text(model)}, en {about} ({kenmerk.jaar}). "
        f"Aan het tweede meten wij af waar veel of weinig te verwachten is. Het een is geen oorzaak van het ander. "
        f"Bronnen: {model.bron} en {kenmerk.bron}."
    )


def _figure_text(value: float | None, status: str, model: KaartModel) -> str:
    if value is None:
        return STATUS_WOORD[status]
    text = format_cijfer(value, model.eenheid)
    if model.eenheid == "per_1000":
        text += f" per 1.000 {model.noemer}"
    else:
        text += f" {model.geteld[0] if text == '1' else model.geteld[1]}"
    return f"{text} (onbetrouwbaar)" if status == "onbetrouwbaar" else text


def _or_dash(value: float | None, eenheid: str) -> str:
    return GEEN if value is None else format_cijfer(value, eenheid)


def _interval(ruw: Mapping[str, Any]) -> str:
    low, high = ruw.get("laag"), ruw.get("hoog")
    if low is None or high is None:
        return GEEN
    return f"{format_cijfer(low, 'per_1000')} tot {format_cijfer(high, 'per_1000')}"
