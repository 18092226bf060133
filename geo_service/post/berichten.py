"""What a mail says, as plain text and as HTML: links and public figures only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from urllib.parse import quote, urlsplit

from jinja2 import Environment, PackageLoader

from geo_service.release.veranderd import Nieuws, Verandering
from maps.getallen import format_getal
from maps.model import NIVEAUS

BREEDTE = 76
# More changes than this are told by their number, with the way to all of them.
MEESTE = 12
NIETS = "Niets bijzonders: in de vrijgegeven cijfers van uw gebied is niets dat buiten de gewone schommelingen valt."
GEEN_NIEUWE = "Er is geen nieuwe periode vrijgegeven sinds de vorige maandagpost."
_templates = Environment(loader=PackageLoader("geo_service.post", "sjablonen"), autoescape=True, auto_reload=False)


@dataclass(frozen=True)
class Regel:
    """A sentence, with the address where more is told or ""."""

    tekst: str
    adres: str = ""


@dataclass(frozen=True)
class Blok:
    kop: str
    regels: tuple[Regel, ...]


@dataclass(frozen=True)
class Bericht:
    """afmelden: the address that ends the subscription; "" in a mail that nobody is subscribed to."""

    onderwerp: str
    inleiding: str
    blokken: tuple[Blok, ...]
    slot: tuple[Regel, ...]
    afmelden: str = ""

    @property
    def tekst(self) -> str:
        """As plain text."""
        lines = [self.inleiding, ""]
        for blok in self.blokken:
            lines += [blok.kop, *(line for regel in blok.regels for line in _plain(regel, "- ")), ""]
        lines += [line for regel in self.slot for line in _plain(regel, "")]
        return "\n".join(lines) + "\n"

    @property
    def html(self) -> str:
        return _templates.get_template("bericht.html").render(bericht=self)

    def as_email(self, site: str) -> EmailMessage:
        """With the headers of a mail that a machine made. site: the address of the website."""
        message = EmailMessage()
        message["Subject"] = self.onderwerp
        message["Date"] = formatdate(localtime=False)
        message["Message-ID"] = make_msgid(domain=urlsplit(site).hostname or "buurtsignaal")
        message["Auto-Submitted"] = "auto-generated"
        if self.afmelden:
            message["List-Unsubscribe"] = f"<{self.afmelden}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        message.set_content(self.tekst)
        message.add_alternative(self.html, subtype="html")
        return message


def _plain(regel: Regel, teken: str) -> list[str]:
    return [f"{teken}{regel.tekst}", *([f"  {regel.adres}"] if regel.adres else [])]


def confirmation(site: str, merk: str) -> Bericht:
    """The one mail that goes to an address that nobody confirmed yet."""
    link = f"{site}/maandagpost/bevestigen?merk={quote(merk)}"
    return Bericht(
        "Wilt u de maandagpost van Buurtsignaal?",
        "Iemand vroeg op Buurtsignaal de maandagpost aan met dit e-mailadres.",
        (Blok("Bent u dat? Bevestig het dan binnen een week:", (Regel("Ja, stuur mij de maandagpost.", link),)),),
        (Regel("Vroeg u niets aan? Doe dan niets. U krijgt dan geen post, en wij bewaren uw adres niet."),),
    )


@dataclass(frozen=True)
class Lezer:
    """For whom a mail is. waar: their areas in words; tot: the last day of the subscription, in words."""

    site: str
    waar: str
    tot: str
    merk: str


def monday_mail(lezer: Lezer, nieuws: Sequence[Nieuws], *, iets_nieuws: bool) -> Bericht:
    """What changed beyond noise. nieuws: of sources with another last period; iets_nieuws: there is such a source."""
    changed = [bron for bron in nieuws if bron.veranderingen]
    total = sum(len(bron.veranderingen) for bron in changed)
    what = f"{total} {'verandering' if total == 1 else 'veranderingen'}" if total else "niets bijzonders"
    blokken = [_changes(lezer.site, bron) for bron in changed]
    if not changed:
        blokken.append(Blok(NIETS if iets_nieuws else f"Niets bijzonders. {GEEN_NIEUWE}", ()))
    if nieuws:
        blokken.append(Blok("Waar wij keken", tuple(_looked(bron) for bron in nieuws)))
    afmelden = f"{lezer.site}/maandagpost/afmelden?merk={quote(lezer.merk)}"
    slot = (
        Regel("Meer, ook wat nog niet openbaar is, ziet u na het inloggen:", f"{lezer.site}/"),
        Regel(f"U krijgt deze post omdat u haar aanvroeg. Uw abonnement loopt tot {lezer.tot}. Afmelden:", afmelden),
    )
    inleiding = (
        f"Goedemorgen. Dit is de maandagpost voor {lezer.waar}. Er staan alleen cijfers in die iedereen mag zien. "
        "Een verandering is het begin van een gesprek, geen oordeel."
    )
    return Bericht(f"Maandagpost Buurtsignaal: {what}", inleiding, tuple(blokken), slot, afmelden)


def _changes(site: str, bron: Nieuws) -> Blok:
    regels = [_change(site, change) for change in bron.veranderingen[:MEESTE]]
    if len(bron.veranderingen) > MEESTE:
        regels.append(Regel(f"En nog {len(bron.veranderingen) - MEESTE} buurten: zie de kaart.", f"{site}/kaart"))
    return Blok(f"{bron.bron}, {bron.periode.naam}: anders dan het eigen verleden", tuple(regels))


def _change(site: str, change: Verandering) -> Regel:
    expected = format_getal(change.verwacht, 1)
    word = "Meer" if change.meer else "Minder"
    return Regel(
        f"{change.gebied_naam}: {format_getal(change.aantal)} meldingen. {word} dan verwacht: ongeveer {expected} "
        f"(tussen {format_getal(change.laag)} en {format_getal(change.hoog)}).",
        f"{site}/gebied/{quote(change.gebied_code)}",
    )


def _looked(bron: Nieuws) -> Regel:
    plural = NIVEAUS["buurt"][0 if bron.bekeken == 1 else 1]
    told = f"{bron.bron}, {bron.periode.naam}: wij konden {bron.bekeken} {plural} met hun eigen verleden vergelijken."
    if not bron.bekeken:
        told = f"{bron.bron}, {bron.periode.naam}: er is te weinig openbaar verleden om te zeggen wat gewoon is."
    return Regel(f"{told} {bron.herkomst}.")
