"""The register of sources of the demo, in the shape of a parsed bronnen.toml, and its interventions."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from data.demo.feiten import months_before
from data.demo.frames import days, lines, numbered, texts
from data.demo.plan import BUURTBEMIDDELING, POLITIE, SIGNALEN, WOONOVERLAST, Dekking, Effect

_TEAMS_SINCE = date(2018, 1, 1)

_BRONNEN = (
    {
        "naam": SIGNALEN,
        "houder": "Gemeente Enschede (demo)",
        "definitie": "Meldingen van bewoners over de openbare ruimte",
        "registratie_eenheid": "melding",
        "grondslag": "publieke taak beheer openbare ruimte",
        "bewaartermijn": "5 jaar",
        "optelbaar_met": [],
    },
    {
        "naam": WOONOVERLAST,
        "houder": "Meldpunt Woonoverlast (demo)",
        "definitie": "Meldingen van overlast in en om de woning",
        "registratie_eenheid": "melding",
        "grondslag": "publieke taak aanpak woonoverlast",
        "bewaartermijn": "5 jaar",
        "optelbaar_met": [],
    },
    {
        "naam": POLITIE,
        "houder": "Politie (demo)",
        "definitie": "Door de politie geregistreerde overlast",
        "registratie_eenheid": "melding",
        "grondslag": "convenant leefbaarheid en veiligheid",
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
            {"naam": str(naam), "buurtcodes": list(codes), "van": _TEAMS_SINCE}
            for naam, codes in teams.items()
        ],
    }


def build_interventies(until: date, effects: tuple[Effect, ...]) -> pd.DataFrame:
    """Return five interventions: the three planted actions and two whose outcome nobody knows."""
    planted = {effect.soort: effect for effect in effects}
    won, moved, idle = (planted[f"aanpak-{kind}"] for kind in ("geslaagd", "verplaatst", "geen-effect"))
    mediation, dinner = months_before(until, 9), months_before(until, 2)
    rows = [
        (
            "Samen schoon Glanerbrug",
            "schoonmaak en gesprek",
            5,
            won.gebieden,
            won.van,
            SIGNALEN,
            "afval",
            "daling",
            42_000,
        ),
        (
            "Toezicht Twekkelerveld",
            "toezicht",
            5,
            moved.gebieden,
            moved.van,
            SIGNALEN,
            "openbare-ruimte",
            "daling",
            65_000,
        ),
        (
            "Parkeren Helmerhoek",
            "voorlichting",
            5,
            idle.gebieden,
            idle.van,
            SIGNALEN,
            "verkeer",
            "daling",
            18_000,
        ),
        (
            "Praat met de buren",
            "bemiddeling",
            1,
            ("BU01530603", "BU01530606"),
            mediation,
            BUURTBEMIDDELING,
            "wonen",
            "stijging",
            25_000,
        ),
        (
            "Eettafel Velve-Lindenhof",
            "ontmoeting",
            2,
            ("BU01530100",),
            dinner,
            None,
            None,
            "stijging",
            12_000,
        ),
    ]
    naam, soort, doel, codes, van, bron, categorie, richting, kosten = zip(*rows, strict=True)
    n = len(rows)
    return pd.DataFrame(
        {
            "line": lines(n),
            "sleutel": numbered("IV-", n, 2),
            "naam": texts(naam),
            "soort": texts(soort),
            "doel": np.array(doel, dtype=np.int64),
            "partners": texts(["wijkteam; woningcorporatie; bewoners"] * n),
            "gebied_codes": texts(";".join(own) for own in codes),
            "van": days(van),
            "tot": days([None] * n),
            "bron": texts(bron),
            "categorie": texts(categorie),
            "richting": texts(richting),
            "kosten": np.array(kosten, dtype=float),
            "evaluatie_op": days([until] * 3 + [date(until.year + 1, 1, 1)] * 2),
        }
    )
