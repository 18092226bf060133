"""Whether figures counted in one vintage of areas may be shown as those of another."""

from __future__ import annotations

from collections.abc import Iterable

from geo_service.db.engine import ReadConnection
from geo_service.db.queries.vintages import compare_buurten
from geo_service.errors import InvalidParameters, ParameterFault
from geo_service.release.context import Gemeente

SAME_AREA = 0.99
NAMED = 8


async def require_same_areas(
    connection: ReadConnection,
    gemeente: Gemeente,
    jaren: tuple[int, int],
    area: tuple[str, str | None],
    *,
    fixed: bool,
) -> None:
    """Refuse the asked vintage unless its areas are those that were counted; InvalidParameters names what differs.

    jaren: the vintage counted in and the asked one. area: the level and the code of one area (None: the whole level).
    fixed: the figures are whole areas (released cells, a source that counts per wijk) and cannot be added up anew from
    buurten, so each area must also consist of the same buurten.
    """
    gemeente.peiljaar(jaren[1])
    niveau, code = area
    counted, asked = (_members(gemeente, jaar, niveau, code) for jaar in jaren)
    everything = [
        gemeente.leden(jaar, "buurt") if code is None else level
        for jaar, level in zip(jaren, (counted, asked), strict=True)
    ]
    buurten = sorted({buurt for level in everything for members in level.values() for buurt in members})
    overlap = await compare_buurten(connection, gemeente.code, jaren, buurten)
    differing = [buurt for buurt in buurten if overlap[buurt] < SAME_AREA]
    if not differing and fixed:
        differing = sorted(area for area in {*counted, *asked} if counted.get(area) != asked.get(area))
    if differing:
        reason = (
            f"deze periode is geteld in de gebiedsindeling van {jaren[0]} en die van {jaren[1]} is anders voor "
            f"{_listed(gemeente, differing)}. Cijfers van die gebieden zijn niet om te rekenen."
        )
        raise InvalidParameters(ParameterFault("peiljaar", reason))


def _members(gemeente: Gemeente, jaar: int, niveau: str, code: str | None) -> dict[str, frozenset[str]]:
    level = gemeente.leden(jaar, niveau)
    return level if code is None else {code: level[code]} if code in level else {}


def _listed(gemeente: Gemeente, codes: Iterable[str]) -> str:
    names = [f"{gemeente.gebied_naam(code)} ({code})" for code in codes]
    rest = f" en nog {len(names) - NAMED} gebieden" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + rest
