"""A letter as PDF/UA, in a program of its own: it reads one question, reaches nothing but our own files, and ends.

``python -m maps.pdf`` reads JSON (kop, bladen, voet) from standard input and writes the PDF to standard output. It ends
with code 3 when a page does not fit, whatever was left out.
"""

from __future__ import annotations

import json
import logging
import resource
import sys
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from weasyprint import HTML
from weasyprint.document import Document
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from maps.assets import STATIC

BASIS = STATIC.resolve().as_uri() + "/"
CPU_SECONDS = 30
DOES_NOT_FIT = 3
VARIANT = "pdf/ua-1"


class PastNiet(ValueError):
    """A page does not fit on one sheet, even in its shortest form."""


class EigenBestanden(URLFetcher):
    """Only files of ``maps/static``; anything else stops the work instead of leaving a hole."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> URLFetcherResponse:
        parts = urlsplit(url)
        path = Path(unquote(parts.path)).resolve()
        if parts.scheme != "file" or parts.netloc or not path.is_relative_to(STATIC.resolve()) or not path.is_file():
            raise FatalURLFetchingError(f"geen eigen bestand: {url[:80]}")
        return super().fetch(path.as_uri(), headers)


def typeset(kop: str, bladen: Sequence[Sequence[str]], voet: str) -> bytes:
    """The letter as PDF/UA-1, one sheet per page.

    kop, voet: HTML before and after. bladen: per page its forms, the fullest first; the first that fits on a sheet is
    taken. Raises PastNiet when none does.
    """
    files = EigenBestanden(allowed_protocols={"file"})
    chosen = [_first_that_fits(kop, forms, voet, files) for forms in bladen]
    document = _lay_out(kop + "".join(chosen) + voet, files)
    if len(document.pages) != len(bladen):
        raise PastNiet
    found: bytes = document.write_pdf(finisher=_add_scopes, pdf_variant=VARIANT)
    return found


def _first_that_fits(kop: str, forms: Sequence[str], voet: str, files: URLFetcher) -> str:
    """Mostly the first; else by halving: what is fuller takes no less room."""
    if _fits(kop + forms[0] + voet, files):
        return forms[0]
    place = bisect_left(range(len(forms)), True, key=lambda at: _fits(kop + forms[at] + voet, files))
    if place == len(forms):
        raise PastNiet
    return forms[place]


def _fits(html: str, files: URLFetcher) -> bool:
    return len(_lay_out(html, files).pages) == 1


def _lay_out(html: str, files: URLFetcher) -> Document:
    return HTML(string=html, base_url=BASIS, url_fetcher=files).render()


def _add_scopes(document: Document, pdf: Any) -> None:  # noqa: ARG001  (the library hands over both)
    """Say of each head of a table whether it stands over a column or before a row."""
    objects: list[Any] = pdf.objects
    by_reference = {item.reference: item for item in objects if hasattr(item, "get")}
    for row in (item for item in by_reference.values() if item.get("S") == "/TR"):
        cells = [by_reference[kid] for kid in row["K"] if kid in by_reference]
        before_row = any(cell.get("S") == "/TD" for cell in cells)
        for cell in cells:
            if cell.get("S") == "/TH":
                cell["A"]["Scope"] = "/Row" if before_row else "/Column"


def main() -> int:
    # Remarks about style sheets would end up in the log of whoever started this.
    logging.getLogger("weasyprint").setLevel(logging.CRITICAL)
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    asked = json.load(sys.stdin)
    try:
        pdf = typeset(asked["kop"], asked["bladen"], asked["voet"])
    except PastNiet:
        return DOES_NOT_FIT
    sys.stdout.buffer.write(pdf)
    return 0


if __name__ == "__main__":
    sys.exit(main())
