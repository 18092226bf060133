"""The mapping file of a municipality: which column is what, in which CRS and time zone, and what its
categories mean.

bron = "Meldpunt woonoverlast"
crs = "EPSG:28992"
tijdzone = "Europe/Amsterdam"
datumformaten = ["%d-%m-%Y %H:%M"]
categorie = "wonen-geluid"            # one category for every row

[kolommen]
sleutel = "zaaknummer"
tijd = "ontvangen op"

[categorieen]
"Geluidsoverlast buren" = "wonen-geluid"

[statussen]
"Gereed" = "afgehandeld"
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from data.codelists import sub_categorie_codes
from ingest.checks import LOCAL_ZONE
from ingest.coordinaten import check_crs
from ingest.errors import ColumnsForbidden, SourceNotFound, SourceUnreadable

STATUSES = ("gemeld", "in_behandeling", "afgehandeld", "geannuleerd")
_TEXTS = ("bron", "categorie", "crs", "tijdzone")
_MAX_TOML_BYTES = 4 * 1024**2
_TABLES = ("kolommen", "categorieen", "statussen")

# Includes the cut names of the CBS map (p_west_al, percenta12 to percenta18 of 2021). A visitor's buurt of
# origin is no descent.
_FORBIDDEN = re.compile(
    r"nationalit|migrati|migrant|etnic|ethnic|relig|geloof|godsdienst|kerkelijk|geboorteland|country_?of_?birth|"
    r"westers|allocht|autocht|afkomst|herkomst(?!_?(buurt|wijk|gebied|stadsdeel|melding|kanaal))|(buiten_?)?(european|europeaan)|"
    r"marokk|turks|turkije|surinam|antill|^p_ant_aru$|^p_(n_)?w(est)?_al$|^p_over_nw$|^percenta1[2-8]$|"
    r"(^|_)origin(?!_?(buurt|al|area|neighbo))|islam|moslim|christen|joods|huidskleur|(^|_)ras($|_)"
)


@dataclass(frozen=True, slots=True)
class Mapping:
    """A checked mapping. kolommen: role -> column; categorieen: source category -> our sub category code;
    statussen: source status -> one of STATUSES. crs None means: the usual one of the columns."""

    bron: str | None = None
    categorie: str | None = None
    crs: str | None = None
    tijdzone: str = LOCAL_ZONE
    datumformaten: tuple[str, ...] = ()
    kolommen: MappingType[str, str] = field(default_factory=dict)
    categorieen: MappingType[str, str] = field(default_factory=dict)
    statussen: MappingType[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        refuse_forbidden(self.kolommen.values())


def load_mapping(mapping: str | Path | Mapping | MappingType[str, Any] | None) -> Mapping:
    """The mapping of a TOML file, of a dict in the same shape, or as it is; None gives an empty one.

    Raises SourceNotFound, SourceUnreadable (no TOML, unknown key, wrong value) and ColumnsForbidden.
    """
    if mapping is None:
        return Mapping()
    if isinstance(mapping, Mapping):
        return mapping
    if isinstance(mapping, MappingType):
        return _checked(mapping, "De mapping")
    path = Path(mapping)
    return _checked(load_toml(path), f"De mapping {path.name}")


def load_toml(path: Path) -> dict[str, Any]:
    """The document as a dict. Raises SourceNotFound and SourceUnreadable with the place of the fault."""
    try:
        if path.stat().st_size > _MAX_TOML_BYTES:
            raise SourceUnreadable(f"{path.name} is te groot voor een instellingenbestand.")
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError as error:
        raise SourceNotFound(f"{path} bestaat niet. Controleer de naam en de map.") from error
    except OSError as error:
        raise SourceUnreadable(f"{path} kan niet worden gelezen. Controleer de rechten.") from error
    except UnicodeDecodeError as error:
        raise SourceUnreadable(f"{path.name} is geen UTF-8. Bewaar het bestand als UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise SourceUnreadable(f"{path.name} is geen geldige TOML: {error}.") from error


def simple_name(name: str) -> str:
    """A column name for comparison: small letters, everything else an underscore."""
    return re.sub(r"[^a-z0-9]+", "_", name.casefold()).strip("_")


def is_forbidden(column: str) -> bool:
    """Whether a column is about origin, nationality or religion, by its name."""
    return bool(_FORBIDDEN.search(simple_name(column)))


def refuse_forbidden(columns: Any) -> None:
    asked = sorted(name for name in columns if is_forbidden(name))
    if asked:
        raise ColumnsForbidden(
            f"De mapping vraagt om {', '.join(asked)}. Herkomst, nationaliteit en religie worden nooit gelezen."
        )


def check_roles(mapping: Mapping, roles: Any) -> None:
    """Raises SourceUnreadable when the mapping names a role that this reader does not know."""
    strange = sorted(set(mapping.kolommen) - set(roles))
    if strange:
        raise SourceUnreadable(
            f"De mapping noemt onder [kolommen] {', '.join(strange)}. Bekend zijn: {', '.join(roles)}."
        )


def _checked(raw: MappingType[str, Any], where: str) -> Mapping:
    strange = sorted(set(raw) - {*_TEXTS, *_TABLES, "datumformaten"})
    if strange:
        known = ", ".join((*_TEXTS, "datumformaten", *_TABLES))
        raise SourceUnreadable(f"{where} kent de sleutel {', '.join(strange)} niet. Bekend zijn: {known}.")
    texts = {key: _text(raw[key], f"{where}: {key}") for key in _TEXTS if key in raw}
    tables = {key: _text_table(raw[key], f"{where}: [{key}]") for key in _TABLES if key in raw}
    if "crs" in texts:
        check_crs(texts["crs"])
    _check_zone(texts.get("tijdzone", LOCAL_ZONE), where)
    _check_codes([texts["categorie"]] if "categorie" in texts else [], sub_categorie_codes(), where)
    _check_codes(tables.get("categorieen", {}).values(), sub_categorie_codes(), where)
    _check_codes(tables.get("statussen", {}).values(), STATUSES, where)
    return Mapping(
        bron=texts.get("bron"),
        categorie=texts.get("categorie"),
        crs=texts.get("crs"),
        tijdzone=texts.get("tijdzone", LOCAL_ZONE),
        datumformaten=_formats(raw.get("datumformaten", []), where),
        kolommen=tables.get("kolommen", {}),
        categorieen=tables.get("categorieen", {}),
        statussen=tables.get("statussen", {}),
    )


def _text(value: object, where: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise SourceUnreadable(f"{where} moet een tekst zijn.")
    return value.strip()


def _text_table(value: object, where: str) -> dict[str, str]:
    if not isinstance(value, MappingType):
        raise SourceUnreadable(f"{where} moet een tabel zijn.")
    return {str(key): _text(item, f"{where} {key}") for key, item in value.items()}


def _formats(value: object, where: str) -> tuple[str, ...]:
    patterns = [value] if isinstance(value, str) else value
    if not isinstance(patterns, list) or not all(isinstance(item, str) and "%" in item for item in patterns):
        raise SourceUnreadable(f'{where}: datumformaten moet een lijst zijn zoals ["%d-%m-%Y %H:%M"].')
    return tuple(patterns)


def _check_zone(name: str, where: str) -> None:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise SourceUnreadable(f"{where}: de tijdzone {name} bestaat niet. Gebruik Europe/Amsterdam of UTC.") from error


def _check_codes(values: Any, known: Any, where: str) -> None:
    strange = sorted(set(values) - set(known))
    if strange:
        raise SourceUnreadable(
            f"{where} verwijst naar {', '.join(strange)}, maar dat is geen bekende code. "
            f"Bekend zijn: {', '.join(sorted(known))}."
        )
