"""Store sources, coverage, trend breaks, aliases and wijkteamgebieden; keep each source's own dates and version."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from datetime import date
from typing import Any

import psycopg

from geo_service.db.write.indeling import build_wijkteamgebieden
from geo_service.db.write.run import Run
from geo_service.domain.dekking import volle_weken
from geo_service.domain.gebieden import gemeente_of
from geo_service.errors import Refused
from ingest.bronnen import Bronnen
from ingest.records import Note


def write_bronnen(run: Run, bronnen: Bronnen) -> set[tuple[str, str]]:
    """Store a whole bronnen.toml; a source named again replaces its coverage and trend breaks.

    Returns the (gemeente, bron) pairs whose figures may have changed. Raises Refused when a source belongs to no
    municipality that can be told.
    """
    gemeenten = {bron.naam: _gemeente_of_bron(run, bronnen, bron) for bron in bronnen.bronnen}
    named = {row.bron for row in bronnen.dekkingen} | {row.bron for row in bronnen.trendbreuken}
    for name in named - set(gemeenten):
        gemeenten[name] = _gemeente_of_known(run, bronnen, name)
    for alias in bronnen.aliassen:
        _write_alias(run, alias.alias, alias.gebied)
    for bron in bronnen.bronnen:
        _write_bron(run.connection, gemeenten[bron.naam], bron)
    _write_dekking(run, bronnen, gemeenten)
    _write_trendbreuken(run, bronnen, gemeenten)
    _write_wijkteamgebieden(run, bronnen)
    run.counts.gelezen = sum(
        len(part)
        for part in (
            bronnen.bronnen,
            bronnen.dekkingen,
            bronnen.trendbreuken,
            bronnen.aliassen,
            bronnen.wijkteamgebieden,
        )
    )
    run.counts.opgeslagen = run.counts.gelezen
    return {(gemeente, naam) for naam, gemeente in gemeenten.items()}


def _gemeente_of_bron(run: Run, bronnen: Bronnen, bron: Any) -> str:
    if bron.gemeente:
        return str(bron.gemeente)
    return _gemeente_of_known(run, bronnen, bron.naam)


def _gemeente_of_known(run: Run, bronnen: Bronnen, naam: str) -> str:
    if run.gemeente:
        return run.gemeente
    for row in bronnen.dekkingen:
        found = gemeente_of(row.gebied) if row.bron == naam else None
        if found:
            return found
    rows = run.connection.execute("select gemeente_code from publiek.bron where naam = %s", (naam,)).fetchall()
    rows = rows or run.connection.execute("select gemeente_code from publiek.gemeente").fetchall()
    if len(rows) == 1:
        return str(rows[0][0])
    raise Refused(f'Bij welke gemeente hoort bron {naam!r}? Zet gemeente = "GM...." bij de bron of gebruik --gemeente.')


def _write_bron(connection: psycopg.Connection, gemeente: str, bron: Any) -> None:
    connection.execute(
        """
        insert into publiek.bron (gemeente_code, naam, houder, definitie, registratie_eenheid, grondslag,
            bewaartermijn_maanden, optelbaar_met, doel, artikel, betrokkenen, gegevens, ontvangers, geregistreerd)
        values (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, true)
        on conflict (gemeente_code, naam) do update set houder = excluded.houder, definitie = excluded.definitie,
            registratie_eenheid = excluded.registratie_eenheid, grondslag = excluded.grondslag,
            bewaartermijn_maanden = excluded.bewaartermijn_maanden, optelbaar_met = excluded.optelbaar_met,
            doel = excluded.doel, artikel = excluded.artikel, betrokkenen = excluded.betrokkenen,
            gegevens = excluded.gegevens, ontvangers = excluded.ontvangers, geregistreerd = true
        """,
        (
            gemeente,
            bron.naam,
            bron.houder,
            bron.definitie,
            bron.registratie_eenheid,
            bron.grondslag,
            bron.bewaartermijn_maanden,
            list(bron.optelbaar_met),
            bron.doel,
            bron.artikel,
            list(bron.betrokkenen),
            list(bron.gegevens),
            list(bron.ontvangers),
        ),
    )


def _write_dekking(run: Run, bronnen: Bronnen, gemeenten: dict[str, str]) -> None:
    for naam in {row.bron for row in bronnen.dekkingen}:
        run.connection.execute(
            "delete from publiek.bron_dekking where gemeente_code = %s and bron = %s", (gemeenten[naam], naam)
        )
    for row in bronnen.dekkingen:
        gemeente = gemeenten[row.bron]
        ensure_bron(run.connection, gemeente, row.bron)
        code = resolve_gebied(run.connection, gemeente, row.gebied)
        if code is None:
            text = f"Gebied {row.gebied!r} in de dekking van {row.bron} is onbekend; die dekking telt niet mee totdat het bekend is."
            run.add_notes([Note("gebied_onbekend", text)])
        run.connection.execute(
            "insert into publiek.bron_dekking (gemeente_code, bron, gebied, van, tot) values (%s, %s, %s, %s, %s) "
            "on conflict (gemeente_code, bron, gebied, van) do update set tot = excluded.tot",
            (gemeente, row.bron, code or row.gebied, row.van, row.tot),
        )


def _write_trendbreuken(run: Run, bronnen: Bronnen, gemeenten: dict[str, str]) -> None:
    for naam in {row.bron for row in bronnen.trendbreuken}:
        run.connection.execute(
            "delete from publiek.trendbreuk where gemeente_code = %s and bron = %s", (gemeenten[naam], naam)
        )
    for row in bronnen.trendbreuken:
        gemeente = gemeenten[row.bron]
        gebied = resolve_gebied(run.connection, gemeente, row.gebied) if row.gebied else ""
        run.connection.execute(
            "insert into publiek.trendbreuk (gemeente_code, bron, datum, reden, gebied) values (%s, %s, %s, %s, %s) "
            "on conflict (gemeente_code, bron, datum, gebied) do update set reden = excluded.reden",
            (gemeente, row.bron, row.datum, row.reden, gebied or row.gebied or ""),
        )


def _write_alias(run: Run, alias: str, gebied: str) -> None:
    gemeente = run.gemeente or gemeente_of(gebied) or _only_gemeente(run.connection)
    run.connection.execute(
        "insert into publiek.alias (gemeente_code, alias, gebied) values (%s, %s, %s) "
        "on conflict (gemeente_code, alias) do update set gebied = excluded.gebied",
        (gemeente, alias, gebied),
    )


def _write_wijkteamgebieden(run: Run, bronnen: Bronnen) -> None:
    touched = set()
    for row in bronnen.wijkteamgebieden:
        gemeente = (
            row.gemeente
            or gemeente_of(next(iter(row.buurtcodes), ""))
            or run.gemeente
            or _only_gemeente(run.connection)
        )
        touched.add(gemeente)
        run.connection.execute(
            "insert into publiek.wijkteam (gemeente_code, code, naam, van, tot, buurtcodes) values (%s, %s, %s, %s, %s, %s) "
            "on conflict (gemeente_code, code, van) do update set naam = excluded.naam, tot = excluded.tot, buurtcodes = excluded.buurtcodes",
            (
                gemeente,
                f"{gemeente}-WT-{slug(row.naam)}",
                row.naam,
                row.van or date(1, 1, 1),
                row.tot,
                list(row.buurtcodes),
            ),
        )
    for gemeente in touched:
        build_wijkteamgebieden(run.connection, gemeente)


def _only_gemeente(connection: psycopg.Connection) -> str:
    rows = connection.execute("select gemeente_code from publiek.gemeente").fetchall()
    if len(rows) != 1:
        raise Refused("Bij welke gemeente hoort dit? Gebruik --gemeente.")
    return str(rows[0][0])


def slug(text: str) -> str:
    """ASCII words joined by hyphens, for codes such as ``GM0153-WT-pathmos-stadsveld``."""
    ascii_text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_text).strip("-")


def resolve_gebied(connection: psycopg.Connection, gemeente: str, text: str) -> str | None:
    """The code of an area given by code, name or alias; None when unknown, never a guess."""
    if text == gemeente:
        return text
    row = connection.execute(
        """
        select coalesce(
            (select code from publiek.gebied where gemeente_code = %(g)s and code = %(t)s limit 1),
            (select g.code from publiek.alias a join publiek.gebied g on g.gemeente_code = a.gemeente_code
                and (g.code = a.gebied or lower(g.naam) = lower(a.gebied))
                where a.gemeente_code = %(g)s and lower(a.alias) = lower(%(t)s) limit 1),
            (select min(code) from publiek.gebied where gemeente_code = %(g)s and lower(naam) = lower(%(t)s)
                having count(distinct code) = 1))
        """,
        {"g": gemeente, "t": text},
    ).fetchone()
    return row[0] if row else None


def ensure_bron(connection: psycopg.Connection, gemeente: str, naam: str, laag: str | None = None) -> None:
    """A source that nobody registered exists from its first load; a registered one keeps what was said of it."""
    connection.execute(
        "insert into publiek.gemeente (gemeente_code, naam) values (%s, %s) on conflict do nothing",
        (gemeente, gemeente),
    )
    connection.execute(
        "insert into publiek.bron (gemeente_code, naam, laag) values (%s, %s, %s) on conflict (gemeente_code, naam) do update "
        "set laag = coalesce(excluded.laag, bron.laag)",
        (gemeente, naam, laag),
    )


def bump_version(connection: psycopg.Connection, gemeente: str, bron: str, *, new_data: bool) -> None:
    """Mark that figures of a source changed; its date moves only when the source itself brought something."""
    connection.execute(
        "update publiek.bron set versie = versie + 1, peildatum = case when %s then now() else peildatum end "
        "where gemeente_code = %s and naam = %s",
        (new_data, gemeente, bron),
    )


def update_source_facts(connection: psycopg.Connection, gemeente: str, bron: str) -> None:
    """After a load: first and last day, finest area and period that the source delivers, and derived coverage.

    Everyone may read those days, so they are the ones of the coverage: the day of a stray report is about one person.
    """
    keys = {"gemeente": gemeente, "bron": bron}
    facts = connection.execute(
        """
        select least(min(k.dag), (select min(van) from intern.telling where gemeente_code = %(gemeente)s and bron = %(bron)s)),
            greatest(max(k.tot), (select max(tot) from intern.telling where gemeente_code = %(gemeente)s and bron = %(bron)s)),
            coalesce(max(k.tot - k.dag + 1), 1)
        from intern.kubus k where gemeente_code = %(gemeente)s and bron = %(bron)s
        """,
        keys,
    ).fetchone()
    if facts is None or facts[0] is None:
        return
    first, last, longest = facts
    niveau = connection.execute(
        "select g.niveau from intern.telling t join publiek.gebied g on g.gemeente_code = t.gemeente_code and g.code = t.gebied_code "
        "where t.gemeente_code = %(gemeente)s and t.bron = %(bron)s "
        "order by array_position(array['buurt', 'wijkteamgebied', 'wijk', 'stadsdeel', 'gemeente'], g.niveau::text) limit 1",
        keys,
    ).fetchone()
    connection.execute(
        "update publiek.bron set fijnste_niveau = %s, fijnste_periode = %s where gemeente_code = %s and naam = %s",
        (niveau[0] if niveau else "buurt", _period_kind(longest), gemeente, bron),
    )
    _derive_coverage(connection, keys, first, last, whole_days=longest > 1)
    connection.execute(_PUBLIC_DAYS, keys | {"first": first, "last": last})


# Coverage that goes on ends, for everyone to see, with the last report; else only the month of that report is told.
_PUBLIC_DAYS = """
update publiek.bron b set
    eerste_dag = case when d.van <= %(last)s then d.van else date_trunc('month', %(first)s::date) end,
    laatste_dag = case when d.open then %(last)s
        else least(d.tot, date_trunc('month', %(last)s::date) + interval '1 month -1 day') end
