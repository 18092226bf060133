"""What goes wrong at the door; each is a 401 with one Dutch sentence."""

from __future__ import annotations

from geo_service.errors import InvalidToken

BAD_TOKEN = "Het token is niet geldig. Vraag een nieuw token aan of laat het weg."  # noqa: S105  (a sentence)
EXPIRED = "Het token is verlopen. Vraag een nieuw token aan."


class DeadCookie(InvalidToken):
    """What a cookie holds is no longer good; the answer takes it away, so that the next question is the public's."""


class SessionEnded(DeadCookie):
    slug = "sessie-verlopen"
    title = "U bent niet meer ingelogd"


class LoginFailed(InvalidToken):
    slug = "inloggen-mislukt"
    title = "Inloggen is niet gelukt"
