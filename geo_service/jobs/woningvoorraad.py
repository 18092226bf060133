"""Sum the housing register per area, so that dwellings can serve as a denominator without showing a building."""

from __future__ import annotations

import psycopg

BOUWPERIODES = (
    ("bouwjaar_voor_1945", 0, 1944),
    ("bouwjaar_1945_1974", 1945, 1974),
    ("bouwjaar_1975_1999", 1975, 1999),
    ("bouwjaar_vanaf_2000", 2000, 9000),
)


def summarise_woningen(connection: psycopg.Connection, gemeente: str, bron: str) -> None:
    """Write ``woningvoorraad_bag`` and the panden per building period as key figures of the current year.

    Dwellings are verblijfsobjecten in use with woonfunctie. Panden are buildings, sheds too: their years are counted
    as panden and never as dwellings.
    """
    keys = {"gemeente": gemeente, "bron": bron}
    connection.execute(
        "delete from publiek.kerncijfer where gemeente_code = %(gemeente)s and (indicator = 'woningvoorraad_bag' or indicator like 'panden_%%')",
        keys,
    )
    connection.execute(_summary("'woningvoorraad_bag'", "intern.woning", "in_gebruik and woonfunctie"), keys)
    for indicator, first, last in BOUWPERIODES:
        where = "in_gebruik and bouwjaar between %(first)s and %(last)s"
        connection.execute(
            _summary("%(indicator)s", "intern.pand", where),
            keys | {"indicator": f"panden_{indicator}", "first": first, "last": last},
        )


def _summary(indicator: str, table: str, where: str) -> str:
    return f"""
        insert into publiek.kerncijfer (gemeente_code, jaar, gebied_code, indicator, waarde, status, bron)
        select %(gemeente)s, extract(year from current_date), g.gebied, {indicator}, count(*), 'ok', %(bron)s
        from {table} w cross join lateral (values (w.buurt_code), (w.gemeente_code)) as g (gebied)
        where w.gemeente_code = %(gemeente)s and {where} and g.gebied is not null
        group by g.gebied
        on conflict (gemeente_code, jaar, gebied_code, indicator) do update set waarde = excluded.waarde, bron = excluded.bron
    """


def describe_woningen(connection: psycopg.Connection, gemeente: str, bron: str) -> list[str]:
    """What stands and what does not, by status, for the load report."""
    lines = []
    for soort, table in (("panden", "intern.pand"), ("verblijfsobjecten", "intern.woning")):
        rows = connection.execute(
            f"select in_gebruik, status, count(*) from {table} where gemeente_code = %s and bron = %s "
            "group by 1, 2 order by 1 desc, 3 desc, 2",
            (gemeente, bron),
        ).fetchall()
        for standing, verb in ((True, "in gebruik"), (False, "niet in gebruik")):
            parts = [(status, count) for in_use, status, count in rows if in_use == standing]
            if parts:
                listed = ", ".join(f"{status} {count}" for status, count in parts)
                lines.append(f"{soort} {verb}: {sum(count for _, count in parts)} ({listed})")
    return lines
