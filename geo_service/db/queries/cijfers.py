"""Counts per area: the released ones that anyone may read, and live sums of the cube for staff and for release.

Every question is about one or more periods at once: a series costs as many queries as one figure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch

if TYPE_CHECKING:
    from geo_service.db.engine import Question, ReadConnection

Row = dict[str, Any]


@dataclass(frozen=True)
class CelVraag:
    """Which cells: of one municipality and source, per category the categories of the cube that it adds up.

    None for the only category: whatever category a cell has, which saves comparing each.
    """

    gemeente: str
    bron: str
    categorieen: Mapping[str, tuple[str, ...] | None]


@dataclass(frozen=True)
class PeriodeVraag:
    """One period: its code and days, and the vintage that its reports were counted in."""

    code: str
    van: date
    tot: date
    geteld_in: int


@dataclass(frozen=True)
class Cellentabel:
    """What is known about cells, per vintage. bekend: (vintage, cell); gedekt: (vintage, cell, first, last day) that the
    source covers. alleen: only these cells; None: all. geheel: those are known, and covered on every day that is asked
    about, so that nothing else need be told."""

    bekend: Sequence[tuple[int, str]]
    gedekt: Sequence[tuple[int, str, date, date]]
    alleen: frozenset[str] | None = None
    geheel: bool = False


PUBLIEK = "publiek.cijfer"
DIENST = "intern.cijfer_dienst"


def released_counts(cel: CelVraag, niveau: str, codes: Sequence[str], *, gebied: str | None, table: str) -> Question:
    """Asks for released cells (categorie, periode, gebied_code, aantal, status); an area without a row is a covered zero.

    table: what everyone may see, or what staff may see of areas that are not theirs.
    """
    one_area = "and gebied_code = %(gebied)s" if gebied else ""
    return (
        f"select categorie, periode, gebied_code, aantal, status from {table} where gemeente_code = %(gemeente)s "
        "and bron = %(bron)s and periode = any(%(codes)s) and niveau = %(niveau)s and categorie = any(%(categorieen)s) "
        + one_area,
        {
            "gemeente": cel.gemeente,
            "bron": cel.bron,
            "categorieen": list(cel.categorieen),
            "niveau": niveau,
            "gebied": gebied,
            "codes": list(codes),
        },
    )


def live_counts(cel: CelVraag, perioden: Sequence[PeriodeVraag], cellen: Cellentabel) -> Question:
    """Asks for unsuppressed counts per category, period and cell, on covered days and outside them. For scoped roles only.

    Rows: categorie and periode by number, cel (``buiten`` for every cell that the vintage does not know), aantal,
    buiten_dekking.
    """
    pairs = [(number, deel) for number, delen in enumerate(cel.categorieen.values()) for deel in delen or ()]
    return (
        (_LIVE_WHOLE if cellen.geheel else _LIVE).format(
            telt=_TELT if pairs else "cross join (select 0 as categorie) t",
            alleen="" if cellen.alleen is None else "and k.gebied_code = any(%(alleen)s)",
        ),
        {
            "gemeente": cel.gemeente,
            "bron": cel.bron,
            "alleen": sorted(cellen.alleen or ()),
            "telt": [number for number, _ in pairs],
            "deel": [deel for _, deel in pairs],
            "periode": list(range(len(perioden))),
            "van": [p.van for p in perioden],
            "tot": [p.tot for p in perioden],
            "geteld_in": [p.geteld_in for p in perioden],
            "bekend_in": [row[0] for row in cellen.bekend],
            "bekend": [row[1] for row in cellen.bekend],
            "gedekt_in": [row[0] for row in cellen.gedekt],
            "gedekt": [row[1] for row in cellen.gedekt],
            "gedekt_van": [row[2] for row in cellen.gedekt],
            "gedekt_tot": [row[3] for row in cellen.gedekt],
        },
    )


# Numbers instead of codes for what is grouped by: comparing texts of ten thousands of cells costs more than reading them.
_TELT = "join unnest(%(telt)s::int[], %(deel)s::text[]) as t(categorie, deel) on t.deel = k.categorie"
_CUBE = """
from unnest(%(periode)s::int[], %(van)s::date[], %(tot)s::date[], %(geteld_in)s::int[]) as v(periode, van, tot, geteld_in)
join intern.kubus k on k.gemeente_code = %(gemeente)s and k.bron = %(bron)s
    and k.dag between v.van and v.tot and k.tot <= v.tot {alleen}
{telt}
"""
_LIVE_WHOLE = f"""
select t.categorie, v.periode, k.gebied_code as cel, sum(k.aantal)::int as aantal, 0 as buiten_dekking
{_CUBE}
group by 1, 2, 3
"""
_LIVE = f"""
select t.categorie, v.periode, coalesce(b.cel, 'buiten') as cel,
    coalesce(sum(k.aantal) filter (where d.cel is not null), 0)::int as aantal,
    coalesce(sum(k.aantal) filter (where d.cel is null), 0)::int as buiten_dekking
{_CUBE}
left join unnest(%(bekend_in)s::int[], %(bekend)s::text[]) as b(jaar, cel)
    on b.jaar = v.geteld_in and b.cel = k.gebied_code
left join unnest(%(gedekt_in)s::int[], %(gedekt)s::text[], %(gedekt_van)s::date[], %(gedekt_tot)s::date[])
    as d(jaar, cel, van, tot)
    on d.jaar = v.geteld_in and d.cel = coalesce(b.cel, 'buiten') and k.dag >= d.van and k.tot <= d.tot
group by 1, 2, 3
"""


async def list_bezoek_themas(connection: ReadConnection, gemeente: str) -> list[Row]:
    """Themes of visits (code, naam) that are a category of their own in any source."""
    return await fetch(
        connection,
        "select code, min(naam) as naam from publiek.bezoek_thema where gemeente_code = %(gemeente)s group by 1 order by 2",
        {"gemeente": gemeente},
    )
