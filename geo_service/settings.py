"""Every setting, with its help text. Environment variables start with ``BUURTSIGNAAL_``."""

from __future__ import annotations

import hashlib
from functools import cache, cached_property
from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict, SettingsError

from geo_service.errors import Refused

# As strict as what the catalogue accepts, so that a wrong value is refused at the start and not in an answer.
WEB_ADDRESS = r"^https?://[^\s<>\"{}|\\^`\x00-\x1f\x7f]+$"
MAIL_ADDRESS = r"^[A-Za-z0-9_.+-]+@[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+$"


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="BUURTSIGNAAL_", extra="ignore", frozen=True)

    database_url: str | None = Field(
        None, description="libpq-URL van uw eigen PostgreSQL/PostGIS. Leeg: het eigen, ingebouwde cluster."
    )
    map: Path = Field(Path(".buurtsignaal"), description="Map voor het ingebouwde databasecluster en de geheimen.")
    rol_wachtwoord: SecretStr | None = Field(
        None,
        description="Wachtwoord waarmee de databaserollen bs_publiek en bs_dienst inloggen op uw eigen database.",
    )
    geheim: SecretStr | None = Field(
        None,
        description="Geheim voor pseudoniemen en ontwikkeltokens. Leeg: een bestand in de map.",
    )
    ontwikkeltokens: bool = Field(
        False,
        description="Sta ontwikkeltokens toe (de demo doet dat zelf). Alleen op een adres van deze machine.",
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
    hotspots: dict[str, dict[str, float | int | str]] = Field(
        default_factory=dict,
        description='Andere instellingen voor het zoeken naar hotspots, als JSON per methode, bijvoorbeeld {"punten": '
        '{"eps": 75}}. Namen en betekenis: zie Hoe wij rekenen.',
    )
    wachttijd_inlezen: int = Field(
        60, ge=0, description="Seconden die een inlezing wacht op een andere inlezing van dezelfde bron."
    )
    vraag_seconden: int = Field(15, ge=1, description="Langste duur in seconden van één databasevraag van de website.")

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
