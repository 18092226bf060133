"""Release: judge the lattice of a source once and put it in ``publiek``, where everyone reads the same answer."""

from __future__ import annotations

from datetime import date, timedelta

import psycopg

from geo_service.db.write.bronnen import bump_version
from geo_service.db.write.cijfers import Vrij, release_counts
from geo_service.domain.dekking import Dekking
from geo_service.domain.gebieden import make_vintages, vintage_for
from geo_service.domain.perioden import Periode, perioden_tussen
from geo_service.release.cellen import Cellen
from geo_service.settings import get_settings

SOORTEN = ("kwartaal", "jaar")


def release_source(connection: psycopg.Connection, gemeente: str, bron: str, *, today: date) -> int:
    """Publish every quarter and year of a source that ended long enough ago and that it covers at all.

    Cells below the public threshold are stored without their value. Secondary suppression, when it comes, belongs
    here too: between counting and storing, over the whole lattice. Returns the number of released cells.
    """
    keys = (gemeente, bron)
    connection.execute("delete from publiek.cijfer where gemeente_code = %s and bron = %s", keys)
    connection.execute("delete from publiek.vrijgave where gemeente_code = %s and bron = %s", keys)
    span = connection.execute(
        "select min(d.van), max(coalesce(d.tot, b.laatste_dag, d.van)), max(b.versie), min(b.eerste_dag), bool_or(b.laag = 'bezoeken') "
        "from publiek.bron_dekking d join publiek.bron b on b.gemeente_code = d.gemeente_code and b.naam = d.bron "
        "where d.gemeente_code = %s and d.bron = %s",
        keys,
    ).fetchone()
    years = connection.execute(
        "select distinct jaar from publiek.gebied where gemeente_code = %s and niveau <> 'wijkteamgebied'",
        (gemeente,),
    ).fetchall()
    if span is None or span[0] is None or span[3] is None or not years:
        return 0
    vintages = make_vintages(row[0] for row in years)
    periodes = [p for soort in SOORTEN for p in releasable(span[0], min(span[1], today), soort, today)]
    _record(connection, keys, periodes, span[2])
    by_vintage: dict[int, list[str]] = {}
    for periode in periodes:
        vintage = vintage_for(vintages, periode.van)
        if vintage is not None:
            by_vintage.setdefault(vintage.jaar, []).append(periode.code)
    drempel = get_settings().drempel_publiek
    return sum(
        release_counts(connection, _vrij(connection, keys, jaar, codes, rest_telt=bool(span[4])), drempel=drempel)
        for jaar, codes in by_vintage.items()
    )


def _vrij(
    connection: psycopg.Connection, keys: tuple[str, str], jaar: int, periodes: list[str], *, rest_telt: bool
) -> Vrij:
    """The part of the lattice of one vintage, with the cells of its areas and the days that the source covers them."""
    gemeente, bron = keys
    leden: dict[str, dict[str, set[str]]] = {}
    for niveau, code, buurt in connection.execute(
        "select niveau, gebied_code, buurt_code from publiek.indeling where gemeente_code = %s and jaar = %s",
        (gemeente, jaar),
    ):
        leden.setdefault(niveau, {}).setdefault(code, set()).add(buurt)
    frozen = {niveau: {code: frozenset(found) for code, found in level.items()} for niveau, level in leden.items()}
    cellen = Cellen(gemeente, frozen, rest_telt)
    rows = connection.execute(
        "select d.gebied, d.van, coalesce(d.tot, b.laatste_dag, d.van) from publiek.bron_dekking d "
        "join publiek.bron b on b.gemeente_code = d.gemeente_code and b.naam = d.bron "
        "where d.gemeente_code = %s and d.bron = %s",
        keys,
    ).fetchall()
    dekkingen = [Dekking(cellen.buurten.get(gebied, frozenset()), van, tot) for gebied, van, tot in rows]
    gebieden = [
        (niveau, code, cel)
        for niveau, level in frozen.items()
        for code in level
        for cel in cellen.of_area(niveau, code)
    ]
    return Vrij(gemeente, bron, jaar, periodes, list(cellen.buurten), gebieden, cellen.covered(dekkingen))


def release_due(connection: psycopg.Connection, *, today: date) -> list[tuple[str, str]]:
    """Publish the sources of which a quarter or year became old enough since their last release. Returns them."""
    rows = connection.execute(
        """
        select b.gemeente_code, b.naam, min(d.van), max(coalesce(d.tot, b.laatste_dag, d.van))
        from publiek.bron b join publiek.bron_dekking d on d.gemeente_code = b.gemeente_code and d.bron = b.naam
        where b.eerste_dag is not null and exists (select from publiek.gebied g where g.gemeente_code = b.gemeente_code)
        group by 1, 2 order by 1, 2
        """
    ).fetchall()
    done = []
    for gemeente, bron, van, tot in rows:
        found = connection.execute(
            "select periode from publiek.vrijgave where gemeente_code = %s and bron = %s", (gemeente, bron)
        ).fetchall()
        due = {periode.code for soort in SOORTEN for periode in releasable(van, min(tot, today), soort, today)}
        if due - {row[0] for row in found}:
            bump_version(connection, gemeente, bron, new_data=False)
            release_source(connection, gemeente, bron, today=today)
            done.append((gemeente, bron))
    return done


def releasable(van: date, tot: date, soort: str, today: date) -> list[Periode]:
    """Periods that touch the coverage and ended at least the freezing time before today."""
    freeze = timedelta(days=get_settings().bevriezing_dagen)
    return [periode for periode in perioden_tussen(van, tot, soort) if periode.tot + freeze < today]


def _record(connection: psycopg.Connection, keys: tuple[str, str], periodes: list[Periode], versie: int) -> None:
    with connection.cursor() as cursor:
        cursor.executemany(
            "insert into publiek.vrijgave (gemeente_code, bron, periode, soort, van, tot, versie, vrijgegeven_op) "
            "values (%s, %s, %s, %s, %s, %s, %s, now())",
            [(*keys, periode.code, periode.soort, periode.van, periode.tot, versie) for periode in periodes],
        )
