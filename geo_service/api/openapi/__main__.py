"""``python -m geo_service.api.openapi``: the description as a file, without a database."""

from __future__ import annotations

import argparse
import json
import sys

from geo_service.api.openapi.document import as_oas30, build_document
from geo_service.identity import ALL_STADSDELEN, Role, Viewer

ADDRESS = "https://buurtsignaal.nl/v1"


def main() -> None:
    parser = argparse.ArgumentParser(prog="geo_service.api.openapi", description="Schrijf de beschrijving van de API.")
    parser.add_argument("--rol", type=Role, default=Role.PUBLIEK, choices=list(Role), help="voor wie")
    parser.add_argument("--versie", default="3.1", choices=("3.1", "3.0"), help="van OpenAPI")
    asked = parser.parse_args()
    document = build_document(Viewer(asked.rol, "GM0000", frozenset({ALL_STADSDELEN})), ADDRESS)
    json.dump(as_oas30(document) if asked.versie == "3.0" else document, sys.stdout, ensure_ascii=False, indent=1)


if __name__ == "__main__":
    main()
