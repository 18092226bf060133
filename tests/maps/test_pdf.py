"""Setting a letter: the fullest form that fits, never a cut one, and nothing that has to be fetched."""

from __future__ import annotations

import io
import json
import subprocess
import sys

import pikepdf
import pytest
from weasyprint.urls import FatalURLFetchingError

from maps.pdf import DOES_NOT_FIT, PastNiet, typeset

STYLE = "<style>@page{size:A4} .b+.b{break-before:page}</style>"
KOP = f"<!DOCTYPE html><html lang='nl'><head><title>Proef</title>{STYLE}</head><body>"
VOET = "</body></html>"


def page(lines: int) -> str:
    return f"<section class='b'><p>{'regel<br>' * lines}vorm-{lines}</p></section>"


def test_the_fullest_form_that_fits_is_taken_per_page():
    pdf = typeset(KOP, [[page(n) for n in (400, 200, 30, 5)], [page(3)]], VOET)
    found = pikepdf.open(io.BytesIO(pdf))
    assert len(found.pages) == 2
    text = subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    assert ("vorm-30" in text, "vorm-5" in text, "vorm-3" in text) == (True, False, True)


def test_what_does_not_fit_in_any_form_is_refused_not_cut():
    with pytest.raises(PastNiet):
        typeset(KOP, [[page(400), page(300)]], VOET)
    question = json.dumps({"kop": KOP, "bladen": [[page(300)]], "voet": VOET})
    done = subprocess.run(
        [sys.executable, "-m", "maps.pdf"], input=question, capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stdout) == (DOES_NOT_FIT, "")


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:9/x.png", "file:///etc/passwd", "lettertype/../../../pyproject.toml"]
)
def test_nothing_but_our_own_files_is_read(address):
    with pytest.raises(FatalURLFetchingError):
        typeset(KOP, [[f"<img src='{address}' alt='x'>"]], VOET)
