"""Two figures in one colour: told apart by everyone, in words without blame, and nothing of what is hidden."""

from __future__ import annotations

import itertools
from dataclasses import replace

import numpy as np
import pytest
from lxml import html as lxml_html

from maps.kaart import page_context, render_document
from maps.model import Kenmerk
from maps.samen import PALET, zin
from maps.themas import make_beeld
from tests.maps.stad import collection, make_stad

STAD = make_stad()

# Linear RGB as seen with each deficiency (Machado, Oliveira and Fernandes 2009, severity 1).
SEEN = {
    "geen": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
XYZ = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])


def lab(kleur: str, seen: object) -> np.ndarray:
    """CIE L*a*b* of a colour as somebody sees it."""
    part = np.array([int(kleur[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    ratio = XYZ @ np.clip(np.array(seen) @ linear, 0, 1) / np.array([0.95047, 1, 1.08883])
    x, y, z = np.where(ratio > 0.008856, np.cbrt(ratio), 7.787 * ratio + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("deficiency", SEEN)
def test_nine_colours_are_told_apart_by_everyone(deficiency):
    seen = [lab(kleur, SEEN[deficiency]) for row in PALET for kleur in row]
    assert min(float(np.linalg.norm(a - b)) for a, b in itertools.combinations(seen, 2)) > 20


def samen():
    """The town with a share of rent beside its reports; of every tenth buurt the share is unknown."""
    features = []
    for number, one in enumerate(STAD.gebieden["features"]):
        need = None if number % 10 == 4 else float(number % 70)
        extra = {"waarde": need, "jaar": "2024" if need is not None else None}
        features.append(one | {"properties": one["properties"] | extra})
    kenmerk = Kenmerk("corporatie_pct", "Huur van een corporatie", "procent", "2024", "CBS")
    return replace(STAD, thema="samen", kenmerk=kenmerk, gebieden=collection(features))


def test_a_class_only_where_both_are_known():
    model = samen()
    beeld = make_beeld(model)
    for cijfer in beeld.cijfers:
        known = cijfer.ruw["waarde"] is not None and cijfer.ruw["per_1000"] is not None
        assert bool(beeld.klasse[cijfer.code]) is known
        assert ("bs-klasse" in beeld.vlakken[cijfer.code].klassen) is known
        if not known:
            assert cijfer.status in ("onderdrukt", "niet_gedekt", "ontbreekt")
    hidden = [c for c in beeld.cijfers if c.status == "onderdrukt"]
    assert hidden
    assert {beeld.vlakken[c.code].fill for c in hidden} == {"url(#bs-patroon-onderdrukt)"}


def test_square_and_table_say_the_same():
    parts = page_context(samen())
    square = lxml_html.fromstring(parts["kaartdeel"]).xpath("//table[@class='bs-vierkant']")[0]
    cells = {cell.get("data-klasse"): int(cell.get("data-n")) for cell in square.xpath(".//td[@data-klasse]")}
    rows = lxml_html.fromstring(parts["tabel"]).xpath("//tbody/tr")
    assert len(cells) == 9
    assert sum(cells.values()) > 40
    for klasse, n in cells.items():
        assert sum(row.get("data-klasse") == klasse for row in rows) == n
    # Up is more: the last row of the square is the one of few reports.
    assert [cell.get("data-klasse") for cell in square.xpath(".//tbody/tr[3]/td")] == ["1", "2", "3"]
    assert len(square.xpath(".//th[@scope='row']")) == len(square.xpath(".//th[@scope='col']")) == 3


def test_no_word_ranks_or_blames():
    texts = [zin(row, column).lower() for row in range(3) for column in range(3)]
    texts.append(lxml_html.fromstring(render_document(samen())).text_content().lower())
    for word in ("slecht", "probleemwijk", "achterstand", "beste", "ergste", "hoogste", "score", "ranglijst"):
        assert all(word not in text for text in texts)
