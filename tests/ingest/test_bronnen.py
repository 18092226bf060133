"""bronnen.toml."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.bronnen import Alias, Bron, Dekking, Trendbreuk, Wijkteamgebied, read_bronnen
from ingest.errors import SourceUnreadable

WHOLE = """
[[bron]]
naam = "Buurtbemiddeling"
houder = "Alifa"
definitie = "Een aangemeld conflict tussen buren"
registratie_eenheid = "casus"
grondslag = "Wmo"
bewaartermijn = "2 jaar"
optelbaar_met = ["Meldpunt"]
gemeente = "GM0153"

[[bron]]
naam = "Signalen"
bewaartermijn = 24

[[dekking]]
bron = "Buurtbemiddeling"
gebied = "GM0153-SD-noord"
van = 2019-01-01
tot = "2019-12-31"

[[trendbreuk]]
bron = "Buurtbemiddeling"
datum = 2020-03-16
reden = "Corona"

[[alias]]
alias = "Twekelerveld"
gebied = "Twekkelerveld"

[[wijkteamgebied]]
naam = "Wesselerbrink"
buurtcodes = ["BU01530801", "BU01530802"]
van = 2018-01-01
"""


def write(folder, text):
    path = folder / "bronnen.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_everything(tmp_path):
    found = read_bronnen(write(tmp_path, WHOLE))
    assert found.bronnen == (
        Bron(
            "Buurtbemiddeling",
            "Alifa",
            "Een aangemeld conflict tussen buren",
            "casus",
            "Wmo",
            24,
            ("Meldpunt",),
            "GM0153",
        ),
        Bron("Signalen", None, None, "melding", None, 24, (), None),
    )
    assert found.dekkingen == (Dekking("Buurtbemiddeling", "GM0153-SD-noord", date(2019, 1, 1), date(2019, 12, 31)),)
    assert found.trendbreuken == (Trendbreuk("Buurtbemiddeling", date(2020, 3, 16), "Corona", None),)
    assert found.aliassen == (Alias("Twekelerveld", "Twekkelerveld"),)
    codes = ("BU01530801", "BU01530802")
    assert found.wijkteamgebieden == (Wijkteamgebied("Wesselerbrink", None, codes, date(2018, 1, 1), None),)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ('[[bron]]\nnaam="a"\n[[bron]]\nhouder="b"', r"\[\[bron\]\] nummer 2: naam ontbreekt\."),
        ('[[bron]]\nnaam=" "', "naam moet een tekst zijn"),
        ('[[bron]]\nnaam="a"\neigenaar="b"', "nummer 1: onbekende sleutel eigenaar"),
        ('[[bron]]\nnaam="a"\nregistratie_eenheid="klacht"', "registratie_eenheid klacht is onbekend"),
        ('[[bron]]\nnaam="a"\nbewaartermijn="lang"', "bewaartermijn moet een aantal maanden"),
        ('[[bron]]\nnaam="a"\nbewaartermijn=true', "bewaartermijn moet een aantal maanden"),
        ('[[bron]]\nnaam="a"\ngemeente="Enschede"', "geen gemeentecode"),
        ('[[bron]]\nnaam="a"\n[[bron]]\nnaam="a"', "komt dubbel voor: a"),
        (
            '[[dekking]]\nbron="a"\ngebied="b"\nvan=2020-01-02\ntot=2020-01-01',
            r"nummer 1: tot \(2020-01-01\) ligt voor",
        ),
        ('[[dekking]]\nbron="a"\ngebied="b"', "van ontbreekt"),
        ('[[dekking]]\nbron="a"\ngebied="b"\nvan="vroeger"', "van is geen datum"),
        ('[[dekking]]\nbron="a"\ngebied="b"\nvan=2020', "van is geen datum"),
        ('[[trendbreuk]]\nbron="a"\ndatum=2020-01-01', "reden ontbreekt"),
        ('[[wijkteamgebied]]\nnaam="a"\nvan=2020-01-01\nbuurtcodes=["City"]', "noemt geen buurtcode.*City"),
        ('[[wijkteamgebied]]\nnaam="a"\nvan=2020-01-01', "leeg"),
        ('[bron]\nnaam="a"', r"schrijf bron met dubbele haken"),
        ('[[bronnen]]\nnaam="a"', "kent bronnen niet"),
        ("naam = ", "geen geldige TOML"),
    ],
)
def test_errors_name_the_table_and_the_key(tmp_path, text, problem):
    with pytest.raises(SourceUnreadable, match=problem):
        read_bronnen(write(tmp_path, text))
