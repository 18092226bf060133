"""Read a flattened BAG table (CSV or Excel): one row per address, with the unit and its pand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
from pyproj import Transformer

from ingest.errors import ColumnsMissing
from ingest.records import Batch, Note, Reject
from ingest.tables import describe_table, read_table
from ingest.woningen_regels import Objects, bag_key, join_keys, to_batch

_ALIASES = {
    "sleutel": ("adresseerbaarobjectid", "verblijfsobjectid", "vboid", "identificatie"),
    "status": ("adresseerbaarobjectstatus", "verblijfsobjectstatus", "vbostatus", "status"),
    "oppervlakte": ("oppadresseerbaarobjectm2", "oppervlakte"),
    "soort": ("typeadresseerbaarobject",),
    "gebruiksdoelen": ("gebruiksdoel", "gebruiksdoelen"),
    "pand": ("pandid", "pandidentificatie"),
    "pandstatus": ("pandstatus",),
    "bouwjaar": ("bouwjaar", "oorspronkelijkbouwjaar"),
    "gemeente": ("gemeentecode",),
    "x": ("x", "xrd"),
    "y": ("y", "yrd"),
    "lon": ("lon", "longitude"),
    "lat": ("lat", "latitude"),
}
_FUNCTIES = (
    "woonfunctie",
    "bijeenkomstfunctie",
    "celfunctie",
    "gezondheidszorgfunctie",
    "industriefunctie",
    "kantoorfunctie",
    "logiesfunctie",
    "onderwijsfunctie",
    "sportfunctie",
    "winkelfunctie",
    "overige_gebruiksfunctie",
)


def read_bag_table(path: Path, name: str, gemeente: str | None) -> Iterator[Batch]:
    """Units and their panden; a unit with several addresses is one unit. Raises ColumnsMissing."""
    info = describe_table(path)
    roles = _roles(info.columns, name)
    functies = [column for column in info.columns if column.lower() in _FUNCTIES]
    if "gebruiksdoelen" not in roles and not functies:
        raise ColumnsMissing(f"{name} mist de kolom gebruiksdoel (of woonfunctie en de andere functies).")
    wanted = list(dict.fromkeys([*roles.values(), *functies]))
    rejects: list[Reject] = []
    seen: set[str] = set()
    notes = list(info.notes)
    for frame in read_table(path, columns=wanted, rejects=rejects):
        batch = _batch(frame, roles, functies, gemeente, seen, notes)
        ragged, rejects[:] = tuple(rejects), []
        yield Batch(batch.records, batch.read + len(ragged), (*ragged, *batch.rejects), batch.notes)
        notes = []
    if rejects:
        yield _only_rejects(rejects)


def _only_rejects(rejects: list[Reject]) -> Batch:
    """A batch of only rejects, for rows that came after the last good one."""
    empty = to_batch(Objects(), len(rejects), set())
    return Batch(empty.records, len(rejects), tuple(rejects))


def table_gemeente(path: Path) -> str | None:
    info = describe_table(path)
    column = next((name for name in info.columns if _key(name) == "gemeentecode"), None)
    if column is None:
        return None
    codes: set[str] = set()
    for frame in read_table(path, columns=[column], rejects=[]):
        codes |= {_gm(value) for value in frame[column].dropna().unique()}
    return codes.pop() if len(codes) == 1 else None


def _key(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _gm(value: str) -> str:
    return "GM" + value.strip().upper().removeprefix("GM").zfill(4)


def _roles(columns: tuple[str, ...], name: str) -> dict[str, str]:
    keys = {_key(column): column for column in columns}
    found = {
        role: next((keys[alias] for alias in aliases if alias in keys), None) for role, aliases in _ALIASES.items()
    }
    missing = [role for role in ("sleutel", "status") if found[role] is None]
    if missing:
        raise ColumnsMissing(
            f"{name} mist de kolom {' en '.join(_ALIASES[role][0] for role in missing)}. "
            f"Aanwezig: {', '.join(columns)[:300]}."
        )
    return {role: column for role, column in found.items() if column is not None}


def _batch(
    frame: pd.DataFrame,
    roles: dict[str, str],
    functies: list[str],
    gemeente: str | None,
    seen: set[str],
    notes: list[Note],
) -> Batch:
    read = len(frame)
    rows = _by_role(frame, roles)
    found = list(notes)
    rows["gebruiksdoelen"] = _gebruiksdoelen(rows, frame, functies)
    rows["x"], rows["y"] = _places(rows)
    if gemeente and "gemeente" in roles:
        rows = _counted(rows, rows["gemeente"].fillna("").map(_gm) == gemeente, found, "andere_gemeente")
    if "soort" in roles:
        units = rows["soort"].fillna("verblijfsobject").str.lower() == "verblijfsobject"
        rows = _counted(rows, units, found, "geen_verblijfsobject")
    keys = rows["sleutel"].map(bag_key)
    again = keys.notna() & (keys.duplicated() | ("verblijfsobject" + keys.fillna("")).isin(seen))
    rows = _counted(rows, ~again, found, "nevenadres")
    return to_batch(_objects(rows, seen), read, seen, found)


_WHY = {
    "andere_gemeente": "Rijen van een andere gemeente zijn niet bewaard.",
    "geen_verblijfsobject": "Standplaatsen en ligplaatsen zijn geen verblijfsobject en zijn niet bewaard.",
    "nevenadres": "Een tweede adres van hetzelfde verblijfsobject telt niet nog eens mee.",
}


def _counted(rows: pd.DataFrame, keep: pd.Series, notes: list[Note], code: str) -> pd.DataFrame:
    dropped = int((~keep).sum())
    if dropped:
        notes.append(Note(code, _WHY[code], dropped))
    return rows[keep]


def _by_role(frame: pd.DataFrame, roles: dict[str, str]) -> pd.DataFrame:
    data = {role: frame[roles[role]] if role in roles else None for role in _ALIASES}
    return pd.DataFrame({"line": frame["line"], **data}, index=frame.index).astype({"line": "int64"})


def _gebruiksdoelen(rows: pd.DataFrame, frame: pd.DataFrame, functies: list[str]) -> pd.Series:
    stated = rows["gebruiksdoelen"].fillna("").astype(str).str.lower().str.replace(r"\s*[,|;]\s*", ";", regex=True)
    for column in functies:
        counted = pd.to_numeric(frame[column], errors="coerce").fillna(0) > 0
        stated = stated.where(~counted, stated + ";" + column.lower().replace("_", " "))
    return stated.str.strip(";").replace("", None).astype(object)


def _places(rows: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """RD coordinates as given, else from lon and lat."""
    x, y, lon, lat = (pd.to_numeric(rows[name], errors="coerce").astype(float) for name in ("x", "y", "lon", "lat"))
    lacking = (x.isna() | y.isna()) & lon.notna() & lat.notna()
    if lacking.any():
        to_rd = Transformer.from_crs("EPSG:4326", "EPSG:28992", always_xy=True)
        x, y = x.copy(), y.copy()
        x[lacking], y[lacking] = to_rd.transform(lon[lacking].to_numpy(), lat[lacking].to_numpy())
    return x, y


def _objects(rows: pd.DataFrame, seen: set[str]) -> Objects:
    """Units, then each pand once; a pand has no shape here, so it gets the point of its first unit."""
    keys = rows["pand"].map(bag_key)
    first = keys.notna() & ~keys.duplicated() & ~("pand" + keys.fillna("")).isin(seen)
    panden = rows[first & rows["pandstatus"].notna()]
    none: list[None] = [None] * len(panden)
    return Objects(
        line=[*rows["line"], *panden["line"]],
        soort=["verblijfsobject"] * len(rows) + ["pand"] * len(panden),
        sleutel=[*rows["sleutel"], *panden["pand"]],
        status=[*rows["status"], *panden["pandstatus"]],
        gebruiksdoelen=[*rows["gebruiksdoelen"], *none],
        oppervlakte=[*rows["oppervlakte"], *none],
        bouwjaar=[*rows["bouwjaar"], *panden["bouwjaar"]],
        pand_sleutels=[*(join_keys([key]) for key in rows["pand"]), *none],
        x=[*rows["x"], *panden["x"]],
        y=[*rows["y"], *panden["y"]],
    )
