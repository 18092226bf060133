"""More than expected: places that stand out against their dwellings (``hoog``) or against their own past (``nieuw``)."""

from __future__ import annotations

import psycopg

from geo_service.domain.hotspots import HOOG, NIEUW
from geo_service.domain.perioden import Periode
from geo_service.jobs.analyse.parameters import Scan
from geo_service.jobs.analyse.reeksen import Lezer
from geo_service.jobs.analyse.scan.hoog import find_hoog
from geo_service.jobs.analyse.scan.nieuw import find_nieuw
from geo_service.jobs.analyse.scan.vensters import make_vraag
from geo_service.jobs.analyse.vondsten import GEEN_MELDINGEN, GEEN_PLEKKEN, Uitkomst
from geo_service.release.cijfers import ALLES

__all__ = ["find"]


def find(connection: psycopg.Connection, lezer: Lezer, periode: Periode, parameters: Scan) -> Uitkomst:
    """Both classes, over all reports and per head category."""
    vraag = make_vraag(connection, lezer, periode, parameters)
    now = lezer.reeksen([periode], vraag.peiljaar)
    if not now[ALLES].plekken.any():
        return Uitkomst(reden=GEEN_PLEKKEN if now[ALLES].aantal.any() else GEEN_MELDINGEN)
    high, told_high = find_hoog(vraag, now)
    fresh, told_fresh = find_nieuw(vraag)
    return Uitkomst([*high, *fresh], {"max_radius": vraag.max_radius, HOOG: told_high, NIEUW: told_fresh})
