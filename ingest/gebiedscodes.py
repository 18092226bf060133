"""The form of CBS codes: GM0153, WK015300, BU01530000; Amsterdam uses letters (BU0363AA01)."""

GEMEENTE_CODE = r"GM\d{4}"
WIJK_CODE = r"WK\d{4}[0-9A-Z]{2}"
BUURT_CODE = r"BU\d{4}[0-9A-Z]{4}"
GEBIED_CODE = rf"(?:{GEMEENTE_CODE}|{WIJK_CODE}|{BUURT_CODE})"
