"""Synthetic meldingen: expected numbers per buurt, category and day, then drawn, placed and dated."""

from __future__ import annotations

from datetime import date
from hashlib import blake2b

import numpy as np
import pandas as pd
import shapely

from data.demo.feiten import need_index
from data.demo.frames import texts
from data.demo.plan import Dekking, Effect
from data.demo.profielen import Profiel
from data.demo.stad import Stad

_NEED_EFFECT = 0.12
_SPOTS = 3
_SPOT_METRES = 22.0
_TIMEZONE = "Europe/Amsterdam"


def build_meldingen(
    rng: np.random.Generator,
    stad: Stad,
    profiel: Profiel,
    effects: tuple[Effect, ...],
    dekking: tuple[Dekking, ...],
    *,
    scale: float,
) -> pd.DataFrame:
    """Return the meldingen of one source with the columns of the record contract, in order of time."""
    own = tuple(effect for effect in effects if effect.bron in (None, profiel.bron))
    ordinary, at_spots = expected_numbers(stad, profiel, own, dekking)
    parts = [
        _draw(rng, ordinary * scale, at_spot=False),
        _draw(rng, at_spots * scale, at_spot=True),
        *(_one_caller(rng, stad, profiel, effect, scale) for effect in own if effect.soort == "een-melder"),
    ]
    drawn = pd.concat(parts, ignore_index=True)
    drawn = drawn.assign(tijd=_times(rng, stad, profiel, drawn["dag"].to_numpy()))
    drawn = drawn.sort_values("tijd", kind="stable", ignore_index=True)
    return _as_records(rng, stad, profiel, drawn)


