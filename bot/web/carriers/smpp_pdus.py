"""Reads and writes the PDUs of SMPP 3.4 and converts them to our own types. smpplib encodes the octets.

Section numbers are those of “SMPP Protocol Specification v3.4”, issue 1.2; for headers, those of 3GPP TS 23.040.
"""

from __future__ import annotations

import hashlib
import re
import struct
from dataclasses import dataclass, field
from typing import Any

from smpplib import consts
from smpplib.gsm import GSM_CHARACTER_TABLE
from smpplib.smpp import make_pdu

from bot.db import utcnow
from bot.helpline.texts import Arrived, DeliveryReport, Kind, TextPart

# 5.1.2.1: command_id.
GENERIC_NACK, SUBMIT_SM_RESP, DELIVER_SM, UNBIND, ENQUIRE_LINK = 0x80000000, 0x80000004, 0x5, 0x6, 0x15
ALERT_NOTIFICATION = 0x102
IS_RESPONSE = 0x80000000
# 5.3.2: tags of optional parameters.
_RECEIPTED_MESSAGE_ID, _USER_MESSAGE_REFERENCE, _MESSAGE_PAYLOAD, _MESSAGE_STATE = 0x001E, 0x0204, 0x0424, 0x0427
_SAR_REFERENCE, _SAR_TOTAL, _SAR_NUMBER = 0x020C, 0x020E, 0x020F
# 5.2.12: esm_class.
TYPE_BITS, RECEIPT, _HAS_HEADER = 0x3C, 0x04, 0x40
_UCS2 = 8
# Most octets of a text in one piece, and of a part, which has a header of six octets more.
_ALONE, _PART = 140, 134
MOST_PARTS = 255
LONGEST_PDU = 70_000
# 5.1.3: command_status.
OK, INVALID_LENGTH, INVALID_COMMAND, TRY_LATER = (
    int(consts.SMPP_ESME_ROK),
    int(consts.SMPP_ESME_RINVCMDLEN),
    int(consts.SMPP_ESME_RINVCMDID),
    int(consts.SMPP_ESME_RX_T_APPN),
)
# Errors that will be the same the next time. All others are tried again, also the operator's own errors.
FINAL = frozenset(
    [
        consts.SMPP_ESME_RINVMSGLEN,
        consts.SMPP_ESME_RINVSRCADR,
        consts.SMPP_ESME_RINVDSTADR,
        consts.SMPP_ESME_RINVSERTYP,
        consts.SMPP_ESME_RINVESMCLASS,
        consts.SMPP_ESME_RINVSRCTON,
        consts.SMPP_ESME_RINVSRCNPI,
        consts.SMPP_ESME_RINVDSTTON,
        consts.SMPP_ESME_RINVDSTNPI,
        consts.SMPP_ESME_RX_P_APPN,
        consts.SMPP_ESME_RX_R_APPN,
        consts.SMPP_ESME_RDELIVERYFAILURE,
    ]
)

# 5.2.28: states by number, in the words of appendix B.
_STATES = ("", "ENROUTE", "DELIVRD", "EXPIRED", "DELETED", "UNDELIV", "ACCEPTD", "UNKNOWN", "REJECTD")
_ON_THE_WAY = ("", "ENROUTE", "ACCEPTD")


@dataclass(frozen=True)
class Pdu:
    """A PDU (3.2). `fields`: smpplib's object, only for deliver_sm and submit_sm_resp; `optional`: values by tag."""

    command: int
    status: int
    sequence: int
    fields: Any = None
    optional: dict[int, bytes] = field(default_factory=dict)


