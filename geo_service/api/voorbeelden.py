"""The present question in the tools that people use: an address, Python, R and QGIS."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlencode

# A page of the answer and how it is written are no part of the question.
NOT_ASKED = frozenset({"f", "cursor", "offset"})
# The one format that Python, R and QGIS all read from an address, with types, in one go and in any system.
FILE = "fgb"
TOKEN = "BUURTSIGNAAL_TOKEN"  # noqa: S105  (the name of a variable)


@dataclass(frozen=True)
class Bevraagd:
    """What is asked. api: its address without a slash at the end. vraag: the query. pagina: how many features a page
    may have. token: whether one is needed."""

    api: str
    collectie: str
    titel: str
    vraag: Mapping[str, str]
    pagina: int
    token: bool = False

    def adres(self, formaat: str) -> str:
        """The same question in another format, from the beginning."""
        asked = {naam: waarde for naam, waarde in self.vraag.items() if naam not in NOT_ASKED}
        query = urlencode(asked | {"f": formaat}, safe=",:/", quote_via=quote)
        return f"{self.api}/collections/{self.collectie}/items?{query}"


@dataclass(frozen=True)
class Voorbeeld:
    """One way to ask. naam: what the block is called in the page; code: ready to copy."""

    naam: str
    kop: str
    uitleg: str
    code: str


def voorbeelden(bevraagd: Bevraagd) -> tuple[Voorbeeld, ...]:
    """The question for a browser or curl, for Python, for R, for QGIS and for GDAL."""
    return (_url(bevraagd), _python(bevraagd), _r(bevraagd), _qgis(bevraagd), _gdal(bevraagd))


def _url(bevraagd: Bevraagd) -> Voorbeeld:
    address = bevraagd.adres("json")
    uitleg = "GeoJSON komt in pagina's: volg in het antwoord de koppeling next. Een bestand komt in één keer."
    if not bevraagd.token:
        return Voorbeeld("url", "URL", uitleg, address)
    header = f'--header "Authorization: Bearer ${TOKEN}"'
    return Voorbeeld("url", "URL", f"{uitleg} {_WHERE}", f"curl {header} {shlex.quote(address)}")


def _python(bevraagd: Bevraagd) -> Voorbeeld:
    url = f"URL = {json.dumps(bevraagd.adres(FILE))}"
    if not bevraagd.token:
        lines = ["import geopandas", "", url, "gegevens = geopandas.read_file(URL)"]
        uitleg = "Met geopandas. U krijgt alle objecten van de vraag in één keer."
    else:
        lines = [
            "import io", "import os", "", "import geopandas", "import requests", "", url,
            f'token = os.environ["{TOKEN}"]',
            'antwoord = requests.get(URL, headers={"Authorization": f"Bearer {token}"}, timeout=600)',
            "antwoord.raise_for_status()",
            "gegevens = geopandas.read_file(io.BytesIO(antwoord.content))",
        ]  # fmt: skip
        uitleg = f"Met geopandas en requests. {_WHERE}"
    return Voorbeeld("python", "Python", uitleg, "\n".join([*lines, 'print(len(gegevens), "objecten")']))


def _r(bevraagd: Bevraagd) -> Voorbeeld:
    # What JSON escapes in an ASCII text, R reads the same way.
    lines = ["library(sf)", "", f"url <- {json.dumps(bevraagd.adres(FILE))}"]
    if not bevraagd.token:
        lines.append("gegevens <- st_read(url)")
        uitleg = "Met sf. Zonder ligging kan ook: arrow::read_parquet() op hetzelfde adres met f=parquet."
    else:
        lines += [
            f'token <- Sys.getenv("{TOKEN}")',
            f'bestand <- tempfile(fileext = ".{FILE}")',
            'download.file(url, bestand, mode = "wb", headers = c(Authorization = paste("Bearer", token)))',
            "gegevens <- st_read(bestand)",
        ]
        uitleg = f"Met sf. {_WHERE} In R hoort die in het bestand .Renviron."
    return Voorbeeld("r", "R", uitleg, "\n".join([*lines, "nrow(gegevens)"]))


def _qgis(bevraagd: Bevraagd) -> Voorbeeld:
    lines = [
        f"Adres van de dienst:  {bevraagd.api}/",
        f"Laag:                 {bevraagd.titel} ({bevraagd.collectie})",
        f"Precies deze vraag:   {bevraagd.adres(FILE)}",
    ]
    text = bevraagd.vraag.get("filter")
    if text and bevraagd.vraag.get("filter-lang", "cql2-text") == "cql2-text":
        lines.insert(2, f"Filter:               {text}")
    uitleg = (
        "De hele laag: kies Laag → Laag toevoegen → WFS / OGC API – Features toevoegen, en vul het adres van de dienst "
        "in. Precies deze vraag: kies Laag → Laag toevoegen → Vectorlaag toevoegen, dan Protocol: HTTP(S), en vul het "
        "tweede adres in."
    )
    if bevraagd.token:
        uitleg += (
            " Maak daarbij onder Authenticatie een HTTP-header aan: Authorization met de waarde Bearer en uw token."
        )
    return Voorbeeld("qgis", "QGIS", uitleg, "\n".join(lines))


def _gdal(bevraagd: Bevraagd) -> Voorbeeld:
    layer = shlex.quote(f"OAPIF:{bevraagd.api}/")
    lines = [
        f"ogr2ogr -f GPKG vraag.gpkg {shlex.quote(bevraagd.adres(FILE))}",
        f"ogr2ogr -f GPKG {bevraagd.collectie}.gpkg {layer} {bevraagd.collectie} -oo PAGE_SIZE={bevraagd.pagina}",
    ]
    uitleg = "De eerste opdracht met ogr2ogr haalt precies deze vraag op, de tweede de hele laag."
    if bevraagd.token:
        # In the environment: what is on a command line, everyone on the machine can read.
        lines.insert(0, f'export GDAL_HTTP_HEADERS="Authorization: Bearer ${TOKEN}"')
        uitleg += f" {_WHERE}"
    uitleg += " Zonder PAGE_SIZE vraagt GDAL voor 3.8 tien objecten per keer, en dat duurt."
    return Voorbeeld("gdal", "GDAL", uitleg, "\n".join(lines))


_WHERE = f"Zet uw token in de omgevingsvariabele {TOKEN}, en nooit in het adres of in uw programma."
