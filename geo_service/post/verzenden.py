"""Handing a mail over to the server of the municipality."""

from __future__ import annotations

import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import SMTP

from geo_service.errors import Refused, Unavailable
from geo_service.settings import Settings, get_settings

SECONDEN = 20
NIET_BEREIKBAAR = "De mailserver is nu niet bereikbaar, of weigert ons. Er is niets verstuurd; probeer het later."
GEEN_POST = (
    "Deze website verstuurt geen post. Zet BUURTSIGNAAL_SMTP_HOST, BUURTSIGNAAL_SMTP_AFZENDER en "
    "BUURTSIGNAAL_OPENBAAR_ADRES."
)


class NietVerstuurd(Exception):
    """The server said no to this one mail: it was certainly not sent."""


class Onzeker(Exception):
    """The connection broke while the mail was handed over: perhaps it was sent."""


def can_send(settings: Settings) -> bool:
    return bool(settings.smtp_host and settings.smtp_afzender and settings.openbaar_adres)


def require_post(settings: Settings) -> str:
    """The address of the website, for the links; Refused when mail cannot be sent."""
    if not can_send(settings):
        raise Refused(GEEN_POST)
    return str(settings.openbaar_adres).rstrip("/")


class Postbode:
    """A connection with the mail server."""

    def __init__(self, server: smtplib.SMTP, afzender: str):
        self._server = server
        self._afzender = afzender

    def send(self, adres: str, message: EmailMessage) -> None:
        """NietVerstuurd or Onzeker when it did not go well; another mail can be tried after either."""
        message["From"], message["To"] = self._afzender, adres
        try:
            self._server.rset()
            # One after the other: what comes after a no is not asked.
            for ask in (lambda: self._server.mail(self._afzender), lambda: self._server.rcpt(adres)):
                code, _ = ask()
                if code // 100 != 2:
                    raise NietVerstuurd(str(code))
        except (smtplib.SMTPException, OSError) as error:
            raise NietVerstuurd(type(error).__name__) from error
        try:
            code, _ = self._server.data(message.as_bytes(policy=SMTP))
        except smtplib.SMTPDataError as error:
            raise NietVerstuurd(str(error.smtp_code)) from error
        except (smtplib.SMTPException, OSError) as error:
            raise Onzeker(type(error).__name__) from error
        if code // 100 != 2:
            raise NietVerstuurd(str(code))


@contextmanager
def postbode() -> Iterator[Postbode]:
    """Connect as the settings say; Unavailable when that fails."""
    settings = get_settings()
    require_post(settings)
    try:
        server = _connect(settings)
    except (smtplib.SMTPException, OSError) as error:
        raise Unavailable(NIET_BEREIKBAAR) from error
    try:
        yield Postbode(server, str(settings.smtp_afzender))
    finally:
        _leave(server)


def _connect(settings: Settings) -> smtplib.SMTP:
    host, port = str(settings.smtp_host), settings.smtp_poort
    # The name of this machine goes to nobody.
    own, context = "[127.0.0.1]", ssl.create_default_context()
    server: smtplib.SMTP
    if settings.smtp_beveiliging == "tls":
        server = smtplib.SMTP_SSL(host, port, local_hostname=own, timeout=SECONDEN, context=context)
    else:
        server = smtplib.SMTP(host, port, local_hostname=own, timeout=SECONDEN)
    try:
        if settings.smtp_beveiliging == "starttls":
            server.starttls(context=context)
        if settings.smtp_gebruiker and settings.smtp_wachtwoord:
            server.login(settings.smtp_gebruiker, settings.smtp_wachtwoord.get_secret_value())
        server.ehlo_or_helo_if_needed()
    except BaseException:
        server.close()
        raise
    return server


def _leave(server: smtplib.SMTP) -> None:
    try:
        server.quit()
    except (smtplib.SMTPException, OSError):
        server.close()