def read(octets: bytes) -> Pdu:
    """Reads one whole PDU. `fields` is None also for a deliver_sm that cannot be read."""
    _, command, status, sequence = struct.unpack_from(">LLLL", octets)
    if command == DELIVER_SM and _is_whole(octets[16:]):
        fields = make_pdu("deliver_sm", sequence=sequence)
    elif command == SUBMIT_SM_RESP:
        fields = make_pdu("submit_sm_resp", sequence=sequence)
        octets += b"\0"  # some SMSCs leave out the NUL that ends the message_id, or the whole field
    else:
        return Pdu(command, status, sequence)
    optional: dict[int, bytes] = {}
    # smpplib's own parser stops at tags of other commands, and cuts strings that end without a NUL.
    fields.parse_optional_params = lambda data: optional.update(_optional(data))
    fields.parse(octets)
    return Pdu(command, status, sequence, fields, optional)


def _is_whole(body: bytes) -> bool:
    """Whether a deliver_sm (4.6.1) is whole up to its short_message; if a NUL lacks, smpplib reads from the start."""
    at = 0
    for strings, octets in ((1, 2), (1, 2), (1, 3), (2, 5)):
        for _ in range(strings):
            at = body.find(b"\0", at) + 1
            if not at:
                return False
        at += octets
    return at <= len(body) and at + body[at - 1] <= len(body)


def write(command: str, sequence: int, **fields: Any) -> bytes:
    pdu = make_pdu(command, sequence=sequence, **fields)
    pdu.sequence = sequence
    return bytes(pdu.generate())


def submit_sm(source: str, to: str, data: bytes, part: TextPart | None, *, wants_receipt: bool) -> dict[str, Any]:
    """The fields of a submit_sm (4.4.1) that carries UCS-2."""
    source_ton, source_npi, source_addr = _address(source)
    ton, npi, destination_addr = _address(to)
    # 9.2.3.24.1: concatenated short messages, 8-bit reference number.
    header = bytes([5, 0, 3, part.reference, part.total, part.number]) if part else b""
    return {
        "source_addr_ton": source_ton,
        "source_addr_npi": source_npi,
        "source_addr": source_addr,
        "dest_addr_ton": ton,
        "dest_addr_npi": npi,
        "destination_addr": destination_addr,
        "esm_class": _HAS_HEADER if part else 0,
        "registered_delivery": 1 if wants_receipt else 0,
        "data_coding": _UCS2,
        "short_message": header + data,
    }


def message_id(pdu: Pdu) -> str:
    """The message_id of a submit_sm_resp (4.4.2)."""
    return bytes(pdu.fields.message_id or b"").decode("latin-1")


def pieces(text: str) -> list[bytes]:
    """The text in UCS-2, in one piece or in parts of at most 67 units; a character of two units is not cut."""
    data = text.encode("utf-16-be", "replace")
    if len(data) <= _ALONE:
        return [data]
    cut, start = [], 0
    while start < len(data):
        end = start + _PART
        if end < len(data) and 0xD8 <= data[end - 2] <= 0xDB:
            end -= 2
        cut.append(data[start:end])
        start = end
    return cut


def _address(number: str) -> tuple[int, int, str]:
    """5.2.5, 5.2.6: type of number, numbering plan, address. Without a + the SMSC decides on the first two."""
    return (1, 1, number[1:]) if number.startswith("+") else (0, 0, number)


def _optional(data: bytes) -> dict[int, bytes]:
    """Optional parameters (3.2.4.1): values by tag. One that is cut short is the last."""
    found: dict[int, bytes] = {}
    while len(data) >= 4:
        tag, length = struct.unpack_from(">HH", data)
        found[tag], data = data[4 : 4 + length], data[4 + length :]
    return found


def _content(pdu: Pdu) -> tuple[bytes, bytes]:
    """The user data header, without its length, and what follows it."""
    data = bytes(pdu.optional.get(_MESSAGE_PAYLOAD) or pdu.fields.short_message or b"")
    if not pdu.fields.esm_class & _HAS_HEADER or not data:
        return b"", data
    return data[1 : 1 + data[0]], data[1 + data[0] :]


