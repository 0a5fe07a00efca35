"""Cuts a text into SMS parts as a telephone does (3GPP TS 23.038 and 23.040)."""

from __future__ import annotations

# Each character of `_GSM_EXTENDED` takes two places (6.2.1.1).
_GSM = set("@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿") | set(
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_EXTENDED = set("\f^{}\\[~]|€")


def cut(text: str) -> list[str]:
    """The parts, one if it fits into one. No character is cut in two."""
    is_gsm = set(text) <= _GSM | _GSM_EXTENDED
    whole, part = (160, 153) if is_gsm else (70, 67)

    def places(character: str) -> int:
        return 2 if (character in _GSM_EXTENDED and is_gsm) or ord(character) > 0xFFFF else 1

    if sum(map(places, text)) <= whole:
        return [text]
    parts, left = [""], part
    for character in text:
        if places(character) > left:
            parts.append("")
            left = part
        parts[-1] += character
        left -= places(character)
    return parts
