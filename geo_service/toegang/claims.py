"""What claims give: a role and an area, by the settings. Whatever is unclear gives nothing."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from geo_service.domain.gebieden import is_gemeente_code
from geo_service.errors import InvalidToken
from geo_service.identity import ALL_STADSDELEN, SCOPED_ROLES, Role, Viewer
from geo_service.settings import Groep, Settings
from geo_service.toegang.fouten import BAD_TOKEN

STADSDEEL = re.compile(r"(GM\d{4})-SD-[a-z0-9]+(-[a-z0-9]+)*")
OPAQUE = re.compile(r"[A-Za-z0-9._|:/-]{1,128}")
MAX_VALUES = 1000
NO_ROLE = "Uw account heeft geen rol in Buurtsignaal. Vraag de beheerder van uw gemeente."
TWO_ROLES = "Uw account heeft meer dan één rol in Buurtsignaal. Vraag de beheerder van uw gemeente."
NO_AREA = "Bij uw rol horen een gemeente en stadsdelen, en die kloppen niet. Vraag de beheerder van uw gemeente."


def viewer_of(role: str, gemeente: str | None, stadsdelen: frozenset[str]) -> Viewer:
    """A viewer of a known role; for a scoped one with an area of codes in one gemeente. InvalidToken otherwise."""
    if role not in set(Role) - {Role.PUBLIEK}:
        raise InvalidToken(NO_ROLE)
    known = Role(role)
    if known not in SCOPED_ROLES:
        return Viewer(known)
    if gemeente is None or not is_gemeente_code(gemeente) or not stadsdelen:
        raise InvalidToken(NO_AREA)
    for code in stadsdelen - {ALL_STADSDELEN}:
        match = STADSDEEL.fullmatch(code)
        if match is None or match[1] != gemeente:
            raise InvalidToken(NO_AREA)
    return Viewer(known, gemeente, stadsdelen)


def viewer_of_claims(claims: Mapping[str, Any], settings: Settings) -> Viewer:
    """The viewer that verified claims give; InvalidToken with what to ask for when they give none, or two."""
    found = _of_groups(claims, settings) if settings.oidc_groepen else _of_own_claims(claims, settings)
    since = datetime.fromtimestamp(_moment(claims)).astimezone()
    return Viewer(found.role, found.gemeente, found.stadsdelen, id=opaque(claims["sub"]), sinds=since)


def opaque(subject: str) -> str:
    """The subject for the log; what may be an address or a name becomes a number that is always the same."""
    if OPAQUE.fullmatch(subject):
        return subject
    return "sub-" + hashlib.sha256(subject.encode()).hexdigest()[:32]


def _moment(claims: Mapping[str, Any]) -> float:
    moment = claims.get("auth_time", claims["iat"])
    if isinstance(moment, bool) or not isinstance(moment, int | float) or not 0 <= moment < 2**33:
        raise InvalidToken(BAD_TOKEN)
    return moment


def _of_own_claims(claims: Mapping[str, Any], settings: Settings) -> Viewer:
    roles = _texts(claims.get(settings.oidc_claim_rol), NO_ROLE) & set(Role)
    gemeenten = _texts(claims.get(settings.oidc_claim_gemeente), NO_AREA)
    if len(roles) != 1:
        raise InvalidToken(TWO_ROLES if roles else NO_ROLE)
    if len(gemeenten) > 1:
        raise InvalidToken(NO_AREA)
    stadsdelen = _texts(claims.get(settings.oidc_claim_stadsdelen), NO_AREA)
    return viewer_of(min(roles), min(gemeenten, default=None), stadsdelen)


def _of_groups(claims: Mapping[str, Any], settings: Settings) -> Viewer:
    names = _texts(claims.get(settings.oidc_claim_groepen), NO_ROLE)
    groups: list[Groep] = [group for name, group in settings.oidc_groepen.items() if name in names]
    if len({(group.rol, group.gemeente) for group in groups}) != 1:
        raise InvalidToken(TWO_ROLES if groups else NO_ROLE)
    stadsdelen = frozenset(code for group in groups for code in group.stadsdelen)
    return viewer_of(groups[0].rol, groups[0].gemeente, stadsdelen)


def _texts(claim: object, refusal: str) -> frozenset[str]:
    """One text or a list of texts; anything else is a mistake of whoever filled the claim."""
    if claim is None:
        return frozenset()
    values = claim if isinstance(claim, list) else [claim]
    if len(values) > MAX_VALUES or not all(isinstance(value, str) for value in values):
        raise InvalidToken(refusal)
    return frozenset(values)
