"""Secrets from files: ``BUURTSIGNAAL_GEHEIM_BESTAND`` names the file that holds what ``BUURTSIGNAAL_GEHEIM`` would."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, get_args

from pydantic import SecretStr
from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

from geo_service.errors import Refused

SUFFIX = "_BESTAND"
MAX_BYTES = 16_384


def is_secret(field: FieldInfo) -> bool:
    """Whether a setting is never shown, and may come from a file."""
    return not field.repr or SecretStr in (field.annotation, *get_args(field.annotation))


class SecretsFromFiles(PydanticBaseSettingsSource):
    """Secret settings that stand in a file of their own. The variable itself goes first."""

    def get_field_value(self, field: FieldInfo, field_name: str) -> tuple[Any, str, bool]:
        variable = f"{self.config.get('env_prefix') or ''}{field_name}".upper() + SUFFIX
        name = os.environ.get(variable)
        return (_read(Path(name), variable) if name and is_secret(field) else None), field_name, False

    def __call__(self) -> dict[str, Any]:
        found = {name: self.get_field_value(field, name)[0] for name, field in self.settings_cls.model_fields.items()}
        return {name: value for name, value in found.items() if value is not None}


def _read(path: Path, variable: str) -> str:
    """The content without the end of the line. Never told: what stands in it."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
        text = content.decode().strip()
    except (OSError, UnicodeDecodeError):
        raise Refused(f"Het bestand dat {variable} noemt, is niet te lezen. Kijk naar naam en rechten.") from None
    if not text or len(content) > MAX_BYTES:
        raise Refused(f"Het bestand dat {variable} noemt, is leeg of te groot voor een geheim.")
    return text
