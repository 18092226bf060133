"""The notebook of the handbook runs from the first cell to the last against a real service, and says something."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from tests.geo_service.api.website import Website

NOTEBOOK = Path(__file__).parents[3] / "docs" / "voorbeelden" / "drie-vragen.ipynb"


@pytest.fixture(scope="module")
def executed(demo: Website) -> nbformat.NotebookNode:
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    start = nbformat.v4.new_code_cell(
        f"import os\nos.environ['BUURTSIGNAAL_API'] = '{demo.address}/v1'\nimport matplotlib\nmatplotlib.use('agg')"
    )
    notebook.cells.insert(0, start)
    NotebookClient(notebook, timeout=120, kernel_name="python3").execute()
    return notebook


def texts(notebook: nbformat.NotebookNode) -> str:
    """Everything that the cells printed or showed."""
    found = []
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            found.append(output.get("text") or output.get("data", {}).get("text/plain", ""))
    return "\n".join(found)


def test_it_answers_all_three_questions(executed):
    said = texts(executed)
    assert "Bron: " in said
    assert "niet te onderscheiden van de gemeente" in said or "dan in de gemeente" in said
    assert "trendbreuk" in said
    assert "buurten met aantoonbaar meer meldingen" in said


def test_it_is_kept_without_outputs():
    """Results belong to a moment and a municipality, not to the handbook."""
    for cell in nbformat.read(NOTEBOOK, as_version=4).cells:
        assert cell.get("outputs", []) == []
        assert cell.get("execution_count") is None
