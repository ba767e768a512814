"""Faults planted in what reads, builds and answers."""

from tests.leak import gates, gates_http
from tests.leak.faults import Fault, replaced

_WIDEST = "max(self.generation.circles, key=lambda c: len(c.restricted))"
"""Source of the circle that holds most."""
_EVERYBODY = "__import__('tests.leak.served', fromlist=['READERS']).READERS['both']"
"""Source of the reader who may read all."""

RAG_FAULTS = [
    Fault(
        "level filter dropped in the pool",
        replaced("rag.retrieve:pool", "may_read(reader, chunk.level, chunk.readers)", "True"),
        gates.pool_gate,
    ),
    Fault(
        "may_read always true",
        replaced("rag.access:may_read", "return reader.level.rank >= level.rank", "return True"),
        gates.pool_gate,
    ),
    Fault(
        "roles not asked for restricted text",
        replaced("rag.access:may_read", " and bool(reader.roles & readers)", ""),
        gates.pool_gate,
    ),
    Fault(
        "any role opens all restricted text",
        replaced("rag.access:may_read", "bool(reader.roles & readers)", "bool(reader.roles)"),
        gates.verify_gate,
    ),
    Fault(
        "every reader stands in the widest circle",
        replaced(
            "rag.access:circle_of",
            "if reader.level is not Level.RESTRICTED:\n        return Circle(reader.level)",
            "return Circle(Level.RESTRICTED, frozenset(restricted))",
        ),
        gates.circle_gate,
    ),
    Fault(
        "a restricted circle opens every restricted guide",
        replaced(
            "rag.access:Circle.opens",
            "return guide_id in self.restricted",
            "return self.level is Level.RESTRICTED",
        ),
        gates.tree_gate,
    ),
    Fault(
        "authorisation skipped when quotes are verified",
        replaced("rag.verify:verified", "and may_read(reader, quote.chunk.level, quote.chunk.readers)", ""),
        gates.verify_gate,
    ),
    Fault(
        "scope kept without its reader",
        replaced(
            "rag.answer:Assistant._scope",
            "return self._scope_of(reader, lang, self._pool(reader, lang, today, without))",
            "kept = vars(self).setdefault('kept', {})\n    return kept.setdefault(lang, self._scope_of(reader, lang, self._pool(reader, lang, today, without)))",
        ),
        gates.cache_gate,
    ),
    Fault(
        "suggestions from all guides",
        replaced(
            "rag.answer:Assistant._near",
            "return tuple(near.values())[:3]",
            f"near = {{c.guide: {{'guide': c.guide, 'title': c.title, 'url': c.url}} for c in self.generation.index({_WIDEST}).chunks}}\n    return tuple(near.values())",
        ),
        gates.answer_gate,
    ),
    Fault(
        "choices from all guides",
        replaced(
            "rag.answer:Assistant._services",
            "for _, chunk in ranked]",
            f"for _, chunk in ranked] and sorted(self.generation.index({_WIDEST}).chunks, key=lambda c: -c.level.rank)",
        ),
        gates.answer_gate,
    ),
    Fault(
        "questions read as the widest reader's",
        replaced("rag.answer:Assistant.read", "self._scope(reader,", f"self._scope({_EVERYBODY},"),
        gates_http.asking_gate,
    ),
    Fault(
        "search with the index of the widest reader",
        replaced("rag.answer:Assistant.search", "self._scope(reader,", f"self._scope({_EVERYBODY},"),
        gates_http.search_gate,
    ),
    Fault(
        "index built from all guides",
        replaced("rag.build:_write_indexes", "if circle.opens(chunk.guide, chunk.level)", ""),
        gates.index_gate,
    ),
    Fault(
        "unanswered questions of all guides in each index",
        replaced(
            "rag.build:_write_indexes",
            "unanswered_windows(own, general)",
            "unanswered_windows([], [*general, *(q for c in chunks for q in c.unanswered)])",
        ),
        gates.index_gate,
    ),
    Fault(
        "page tree copies everything",
        replaced("rag.site:_readable", "and circle.opens(guide.id, guide.meta.level)", ""),
        gates.tree_gate,
    ),
    Fault(
        "journeys without their guides",
        replaced("rag.site:_shelf", " if own.issuperset(j.guides)", ""),
        gates.journey_gate,
    ),
    Fault(
        "records without their circle",
        replaced("rag.build:_write_records", "readable_guides(library, circle)", "list(library.guides)"),
        gates.records_gate,
    ),
    Fault(
        "records name guides outside their circle",
        replaced("rag.record:record", "lambda other: other in open_ids", "lambda _: True"),
        gates.reference_gate,
    ),
    Fault(
        "twins of closed guides",
        replaced("rag.twins:_is_open", "guide.meta.level is Level.OPEN and ", ""),
        gates.twins_gate,
    ),
    Fault(
        "exports without a level",
        replaced("rag.record:readable_guides", " and circle.opens(g.id, g.meta.level)", ""),
        gates.export_gate,
    ),
    Fault(
        "self-test accepts a foreign level",
        replaced("rag.selftest:_index_faults", "not circle.opens(chunk.guide, chunk.level)", "False"),
        gates.selftest_gate,
    ),
    Fault(
        "raw HTML passes the check",
        replaced("rag.rules.prose:m22_hidden", '_TAG.search(_AUTOLINK.sub("", text))', "None"),
        gates.check_gate,
    ),
    Fault(
        "marks of state secrecy pass the check",
        replaced("rag.rules.marks:secret_mark", "return", "return None and"),
        gates.check_gate,
    ),
    Fault(
        "titles of higher guides pass the check",
        replaced("rag.rules.levels:_shows", "any(title in text for title in titles)", "False"),
        gates.check_gate,
    ),
    Fault(
        "folder and level may disagree",
        replaced("rag.rules.levels:m04_level", "folder != meta.level", "False"),
        gates.check_gate,
    ),
]
