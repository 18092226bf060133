"""The chain of the log, checked by itself: it trusts no function of the database that it came from."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime

from geo_service.spoor.sleutel import is_signed


@dataclass(frozen=True, slots=True)
class Regel:
    """A line of the log as it is stored."""

    dag: date
    nummer: int
    moment: datetime
    actor: str
    rol: str
    handeling: str
    object: str
    uitkomst: str
    herkomst: str
    kenmerk: str
    vorige: bytes
    hash: bytes

    @property
    def right_hash(self) -> bytes:
        """What the hash must be: over a JSON list of all fields, which cannot be read in two ways."""
        told = [
            self.dag.isoformat(),
            self.nummer,
            self.moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            *(self.actor, self.rol, self.handeling, self.object, self.uitkomst, self.herkomst, self.kenmerk),
            self.vorige.hex(),
        ]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).digest()


@dataclass(frozen=True, slots=True)
class Zegel:
    """A signed statement that a line with this hash is there."""

    dag: date
    nummer: int
    hash: bytes
    handtekening: bytes
    sleutel: str

    @property
    def text(self) -> str:
        return seal_text(self.dag, self.nummer, self.hash)


@dataclass(frozen=True, slots=True)
class Verwijderd:
    """What stayed of a day that retention removed. vorige, hash: on what it stood and what stands on it."""

    dag: date
    aantal: int
    vorige: bytes
    hash: bytes
    handtekening: bytes
    sleutel: str

    @property
    def text(self) -> str:
        return removal_text(self.dag, self.aantal, self.vorige, self.hash)


def seal_text(dag: date, nummer: int, hash_: bytes) -> str:
    """What a seal signs."""
    return json.dumps(["regel", dag.isoformat(), nummer, hash_.hex()])


def removal_text(dag: date, aantal: int, vorige: bytes, hash_: bytes) -> str:
    """What the remains of a removed day sign."""
    return json.dumps(["verwijderd", dag.isoformat(), aantal, vorige.hex(), hash_.hex()])


@dataclass(frozen=True, slots=True)
class Bevinding:
    """Something that is wrong, at a line or (nummer 0) a whole day, in Dutch."""

    dag: date
    nummer: int
    tekst: str

    def __str__(self) -> str:
        where = f"{self.dag:%d-%m-%Y}" + (f" regel {self.nummer}" if self.nummer else "")
        return f"{where}: {self.tekst}"


@dataclass
class Controle:
    """One walk through the log. sleutels: public keys by name; zegels: all that were set for the days looked at."""

    zegels: Mapping[tuple[date, int], Zegel]
    sleutels: Mapping[str, bytes]
    regels: int = 0
    dagen: set[date] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._open = dict(self.zegels)
        self._unsealed: list[Regel] = []

    def check(self, regels: Iterable[Regel], vorige: bytes, *, whole: bool) -> Iterator[Bevinding]:
        """Everything that is wrong with the lines, in order.

        vorige: the hash they stand on, empty at the very beginning. whole: the last of them is the last there is.
        """
        before: Regel | None = None
        expected = vorige
        for regel in regels:
            yield from self._place(regel, before, expected)
            if regel.hash != regel.right_hash:
                yield Bevinding(regel.dag, regel.nummer, "deze regel is veranderd.")
            yield from self._sealed(regel)
            before, expected = regel, regel.hash
            self.regels += 1
            self.dagen.add(regel.dag)
        yield from self._end(whole)

    def _place(self, regel: Regel, before: Regel | None, expected: bytes) -> Iterator[Bevinding]:
        same_day = before is not None and before.dag == regel.dag
        number = before.nummer + 1 if before is not None and same_day else 1
        if regel.nummer != number:
            missing = f"{number}" if regel.nummer == number + 1 else f"{number} tot en met {regel.nummer - 1}"
            yield Bevinding(regel.dag, regel.nummer, f"hiervoor ontbreekt regel {missing}.")
        elif regel.vorige != expected:
            what = "sluit niet aan op de regel ervoor: er is een regel veranderd, tussengevoegd of verplaatst."
            gone = "sluit niet aan op de dag ervoor: daar zijn regels of hele dagen verwijderd."
            yield Bevinding(regel.dag, regel.nummer, what if same_day else gone)

    def _sealed(self, regel: Regel) -> Iterator[Bevinding]:
        zegel = self._open.pop((regel.dag, regel.nummer), None)
        if zegel is None:
            self._unsealed.append(regel)
            return
        reason = fault_of(zegel.text, zegel.handtekening, self.sleutels.get(zegel.sleutel))
        if reason is None and zegel.hash != regel.hash:
            reason = "deze regel is een andere dan er verzegeld is."
        if reason is not None:
            self._unsealed.append(regel)
            yield Bevinding(regel.dag, regel.nummer, reason)
        else:
            # A seal covers everything that its line stands on.
            self._unsealed.clear()

    def _end(self, whole: bool) -> Iterator[Bevinding]:
        for zegel in self._open.values():
            yield Bevinding(zegel.dag, zegel.nummer, "deze regel is verzegeld en staat niet meer in het logboek.")
        if self._unsealed and whole:
            first = self._unsealed[0]
            yield Bevinding(
                first.dag, first.nummer, f"vanaf hier staan {len(self._unsealed)} regels zonder geldig zegel."
            )


def fault_of(text: str, handtekening: bytes, publiek: bytes | None) -> str | None:
    """What is wrong with a signature; None when nothing is."""
    if publiek is None:
        return "het zegel is van een onbekende sleutel."
    return None if is_signed(publiek, text, handtekening) else "het zegel is vervalst."


def check_verwijderd(dagen: Iterable[Verwijderd], sleutels: Mapping[str, bytes]) -> Iterator[Bevinding]:
    """Everything that is wrong with what stayed of removed days, oldest first."""
    before: Verwijderd | None = None
    for dag in dagen:
        reason = fault_of(dag.text, dag.handtekening, sleutels.get(dag.sleutel))
        if reason is not None:
            yield Bevinding(dag.dag, 0, reason)
        if before is not None and before.hash != dag.vorige:
            yield Bevinding(dag.dag, 0, "sluit niet aan op de verwijderde dag ervoor.")
        before = dag
