"""Which periods a viewer may ask for, and which one is shown when none was asked."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from geo_service.domain.dekking import dekkingsgraad
from geo_service.domain.perioden import Periode, parse_periode, perioden_tussen, week
from geo_service.errors import InvalidParameters, ParameterFault
from geo_service.identity import Viewer
from geo_service.release.context import Gemeente

LATTICE_KINDS = ("kwartaal", "jaar")
FINENESS = {"dag": 0, "week": 1, "maand": 2, "kwartaal": 3, "jaar": 4}
DEFAULT_ORDER = ("kwartaal", "maand", "jaar")


def choose_periode(gemeente: Gemeente, viewer: Viewer, bron: str, asked: str | None) -> Periode:
    """The asked period when this viewer may have it, else the default; InvalidParameters says why not."""
    return allowed_periode(viewer, asked) or default_periode(gemeente, viewer, bron)


def allowed_periode(viewer: Viewer, asked: str | None) -> Periode | None:
    """The asked period, None when none was asked; InvalidParameters when it is none or not for this viewer."""
    if asked is None:
        return None
    try:
        periode = parse_periode(asked)
    except ValueError as error:
        raise InvalidParameters(ParameterFault("periode", str(error))) from None
    if not viewer.scoped and periode.soort not in LATTICE_KINDS:
        reason = "alleen kwartalen (2024-Q3) en jaren (2024) zijn openbaar. Log in voor andere perioden."
        raise InvalidParameters(ParameterFault("periode", reason))
    return periode


def default_periode(gemeente: Gemeente, viewer: Viewer, bron: str) -> Periode:
    """The last complete period that the source covers; without one, the last that it covers in part.

    Quarters first; scoped viewers of a source that covers no whole quarter get its last whole month. The public
    chooses from released periods only.
    """
    available = available_perioden(gemeente, viewer, bron)
    of_kind = [[periode for periode in reversed(available) if periode.soort == soort] for soort in DEFAULT_ORDER]
    candidates = [periode for periodes in of_kind for periode in periodes]
    whole = next((periode for periode in candidates if _best_share(gemeente, bron, periode) >= 1), None)
    found = whole or next((periode for periode in candidates if _best_share(gemeente, bron, periode) > 0), None)
    if found is not None:
        return found
    last = gemeente.bron(bron).laatste_dag or date.today()
    return perioden_tussen(last, last, "kwartaal")[0]


def available_perioden(gemeente: Gemeente, viewer: Viewer, bron: str) -> list[Periode]:
    """Periods to choose from, oldest first per kind: released ones, and for scoped viewers months and open ones too."""
    finest = FINENESS[gemeente.bron(bron).fijnste_periode or "dag"]
    if not viewer.scoped:
        rows = [row for row in gemeente.vrijgaven if row["bron"] == bron and FINENESS[row["soort"]] >= finest]
        return [parse_periode(row["periode"]) for row in rows]
    source = gemeente.bron(bron)
    span = covered_span(gemeente, bron)
    if span is None or source.laatste_dag is None:
        return []
    van, tot = span[0], min(span[1], source.laatste_dag)
    kinds = [kind for kind in ("maand", "kwartaal", "jaar") if FINENESS[kind] >= finest]
    return [periode for kind in kinds for periode in perioden_tussen(van, tot, kind)]


def covered_span(gemeente: Gemeente, bron: str) -> tuple[date, date] | None:
    """The first and last day that a source covers anything."""
    spans = [(row["van"], row["tot"]) for row in gemeente.dekking_rows if row["bron"] == bron]
    return (min(van for van, _ in spans), max(tot for _, tot in spans)) if spans else None


def reeks_perioden(van: date, tot: date, soort: str) -> Iterator[Periode]:
    """All years, quarters, months, weeks or days that touch the range, oldest first, made as far as they are asked."""
    day = van
    while day <= tot:
        if soort == "dag":
            periode = Periode(day, day, "dag", day.isoformat())
        elif soort == "week":
            periode = week(*day.isocalendar()[:2])
        else:
            periode = perioden_tussen(day, day, soort)[0]
        yield periode
        if periode.tot == date.max:
            return
        day = periode.tot + timedelta(days=1)


def _best_share(gemeente: Gemeente, bron: str, periode: Periode) -> float:
    """Best coverage that any buurt has in the period: a source that covers one stadsdeel has a default period too."""
    dekkingen = gemeente.dekkingen(bron, gemeente.vintage(periode.van).jaar)
    best = 0.0
    for buurt in sorted({buurt for dekking in dekkingen for buurt in dekking.buurten}):
        best = max(best, dekkingsgraad(dekkingen, [buurt], periode))
        if best >= 1:
            break
    return best
