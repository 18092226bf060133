"""What our own collections mean: definition, the layers they are made of, theme, rhythm, and what limits their use."""

from __future__ import annotations

from geo_service.catalogus.model import Toelichting
from geo_service.catalogus.waarden import Frequentie, Thema

ONTBREKEN = (
    "Geen cijfer is geen nul. De status zegt of er een cijfer is, en zo niet waarom: onderdrukt, niet gedekt, "
    "onbetrouwbaar of niet geleverd."
)
KLEIN = "Kleine aantallen zijn weggelaten, zodat niemand te herkennen is."
AANWEZIGHEID = (
    "Meer meldingen kan ook meer aandacht betekenen, en een stille buurt kan een buurt zijn die niet meldt. Gebruik de "
    "cijfers niet als ranglijst."
)


def _gebieden(definitie: str, *trefwoorden: str) -> Toelichting:
    return Toelichting(
        definitie, thema=Thema.REGIO, frequentie=Frequentie.JAARLIJKS, trefwoorden=(*trefwoorden, "gebiedsindeling")
    )


TOELICHTINGEN: dict[str, Toelichting] = {
    "stadsdelen": _gebieden("Een stadsdeel is een deel van de gemeente dat uit hele buurten bestaat.", "stadsdelen"),
    "wijken": _gebieden("Een wijk is een deel van de gemeente volgens de indeling van het CBS.", "wijken"),
    "buurten": _gebieden("Een buurt is het kleinste gebied in de indeling van het CBS.", "buurten"),
    "wijkteamgebieden": _gebieden(
        "Een wijkteamgebied is het werkgebied van één wijkteam; de indeling verandert in de tijd.", "wijkteams"
    ),
    "meldingen": Toelichting(
        "Eén object is één registratie van overlast, met plaats, moment en categorie, zonder gegevens van melders.",
        lagen=("meldingen",),
        frequentie=Frequentie.ONREGELMATIG,
        trefwoorden=("overlast", "meldingen", "leefbaarheid"),
        kwaliteit=(AANWEZIGHEID,),
    ),
    "meldingen-per-gebied": Toelichting(
        "Het aantal registraties van overlast van één bron in een gebied en een periode, ook per 1.000 woningen, "
        "inwoners of huishoudens.",
        lagen=("meldingen",),
        cijfers=True,
        frequentie=Frequentie.PER_KWARTAAL,
        trefwoorden=("overlast", "meldingen", "leefbaarheid"),
        kwaliteit=(ONTBREKEN, KLEIN, AANWEZIGHEID),
    ),
    "hotspots": Toelichting(
        "Een hotspot is een gebied dat in een periode opvalt in de meldingen van één bron: meldingen liggen dicht bij "
        "elkaar, het zijn er meer dan door toeval te verwachten is, het verloop is anders dan elders, of het is er "
        "opvallend stil. Het veld methode zegt welk van deze. Een hotspot is het begin van een gesprek en zegt niets "
        "over wie er woont.",
        lagen=("meldingen",),
        cijfers=True,
        frequentie=Frequentie.PER_KWARTAAL,
        trefwoorden=("overlast", "hotspots", "leefbaarheid"),
        kwaliteit=(KLEIN, AANWEZIGHEID),
    ),
    "bezoeken-per-gebied": Toelichting(
        "Het aantal bezoeken aan wijkwijzers in een periode, naar de buurt waar de bezoeker vandaan komt. Die buurt is "
        "vaak niet bekend en is niet altijd de buurt van de wijkwijzer.",
        lagen=("bezoeken",),
        cijfers=True,
        frequentie=Frequentie.PER_KWARTAAL,
        trefwoorden=("wijkwijzer", "bezoeken", "welzijn"),
        kwaliteit=(ONTBREKEN, KLEIN),
    ),
    "wijkwijzers": Toelichting(
        "Een wijkwijzer is een inlooppunt waar bewoners met vragen terechtkunnen.",
        lagen=("wijkwijzers",),
        frequentie=Frequentie.ONREGELMATIG,
        trefwoorden=("wijkwijzer", "welzijn"),
    ),
    "voorzieningen": Toelichting(
        "Een voorliggende voorziening is voor iedereen toegankelijk: een verwijzing is niet nodig en het gebruik is "
        "grotendeels gratis. Gevoelige locaties horen niet bij deze collectie.",
        lagen=("voorzieningen",),
        frequentie=Frequentie.ONREGELMATIG,
        trefwoorden=("voorzieningen", "welzijn", "ontmoeten"),
        kwaliteit=("De lijst is niet volledig: informele groepen staan er vaak niet in.",),
    ),
    "woningvoorraad": Toelichting(
        "Kerncijfers over woningen, eigendom en bouwperiode per gebied. Elk cijfer houdt het jaar waarover het gaat.",
        lagen=("kerncijfers", "woningen"),
        frequentie=Frequentie.JAARLIJKS,
        trefwoorden=("woningen", "eigendom", "bouwjaar"),
        kwaliteit=("Een leeg veld betekent dat de uitgever van het kerncijfer geen waarde gaf. Het is geen nul.",),
    ),
    "interventies": Toelichting(
        "Eén object is één actie van de gemeente of een partner, met doel, gebied en periode.",
        lagen=("interventies",),
        frequentie=Frequentie.ONREGELMATIG,
        trefwoorden=("aanpak", "interventies", "leefbaarheid"),
        kwaliteit=("Een verandering na een actie is nog geen gevolg van die actie.",),
    ),
}
