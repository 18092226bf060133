"""Writing in the log of interventions: by staff, in areas that are wholly theirs. The database keeps what it was."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

from geo_service.db.engine import ReadConnection
from geo_service.db.queries import interventies as queries
from geo_service.domain.interventies import LOGBOEK, Gebied, Inhoud, Keuzes, read_gebied, read_inhoud
from geo_service.domain.perioden import HIER, dag_van
from geo_service.domain.tekening import TekeningFout
from geo_service.errors import Faults, InvalidParameters, NotFound, ParameterFault, Stale
from geo_service.release.cijfers import categorie_namen
from geo_service.release.context import Gemeente, connect_as
from geo_service.release.interventies import GEEN_INTERVENTIE, is_own
from geo_service.werk.werkplek import Werkplek

# A drawing by hand runs over a border here and there; the database holds to the same part.
BUITEN_MAG = 0.01
VERANDERD = "Een ander heeft deze interventie inmiddels gewijzigd. Er is nog niets van u bewaard."
_SLEUTEL_BYTES = 6


@dataclass(frozen=True)
class Geschreven:
    """What an editor wants: everything checked, ready to store."""

    inhoud: Inhoud
    gebied: Gebied

    def values(self) -> dict[str, Any]:
        tekening = self.gebied.tekening
        where = {"gebied_codes": ";".join(self.gebied.codes), "geom": tekening.ewkb if tekening else None}
        return asdict(self.inhoud) | where


@dataclass(frozen=True)
class Versie:
    """What an action was. handeling: gemaakt, gewijzigd or ingetrokken; eigen: done by this viewer."""

    versie: int
    handeling: str
    inhoud: Mapping[str, Any]
    rol: str | None
    vastgelegd_op: datetime
    eigen: bool | None

    @property
    def dag(self) -> str:
        return dag_van(self.vastgelegd_op)

    @property
    def tijd(self) -> str:
        return f"{self.vastgelegd_op.astimezone(HIER):%H:%M}"


async def choices(werkplek: Werkplek, gemeente: Gemeente) -> Keuzes:
    """The sources and categories that a signal can have."""
    async with connect_as(werkplek.database, werkplek.viewer) as connection:
        namen = await categorie_namen(connection)
    bronnen = [naam for naam, bron in gemeente.bronnen.items() if bron.laag in ("meldingen", "bezoeken")]
    return Keuzes(tuple(sorted(bronnen)), {code: naam for code, naam in namen.items() if code != "alle"})


async def check(werkplek: Werkplek, gemeente: Gemeente, ingevuld: Mapping[str, str], keuzes: Keuzes) -> Geschreven:
    """What a form says, checked; InvalidParameters names everything that is wrong at once, by field."""
    faults = Faults()
    inhoud = faults.catch(lambda: read_inhoud(ingevuld, keuzes, today()))
    gebied = None
    try:
        gebied = await _area(werkplek, gemeente, ingevuld)
    except InvalidParameters as error:
        for fault in error.faults:
            faults.add(fault.name, fault.reason)
    faults.raise_any()
    if inhoud is None or gebied is None:
        raise ValueError("an action without content passed its checks")
    return Geschreven(inhoud, gebied)


async def write(werkplek: Werkplek, gemeente: Gemeente, geschreven: Sequence[Geschreven]) -> list[str]:
    """Write actions of one's own area, all of them or none; their keys."""
    keys = [_key(gemeente.code, secrets.token_hex(_SLEUTEL_BYTES)) for _ in geschreven]
    async with werkplek.connect() as connection:
        await queries.add_interventies(
            connection, [(key, one.values()) for key, one in zip(keys, geschreven, strict=True)]
        )
    return [key["sleutel"] for key in keys]


async def change(
    werkplek: Werkplek, gemeente: Gemeente, sleutel: str, versie: int | None, geschreven: Geschreven
) -> None:
    """Change an action that is still of this version (None: any); Stale when it is not, NotFound when it is gone."""
    key = _key(gemeente.code, sleutel)
    async with werkplek.connect() as connection:
        if not await queries.change_interventie(connection, key, versie, geschreven.values()):
            await _explain(connection, key)


async def withdraw(werkplek: Werkplek, gemeente: str, sleutel: str, versie: int | None) -> None:
    """Take an action out of the log; its history stays. Stale and NotFound as for a change."""
    key = _key(gemeente, sleutel)
    async with werkplek.connect() as connection:
        if not await queries.remove_interventie(connection, key, versie):
            await _explain(connection, key)


