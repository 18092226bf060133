"""Validation that every reader shares: why a row is refused, in one place and in one style."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ingest.records import Reject

MAX_FIELD = 4_000
# No honest text is this long: an unclosed quote swallowed the rows after it.
MAX_UNREAD_FIELD = 100_000
EARLIEST = date(2000, 1, 1)
LOCAL_ZONE = "Europe/Amsterdam"
_MAX_KEY_SHOWN = 80
_MAX_COUNT_DIGITS = 9

REASONS = {
    "aantal_ongeldig": "Het aantal is leeg, negatief of geen geheel getal.",
    "coordinaat_nan": "De coördinaat is geen getal of geen plek op de kaart.",
    "coordinaat_ontbreekt": "De coördinaat ontbreekt en er is geen buurtcode.",
    "datum_na_morgen": "De datum ligt na morgen.",
    "datum_onleesbaar": "De datum ontbreekt of is niet te lezen.",
    "datum_te_ver": "De begindatum ligt meer dan tien jaar in de toekomst.",
    "datum_voor_2000": "De datum ligt voor 1 januari 2000.",
    "doel_ongeldig": "Het doel is geen getal van 1 tot en met 5.",
    "dubbel": "Deze rij staat al eerder in het bestand.",
    "gebied_onbekend_formaat": "De gebiedscode heeft geen bekende vorm, zoals BU01530000.",
    "naam_ontbreekt": "De naam ontbreekt.",
    "periode_omgekeerd": "De einddatum ligt voor de begindatum.",
    "record_onleesbaar": "Het record heeft niet de vorm die bij dit formaat hoort.",
    "richting_ongeldig": "De richting is geen daling of stijging.",
    "sleutel_ontbreekt": "De sleutel ontbreekt.",
    "tekening_onleesbaar": "Het getekende gebied is geen vlak, kruist zichzelf of ligt buiten Nederland.",
    "veld_te_lang": f"Een veld is langer dan {MAX_FIELD} tekens.",
    "wijkwijzer_ontbreekt": "De wijkwijzer ontbreekt.",
}

_AREA_CODE = r"^(GM\d{4}|WK\d{6}|BU\d{8}|GM\d{4}-(SD|WT)-[a-z0-9]+(-[a-z0-9]+)*)$"
_BUURT_CODE = r"^BU\d{8}$"


class RowChecks:
    """Collects refusals of one batch; the first reason of a row counts."""

    def __init__(self, lines: pd.Series, keys: pd.Series | None = None) -> None:
        self._lines = lines.to_numpy()
        self._keys = keys
        self._codes = np.zeros(len(lines), dtype=np.int16)
        self._order: list[str] = []

    @property
    def kept(self) -> np.ndarray:
        """(n,) bool: rows without a refusal so far."""
        return self._codes == 0

    def refuse(self, where: np.ndarray, code: str) -> None:
        """Refuse the rows where the mask is true with a code of REASONS (KeyError for another)."""
        if not where.any():
            return
        if code not in REASONS:
            raise KeyError(code)
        if code not in self._order:
            self._order.append(code)
        self._codes[where & self.kept] = self._order.index(code) + 1

    def rejects(self) -> tuple[Reject, ...]:
        return tuple(self._reject(int(place)) for place in np.flatnonzero(self._codes))

    def _reject(self, place: int) -> Reject:
        code = self._order[self._codes[place] - 1]
        key = None if self._keys is None else self._keys.iloc[place]
        shown = key[:_MAX_KEY_SHOWN] if isinstance(key, str) else ""
        return Reject(int(self._lines[place]), code, REASONS[code], shown)


def to_arrow(values: pd.Series) -> pa.Array:
    """Text column as an arrow string array, null where empty."""
    array = pa.array(values, type=pa.string(), from_pandas=True)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def as_text(values: np.ndarray | pa.Array) -> pd.Series:
    """An object column of str and None; pandas would make it its own text type, which holds NaN."""
    if isinstance(values, pa.Array):
        values = values.to_numpy(zero_copy_only=False)
    return pd.Series(values, dtype=object)


def trimmed(values: pd.Series) -> pd.Series:
    """The texts without spaces around them, None where nothing is left; the same object when nothing
    changes."""
    array = to_arrow(values)
    clean = pc.utf8_trim_whitespace(array)
    if clean.equals(array) and not pc.any(pc.equal(array, "")).as_py():
        return values
    clean = pc.if_else(pc.equal(clean, ""), pa.scalar(None, pa.string()), clean)
    return as_text(clean)


def longer_than(values: pd.Series, limit: int) -> np.ndarray:
    """(n,) bool: texts of more than `limit` characters."""
    array = to_arrow(values)
    size = pc.max(pc.binary_length(array)).as_py()
    if size is None or size <= limit:
        return np.zeros(len(values), dtype=bool)
    return matches(pc.greater(pc.utf8_length(array), limit))


def matches(mask: pa.Array) -> np.ndarray:
    """An arrow boolean array as numpy, null as false."""
    return pc.fill_null(mask, False).to_numpy(zero_copy_only=False)


def refuse_long(checks: RowChecks, frame: pd.DataFrame, limit: int = MAX_FIELD) -> None:
    for name in frame.columns:
        if name != "line":
            checks.refuse(longer_than(frame[name], limit), "veld_te_lang")


def refuse_dates(checks: RowChecks, days: pd.Series, today: date) -> None:
    """days: local calendar days (datetime64 without zone); NaT is unreadable."""
    checks.refuse(days.isna().to_numpy(), "datum_onleesbaar")
    checks.refuse((days < pd.Timestamp(EARLIEST)).to_numpy(), "datum_voor_2000")
    checks.refuse((days > pd.Timestamp(today + timedelta(days=1))).to_numpy(), "datum_na_morgen")


def refuse_times(checks: RowChecks, times: pd.Series, today: date) -> None:
    """times: instants (datetime64 UTC); the limits are midnights in the Netherlands."""
    checks.refuse(times.isna().to_numpy(), "datum_onleesbaar")
    checks.refuse((times < _midnight(EARLIEST)).to_numpy(), "datum_voor_2000")
    checks.refuse((times >= _midnight(today + timedelta(days=2))).to_numpy(), "datum_na_morgen")


def _midnight(day: date) -> pd.Timestamp:
    return pd.Timestamp(datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(LOCAL_ZONE))).tz_convert("UTC")


def clean_area_codes(values: pd.Series) -> pd.Series:
    """Padding away and the CBS letters in capitals (bu01530000, 01530000 -> BU01530000)."""
    array = pc.utf8_trim_whitespace(to_arrow(values))
    array = pc.replace_substring_regex(array, r"^(\d{8})$", r"BU\1")
    capitals = pc.utf8_upper(array)
    is_cbs = pc.match_substring_regex(capitals, r"^(GM|WK|BU)\d+$")
    array = pc.if_else(pc.fill_null(is_cbs, False), capitals, array)
    array = pc.if_else(pc.equal(array, ""), pa.scalar(None, pa.string()), array)
    return as_text(array)


def is_area_code(values: pd.Series) -> np.ndarray:
    return matches(pc.match_substring_regex(to_arrow(values), _AREA_CODE))


def is_buurt_code(values: pd.Series) -> np.ndarray:
    return matches(pc.match_substring_regex(to_arrow(values), _BUURT_CODE))


def parse_counts(values: pd.Series) -> tuple[np.ndarray, np.ndarray]:
    """Counts as int64 (0 where invalid) and a mask of the valid ones: whole, not negative, at most nine
    digits."""
    array = pc.utf8_trim_whitespace(to_arrow(values))
    valid = matches(pc.match_substring_regex(array, rf"^\d{{1,{_MAX_COUNT_DIGITS}}}([.,]0+)?$"))
    whole = pc.replace_substring_regex(array, r"[.,]0+$", "")
    whole = pc.if_else(pa.array(valid), whole, "0")
    return whole.cast(pa.int64()).to_numpy(zero_copy_only=False), valid