def _part(header: bytes, optional: dict[int, bytes]) -> TextPart | None:
    """Which part a PDU is, by its header (9.2.3.24.1 and .8) or by the sar_… parameters (5.3.2.22 to .24)."""
    found = None
    while len(header) >= 2:
        element, value, header = header[0], header[2 : 2 + header[1]], header[2 + header[1] :]
        if (element, len(value)) in ((0, 3), (8, 4)):
            found = TextPart(int.from_bytes(value[:-2]), value[-2], value[-1])
    if found is None and {_SAR_REFERENCE, _SAR_TOTAL, _SAR_NUMBER} <= optional.keys():
        found = TextPart(*(int.from_bytes(optional[tag][:2]) for tag in (_SAR_REFERENCE, _SAR_TOTAL, _SAR_NUMBER)))
    return found if found and 1 <= found.number <= found.total else None


def _words(data: bytes, data_coding: int) -> str | None:
    """The text, decoded by its data_coding (5.2.19); None if it is not text."""
    if data_coding == 0 or (data_coding >= 0xF0 and not data_coding & 4):
        return _gsm(data)
    codec = {1: "ascii", 3: "latin-1", _UCS2: "utf-16-be"}.get(data_coding)
    return data.decode(codec, "replace") if codec else None


def _gsm(data: bytes) -> str:
    """Decodes GSM 03.38, one octet for each character: the default alphabet of SMSCs that set no other."""
    said, after_escape = [], 0
    for octet in data:
        if octet == 0x1B:
            after_escape = 128
            continue
        said.append(GSM_CHARACTER_TABLE[octet + after_escape] if octet < 128 else "\ufffd")
        after_escape = 0
    return "".join(said)


def arrived(pdu: Pdu, name: str) -> Arrived:
    header, data = _content(pdu)
    text = _words(data, pdu.fields.data_coding)
    number = bytes(pdu.fields.source_addr or b"").decode("latin-1")
    is_bare = pdu.fields.source_addr_ton == 1 and not number.startswith("+")
    return Arrived(
        gateway_id=name,
        user=f"+{number}" if is_bare else number,
        text="数据短信" if text is None else text,
        sent_at=utcnow(),  # SMPP has no time for it
        part=_part(header, pdu.optional),
        kind=Kind.NOT_TEXT if text is None else Kind.TEXT,
    )


def digest(pdu: Pdu) -> str:
    """A digest of all fields by which a repeated text is recognised."""
    fields = pdu.fields
    known_by = [
        fields.source_addr,
        fields.destination_addr,
        fields.esm_class,
        fields.data_coding,
        fields.short_message,
        *(
            pdu.optional.get(tag)
            for tag in (
                _MESSAGE_PAYLOAD,
                _SAR_REFERENCE,
                _SAR_TOTAL,
                _SAR_NUMBER,
                _USER_MESSAGE_REFERENCE,
                _RECEIPTED_MESSAGE_ID,
            )
        ),
    ]
    return hashlib.sha256(repr(known_by).encode()).hexdigest()


def report(pdu: Pdu) -> DeliveryReport | None:
    """A delivery receipt (appendix B; 5.3.2.12, 5.3.2.35). None while the text is on its way, or if no id is named."""
    said = _content(pdu)[1].decode("utf-16-be" if pdu.fields.data_coding == _UCS2 else "latin-1", "replace")
    by_words = dict(re.findall(r"\b(id|stat|err):\s*(\S+)", said.partition("ext:")[0]))
    name = pdu.optional.get(_RECEIPTED_MESSAGE_ID, b"").rstrip(b"\0").decode("latin-1") or by_words.get("id", "")
    code = int.from_bytes(pdu.optional.get(_MESSAGE_STATE, b""))
    state = (_STATES[code] if code < len(_STATES) else "UNKNOWN") or by_words.get("stat", "").upper()[:7]
    if not name or state in _ON_THE_WAY:
        return None
    if state == "DELIVRD":
        return DeliveryReport(name, is_delivered=True)
    error = by_words.get("err", "")[:8]
    return DeliveryReport(name, is_delivered=False, why=f"{state} {error}".strip())


def meaning(status: int) -> str:
    """A command_status (5.1.3) in words."""
    return f"0x{status:08X} {consts.DESCRIPTIONS.get(status, 'of the operator')}"
