"""Values that DCAT-AP-NL takes from controlled vocabularies, each with the label that a Dutch reader sees."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

EU = "http://publications.europa.eu/resource/authority/"
OWMS = "http://standaarden.overheid.nl/owms/terms/"
IANA = "https://www.iana.org/assignments/media-types/"


@dataclass(frozen=True, slots=True)
class Waarde:
    """One value of a vocabulary. elders: the same value in the EU vocabulary when uri is a national one."""

    uri: str
    label: str
    elders: str | None = None


class Toegang(Enum):
    OPENBAAR = Waarde(EU + "access-right/PUBLIC", "Openbaar")
    BEPERKT = Waarde(EU + "access-right/RESTRICTED", "Alleen voor bevoegde medewerkers")


class Thema(Enum):
    SAMENLEVING = Waarde(EU + "data-theme/SOCI", "Bevolking en samenleving")
    REGIO = Waarde(EU + "data-theme/REGI", "Regio's en steden")


class Frequentie(Enum):
    PER_KWARTAAL = Waarde(EU + "frequency/QUARTERLY", "Elk kwartaal")
    JAARLIJKS = Waarde(EU + "frequency/ANNUAL", "Elk jaar")
    ONREGELMATIG = Waarde(EU + "frequency/IRREG", "Onregelmatig")
    ONBEKEND = Waarde(EU + "frequency/UNKNOWN", "Niet bekend")


class Licentie(Enum):
    CC0 = Waarde("http://creativecommons.org/publicdomain/zero/1.0/deed.nl", "CC0 1.0", EU + "licence/CC0")
    CC_BY = Waarde("http://creativecommons.org/licenses/by/4.0/deed.nl", "CC BY 4.0", EU + "licence/CC_BY_4_0")
    GESLOTEN = Waarde(OWMS + "geslotenlicentie", "Geen open licentie")
    NIET_OPGEGEVEN = Waarde(OWMS + "licentieonbekend", "Licentie niet opgegeven")


TAAL = Waarde(EU + "language/NLD", "Nederlands")
THEMALIJST = Waarde(EU + "data-theme", "Thema's van datasets")
LOKALE_OVERHEID = Waarde("http://purl.org/adms/publishertype/LocalAuthority", "Lokale overheid")


@dataclass(frozen=True, slots=True)
class Formaat:
    """A way to take the objects of a collection. code: the value of ``f=``.

    bestandstype: code in the EU list of file types; None where that list has none.
    """

    code: str
    titel: str
    mediatype: str
    bestandstype: str | None = None
    standaard: str | None = None


FORMATEN = (
    Formaat("geojson", "GeoJSON", "application/geo+json", "GEOJSON", "https://www.rfc-editor.org/rfc/rfc7946"),
    Formaat("csv", "CSV", "text/csv", "CSV", "https://www.rfc-editor.org/rfc/rfc4180"),
    Formaat(
        "gpkg", "GeoPackage", "application/geopackage+sqlite3", "GPKG", "https://www.geopackage.org/spec131/index.html"
    ),
    Formaat("fgb", "FlatGeobuf", "application/octet-stream", None, "https://flatgeobuf.org/"),
    Formaat(
        "parquet",
        "GeoParquet",
        "application/vnd.apache.parquet",
        "PARQUET",
        "https://geoparquet.org/releases/v1.1.0/",
    ),
)
