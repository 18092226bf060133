"""Fill the released lattice from the cube: the one place where unsuppressed counts become public cells."""

from __future__ import annotations

import psycopg

from geo_service.db.queries.cijfers import COVERED


def release_counts(
    connection: psycopg.Connection, gemeente: str, bron: str, *, peiljaar: int, periodes: list[str], drempel: int
) -> int:
    """Fill ``publiek.cijfer`` for the given quarters and years (all of one vintage). Returns the number of cells."""
    # The planner expects one row of coverage and loops over the whole cube for each of hundreds: 3 s against 0.4 s.
    connection.execute("set local enable_nestloop = off")
    done = connection.execute(
        f"""
        with {COVERED}, k as (
            select k.gebied_code, k.categorie, date_part('year', k.dag) as jaar,
                case when k.dag = k.tot or date_part('quarter', k.dag) = date_part('quarter', k.tot)
                    then date_part('quarter', k.dag) end as kwartaal,
                sum(k.aantal) as n
            from intern.kubus k join dekking d on d.cel = k.gebied_code and daterange(k.dag, k.tot, '[]') <@ d.dagen
            where k.gemeente_code = %(gemeente)s and k.bron = %(bron)s
              and date_part('year', k.dag) = date_part('year', k.tot)
            group by 1, 2, 3, 4
        ), som as (
            select e.niveau, e.gebied_code, k.jaar || coalesce('-Q' || k.kwartaal, '') as periode,
                grouping(k.kwartaal) = 0 and k.kwartaal is null as zonder_kwartaal,
                coalesce(k.categorie, c.hoofd, 'alle') as categorie, sum(k.n)::int as n
            from k join eigen e on e.cel = k.gebied_code join publiek.categorie c on c.code = k.categorie
            group by e.niveau, e.gebied_code, grouping sets ((k.jaar, k.kwartaal), (k.jaar)),
                grouping sets ((k.categorie), (c.hoofd), ())
        )
        insert into publiek.cijfer (gemeente_code, jaar, niveau, gebied_code, bron, categorie, periode, aantal, status)
        select %(gemeente)s, %(peiljaar)s, niveau, gebied_code, %(bron)s, categorie, periode,
            case when n >= %(drempel)s then n end, case when n >= %(drempel)s then 'ok' else 'onderdrukt' end
        from som where n > 0 and not zonder_kwartaal and periode = any(%(periodes)s)
        """,
        {"gemeente": gemeente, "bron": bron, "peiljaar": peiljaar, "periodes": periodes, "drempel": drempel},
    )
    connection.execute("set local enable_nestloop = on")
    return done.rowcount