async def require_version(werkplek: Werkplek, gemeente: str, sleutel: str) -> int:
    """The version of an action that the viewer may write; NotFound for one of others, or one that was loaded."""
    async with werkplek.connect() as connection:
        found = await queries.find_version(connection, _key(gemeente, sleutel))
    if found is None:
        raise NotFound(GEEN_INTERVENTIE)
    return found


async def history(werkplek: Werkplek, gemeente: str, bron: str, sleutel: str) -> list[Versie]:
    """What an action was, newest first, also after it was withdrawn; NotFound when the viewer may not know."""
    async with werkplek.connect() as connection:
        rows = await queries.list_versions(connection, {"gemeente": gemeente, "bron": bron, "sleutel": sleutel})
    if not rows:
        raise NotFound(GEEN_INTERVENTIE)
    return [Versie(**row) for row in rows]


async def judge(werkplek: Werkplek, gemeente: Gemeente, tekening: str) -> str:
    """The size and buurten of a drawing in words; InvalidParameters as when it were written."""
    gebied = await _area(werkplek, gemeente, {"tekening": tekening})
    if gebied.tekening is None:
        raise _fault("Teken eerst een gebied.")
    codes = await _touched(werkplek, gemeente, gebied.tekening.ewkb)
    hectare = f"{gebied.tekening.oppervlakte / 10_000:.1f}".replace(".", ",")
    return f"{hectare} hectare in {', '.join(gemeente.gebied_naam(code) for code in codes)}."


def today() -> date:
    return datetime.now(HIER).date()


def _key(gemeente: str, sleutel: str) -> dict[str, str]:
    return {"gemeente": gemeente, "bron": LOGBOEK, "sleutel": sleutel}


async def _explain(connection: ReadConnection, key: dict[str, str]) -> None:
    """Why nothing was changed."""
    if await queries.find_version(connection, key) is None:
        raise NotFound(GEEN_INTERVENTIE)
    raise Stale(VERANDERD)


async def _area(werkplek: Werkplek, gemeente: Gemeente, ingevuld: Mapping[str, str]) -> Gebied:
    """Where it is, wholly inside the viewer's own areas."""
    try:
        gebied = read_gebied(ingevuld)
    except TekeningFout as error:
        raise _fault(f"{error}{await _place(werkplek, gemeente, error.punt)}") from None
    codes = gebied.codes
    if gebied.tekening is not None:
        codes = await _touched(werkplek, gemeente, gebied.tekening.ewkb)
    unknown = [code for code in codes if gemeente.niveau_van(code) is None]
    if unknown:
        raise _fault(f"{unknown[0][:40]!r} is geen gebied van {gemeente.naam}.")
    others = [gemeente.gebied_naam(code) for code in codes if not is_own(werkplek.viewer, gemeente, (code,))]
    if others:
        named = ", ".join(others[:4]) + (" en andere buurten" if len(others) > 4 else "")
        raise _fault(f"Het gebied ligt ook in {named}. Daar werkt u niet: kies alleen gebieden van uw stadsdeel.")
    return gebied


async def _touched(werkplek: Werkplek, gemeente: Gemeente, ewkb: str) -> tuple[str, ...]:
    async with werkplek.connect() as connection:
        judged = await queries.judge_area(connection, gemeente.code, ewkb)
    if not judged["buurten"] or judged["buiten"] >= 1 - BUITEN_MAG:
        raise _fault(f"Het gebied ligt buiten {gemeente.naam}. Teken het binnen de grens.")
    if judged["buiten"] > BUITEN_MAG:
        part = max(1, round(judged["buiten"] * 100))
        raise _fault(f"Het gebied ligt voor {part} % buiten {gemeente.naam}. Teken het binnen de grens.")
    return tuple(judged["buurten"])


async def _place(werkplek: Werkplek, gemeente: Gemeente, punt: tuple[float, float] | None) -> str:
    if punt is None:
        return ""
    lon, lat = punt
    async with werkplek.connect() as connection:
        naam = await queries.name_place(connection, gemeente.code, lon, lat)
    where = f"{lat:.4f} noord en {lon:.4f} oost".replace(".", ",")
    return f" Dat is {f'in {naam}, ' if naam else ''}bij {where}."


def _fault(reason: str) -> InvalidParameters:
    return InvalidParameters(ParameterFault("gebied", reason))
