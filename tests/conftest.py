"""Shared test settings: where the real files are, and what their absence means."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TESTDATA = Path(os.environ.get("BUURTSIGNAAL_TESTDATA", ROOT.parent / "shared" / "data"))


@pytest.fixture(scope="session")
def testdata():
    """Path of a real file by its name below the test data folder; absent: skipped, in CI a failure."""

    def path(name: str) -> Path:
        found = TESTDATA / name
        if not found.exists():
            message = f"echt testbestand ontbreekt: {name} (BUURTSIGNAAL_TESTDATA={TESTDATA})"
            if os.environ.get("CI") == "true":
                pytest.fail(message)
            pytest.skip(message)
        return found

    return path
