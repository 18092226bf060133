"""Counts per area: the released ones that anyone may read, and live sums of the cube for staff and for release."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from geo_service.db.queries import fetch

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection

# The buurten that a source covers, and when. Open coverage reaches to the last day of the source's data.
COVERED = """
lid as (
    select niveau, gebied_code, buurt_code from publiek.indeling where gemeente_code = %(gemeente)s and jaar = %(peiljaar)s
),
eigen as (
    select niveau, code as gebied_code, code as cel from publiek.gebied
    where gemeente_code = %(gemeente)s and jaar = %(peiljaar)s and niveau <> 'buurt'
    union select niveau, gebied_code, buurt_code from lid
    union select 'gemeente', %(gemeente)s, code from publiek.gebied
    where gemeente_code = %(gemeente)s and jaar = %(peiljaar)s and niveau = 'wijk'
),
dekking as (
    select e.cel, range_agg(daterange(d.van, coalesce(d.tot, b.laatste_dag, d.van), '[]')) as dagen
    from publiek.bron_dekking d
    join publiek.bron b on b.gemeente_code = d.gemeente_code and b.naam = d.bron
    join eigen e on e.gebied_code = d.gebied
    where d.gemeente_code = %(gemeente)s and d.bron = %(bron)s
    group by e.cel
)
"""


@dataclass(frozen=True)
class CelVraag:
    """Which cells: of one municipality, source, category (``alle`` for the sum) and level."""

    gemeente: str
    bron: str
    categorie: str
    niveau: str


async def released_counts(connection: AsyncConnection, cel: CelVraag, *, periode: str) -> list[dict[str, Any]]:
    """Released cells (gebied_code, aantal, status); an area without a row is a covered zero."""
    return await fetch(
        connection,
        "select gebied_code, aantal, status from publiek.cijfer where gemeente_code = %(gemeente)s and bron = %(bron)s "
        "and categorie = %(categorie)s and periode = %(periode)s and niveau = %(niveau)s",
        asdict(cel) | {"periode": periode},
    )


async def live_counts(
    connection: AsyncConnection, cel: CelVraag, *, peiljaar: int, days: tuple[date, date]
) -> list[dict[str, Any]]:
    """Unsuppressed counts on covered days per area, and those outside the coverage. For scoped roles and jobs only.

    Rows: gebied_code, aantal, buiten_dekking; reports without a buurt come as area ``buiten``.
    """
    return await fetch(
        connection,
        f"""
        with {COVERED}, k as (
            select k.*, coalesce(daterange(k.dag, k.tot, '[]') <@ d.dagen, false) as gedekt
            from intern.kubus k left join dekking d on d.cel = k.gebied_code
            where k.gemeente_code = %(gemeente)s and k.bron = %(bron)s and k.dag >= %(van)s and k.tot <= %(tot)s
              and (%(categorie)s = 'alle' or k.categorie in
                   (select code from publiek.categorie where %(categorie)s in (code, hoofd)))
        )
        select e.gebied_code, coalesce(sum(k.aantal) filter (where gedekt), 0)::int as aantal,
            coalesce(sum(k.aantal) filter (where not gedekt), 0)::int as buiten_dekking
        from k join eigen e on e.cel = k.gebied_code and e.niveau = %(niveau)s group by 1
        union all
        select 'buiten', 0, coalesce(sum(k.aantal), 0)::int from k where k.gebied_code = 'buiten' having sum(k.aantal) > 0
        """,
        asdict(cel) | {"peiljaar": peiljaar, "van": days[0], "tot": days[1]},
    )
