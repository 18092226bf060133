"""The register of sources of the demo, in the shape of a parsed bronnen.toml, and its interventions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from data.demo.feiten import WESSELERBRINK, months_before
from data.demo.frames import days, lines, numbered, texts
from data.demo.plan import BUURTBEMIDDELING, POLITIE, SIGNALEN, WOONOVERLAST, Dekking, Effect

_TEAMS_SINCE = date(2018, 1, 1)

_BRONNEN = (
    {
        "naam": SIGNALEN,
        "houder": "Gemeente Enschede (demo)",
        "definitie": "Meldingen van bewoners over de openbare ruimte",
        "registratie_eenheid": "melding",
        "doel": "De openbare ruimte schoon en heel houden, en zien waar dat vaker misgaat",
        "grondslag": "publieke taak beheer openbare ruimte",
        "artikel": "AVG artikel 6 lid 1 onder e; Gemeentewet artikel 108",
        "betrokkenen": ["bewoners die iets melden"],
        "gegevens": ["plaats en tijd van de melding", "onderwerp", "pseudoniem van de melder"],
        "ontvangers": ["wijkregisseurs en stadsdeelmanagers van de gemeente"],
        "bewaartermijn": "5 jaar",
        "optelbaar_met": [],
    },
    {
        "naam": WOONOVERLAST,
        "houder": "Meldpunt Woonoverlast (demo)",
        "definitie": "Meldingen van overlast in en om de woning",
        "registratie_eenheid": "melding",
        "doel": "Overlast tussen buren vroeg zien en oplossen",
        "grondslag": "publieke taak aanpak woonoverlast",
        "artikel": "AVG artikel 6 lid 1 onder e; Gemeentewet artikel 151d",
        "betrokkenen": ["bewoners die iets melden", "bewoners over wie iets wordt gemeld"],
        "gegevens": ["plaats en tijd van de melding", "onderwerp", "pseudoniem van melder en adres"],
        "ontvangers": ["wijkregisseurs en stadsdeelmanagers van de gemeente"],
        "bewaartermijn": "5 jaar",
        "optelbaar_met": [],
    },
    {
        "naam": POLITIE,
        "houder": "Politie (demo)",
        "definitie": "Door de politie geregistreerde overlast",
        "registratie_eenheid": "melding",
        "doel": "Overlast in de wijk samen met de politie aanpakken",
        "grondslag": "convenant leefbaarheid en veiligheid",
        "artikel": "AVG artikel 6 lid 1 onder e; Gemeentewet artikel 172",
        "betrokkenen": ["bewoners die iets melden"],
        "gegevens": ["plaats en tijd van de melding", "onderwerp"],
        "ontvangers": ["wijkregisseurs en stadsdeelmanagers van de gemeente"],
        "bewaartermijn": "5 jaar",
        "optelbaar_met": [],
    },
    {
        "naam": BUURTBEMIDDELING,
        "houder": "Buurtbemiddeling (demo)",
        "definitie": "Aanmeldingen voor bemiddeling tussen buren",
        "registratie_eenheid": "casus",
        "grondslag": "toestemming van de aanmelder",
        "bewaartermijn": "2 jaar",
        "optelbaar_met": [],
    },
)

_ALIASSEN = {
    "Twekelerveld": "Twekkelerveld",
    "Pathmos-Stadsveld": "Pathmos/Stadsveld",
    "Helmerhoek/Stroinksl.": "Helmerhoek/Stroinkslanden",
}


def build_bronnen(
    feiten: pd.DataFrame, dekking: tuple[Dekking, ...], effects: tuple[Effect, ...]
) -> dict[str, list[dict[str, Any]]]:
    """Return bron, dekking, trendbreuk, alias and wijkteamgebied; a key without a value is left out, as in
    TOML.
    """
    teams = feiten.groupby("wijkteam")["code"].agg(list)
    return {
        "bron": [dict(bron) for bron in _BRONNEN],
        "dekking": [{"bron": d.bron, "gebied": d.gebied, "van": d.van, "tot": d.tot} for d in dekking],
        "trendbreuk": [
            {"bron": e.bron, "datum": e.van, "reden": "Nieuw registratiesysteem: meer meldingen door een app"}
            for e in effects
            if e.soort == "trendbreuk"
        ],
        "alias": [{"alias": alias, "gebied": gebied} for alias, gebied in _ALIASSEN.items()],
        "wijkteamgebied": [
            {"naam": str(naam), "buurtcodes": list(codes), "van": _TEAMS_SINCE} for naam, codes in teams.items()
        ],
    }


def build_interventies(until: date, effects: tuple[Effect, ...]) -> pd.DataFrame:
    """Return five interventions: the three planted actions and two whose outcome nobody knows."""
    rows = _interventies(until, {effect.soort: effect for effect in effects})
    n = len(rows)
    return pd.DataFrame(
        {
            "line": lines(n),
            "sleutel": numbered("IV-", n, 2),
            "naam": texts(row.naam for row in rows),
            "soort": texts(row.soort for row in rows),
            "doel": np.array([row.doel for row in rows], dtype=np.int64),
            "partners": texts(["wijkteam; woningcorporatie; bewoners"] * n),
            "gebied_codes": texts(";".join(row.gebieden) for row in rows),
            "van": days(row.van for row in rows),
            "tot": days([None] * n),
            "bron": texts(row.bron for row in rows),
            "categorie": texts(row.categorie for row in rows),
            "richting": texts(row.richting for row in rows),
            "kosten": np.array([row.kosten for row in rows], dtype=float),
            "evaluatie_op": days(row.evaluatie_op for row in rows),
        }
    )


@dataclass(frozen=True)
class _Interventie:
    naam: str
    soort: str
    doel: int
    gebieden: tuple[str, ...]
    van: date
    bron: str | None
    categorie: str | None
    richting: str
    kosten: float
    evaluatie_op: date


def _interventies(until: date, effects: dict[str, Effect]) -> list[_Interventie]:
    def planted(kind: str, naam: str, soort: str, kosten: float) -> _Interventie:
        effect = effects[f"aanpak-{kind}"]
        what = (effect.gebieden, effect.van, effect.bron, effect.categorie)
        return _Interventie(naam, soort, 5, *what, "daling", kosten, until)

    mediation, dinner, later = months_before(until, 9), months_before(until, 2), date(until.year + 1, 1, 1)
    brink = (WESSELERBRINK[0], WESSELERBRINK[3])
    talk = ("bemiddeling", 1, brink, mediation, BUURTBEMIDDELING, "wonen", "stijging", 25_000.0, later)
    eat = ("ontmoeting", 2, ("BU01530100",), dinner, None, None, "stijging", 12_000.0, later)
    return [
        planted("geslaagd", "Samen schoon Glanerbrug", "schoonmaak en gesprek", 42_000.0),
        planted("verplaatst", "Toezicht Twekkelerveld", "toezicht", 65_000.0),
        planted("geen-effect", "Parkeren Helmerhoek", "voorlichting", 18_000.0),
        _Interventie("Praat met de buren", *talk),
        _Interventie("Eettafel Velve-Lindenhof", *eat),
    ]
