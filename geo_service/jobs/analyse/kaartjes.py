"""The Dutch card of a result: what we see, how sure, what we do not know, what to ask. No counts, no ranking, no blame.

Counts stay out of the text: they travel as figures under their own threshold, and who shows the card puts them beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from analysis.wording import getal, kans
from geo_service.domain.perioden import Periode, dag_naam
from geo_service.jobs.analyse.parameters import LEVEL
from geo_service.release.cijfers import ALLES

ERNST = "Hoe ernstig het is, wie er last van heeft en wat er speelt zonder dat iemand het meldt."
BEKENDHEID = "Meer meldingen kan ook betekenen dat mensen de weg naar de gemeente beter kennen."

# Per course of a buurt: the end of the title, and what was seen. meer: more or less than in the rest of the municipality.
VERLOOP = {
    "nieuw": ("nu voor het eerst {kant}", "In {kwartaal} was dat voor het eerst duidelijk {meer}."),
    "aanhoudend": ("de laatste kwartalen steeds {kant}", "De laatste kwartalen was dat steeds duidelijk {meer}."),
    "stijgend": ("bijna altijd {kant}, en stijgend", "Bijna elk kwartaal was dat duidelijk {meer}, en het stijgt."),
    "blijvend": ("bijna altijd {kant}", "Bijna elk kwartaal was dat duidelijk {meer}."),
    "dalend": ("bijna altijd {kant}, en dalend", "Bijna elk kwartaal was dat duidelijk {meer}, en het daalt."),
    "wisselend": ("af en toe {kant}, ook nu", "In sommige kwartalen was dat duidelijk {meer}, ook in {kwartaal}."),
    "omgeslagen": (
        "nu {kant}, eerder andersom",
        "In {kwartaal} was dat duidelijk {meer}. Eerder was het juist andersom.",
    ),
    "voorheen": ("lang {kant}, nu niet meer", "Lang was dat duidelijk {meer}. In {kwartaal} was dat niet meer zo."),
}


@dataclass(frozen=True)
class Bekend:
    """What is known about the figures behind a card.

    deels: whether the source covered only part of the days or buurten. breuken: trend breaks, as text; vanaf_breuk:
    whether what lies before them was left out. klein: whether few people live there. bijzonder: whether it stands out among buurten
    that differ as much as the others do. noemer: the kind and year that was
    compared by.
    """

    periode: Periode
    deels: bool = False
    breuken: Sequence[str] = ()
    vanaf_breuk: bool = False
    klein: bool = False
    plekken_soort: str | None = None
    noemer: tuple[str, int] | None = None
    bijzonder: bool | None = None


def punten(topic: tuple[str, str], kind: str, periode: Periode, eps: float) -> dict[str, Any]:
    """Reports close together. topic: code and name of the category; eps: metres between reports."""
    return _kaartje(
        f"{_kop(topic)}: meldingen dicht bij elkaar",
        f"{_tussen(periode.van, periode.tot)} kwamen hier meldingen{_over(topic)} dicht bij elkaar binnen. "
        f"Verschillende plekken zijn geteld als {kind}.",
        f"De meldingen liggen binnen {eps:.0f} meter van elkaar. Ze komen van verschillende plekken: geen enkele melder en "
        "geen enkel adres is goed voor meer dan de helft. Toch kan het toeval zijn, of komen doordat hier veel mensen wonen "
        "of komen. Er is niet getoetst of het er meer zijn dan verwacht.",
        [ERNST, BEKENDHEID],
        _vragen(topic),
    )


TOEVAL = (
    "Stel dat alleen het toeval bepaalt waar en wanneer er meldingen komen. Dan is de kans op zo'n verschil, ergens in de "
    "gemeente, {kans}."
)
GEWOON: Mapping[bool | None, str] = {
    None: "",
    True: " Buurten lopen altijd wat uiteen. Ook daarmee vergeleken valt dit gebied op.",
    False: " Buurten lopen altijd wat uiteen. Daarmee vergeleken is dit verschil niet bijzonder: het kan bij de plek horen, "
    "zoals bij winkels of bedrijven.",
}


def hoog(topic: tuple[str, str], bekend: Bekend, p: float | None, n_sim: int) -> dict[str, Any]:
    """More distinct places that report than the dwellings lead one to expect. p: None beside withheld figures."""
    soort = bekend.noemer[0] if bekend.noemer else "inwoners"
    few = f"In dit gebied zijn er weinig {soort}. Dan geeft een klein verschil al een hoge uitkomst."
    return _kaartje(
        f"{_kop(topic)}: meer meldingen dan verwacht",
        f"{_tussen(bekend.periode.van, bekend.periode.tot)} kwamen hier meldingen{_over(topic)} binnen. Zij kwamen "
        f"van meer verschillende plekken dan te verwachten is bij zoveel {soort}. Iemand die vaak meldt, telt per buurt één keer.",
        f"{_toeval(p, n_sim)}{GEWOON[None if p is None else bekend.bijzonder]} Wij kijken naar elk onderwerp apart. Van twintig keer kijken geeft er "
        "gemiddeld één een uitslag die toeval is.",
        [
            f"Waarom er hier meer wordt gemeld. {ERNST}",
            f"Wij vergelijken met {soort}. Waar veel bezoekers komen, zoals in een centrum of een park, lijkt het daardoor al "
            "snel veel.",
            *([few] if bekend.klein else []),
            *_grenzen(bekend),
            BEKENDHEID,
        ],
        _vragen(topic),
    )


def nieuw(
    topic: tuple[str, str], bekend: Bekend, dagen: tuple[date, date], p: float | None, n_sim: int
) -> dict[str, Any]:
    """More than before in the last weeks. bekend.periode: the whole series that was compared with. p: as in hoog."""
    often = "hoogstens eens" if p is None else "minder dan eens" if _at_floor(p, n_sim) else "ongeveer eens"
    return _kaartje(
        f"{_kop(topic)}: sinds kort meer meldingen",
        f"{_tussen(*dagen)} kwamen hier meer meldingen{_over(topic)} binnen dan in de weken ervoor. Wij hebben meegeteld hoe "
        "het in de rest van de gemeente ging.",
        f"{_toeval(p, n_sim)} Wie elke week zo kijkt, ziet zoiets door toeval {often} in de {getal(round(1 / (p or LEVEL)))} weken.",
        [
            f"Of het zo blijft, en waardoor het komt. {ERNST}",
            f"Wij vergeleken met de weken vanaf {dag_naam(bekend.periode.van)}. Een plek waar het altijd al druk is, valt zo "
            "niet op.",
            *_grenzen(bekend),
            BEKENDHEID,
        ],
        _vragen(topic),
    )


def verloop(topic: tuple[str, str], klasse: str, bekend: Bekend) -> dict[str, Any]:
    """The course of a buurt and its neighbours over the quarters of bekend.periode. klasse: for example nieuw-hoog."""
    soort, _, kant = klasse.rpartition("-")
    kort, zin = VERLOOP[soort]
    noemer = bekend.noemer[0] if bekend.noemer else "inwoners"
    meer = f"{'meer' if kant == 'hoog' else 'minder'} dan in de rest van de gemeente"
    quiet = "Weinig meldingen is niet hetzelfde als weinig problemen."
    return _kaartje(
        f"{_kop(topic)}: {kort.format(kant=kant)}",
        f"Wij keken naar meldingen{_over(topic)} per 1.000 {noemer}, in deze buurt en de buurten eromheen. "
        + zin.format(meer=meer, kwartaal=_kwartaal(bekend.periode.tot)),
        f"Wij vergeleken elk kwartaal van {_kwartaal(bekend.periode.van)} tot en met {_kwartaal(bekend.periode.tot)}. Kleine "
        "buurten schuiven naar het gemiddelde toe, zodat één melding niet beslist. Wij kijken naar veel buurten tegelijk en "
        "noemen alleen wat er sterk uitspringt. Gemiddeld hoogstens één op de twintig genoemde buurten staat er door toeval "
        "bij.",
        [
            "Waardoor het verandert. Binnen een buurt kan het per straat verschillen.",
            *_grenzen(bekend),
            quiet if kant == "laag" else BEKENDHEID,
        ],
        _vragen(topic),
    )


def stilte(bekend: Bekend, kenmerken: Sequence[str], jaar: int) -> dict[str, Any]:
    """Fewer reports than buurten with the same dwellings have. kenmerken: the indicators that were used, in words."""
    used = ", ".join(["de inwoners", *kenmerken[:-1]])
    return _kaartje(
        "Minder meldingen dan verwacht: horen wij hier iedereen?",
        f"{_tussen(bekend.periode.van, bekend.periode.tot)} kwamen hier minder meldingen binnen dan in buurten met zulke "
        "woningen en zoveel inwoners.",
        f"Wat te verwachten is, schatten wij uit {used} en {kenmerken[-1]} (cijfers van {jaar}). De meldingen blijven onder de "
        "ondergrens van die schatting. Wij keken naar alle buurten. De kans dat toeval er ook maar één onterecht aanwijst, is "
        "hoogstens één op de twintig.",
        [
            "Of er weinig speelt, of dat mensen het niet melden. Soms lossen mensen het zelf op in de straat of in het blok. "
            "Soms raken mensen buiten beeld.",
            *_grenzen(bekend),
            "Deze uitkomst verandert geen cijfers.",
        ],
        [
            "Herkent u dit?",
            "Waar gaat u heen als u ergens last van heeft?",
            "Wat zou het makkelijker maken om iets te melden?",
        ],
    )


def _kaartje(titel: str, uitleg: str, hoe_zeker: str, wat_niet: Sequence[str], vragen: Sequence[str]) -> dict[str, Any]:
    return {
        "titel": titel,
        "uitleg": uitleg,
        "hoe_zeker": hoe_zeker,
        "wat_niet": " ".join(wat_niet),
        "vragen": list(vragen),
    }


def _kop(topic: tuple[str, str]) -> str:
    code, naam = topic
    return "Alle onderwerpen" if code == ALLES else naam


def _over(topic: tuple[str, str]) -> str:
    """What reports are about, inside a sentence; nothing when they are about everything."""
    code, naam = topic
    return "" if code == ALLES else f" over {naam.lower()}"


def _vragen(topic: tuple[str, str]) -> list[str]:
    van = _over(topic).replace(" over ", " van ")
    return ["Herkent u dit?", f"Wat merkt u hier zelf{van}, en wanneer?", "Wat zou helpen, en wat gaat er al goed?"]


def _tussen(van: date, tot: date) -> str:
    return f"Tussen {dag_naam(van)} en {dag_naam(tot)}"


def _kwartaal(dag: date) -> str:
    return f"het {(dag.month - 1) // 3 + 1}e kwartaal van {dag.year}"


def _at_floor(p: float, n_sim: int) -> bool:
    return p * (n_sim + 1) < 1.5


def _toeval(p: float | None, n_sim: int) -> str:
    """In words; without p only what holds of every result: with public figures a chance can give a withheld count away."""
    if p is None:
        return TOEVAL.format(kans=f"hoogstens {kans(LEVEL).removeprefix('ongeveer ')}")
    floor = kans(1 / (n_sim + 1)).removeprefix("ongeveer ")
    at_floor = _at_floor(p, n_sim)
    chance = f"hoogstens {floor}" if at_floor else kans(p)
    smallest = (
        "Een kleinere kans kunnen wij niet meten." if at_floor else f"De kleinste kans die wij kunnen meten is {floor}."
    )
    return f"{TOEVAL.format(kans=chance)} {smallest}"


def _grenzen(bekend: Bekend) -> list[str]:
    """What limits the figures: coverage, trend breaks, who reported, and denominators of another year."""
    found = []
    if bekend.deels:
        found.append(
            "De bron telde niet overal of niet alle dagen. Waar en wanneer zij niet telde, doet niet mee: dat is geen nul."
        )
    found += [f"Het tellen veranderde op {breuk.rstrip('.')}." for breuk in bekend.breuken]
    if bekend.breuken and bekend.vanaf_breuk:
        found.append("Wat daarvoor is geteld, doet niet mee.")
    if bekend.plekken_soort:
        found.append(_wie(bekend.plekken_soort))
    if bekend.noemer and bekend.noemer[1] != bekend.periode.tot.year:
        found.append(f"Het cijfer over {bekend.noemer[0]} is van {bekend.noemer[1]}.")
    return found


def _wie(soort: str) -> str:
    if "onbekend" in soort:
        return "Wie er meldden is niet bekend; wij telden plekken van 10 meter."
    return f"Verschillende plekken zijn geteld als {soort}."