from (
    select min(van) as van, max(tot) as tot, bool_or(tot is null) as open
    from publiek.bron_dekking where gemeente_code = %(gemeente)s and bron = %(bron)s
) d
where b.gemeente_code = %(gemeente)s and b.naam = %(bron)s
"""


def _period_kind(days: int) -> str:
    bounds: Sequence[tuple[int, str]] = ((1, "dag"), (7, "week"), (31, "maand"), (92, "kwartaal"))
    return next((kind for bound, kind in bounds if days <= bound), "jaar")


def _derive_coverage(
    connection: psycopg.Connection, keys: dict[str, str], first: date, last: date, *, whole_days: bool
) -> None:
    registered = connection.execute(
        "select exists (select from publiek.bron_dekking where gemeente_code = %(gemeente)s and bron = %(bron)s and not afgeleid)",
        keys,
    ).fetchone()
    connection.execute(
        "delete from publiek.bron_dekking where gemeente_code = %(gemeente)s and bron = %(bron)s and afgeleid",
        keys,
    )
    span = (first, last) if whole_days else volle_weken(first, last)
    if (registered and registered[0]) or span is None:
        return
    connection.execute(
        "insert into publiek.bron_dekking (gemeente_code, bron, gebied, van, tot, afgeleid) "
        "values (%(gemeente)s, %(bron)s, %(gemeente)s, %(van)s, %(tot)s, true)",
        keys | {"van": span[0], "tot": span[1]},
    )
