"""The daily cube: area × source × category × day. Figures cost areas × days, not reports.

A report is in it once, in its own category. A visit is in it once as ``alle`` and once per dimension (``kanaal-…``,
``uitkomst-…``, ``thema-…``), never in combinations: those of one day and buurt would be the visits themselves again.
"""

from __future__ import annotations

import psycopg

from geo_service.domain.gebieden import BUITEN
from geo_service.settings import get_settings

# The same words as ``slug`` of a Dutch label: ASCII, joined by hyphens.
THEMA_CODE = r"""'thema-' || coalesce(nullif(trim(both '-' from regexp_replace(
    lower(regexp_replace(normalize(thema, NFKD), '[^\x20-\x7e]', '', 'g')), '[^a-z0-9]+', '-', 'g')), ''), 'onbekend')"""

# The first day of which a source (of a row of the named table) still has its records.
KEPT_FROM = (
    "coalesce((select o.tot from intern.opgeruimd o where (o.gemeente_code, o.bron) = ({0}.gemeente_code, {0}.bron)), "
    "date '-infinity')"
)


def rebuild_kubus(connection: psycopg.Connection, gemeente: str, bron: str | None = None) -> None:
    """Recount the cube of a municipality (or of one of its sources) from reports, counts per area and visits.

    Of days whose records were removed at the end of their term the counts stay as they are.
    """
    values = {"gemeente": gemeente, "bron": bron, "buiten": BUITEN}
    connection.execute(
        f"delete from intern.kubus k where gemeente_code = %(gemeente)s and (%(bron)s::text is null or bron = %(bron)s) "
        f"and k.dag >= {KEPT_FROM.format('k')}",
        values,
    )
    connection.execute(
        f"""
        insert into intern.kubus (gemeente_code, bron, gebied_code, categorie, dag, tot, aantal)
        select gemeente_code, bron, gebied, categorie, dag, tot, sum(n)
        from (
            select gemeente_code, bron, coalesce(buurt_code, %(buiten)s) as gebied, categorie, dag, dag as tot, count(*) as n
            from intern.melding where gemeente_code = %(gemeente)s and (%(bron)s::text is null or bron = %(bron)s)
            group by 1, 2, 3, 4, 5
            union all
            select gemeente_code, bron, gebied_code, categorie, van, tot, aantal
            from intern.telling t where gemeente_code = %(gemeente)s and (%(bron)s::text is null or bron = %(bron)s)
              and t.van >= {KEPT_FROM.format("t")}
        ) deel
        group by 1, 2, 3, 4, 5, 6 having sum(n) > 0
        """,
        values,
    )
    _name_themas(connection, gemeente, bron)
    _count_bezoeken(connection, values)


def _name_themas(connection: psycopg.Connection, gemeente: str, bron: str | None) -> None:
    """The themes that are categories of their own: those of as many visits as the public threshold. A label that
    occurs less often may be free text, is named nowhere and counts as ``thema-overig``."""
    values = {"gemeente": gemeente, "bron": bron, "drempel": get_settings().drempel_publiek}
    connection.execute(
        "delete from publiek.bezoek_thema t where gemeente_code = %(gemeente)s "
        "and (%(bron)s::text is null or bron = %(bron)s) and not exists (select from intern.kubus k "
        "where (k.gemeente_code, k.bron, k.categorie) = (t.gemeente_code, t.bron, t.code))",
        values,
    )
    connection.execute(
        f"""
        insert into publiek.bezoek_thema (gemeente_code, bron, code, naam)
        select gemeente_code, bron, {THEMA_CODE} as code, mode() within group (order by thema) from intern.bezoek
        where gemeente_code = %(gemeente)s and (%(bron)s::text is null or bron = %(bron)s)
          and {THEMA_CODE} <> 'thema-onbekend'
        group by 1, 2, 3 having count(*) >= %(drempel)s
        on conflict (gemeente_code, bron, code) do update set naam = excluded.naam
        """,
        values,
    )


def _count_bezoeken(connection: psycopg.Connection, values: dict[str, str | None]) -> None:
    """A visit counts where the visitor comes from; without an origin as ``buiten``."""
    connection.execute(
        f"""
        insert into intern.kubus (gemeente_code, bron, gebied_code, categorie, dag, tot, aantal)
        select gemeente_code, bron, coalesce(herkomst_buurt_code, %(buiten)s), d.categorie, datum, datum, count(*)
        from (
            select b.*, case when b.code = 'thema-onbekend' then b.code else coalesce(t.code, 'thema-overig') end as geteld
            from (select *, {THEMA_CODE} as code from intern.bezoek) b
            left join publiek.bezoek_thema t on (t.gemeente_code, t.bron, t.code) = (b.gemeente_code, b.bron, b.code)
            where b.gemeente_code = %(gemeente)s and (%(bron)s::text is null or b.bron = %(bron)s)
        ) bezoek
        cross join lateral unnest(array['alle', 'kanaal-' || kanaal, 'uitkomst-' || uitkomst, geteld]) as d(categorie)
        group by 1, 2, 3, 4, 5
        """,
        values,
    )
