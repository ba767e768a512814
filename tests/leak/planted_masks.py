"""Faults planted in masking, and in where it is done."""

from tests.leak import gates_masks as gates
from tests.leak.faults import Fault, replaced

_SPANS = "rag.personal:_spans"

MASK_FAULTS = [
    Fault("nothing masked", replaced("rag.screen:mask", "replace(text, _MASKS)", "text"), gates.kind_gate),
    Fault(
        "homes not masked",
        replaced(_SPANS, "for span in addresses.find(shadow)", "for span in ()"),
        gates.kind_gate,
    ),
    Fault(
        "homes in English not masked",
        replaced("rag.addresses:find", ", *_english(text)", ""),
        gates.kind_gate,
    ),
    Fault(
        "full-width digits not masked",
        replaced("rag.shadow:shadow_of", "text.translate(_looks())", "text"),
        gates.kind_gate,
    ),
    Fault(
        "digits said in Chinese not masked",
        replaced("rag.shadow:spoken", "shadow.translate(_SPOKEN_DIGITS)", "shadow"),
        gates.drawn_gate,
    ),
    Fault("mail not masked", replaced(_SPANS, '"@" in shadow or "at" in shadow', "False"), gates.kind_gate),
    Fault("numbers not masked", replaced(_SPANS, "_SEVEN_DIGITS.search(shadow)", "False"), gates.kind_gate),
    Fault(
        "numbers that are said to be somebody's not masked",
        replaced(_SPANS, "bool(ANNOUNCES.search(shadow))", "False"),
        gates.kind_gate,
    ),
    Fault("plates not masked", replaced("rag.shapes:_plate", ">= 3", ">= 30"), gates.kind_gate),
    Fault(
        "mistyped identity numbers not masked",
        replaced("rag.shapes:_id", 'digits[6:8] in ("18", "19", "20")', "_checks(digits)"),
        gates.kind_gate,
    ),
    Fault(
        "hotlines masked as accounts",
        replaced("rag.shapes:_account", "_SHORT_PHONE.fullmatch(_digits(value))", "False"),
        gates.public_gate,
    ),
    Fault(
        "phones of offices masked as documents",
        replaced("rag.shapes:_announced", " or _OFFICE_PHONE.match(value)", ""),
        gates.public_gate,
    ),
    Fault(
        "days masked as numbers",
        replaced("rag.shapes:_announced", "_DAY.match(value) or _SERIAL.match(value) or ", ""),
        gates.public_gate,
    ),
    Fault(
        "standards masked as passports",
        replaced("rag.shapes:_passport", "is_standard or ", ""),
        gates.public_gate,
    ),
    Fault(
        "offices masked as homes",
        replaced("rag.addresses:_is_house", "is_other or _OFFICE_BEFORE.search(head)", "False"),
        gates.public_gate,
    ),
    Fault(
        "questions of answers kept unmasked",
        replaced("api.routes.ask:_row", "storable(question)", "question"),
        gates.kept_gate,
    ),
    Fault(
        "requests kept unmasked",
        replaced("api.requests:file_request", "storable(matter.question)", "matter.question"),
        gates.kept_gate,
    ),
    Fault(
        "contacts kept unmasked",
        replaced("api.requests:file_request", "storable(matter.contact)", "matter.contact"),
        gates.kept_gate,
    ),
    Fault(
        "anything kept as the id of an answer",
        replaced("api.requests:file_request", '_ANSWER_ID.fullmatch(matter.answer_id or "")', "True"),
        gates.kept_gate,
    ),
    Fault(
        "state secrets kept",
        replaced("api.requests:storable", '"" if secret_mark(text) else ', ""),
        gates.kept_gate,
    ),
    Fault(
        "contacts not asked for marks of secrecy",
        replaced("api.routes.feedback:file", ' or secret_mark(asked.contact or "")', ""),
        gates.kept_gate,
    ),
    Fault(
        "made-up fields named unmasked",
        replaced("api.errors:_place", "mask(", "str("),
        gates.reply_gate,
    ),
    Fault(
        "questions encoded unmasked",
        replaced("rag.answer:Assistant.read", "mask(question.text)", "question.text"),
        gates.model_gate,
    ),
    Fault(
        "what was said before encoded unmasked",
        replaced("rag.answer:Assistant.read", "mask(turn.text)", "turn.text"),
        gates.model_gate,
    ),
    Fault(
        "searches encoded unmasked",
        replaced("rag.answer:Assistant.search", "mask(query)", "query"),
        gates.model_gate,
    ),
    Fault(
        "personal data passes the check",
        replaced("rag.rules.privacy:m15_personal_data", "kind not in _SAID", "True"),
        gates.guide_gate,
    ),
]
