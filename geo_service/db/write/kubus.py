"""The daily cube: area × source × category × day. Figures cost areas × days, not reports."""

from __future__ import annotations

import psycopg

from geo_service.domain.gebieden import BUITEN


def rebuild_kubus(connection: psycopg.Connection, gemeente: str, bron: str | None = None) -> None:
    """Recount the cube of a municipality (or of one of its sources) from the reports and the counts per area."""
    values = {"gemeente": gemeente, "bron": bron, "buiten": BUITEN}
    connection.execute(
        "delete from intern.kubus where gemeente_code = %(gemeente)s and (%(bron)s::text is null or bron = %(bron)s)",
        values,
    )
    connection.execute(
        """
        insert into intern.kubus (gemeente_code, bron, gebied_code, categorie, dag, tot, aantal)
        select gemeente_code, bron, gebied, categorie, dag, tot, sum(n)
        from (
            select gemeente_code, bron, coalesce(buurt_code, %(buiten)s) as gebied, categorie, dag, dag as tot, count(*) as n
            from intern.melding where gemeente_code = %(gemeente)s and (%(bron)s::text is null or bron = %(bron)s)
            group by 1, 2, 3, 4, 5
            union all
            select gemeente_code, bron, gebied_code, categorie, van, tot, aantal
            from intern.telling where gemeente_code = %(gemeente)s and (%(bron)s::text is null or bron = %(bron)s)
        ) deel
        group by 1, 2, 3, 4, 5, 6 having sum(n) > 0
        """,
        values,
    )