def expected_numbers(
    stad: Stad, profiel: Profiel, effects: tuple[Effect, ...], dekking: tuple[Dekking, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Return expected reports per buurt × category × day: spread over the streets, and piled up at spots."""
    days = stad.days
    people = stad.feiten["inwoners"].to_numpy(float) + 10
    people = people * np.exp(_NEED_EFFECT * need_index(stad.feiten))
    strength, peak = profiel.season
    rhythm = 1 + strength * np.cos(2 * np.pi * (days.day_of_year.to_numpy() - peak) / 365.25)
    rhythm = rhythm * np.array(profiel.weekday)[days.day_of_week.to_numpy()] / np.mean(profiel.weekday)
    ordinary = np.einsum("b,c,d->bcd", people / people.sum(), profiel.shares(), rhythm) * profiel.per_year / 365.25
    at_spots = np.zeros_like(ordinary)
    factors = [effect for effect in effects if effect.soort in ("trendbreuk", "blinde-vlek", "bezoekers")]
    for effect in factors:
        ordinary[np.ix_(*_reach(stad, profiel, effect))] *= effect.sterkte
    for effect in effects:
        if effect.soort == "hotspot":
            _add_hotspot(stad, profiel, effect, ordinary, at_spots)
        elif effect.soort.startswith("aanpak"):
            _apply_action(stad, profiel, effect, ordinary)
    covered = coverage(stad, profiel.bron, dekking)[:, None, :]
    return ordinary * covered, at_spots * covered


def coverage(stad: Stad, bron: str, dekking: tuple[Dekking, ...]) -> np.ndarray:
    """Return a mask (buurten, days) of what the source covers."""
    covered = np.zeros((len(stad.feiten), len(stad.days)), dtype=bool)
    for entry in dekking:
        if entry.bron == bron:
            covered[np.ix_(stad.buurten_in((entry.gebied,)), _period(stad, entry.van, entry.tot))] = True
    return covered


def _period(stad: Stad, van: date, tot: date) -> np.ndarray:
    days = stad.days
    mask: np.ndarray = (days >= pd.Timestamp(van)) & (days <= pd.Timestamp(tot))
    return mask


def _reach(stad: Stad, profiel: Profiel, effect: Effect) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the indices of the buurten, categories and days that an effect touches."""
    codes = [code for _, code, _ in profiel.categorieen]
    wanted = [effect.categorie is None or f"{code}-".startswith(f"{effect.categorie}-") for code in codes]
    buurten = np.flatnonzero(stad.buurten_in(effect.gebieden))
    return buurten, np.flatnonzero(wanted), np.flatnonzero(_period(stad, effect.van, effect.tot))


def _add_hotspot(stad: Stad, profiel: Profiel, effect: Effect, ordinary: np.ndarray, at_spots: np.ndarray) -> None:
    """The buurt gets `sterkte` times its reports in all; the extra ones share a category and a few spots."""
    buurten, categorieen, days = _reach(stad, profiel, effect)
    extra = ordinary[np.ix_(buurten, np.arange(ordinary.shape[1]), days)].sum(axis=1) * (effect.sterkte - 1)
    at_spots[np.ix_(buurten, categorieen[:1], days)] += extra[:, None, :]


def _apply_action(stad: Stad, profiel: Profiel, effect: Effect, ordinary: np.ndarray) -> None:
    """Take `sterkte` (negative) of the reports away; with `naar`, the same number appears there, by
    inhabitants.
    """
    buurten, categorieen, days = _reach(stad, profiel, effect)
    treated = np.ix_(buurten, categorieen, days)
    moved = -effect.sterkte * ordinary[treated].sum(axis=0)
    ordinary[treated] *= 1 + effect.sterkte
    if effect.naar:
        receiving = np.flatnonzero(stad.buurten_in(effect.naar))
        people = stad.feiten["inwoners"].to_numpy(float)[receiving]
        ordinary[np.ix_(receiving, categorieen, days)] += (people / people.sum())[:, None, None] * moved


def _draw(rng: np.random.Generator, expected: np.ndarray, *, at_spot: bool) -> pd.DataFrame:
    counts = rng.poisson(expected)
    hit = np.nonzero(counts)
    buurt, categorie, dag = (np.repeat(index, counts[hit]) for index in hit)
    return pd.DataFrame({"buurt": buurt, "categorie": categorie, "dag": dag, "at_spot": at_spot, "one": False})


def _one_caller(rng: np.random.Generator, stad: Stad, profiel: Profiel, effect: Effect, scale: float) -> pd.DataFrame:
    buurten, categorieen, days = _reach(stad, profiel, effect)
    number = max(round(effect.sterkte * scale), 15)
    return pd.DataFrame(
        {
            "buurt": buurten[0],
            "categorie": categorieen[0],
            "dag": rng.choice(days, number),
            "at_spot": False,
            "one": True,
        }
    )


def _times(rng: np.random.Generator, stad: Stad, profiel: Profiel, dag: np.ndarray) -> pd.Series:
    seconds = rng.choice(24, len(dag), p=profiel.hour_weights()) * 3600 + rng.integers(0, 3600, len(dag))
    local = pd.Series(stad.days[dag].to_numpy() + seconds.astype("timedelta64[s]")).astype("datetime64[us]")
    clock = local.dt.tz_localize(_TIMEZONE, ambiguous=np.ones(len(dag), bool), nonexistent="shift_forward")
    return clock.dt.tz_convert("UTC")


def _as_records(rng: np.random.Generator, stad: Stad, profiel: Profiel, drawn: pd.DataFrame) -> pd.DataFrame:
    n = len(drawn)
    xy = _places(rng, stad, drawn)
    melder, adres = _keys(rng, stad, profiel, drawn, xy)
    bron_categorie, codes, _ = (np.array(column, dtype=object) for column in zip(*profiel.categorieen, strict=True))
    buurt_codes = stad.feiten["code"].to_numpy(object)[drawn["buurt"]]
    index = drawn["categorie"].to_numpy()
    return pd.DataFrame(
        {
            "line": np.arange(1, n + 1, dtype=np.int64),
            "sleutel": texts(f"{profiel.prefix}-{number:06d}" for number in range(1, n + 1)),
            "tijd": drawn["tijd"],
            "tijd_onzeker": np.zeros(n, dtype=bool),
            "x": xy[:, 0] if profiel.with_point else np.full(n, np.nan),
            "y": xy[:, 1] if profiel.with_point else np.full(n, np.nan),
            "buurt_code": texts([None] * n if profiel.with_point else buurt_codes),
            "bron_categorie": texts(bron_categorie[index]),
            "categorie": texts(codes[index]),
            "status": texts(_statuses(rng, stad, drawn)),
            "melder_sleutel": texts(melder),
            "adres_sleutel": texts(adres),
        }
    )


def _places(rng: np.random.Generator, stad: Stad, drawn: pd.DataFrame) -> np.ndarray:
    """Return a point (n, 2) in its own buurt: along a street, near a spot, or the one caller's door."""
    buurt = drawn["buurt"].to_numpy()
    xy = stad.straten.sample(rng, buurt)
    for index in np.unique(buurt[drawn["at_spot"]]):
        rows = np.flatnonzero(drawn["at_spot"].to_numpy() & (buurt == index))
        spots = stad.straten.sample(rng, np.full(_SPOTS, index))[rng.integers(0, _SPOTS, len(rows))]
        near = np.round(spots + rng.normal(0, _SPOT_METRES, spots.shape), 1)
        inside = shapely.contains_xy(stad.cells[index], near[:, 0], near[:, 1])
        xy[rows] = np.where(inside[:, None], near, spots)
    one = drawn["one"].to_numpy()
    if one.any():
        xy[one] = xy[one][0]
    return xy


def _keys(
    rng: np.random.Generator, stad: Stad, profiel: Profiel, drawn: pd.DataFrame, xy: np.ndarray
) -> tuple[list[str | None], list[str | None]]:
    """Return made-up keys of reporters (some report often, one of them forty times) and of addresses."""
    n, buurt = len(drawn), drawn["buurt"].to_numpy()
    pool = np.maximum(stad.feiten["inwoners"].to_numpy() // 8, 5)[buurt]
    number = (pool * rng.random(n) ** 1.6).astype(int)
    number[drawn["one"]] = -1
    named = (rng.random(n) < profiel.melder) | drawn["one"].to_numpy()
    known = rng.random(n) < profiel.adres
    melders = [f"melder {b} {k}" if keep else None for b, k, keep in zip(buurt, number, named, strict=True)]
    adressen = [f"adres {x} {y}" if keep else None for (x, y), keep in zip(xy.tolist(), known, strict=True)]
    return _hashed(melders), _hashed(adressen)


def _hashed(values: list[str | None]) -> list[str | None]:
    keys = {value: blake2b(value.encode(), digest_size=16).hexdigest() for value in set(values) if value is not None}
    return [None if value is None else keys[value] for value in values]


def _statuses(rng: np.random.Generator, stad: Stad, drawn: pd.DataFrame) -> np.ndarray:
    """Old reports are nearly all settled, those of the last weeks often still open."""
    names = np.array(["gemeld", "in_behandeling", "afgehandeld", "geannuleerd"], dtype=object)
    age = len(stad.days) - 1 - drawn["dag"].to_numpy()
    chance = rng.random(len(drawn))
    settled = np.searchsorted([0.0, 0.02, 0.96], chance, side="right")
    recent = np.searchsorted([0.25, 0.5, 0.97], chance, side="right")
    return names[np.where(age > 42, settled, recent)]
