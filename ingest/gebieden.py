"""Read the areas of a municipality: buurten, wijken, gemeente and stadsdelen, with their key figures."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd

from ingest.errors import SourceRefused
from ingest.gebieden_bron import RD, AreaLayer, read_layers
from ingest.gebieden_vorm import dissolve, fit_notes, listed
from ingest.gebiedscodes import GEBIED_CODE, GEMEENTE_CODE, WIJK_CODE
from ingest.indicatoren import empty_kerncijfers, to_kerncijfers
from ingest.records import Note, Reject
from ingest.sources import open_source
from ingest.stadsdelen import StadsdeelTable, read_stadsdelen

GEBIED_COLUMNS = ("niveau", "code", "naam", "gemeente_code", "geometry", "geom_status")
BUURTEN_IN_COLUMNS = ("buurt_code", "wijk_code", "stadsdeel_code", "stadsdeel_bron")
_LEVELS = {"BU": "buurt", "WK": "wijk", "GM": "gemeente"}
_PREFIX = {"buurt": ("BU", 8), "wijk": ("WK", 6), "gemeente": ("GM", 4)}
_ORDER = {"gemeente": 0, "stadsdeel": 1, "wijk": 2, "buurt": 3}


@dataclass(frozen=True)
class GebiedenSet:
    """One vintage of areas.

    gebieden: EPSG:28992; niveau (gemeente|stadsdeel|wijk|buurt), code, naam, gemeente_code, geometry
        (MultiPolygon or None), geom_status (ok|hersteld|geen_vlak).
    buurten_in: buurt_code, wijk_code, stadsdeel_code and stadsdeel_bron (None when unknown).
    kerncijfers: gebied_code, jaar, indicator, waarde (NaN when missing), status (ok|ontbreekt).
    read: features in the file, those of other municipalities included.
    """

    gebieden: gpd.GeoDataFrame
    buurten_in: pd.DataFrame
    kerncijfers: pd.DataFrame
    read: int
    jaar: int
    notes: tuple[Note, ...] = ()
    rejects: tuple[Reject, ...] = ()


@dataclass
class _Report:
    """What is collected while reading; becomes part of the frozen result."""

    notes: list[Note] = field(default_factory=list)
    rejects: list[Reject] = field(default_factory=list)

    def refuse(self, rows: pd.DataFrame, code: str, reason: str) -> None:
        self.rejects += [
            Reject(int(line), code, reason, str(key)[:80]) for line, key in zip(rows["line"], rows["code"], strict=True)
        ]


def read_gebieden(
    source: str | Path, *, jaar: int, gemeente: str | None = None, stadsdelen: str | Path | None = None
) -> GebiedenSet:
    """Read one file of areas of one year.

    jaar: the vintage. gemeente: keep only this one (GM0153); None keeps all in the file.
    stadsdelen: CSV with buurtcode and stadsdeel or stadsdeel_afgeleid. Wijken, gemeenten and stadsdelen that
    the file lacks are dissolved from the buurten (or wijken). Raises SourceRefused and its kinds.
    """
    report = _Report()
    with open_source(source) as local:
        layers = read_layers(local.path, local.name, jaar)
        name = local.name
    read = sum(len(layer.frame) for layer in layers)
    kept, figures = _collect(layers, jaar, gemeente, name, report)
    table = read_stadsdelen(stadsdelen, gemeente) if stadsdelen is not None else StadsdeelTable()
    report.notes += table.notes
    report.rejects += table.rejects

    _note_shapes(kept, report)
    areas = _with_parents(kept, table)
    buurten_in = _buurten_in(areas[areas["niveau"] == "buurt"], table, report)
    areas = _with_stadsdelen(areas, buurten_in, table)
    return GebiedenSet(
        gebieden=_ordered(areas),
        buurten_in=buurten_in,
        kerncijfers=figures,
        read=read,
        jaar=jaar,
        notes=tuple(report.notes),
        rejects=tuple(report.rejects),
    )


def _collect(
    layers: list[AreaLayer], jaar: int, gemeente: str | None, name: str, report: _Report
) -> tuple[gpd.GeoDataFrame, pd.DataFrame]:
    parts, figures, present = [], [], set[str]()
    for layer in layers:
        report.notes += layer.notes
        frame = _checked(layer, report)
        present |= set(frame["gemeente_code"])
        if gemeente is not None:
            frame = frame[frame["gemeente_code"] == gemeente]
        frame = _without_doubles(frame, report)
        rows, refused = to_kerncijfers(frame.rename(columns={"code": "gebied_code"}), layer.read, jaar)
        figures.append(rows)
        report.rejects += refused
        _note_year(frame, jaar, report)
        parts.append(frame.drop(columns=list(layer.read)))
    kept = pd.concat(parts, ignore_index=True)
    if kept.empty:
        which = f"gebieden van {gemeente}" if gemeente else "gebieden met een geldige code"
        there = f" Wel aanwezig: {listed(sorted(present))}." if present else ""
        raise SourceRefused(f"{name} bevat geen {which}.{there}")
    kept = _without_doubles(gpd.GeoDataFrame(kept, geometry="geometry", crs=RD), report)
    filled = [rows for rows in figures if len(rows)]
    return kept, pd.concat(filled, ignore_index=True) if filled else empty_kerncijfers()


def _checked(layer: AreaLayer, report: _Report) -> gpd.GeoDataFrame:
    """Normalise codes, set niveau and gemeente_code, reject rows without a valid code."""
    frame = layer.frame.copy()
    frame["code"] = _normal_codes(frame["code"], layer.level)
    valid = frame["code"].str.fullmatch(GEBIED_CODE).fillna(False).astype(bool)
    reason = "De gebiedscode heeft niet de vorm GM0153, WK015300 of BU01530000."
    report.refuse(frame[~valid], "code_ongeldig", reason)
    frame = frame[valid].reset_index(drop=True)
    frame["niveau"] = frame["code"].str[:2].map(_LEVELS).astype(object)
    own = "GM" + frame["code"].str[2:6]
    stated = _normal_codes(frame["gemeente_code"], "gemeente")
    frame["gemeente_code"] = stated.where(stated.str.fullmatch(GEMEENTE_CODE).fillna(False), own).astype(object)
    wijk = _normal_codes(frame["wijk_code"], "wijk")
    frame["wijk_code"] = wijk.where(wijk.str.fullmatch(WIJK_CODE).fillna(False), "WK" + frame["code"].str[2:8])
    frame["naam"] = _text(frame["naam"])
    unnamed = frame["naam"].isna()
    if unnamed.any():
        codes = listed(list(frame.loc[unnamed, "code"]))
        text = f"Gebieden zonder naam krijgen hun code als naam: {codes}."
        report.notes.append(Note("naam_ontbreekt", text, int(unnamed.sum())))
        default = frame["code"].where(frame["niveau"] != "wijk", "Wijk " + frame["code"].str[-2:])
        frame["naam"] = frame["naam"].where(~unnamed, default)
    return frame


def _text(values: pd.Series) -> pd.Series:
    text = values.astype(object).where(values.notna(), "").astype(str).str.strip()
    return text.where(text != "", None).astype(object)


def _normal_codes(values: pd.Series, level: str | None) -> pd.Series:
    """Upper case, trimmed; bare digits get the prefix and the leading zero of their level."""
    text = _text(values).str.upper().str.replace(r"\.0$", "", regex=True)
    if level is None:
        return text
    prefix, width = _PREFIX[level]
    digits = text.str.fullmatch(rf"\d{{{width - 1},{width}}}").fillna(False).astype(bool)
    return text.where(~digits, prefix + text.str.zfill(width)).astype(object)


def _without_doubles(frame: gpd.GeoDataFrame, report: _Report) -> gpd.GeoDataFrame:
    """One row per code; CBS files of some years give the water of an area a row of its own."""
    water = _text(frame["water"]).str.upper().eq("JA").fillna(False).astype(bool)
    ordered = frame.assign(_water=water).sort_values("_water", kind="stable")
    double = ordered["code"].duplicated()
    wet = ordered[double & ordered["_water"]]
    if len(wet):
        text = f"Waterdeel met dezelfde code overgeslagen: {listed(list(wet['code']))}."
        report.notes.append(Note("water_dubbel", text, len(wet)))
    report.refuse(
        ordered[double & ~ordered["_water"]],
        "code_dubbel",
        "Deze gebiedscode kwam al eerder in het bestand voor.",
    )
    return ordered[~double].sort_index().drop(columns="_water").reset_index(drop=True)


def _note_year(frame: gpd.GeoDataFrame, jaar: int, report: _Report) -> None:
    years = sorted(set(pd.to_numeric(frame["jaar"], errors="coerce").dropna().astype(int)) - {jaar})
    if years:
        text = f"Het bestand noemt jaar {', '.join(map(str, years))}; gelezen als jaar {jaar}."
        report.notes.append(Note("jaar_verschilt", text))


def _note_shapes(frame: gpd.GeoDataFrame, report: _Report) -> None:
    labels = frame["naam"] + " (" + frame["code"] + ")"
    for status, code, text in (
        ("hersteld", "vorm_hersteld", "Ongeldige vorm hersteld"),
        ("geen_vlak", "geen_vlak", "Geen vlak, wel in het register maar niet op de kaart"),
    ):
        which = list(labels[frame["geom_status"] == status])
        if which:
            report.notes.append(Note(code, f"{text}: {', '.join(which)}.", len(which)))
    for niveau in ("buurt", "wijk"):
        level = frame[frame["niveau"] == niveau]
        if len(level):
            report.notes += fit_notes(level["code"].to_numpy(), level["naam"].to_numpy(), level.geometry.to_numpy())
            break


def _with_parents(areas: gpd.GeoDataFrame, table: StadsdeelTable) -> gpd.GeoDataFrame:
    """Add the wijken and gemeenten that the file itself does not hold."""
    names = _parent_names(areas, table)
    buurten = areas[areas["niveau"] == "buurt"]
    areas = _add_missing(areas, "wijk", buurten, buurten["wijk_code"], names)
    smallest = areas[areas["niveau"] == ("buurt" if len(buurten) else "wijk")]
    return _add_missing(areas, "gemeente", smallest, smallest["gemeente_code"], names)


def _parent_names(areas: gpd.GeoDataFrame, table: StadsdeelTable) -> dict[str, str]:
    """Known names of wijken and gemeenten; what the file itself says wins over the stadsdeel table."""
    names = dict(table.wijk_names)
    for code, label in (("wijk_code", "wijk_naam"), ("gemeente_code", "gemeente_naam")):
        known = areas[_text(areas[label]).notna()]
        names |= dict(zip(known[code], known[label], strict=True))
    return names


def _add_missing(
    areas: gpd.GeoDataFrame, niveau: str, parts: gpd.GeoDataFrame, groups: pd.Series, names: dict[str, str]
) -> gpd.GeoDataFrame:
    present = set(areas.loc[areas["niveau"] == niveau, "code"])
    wanted = groups.where(~groups.isin(present))
    shapes = dissolve(parts.geometry, wanted)
    if not shapes:
        return areas
    municipality = dict(zip(groups, parts["gemeente_code"], strict=True))
    fallback = {code: f"Wijk {code[-2:]}" if niveau == "wijk" else code for code in shapes}
    rows = [
        _row(niveau, code, names.get(code, fallback[code]), municipality[code], shape) for code, shape in shapes.items()
    ]
    return _append(areas, rows)


def _row(niveau: str, code: str, naam: str, gemeente_code: str, shape: object) -> dict[str, object]:
    status = "geen_vlak" if shape is None else "ok"
    return {
        "niveau": niveau,
        "code": code,
        "naam": naam,
        "gemeente_code": gemeente_code,
        "geometry": shape,
        "geom_status": status,
    }


def _append(areas: gpd.GeoDataFrame, rows: list[dict[str, object]]) -> gpd.GeoDataFrame:
    added = gpd.GeoDataFrame(rows, geometry="geometry", crs=RD)
    columns = [*GEBIED_COLUMNS, "wijk_code", "wijk_naam", "gemeente_naam"]
    return pd.concat([areas.reindex(columns=columns), added.reindex(columns=columns)], ignore_index=True)


def _buurten_in(buurten: gpd.GeoDataFrame, table: StadsdeelTable, report: _Report) -> pd.DataFrame:
    codes = buurten["code"]
    frame = pd.DataFrame(
        {
            "buurt_code": codes.astype(object),
            "wijk_code": buurten["wijk_code"].astype(object),
            "stadsdeel_code": codes.map(table.stadsdeel_of).astype(object),
            "stadsdeel_bron": codes.map(table.bron_of).astype(object),
        }
    ).reset_index(drop=True)
    frame = frame.astype(object).where(frame.notna(), None)
    if table.stadsdeel_of:
        _note_unmatched(set(codes), table, report)
    return frame


def _note_unmatched(codes: set[str], table: StadsdeelTable, report: _Report) -> None:
    without = sorted(codes - set(table.stadsdeel_of))
    unknown = sorted(set(table.stadsdeel_of) - codes)
    if without:
        text = f"Buurten zonder stadsdeel in de tabel: {listed(without)}."
        report.notes.append(Note("buurt_zonder_stadsdeel", text, len(without)))
    if unknown:
        text = f"Buurten uit de stadsdelentabel die niet in het kaartbestand staan: {listed(unknown)}."
        report.notes.append(Note("buurt_onbekend", text, len(unknown)))


def _with_stadsdelen(areas: gpd.GeoDataFrame, buurten_in: pd.DataFrame, table: StadsdeelTable) -> gpd.GeoDataFrame:
    buurten = areas[areas["niveau"] == "buurt"].reset_index(drop=True)
    shapes = dissolve(buurten.geometry, buurten_in["stadsdeel_code"])
    rows = [_row("stadsdeel", code, table.names[code], code[:6], shape) for code, shape in shapes.items()]
    return _append(areas, rows) if rows else areas


def _ordered(areas: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    result = areas[list(GEBIED_COLUMNS)].copy()
    rank = result["niveau"].map(_ORDER)
    order = np.lexsort((result["code"].to_numpy(dtype=str), rank.to_numpy()))
    return gpd.GeoDataFrame(result.iloc[order].reset_index(drop=True), geometry="geometry", crs=RD)
