"""The running service against its own description: generated requests, right and wrong, on every operation."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from geo_service.identity import Viewer
from tests.geo_service.api.website import Website, token_of, viewers_of

REGISSEUR = viewers_of("GM0153", "GM0153-SD-noord")["wijkregisseur"]
LOOKERS = pytest.mark.parametrize("viewer", [None, REGISSEUR], ids=["publiek", "wijkregisseur"])
# That a well-formed request is accepted cannot be asked: which areas, sources and periods exist is up to the data.
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
RIGHT, WRONG = 3, 2
AT_ONCE = 2
SEED = 3


def headers_of(viewer: Viewer | None) -> dict[str, str]:
    return {} if viewer is None else {"Authorization": f"Bearer {token_of(viewer)}"}


def operations(document: dict[str, Any]) -> list[Any]:
    return [found.ok() for found in schemathesis.openapi.from_dict(document).get_all_operations()]


class Explorer:
    """Sends generated cases of an operation and checks each answer; counts the statuses."""

    def __init__(self, website: Website, viewer: Viewer | None):
        self._website, self._viewer = website, viewer
        self._session = requests.Session()
        self._session.headers.update(headers_of(viewer))
        self.statuses: Counter[int] = Counter()

    def try_out(self, operation: Any, mode: GenerationMode, number: int) -> None:
        settled = settings(
            max_examples=number, deadline=None, database=None, derandomize=True, suppress_health_check=list(HealthCheck)
        )

        @settled
        @given(case=operation.as_strategy(generation_mode=mode))
        def check(case: Any) -> None:
            if mode is GenerationMode.POSITIVE:
                self._make_likely(operation, case)
            response = case.call(base_url=f"{self._website.address}/v1", session=self._session)
            self.statuses[response.status_code] += 1
            case.validate_response(response, checks=CHECKS)

        check()

    def _make_likely(self, operation: Any, case: Any) -> None:
        """A few parameters at once and an object that exists: with all of them at once nothing is ever found."""
        case.query = dict(list((case.query or {}).items())[:AT_ONCE])
        if "featureId" in (case.path_parameters or {}):
            page = self._website.get(f"/v1{operation.path.removesuffix('/{featureId}')}", self._viewer, limit=1).json()
            case.path_parameters["featureId"] = page["features"][0]["id"] if page["features"] else "geen"


@LOOKERS
def test_every_answer_is_as_described_and_every_wrong_request_is_refused(demo, viewer):
    explorer = Explorer(demo, viewer)
    for operation in operations(demo.get("/v1/openapi.json", viewer).json()):
        explorer.try_out(operation, GenerationMode.POSITIVE, RIGHT)
        if operation.query or operation.body:
            explorer.try_out(operation, GenerationMode.NEGATIVE, WRONG)
    assert explorer.statuses[200] > 15
    assert explorer.statuses[400] > 30


@pytest.mark.parametrize(
    ("mode", "spoil"),
    [
        (GenerationMode.NEGATIVE, lambda answers: answers.pop("400")),
        (GenerationMode.POSITIVE, lambda answers: answers["200"]["headers"].update({"X-Niet": {"required": True}})),
        (GenerationMode.POSITIVE, lambda answers: answers["200"].update(content={"text/csv": {}})),
    ],
    ids=["status", "header", "mediatype"],
)
def test_a_description_that_is_wrong_is_found(demo, mode, spoil):
    document = demo.get("/v1/openapi.json").json()
    document["paths"] = {"/conformance": document["paths"]["/conformance"]}
    spoil(document["paths"]["/conformance"]["get"]["responses"])
    (operation,) = operations(document)
    with pytest.raises(FailureGroup):
        Explorer(demo, None).try_out(operation, mode, 5)


@pytest.mark.proof
@LOOKERS
def test_no_phase_of_schemathesis_finds_anything(demo, viewer):
    """Examples, the limits of every parameter, and many random requests.

    Without a token there is no collection of interventions, so that its address answers 404 and not 401.
    """
    command = [
        str(Path(sys.executable).parent / "schemathesis"), "run", f"{demo.address}/v1/openapi.json",
        "--phases", "examples,coverage,fuzzing",
        "--exclude-checks", "positive_data_acceptance,missing_required_header",
        "--max-examples", "40", "--seed", str(SEED), "--no-color", "--generation-database", "none",
        *(part for name, value in headers_of(viewer).items() for part in ("--header", f"{name}: {value}")),
    ]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=1800, check=False)
    assert done.returncode == 0, done.stdout[-6000:]
