"""The sentences of a letter about an area, from the figures that its reader may see.

The most important first. Nothing here ranks, and no sentence names a cause.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from geo_service.domain.perioden import parse_periode
from geo_service.release.context import Gemeente
from geo_service.release.kaartinterventies import Interventie
from geo_service.release.vergelijken import Vergelijking
from maps.getallen import format_getal, format_procent
from maps.verschil import Verschil

Document = dict[str, Any]
HIDDEN, UNCOVERED, MISSING, UNSURE = "onderdrukt", "niet_gedekt", "ontbreekt", "onbetrouwbaar"
# Of more places of one kind only their number is told.
NAMEN = 4
NIETS_OPVALLEND = (
    "Niets springt er duidelijk uit, of wij mogen er te weinig van laten zien. Dat betekent niet dat er niets speelt."
)
GEEN_PLEKKEN = "Waar mensen terechtkunnen weten wij niet: er is geen bron van plekken geladen."
ALTIJD_ONBEKEND = (
    "Niet elke overlast wordt gemeld. Meer meldingen is niet hetzelfde als meer overlast: het kan ook komen door meer "
    "aandacht.",
    "Een gemiddelde zegt niet hoe het in elke straat of elk blok is.",
)
ALTIJD_VRAGEN = (
    "Wat wilt u van bewoners weten voordat u iets besluit?",
    "Wie in dit gebied horen wij niet, en hoe bereiken wij hen?",
    "Wat gaat hier goed, en wat is daarvoor nodig?",
)


@dataclass(frozen=True)
class Regel:
    """One source of the area in its newest whole period. eerder: the same a year before, gemeente: of the whole
    municipality; all published figures, eerder None when the series does not go back so far."""

    laag: str
    cijfer: Document
    gemeente: Document
    eerder: Document | None


@dataclass(frozen=True)
class Onderwerp:
    """One category of a source: the published figures of the area and of the whole municipality."""

    cijfer: Document
    gemeente: Document


@dataclass(frozen=True)
class Bronregel:
    """Where a figure comes from: source and holder, what it counts, its period, n (None: not to be told) and
    what it covers of the area."""

    naam: str
    telt: str
    periode: str
    n: float | None
    dekking: str
    herkomst: str


@dataclass(frozen=True)
class Stof:
    """What a letter is made of. document: the profile; eigen: the area beside a year before, None when that cannot be;
    inloop: wijkwijzers inside the area; stil: places with fewer reports than expected that touch it."""

    document: Document
    gemeente: Gemeente
    eigen: Vergelijking | None
    inloop: tuple[Document, ...]
    stil: tuple[Document, ...]

    @property
    def gebied(self) -> Document:
        found: Document = self.document["gebied"]
        return found

    @property
    def buurten(self) -> frozenset[str]:
        """The codes of the buurten of the area; of a buurt itself."""
        inside = frozenset(buurt["gebied_code"] for buurt in self.gebied["buurten"])
        return inside or frozenset({self.gebied["gebied_code"]})

    @property
    def bronnen(self) -> list[tuple[str, Document]]:
        """Per source of reports and of visits its layer and its part of the profile."""
        return [(laag, bron) for laag in ("meldingen", "bezoeken") for bron in self.document.get(laag, ())]

    @property
    def plekken_bekend(self) -> bool:
        return any(deel["aantal"] is not None for deel in self.document["plekken"].values())

    @property
    def verschil(self) -> Verschil | None:
        return self.eigen.verschillen[0] if self.eigen and self.eigen.verschillen else None


def figure_rows(stof: Stof) -> tuple[Regel, ...]:
    return tuple(Regel(laag, bron["totaal"], bron["gemeente"], _year_before(bron)) for laag, bron in stof.bronnen)


def subject_rows(stof: Stof) -> tuple[Onderwerp, ...]:
    """What the reports of the first source are about, in the order of the profile; a topic of which nobody in the
    whole municipality reported anything is no topic of this source."""
    bron = next(iter(stof.document.get("meldingen", ())), None)
    if bron is None:
        return ()
    pairs = zip(bron["per_categorie"], bron["gemeente_per_categorie"], strict=True)
    return tuple(Onderwerp(here, whole) for here, whole in pairs if whole["aantal"] != 0)


def _year_before(bron: Document) -> Document | None:
    """The figure of the same part of the year before, when the series has it."""
    code = bron["periode"]
    wanted = f"{int(code[:4]) - 1}{code[4:]}"
    return next((figure for figure in bron["reeks"] if figure["periode"] == wanted), None)


def what_we_see(stof: Stof) -> tuple[str, ...]:
    found = [*_outstanding(stof), *_change(stof), *_hotspots(stof)]
    return tuple(found) or (NIETS_OPVALLEND,)


def _outstanding(stof: Stof) -> Iterator[str]:
    for bron in stof.document.get("meldingen", ()):
        clear = bron["opvallend"]
        if clear and clear["categorie"]:
            times, low, high = (format_getal(clear[name], 1) for name in ("verhouding", "laag", "hoog"))
            yield (
                f"Bij {bron['bron']} valt {clear['categorie_naam'].lower()} hier het meest op: het aandeel is ongeveer "
                f"{times} keer dat van heel {stof.gemeente.naam} (tussen {low} en {high}). Dat zegt niet dat hier meer "
                "overlast is dan elders."
            )


def _change(stof: Stof) -> Iterator[str]:
    verschil, eigen = stof.verschil, stof.eigen
    if verschil is None or eigen is None or verschil.klasse is None:
        return
    beside = f"{eigen.nu.bron.partition(' (')[0]}, {eigen.nu.periode_tekst} naast {eigen.toen.periode_tekst}"
    if verschil.klasse == "gelijk":
        yield f"{beside}: er is geen duidelijk verschil; {verschil.uitleg}."
    else:
        yield f"{beside}: {verschil.woord.lower()} meldingen, {verschil.uitleg}."


def _hotspots(stof: Stof) -> Iterator[str]:
    found = [hotspot for hotspot in stof.document.get("hotspots", ()) if hotspot["aantal"]]
    if found:
        newest = found[0]
        when = parse_periode(newest["periode"]).naam
        when = f"het {when}" if "kwartaal" in when else when
        several = "plek" if newest["aantal"] == 1 else "plekken"
        yield (
            f"In {when} wezen wij in of bij dit gebied {format_getal(newest['aantal'])} {several} aan waar "
            f"iets opvalt (hotspots, {newest['bron']}). Dat is het begin van een gesprek, geen oordeel."
        )


def what_is_unknown(stof: Stof) -> tuple[str, ...]:
    found = [
        *_without_figure(stof),
        *_silent(stof),
        *_breaks(stof),
        *_gaps(stof),
        *_hidden_subjects(stof),
        *_without_source(stof),
        *ALTIJD_ONBEKEND,
    ]
    if stof.gebied["benaderd"]:
        found.append("De grenzen op de kaarten zijn benaderd, niet de officiële grenzen.")
    missing = [kern["naam"].lower() for kern in stof.document["kerncijfers"] if kern["waarde"] is None]
    if missing:
        found.append(f"Van dit gebied is niet bekend: {', '.join(missing)}.")
    return tuple(found)


def _without_figure(stof: Stof) -> Iterator[str]:
    sentences = {
        UNCOVERED: "{bronnen}: telt hier niet in deze periode. Dat is geen nul: wij weten het niet.",
        HIDDEN: "{bronnen}: het aantal is verborgen om privacy. Het is klein, of het zou een klein aantal verraden.",
        MISSING: "{bronnen}: er is nog geen cijfer vrijgegeven. Dat is geen nul.",
        UNSURE: "{bronnen}: het cijfer is erg onzeker. Trek er geen conclusie uit.",
    }
    for status, sentence in sentences.items():
        named = [bron["bron"] for _, bron in stof.bronnen if bron["totaal"]["status"] == status]
        if named:
            yield sentence.format(bronnen=", ".join(named))
    for _, bron in stof.bronnen:
        share = bron["totaal"]["dekking"]
        if 0 < share < 1 and bron["totaal"]["status"] != UNCOVERED:
            yield f"{bron['bron']} dekt {format_procent(share)} van gebied en periode; het cijfer gaat over dat deel."


def _silent(stof: Stof) -> Iterator[str]:
    if stof.stil:
        where = ", ".join(dict.fromkeys(str(row["buurten"]) for row in stof.stil))
        yield (
            f"Uit {where} komen minder meldingen dan in buurten met zulke woningen en zoveel inwoners. Wij weten niet "
            "of er weinig speelt, of dat mensen het niet melden."
        )


def _breaks(stof: Stof) -> Iterator[str]:
    for _, bron in stof.bronnen:
        for text in dict.fromkeys(str(figure["trendbreuk"]) for figure in bron["reeks"] if figure["trendbreuk"]):
            told = text.rstrip(".")
            yield f"{bron['bron']}: trendbreuk, {told}. Cijfers van ervoor en erna zijn niet te vergelijken."


def _gaps(stof: Stof) -> Iterator[str]:
    for _, bron in stof.bronnen:
        gaps = [figure["periode_naam"] for figure in bron["reeks"] if figure["status"] == UNCOVERED]
        if gaps and len(gaps) < len(bron["reeks"]):
            yield f"{bron['bron']} telde hier niet in: {', '.join(gaps)}."


def _hidden_subjects(stof: Stof) -> Iterator[str]:
    for _, bron in stof.bronnen:
        hidden = sum(figure["status"] == HIDDEN for figure in bron["per_categorie"])
        if hidden and bron["totaal"]["status"] != HIDDEN:
            total = len(bron["per_categorie"])
            yield f"{bron['bron']}: {hidden} van de {total} onderwerpen zijn verborgen, omdat het om weinig kan gaan."


def _without_source(stof: Stof) -> Iterator[str]:
    names = {"meldingen": "meldingen van overlast", "bezoeken": "bezoeken aan wijkwijzers"}
    absent = [words for laag, words in names.items() if not stof.document.get(laag)]
    absent += [laag for laag, deel in stof.document["plekken"].items() if deel["aantal"] is None]
    if absent:
        yield f"Er is geen bron geladen van: {', '.join(absent)}. Dat is geen nul."


def what_is_done(stof: Stof, acties: Sequence[Interventie] | None) -> tuple[str, ...]:
    """What there is for everyone; acties: for who works here, None for the public."""
    found: list[str] = []
    if acties is not None:
        found += [_action(actie) for actie in acties]
        if not acties:
            found.append("In het logboek staan voor dit gebied geen acties van het afgelopen jaar.")
    nearby = stof.document.get("bereikbaar")
    found += _nearby(nearby) if nearby else _inside(stof)
    if acties is None:
        found.append("Acties van de gemeente en haar partners staan niet in een openbare brief.")
    return tuple(found)


def _action(actie: Interventie) -> str:
    partners = f", met {actie.partners}" if actie.partners else ""
    return f"Actie: {actie.naam} ({actie.looptijd}){partners}. Doel: {actie.doel}. Bron: {actie.bron}."


def _nearby(nearby: Document) -> Iterator[str]:
    """Of a buurt: who can help within a walk."""
    places = nearby["plekken"]
    if places is None:
        yield GEEN_PLEKKEN
        return
    several = "is 1 plek" if len(places) == 1 else f"zijn {len(places)} plekken"
    yield f"Binnen ongeveer tien minuten lopen {several} bekend waar mensen zonder verwijzing terechtkunnen."
    kinds: dict[str, list[str]] = {}
    for place in places:
        kinds.setdefault(place["type"], []).append(place["naam"])
    for kind, names in sorted(kinds.items(), key=lambda item: (item[0] != "wijkwijzer", item[0])):
        more = f" en nog {len(names) - NAMEN}" if len(names) > NAMEN else ""
        yield f"{kind[:1].upper()}{kind[1:]}: {', '.join(names[:NAMEN])}{more}."
    if nearby["niet_dichtbij"]:
        yield f"Niet dichtbij: {', '.join(nearby['niet_dichtbij'])}."


def _inside(stof: Stof) -> Iterator[str]:
    """Of a larger area: which places it has."""
    if not stof.plekken_bekend:
        yield GEEN_PLEKKEN
    for place in sorted(stof.inloop, key=lambda place: str(place["naam"])):
        told = "; ".join(str(place[name]) for name in ("adres", "openingstijden") if place.get(name))
        naam = str(place["naam"])
        naam = naam if naam.lower().startswith("wijkwijzer") else f"Wijkwijzer {naam}"
        yield f"{naam}{f': {told}' if told else ''}."
    for naam, deel in stof.document["plekken"].items():
        if deel["aantal"] and not (naam == "wijkwijzers" and stof.inloop):
            kinds = ", ".join(f"{kind['type']} {format_getal(kind['aantal'])}" for kind in deel["per_type"])
            yield f"{format_getal(deel['aantal'])} {naam} zonder verwijzing: {kinds}."
        elif deel["aantal"] == 0:
            yield f"In dit gebied zijn geen {naam} bekend."


def what_to_ask(stof: Stof) -> tuple[str, ...]:
    """Questions to talk about, from what is seen and what is not known."""
    return tuple(dict.fromkeys([*_about_seen(stof), *_about_unknown(stof), *ALTIJD_VRAGEN]))


def _about_seen(stof: Stof) -> Iterator[str]:
    for bron in stof.document.get("meldingen", ()):
        clear = bron["opvallend"]
        if clear and clear["categorie"]:
            yield f"Herkent u dat {clear['categorie_naam'].lower()} hier meer opvalt dan andere onderwerpen?"
            break
    verschil = stof.verschil
    if verschil is not None and verschil.klasse not in (None, "gelijk"):
        more = "meer" if verschil.klasse in ("meer", "veel_meer") else "minder"
        yield f"Er zijn duidelijk {more} meldingen dan een jaar eerder. Wat is er volgens u veranderd?"


def _about_unknown(stof: Stof) -> Iterator[str]:
    if stof.stil:
        yield "Er komen hier minder meldingen dan verwacht. Weten mensen waar zij terechtkunnen, en durven zij dat?"
    uncovered = [bron["bron"] for _, bron in stof.bronnen if bron["totaal"]["status"] == UNCOVERED]
    if uncovered:
        yield f"{', '.join(uncovered)} telt hier niet. Wilt u dat daar verandering in komt?"
    if any(bron["totaal"]["status"] == HIDDEN for _, bron in stof.bronnen):
        yield "Sommige aantallen zijn te klein om te laten zien. Met wie kunnen wij daarover in gesprek?"
    nearby = stof.document.get("bereikbaar")
    if nearby and nearby["niet_dichtbij"]:
        yield f"Niet dichtbij zijn: {', '.join(nearby['niet_dichtbij'][:3])}. Missen bewoners daarvan iets?"


def describe_sources(stof: Stof) -> tuple[Bronregel, ...]:
    return tuple(_source(stof, bron) for _, bron in stof.bronnen)


def _source(stof: Stof, bron: Document) -> Bronregel:
    known = stof.gemeente.bronnen[bron["bron"]]
    figure = bron["totaal"]
    share = figure["dekking"]
    if share >= 1:
        covered = "heel het gebied, de hele periode"
    else:
        covered = f"{format_procent(share)} van gebied en periode" if share > 0 else "telt hier niet"
    holder = f" ({known.houder})" if known.houder else ""
    what = known.definitie or (
        f"eenheid: {known.registratie_eenheid}" if known.registratie_eenheid else "geen definitie"
    )
    return Bronregel(f"{known.naam}{holder}", what, bron["periode_naam"], figure["aantal"], covered, bron["herkomst"])
