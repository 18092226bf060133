"""What a decision is attacked with: an outsider who knows of small cells that they are small."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pandas as pd

from geo_service.jobs.vrijgave.besluit import _as_known


def test_only_of_totals_it_is_left_open_that_they_are_small() -> None:
    found = pd.DataFrame(
        {
            "gebied": ["stad", "a", "b", "a", "b"],
            "thema": ["alle", "alle", "alle", "wonen", "wonen"],
            "count": [30, 9, 21, 4, 12],
            "status": ["ok", "secondary", "secondary", "secondary", "secondary"],
        }
    )
    hierarchies = {"gebied": [{"stad": ("a", "b")}], "thema": [{"alle": ("wonen", "geld")}]}
    known = _as_known(found, cast(Any, SimpleNamespace(hierarchies=hierarchies)), 10)
    assert known["status"].tolist() == ["ok", "secondary", "secondary", "primary", "secondary"]
