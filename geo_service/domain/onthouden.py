"""What is derived from something that does not change is made once."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from functools import cached_property
from typing import TypeVar

T = TypeVar("T")


class Onthoudt:
    """Something that does not change, with what was made of it at the first question."""

    def remember(self, key: Hashable, make: Callable[[], T]) -> T:
        """What make gives, made once for as long as this exists."""
        if key not in self._remembered:
            self._remembered[key] = make()
        found: T = self._remembered[key]  # type: ignore[assignment]
        return found

    def share_memory(self, other: Onthoudt) -> None:
        """From now on the two remember together."""
        self.__dict__["_remembered"] = other._remembered

    @cached_property
    def _remembered(self) -> dict[Hashable, object]:
        return {}
