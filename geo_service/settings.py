"""Every setting, with its help text. Environment variables start with ``BUURTSIGNAAL_``."""

from __future__ import annotations

import hashlib
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, SettingsError

from geo_service.beveiliging.geheimen import SecretsFromFiles
from geo_service.errors import Refused

# As strict as what the catalogue accepts, so that a wrong value is refused at the start and not in an answer.
WEB_ADDRESS = r"^https?://[^\s<>\"{}|\\^`\x00-\x1f\x7f]+$"
MAIL_ADDRESS = r"^[A-Za-z0-9_.+-]+@[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$"

# Without https only on this very machine: tokens and codes go over this line.
OIDC_ADDRESS = r"^(https://|http://(127\.0\.0\.1|localhost|\[::1\])(:|/|$))[^\s<>\"{}|\\^`?#\x00-\x1f\x7f]*$"


class Groep(BaseModel):
    """What members of a group of the provider may: as the claims would say it themselves."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rol: str
    gemeente: str | None = None
    stadsdelen: tuple[str, ...] = ()


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="BUURTSIGNAAL_", extra="ignore", frozen=True)

    database_url: str | None = Field(
        None,
        repr=False,
        description="libpq-URL van uw eigen PostgreSQL/PostGIS. Leeg: het eigen, ingebouwde cluster.",
    )
    map: Path = Field(Path(".buurtsignaal"), description="Map voor het ingebouwde databasecluster en de geheimen.")
    rol_wachtwoord: SecretStr | None = Field(
        None,
        description="Wachtwoord waarmee bs_publiek, bs_dienst, bs_toegang en bs_werk op uw eigen database inloggen.",
    )
    geheim: SecretStr | None = Field(
        None,
        description="Geheim voor pseudoniemen en ontwikkeltokens. Leeg: een bestand in de map.",
    )
    ontwikkeltokens: bool = Field(
        False,
        description="Sta ontwikkeltokens toe (de demo doet dat zelf). Alleen op een adres van deze machine.",
    )

    # Who comes in (geo_service/toegang).
    oidc_uitgever: str | None = Field(
        None,
        pattern=OIDC_ADDRESS,
        description="Adres van de aanmelddienst (issuer, OpenID Connect), bijvoorbeeld https://aanmelden.enschede.nl. "
        "Leeg: niemand kan inloggen.",
    )
    oidc_client_id: str = Field("buurtsignaal", description="Naam waaronder de aanmelddienst Buurtsignaal kent.")
    oidc_client_geheim: SecretStr | None = Field(
        None, description="Geheim van Buurtsignaal bij de aanmelddienst. Leeg: alleen PKCE (openbare client)."
    )
    oidc_scopes: str = Field(
        "openid", pattern=r"(^|\s)openid(\s|$)", description="Scopes die bij het inloggen worden gevraagd, met spaties."
    )
    oidc_publiek: str | None = Field(
        None,
        description="Publiek (audience) van tokens voor de API; anders dan de client. Leeg: de API neemt geen tokens "
        "van de aanmelddienst aan.",
    )
    oidc_claim_rol: str = Field("rol", description="Claim met de rol.")
    oidc_claim_gemeente: str = Field("gemeente", description="Claim met de gemeentecode.")
    oidc_claim_stadsdelen: str = Field("stadsdelen", description="Claim met de stadsdeelcodes, of alle.")
    oidc_claim_groepen: str = Field(
        "groups", description="Claim met de groepen; telt alleen met een tabel van groepen."
    )
    oidc_groepen: dict[str, Groep] = Field(
        default_factory=dict,
        description='Welke groep wat mag, als JSON, bijvoorbeeld {"wijk-noord": {"rol": "wijkregisseur", "gemeente": '
        '"GM0153", "stadsdelen": ["GM0153-SD-noord"]}}. Leeg: de claims zeggen het zelf.',
    )
    oidc_sleutels_seconden: int = Field(
        300, ge=1, description="Hoe lang de sleutels van de aanmelddienst worden onthouden, in seconden."
    )
    oidc_sleutels_rust: int = Field(
        10, ge=1, description="Seconden tussen twee keer ophalen van sleutels, ook bij een onbekende sleutel."
    )
    sessie_seconden: int = Field(36_000, ge=60, description="Na hoeveel seconden iemand opnieuw moet inloggen.")
    sessie_stil_seconden: int = Field(
        3_600, ge=1, description="Na hoeveel seconden zonder gebruik iemand opnieuw moet inloggen."
    )
    mislukt_per_minuut: int = Field(
        60, ge=1, description="Aantal mislukte aanmeldingen en foute tokens per minuut van één adres."
    )

    drempel_publiek: int = Field(
        10, ge=3, description="Kleinste aantal dat het publiek en onderzoekers te zien krijgen."
    )
    drempel_dienst: int = Field(
        5, ge=3, description="Kleinste aantal dat medewerkers buiten hun eigen stadsdelen te zien krijgen."
    )
    bevriezing_dagen: int = Field(
        28,
        ge=0,
        description="Aantal dagen na het einde van een periode voordat de cijfers ervan openbaar worden.",
    )
    vrijgave_direct: int = Field(
        2000,
        ge=0,
        description="Aantal cijfers waarover bij het inlezen van een bestand meteen wordt beslist of zij openbaar "
        "mogen worden, nieuwste perioden eerst. Over de rest beslist de website op de achtergrond, of "
        "`buurtsignaal vrijgeven`.",
    )
    vrijgave_vast_dagen: int = Field(
        7,
        ge=0,
        description="Aantal dagen na de eerste vrijgave van een periode waarin een nieuwe inlezing die nog mag "
        "veranderen. Daarna staan zij vast.",
    )
    limiet_standaard: int = Field(
        1000, ge=1, description="Aantal objecten per pagina van de API als er niets is gevraagd."
    )
    limiet_maximum: int = Field(10_000, ge=1, description="Grootste aantal objecten per pagina van de API.")
    pagina_bytes: int = Field(
        20_000_000,
        ge=100_000,
        description="Grootste omvang in bytes van één pagina van de API; de rest staat op de volgende.",
    )
    geheugen_megabytes: int = Field(
        64, ge=1, description="Geheugen in MB voor antwoorden van de API die vaker worden gevraagd."
    )
    verzoeken_per_minuut: int = Field(
        3000, ge=10, description="Aantal verzoeken per minuut dat één kijker of adres aan de API mag doen."
    )
    export_seconden: int = Field(
        600, ge=10, description="Langste duur in seconden van de databasevraag achter een bestand om te downloaden."
    )
    openbaar_adres: str | None = Field(
        None,
        pattern=r"^https?://[^\s<>\"{}|\\^`?#\x00-\x1f\x7f]+$",
        description="Adres waarop de dienst van buiten bereikbaar is, bijvoorbeeld https://buurtsignaal.enschede.nl. "
        "Leeg: het adres van het verzoek.",
    )
    uitgever_naam: str = Field(
        "Uitgever niet opgegeven",
        pattern=r"\S",
        description="Naam van de organisatie die de catalogus uitgeeft, precies zoals houder in bronnen.toml.",
    )
    uitgever_uri: str | None = Field(
        None,
        pattern=WEB_ADDRESS,
        description="Webadres dat de uitgever aanduidt, voor een gemeente het TOOI-adres. Leeg: een adres van deze "
        "dienst.",
    )
    contact_email: str | None = Field(
        None, pattern=MAIL_ADDRESS, description="E-mailadres voor vragen over de gegevens. Leeg: de uitlegpagina."
    )
    licentie: Literal["cc0", "cc-by-4.0"] | None = Field(
        None,
        description="Licentie voor cijfers waarvan de uitgever zelf de rechten heeft: cc0 of cc-by-4.0. Leeg: niet "
        "opgegeven. Een licentie is niet terug te nemen.",
    )
    export_tegelijk: int = Field(
        3, ge=1, description="Aantal bestanden dat één proces tegelijk maakt; wie daarna komt, wacht even."
    )
    achtergrondkaart_url: str | None = Field(
        None,
        description="Tegel-URL van een achtergrondkaart ({z}/{x}/{y}). Leeg: alleen de eigen gebiedsgrenzen.",
    )
    achtergrondkaart_bron: str = Field(
        "Kaartgegevens: Kadaster, CC-BY", description="Bronvermelding bij de achtergrondkaart."
    )
    huisstijl_css: Path | None = Field(
        None,
        description="Bestand met de design tokens van uw gemeente: alleen eigen CSS-variabelen (--utrecht-…, "
        "--basis-…). Leeg: de huisstijl van Buurtsignaal.",
    )
    hotspots: dict[str, dict[str, float | int | str]] = Field(
        default_factory=dict,
        description='Andere instellingen voor het zoeken naar hotspots, als JSON per methode, bijvoorbeeld {"punten": '
        '{"eps": 75}}. Namen en betekenis: zie Hoe wij rekenen.',
    )
    wachttijd_inlezen: int = Field(
        60, ge=0, description="Seconden die een inlezing wacht op een andere inlezing van dezelfde bron."
    )
    vraag_seconden: int = Field(15, ge=1, description="Langste duur in seconden van één databasevraag van de website.")

    # Web hardening (geo_service/beveiliging).
    verzoek_seconden: int = Field(
        60, ge=1, description="Langste duur in seconden van één verzoek, bestanden om te downloaden niet meegeteld."
    )
    lees_seconden: int = Field(
        15, ge=1, description="Tijd in seconden waarin een bezoeker een verzoek helemaal moet hebben gestuurd."
    )
    gelijktijdig: int = Field(
        200, ge=1, description="Aantal verzoeken dat één proces tegelijk behandelt; daarboven volgt 503."
    )
    verzoek_bytes: int = Field(65_536, ge=1_024, description="Grootste omvang in bytes van wat een verzoek meestuurt.")
    hosts: tuple[str, ...] = Field(
        (),
        description="Andere namen waaronder de dienst bereikbaar is, als JSON-lijst. Telt alleen als openbaar_adres is "
        "gezet: verzoeken voor een andere naam worden dan geweigerd.",
    )
    vertrouwde_proxys: str = Field(
        "",
        description="IP-adressen of netwerken, met komma's, van de webserver die ervoor staat. Alleen van die geloven "
        "wij X-Forwarded-For en X-Forwarded-Proto. Leeg: van niemand.",
    )
    hsts_seconden: int = Field(
        31_536_000,
        ge=0,
        description="Hoe lang browsers alleen via https mogen komen (HSTS), in seconden. Geldt als openbaar_adres met "
        "https begint; 0: uit.",
    )
    toegangslog: bool = Field(
        True, description="Schrijf per verzoek één regel zonder persoonsgegevens: methode, soort adres, status en tijd."
    )
    interne_bronnen: bool = Field(
        False,
        description="Sta toe dat een bron op internet doorverwijst naar een adres in het eigen netwerk.",
    )
    privacy_contact: str | None = Field(
        None,
        pattern=rf"{WEB_ADDRESS}|{MAIL_ADDRESS}",
        description="E-mailadres of webadres voor vragen en verzoeken over persoonsgegevens (functionaris "
        "gegevensbescherming). Leeg: contact_email.",
    )
    beveiliging_contact: str | None = Field(
        None,
        pattern=r"^(mailto:|https://)[^\s]+$",
        description="Waar iemand een lek meldt, voor security.txt: begint met mailto: of https://. Leeg: er is geen "
        "security.txt.",
    )
    beveiliging_geldig_tot: date | None = Field(
        None, description="Dag tot wanneer security.txt geldt. Leeg: een half jaar na de start van de dienst."
    )

    # Mail (geo_service/post).
    smtp_host: str | None = Field(
        None,
        pattern=r"^[A-Za-z0-9.:_-]+$",
        description="Naam of adres van de mailserver voor de maandagpost. Leeg: deze website verstuurt geen post.",
    )
    smtp_poort: int = Field(587, ge=1, le=65535, description="Poort van de mailserver.")
    smtp_gebruiker: str | None = Field(None, description="Naam waarmee wij bij de mailserver inloggen. Leeg: zonder.")
    smtp_wachtwoord: SecretStr | None = Field(None, description="Wachtwoord waarmee wij bij de mailserver inloggen.")
    smtp_afzender: str | None = Field(
        None, pattern=MAIL_ADDRESS, description="E-mailadres waarvan de maandagpost komt."
    )
    smtp_beveiliging: Literal["starttls", "tls", "geen"] = Field(
        "starttls",
        description="Hoe de verbinding met de mailserver is beveiligd: starttls, tls, of geen (alleen binnen het eigen "
        "netwerk).",
    )

    # The trail (geo_service/spoor) and how long things are kept.
    noodtoegang_uren: int = Field(
        4, ge=1, le=24, description="Hoeveel uur noodtoegang tot een ander stadsdeel duurt, ten hoogste 24."
    )
    logboek_maanden: int = Field(24, ge=1, description="Hoeveel maanden het logboek en noodtoegangen bewaard blijven.")
    laadverslag_maanden: int = Field(24, ge=1, description="Hoeveel maanden laadverslagen bewaard blijven.")
    notitie_maanden: int = Field(24, ge=1, description="Hoeveel maanden notities van medewerkers bewaard blijven.")
    weergave_maanden: int = Field(
        24,
        ge=1,
        description="Hoeveel maanden weergaven en het laatste bezoek van een medewerker bewaard blijven.",
    )
    abonnement_maanden: int = Field(
        12, ge=1, description="Hoeveel maanden een abonnement op de maandagpost loopt; daarna is het weg."
    )
    afkeur_maanden: int = Field(3, ge=1, description="Hoeveel maanden afgekeurde regels met hun reden bewaard blijven.")

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  (pydantic hands over all kinds by name)
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        return init_settings, env_settings, SecretsFromFiles(settings_cls)

    @cached_property
    def fingerprint(self) -> str:
        """Of all that answers may depend on; of secrets not even that."""
        told = self.model_dump_json(exclude={"database_url", "rol_wachtwoord", "geheim", "map"})
        return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


@cache
def get_settings() -> Settings:
    """The settings of this process; Refused names the first that cannot be."""
    try:
        return Settings()
    except ValidationError as error:
        name = str(error.errors()[0]["loc"][0])
    except SettingsError as error:
        name = next((field for field in Settings.model_fields if f'"{field}"' in str(error)), "")
    description = Settings.model_fields[name].description if name in Settings.model_fields else ""
    raise Refused(f"De instelling BUURTSIGNAAL_{name.upper()} klopt niet. {description}")
