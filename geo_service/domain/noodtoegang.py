"""Emergency access: another stadsdeel of the own gemeente, for a reason and for some hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Noodtoegang:
    """An emergency access that holds until ``tot``."""

    id: int
    gemeente_code: str
    stadsdeel_code: str
    actor: str
    reden: str
    tot: datetime
