"""Faults planted in what is deleted at its time, or when somebody wants it forgotten."""

from tests.leak import gates_retention as gates
from tests.leak.faults import Apply, Fault, replaced

_SIXTY_YEARS = "times.rows.replace(year=1966)"


def _enforce(old: str, new: str) -> Apply:
    return replaced("api.retention:_enforce", old, new)


RETENTION_FAULTS = [
    Fault(
        "questions kept past their day",
        _enforce(
            "update(ANSWERS).where(ANSWERS.c.at < times.texts",
            f"update(ANSWERS).where(ANSWERS.c.at < {_SIXTY_YEARS}",
        ),
        gates.retention_gate,
    ),
    Fault(
        "texts of requests kept past their day",
        _enforce(
            "update(REQUESTS).where(REQUESTS.c.at < times.texts",
            "update(REQUESTS).where(REQUESTS.c.at < times.rows",
        ),
        gates.retention_gate,
    ),
    Fault(
        "contacts kept past their day",
        _enforce(
            'filed.values(question="", contact=None, answer_id=None)',
            'filed.values(question="", answer_id=None)',
        ),
        gates.retention_gate,
    ),
    Fault(
        "requests name their answers past their day",
        _enforce(
            'filed.values(question="", contact=None, answer_id=None)',
            'filed.values(question="", contact=None)',
        ),
        gates.retention_gate,
    ),
    Fault(
        "ratings kept past their day",
        _enforce(
            "_delete(connection, RATINGS, RATINGS.c.answer_id.in_(old_text))",
            "_delete(connection, RATINGS, RATINGS.c.answer_id.in_(select(ANSWERS.c.id).where(ANSWERS.c.at < times.rows)))",
        ),
        gates.retention_gate,
    ),
    Fault(
        "answers kept past their year",
        _enforce("ANSWERS, ANSWERS.c.at < times.rows", f"ANSWERS, ANSWERS.c.at < {_SIXTY_YEARS}"),
        gates.retention_gate,
    ),
    Fault(
        "answers gone with their texts",
        _enforce("ANSWERS, ANSWERS.c.at < times.rows", "ANSWERS, ANSWERS.c.at < times.texts"),
        gates.retention_gate,
    ),
    Fault(
        "requests kept past their year",
        _enforce("REQUESTS, REQUESTS.c.at < times.rows", f"REQUESTS, REQUESTS.c.at < {_SIXTY_YEARS}"),
        gates.retention_gate,
    ),
    Fault(
        "counters kept past their year",
        replaced("api.retention:_old_series", "return [", "return [] and ["),
        gates.retention_gate,
    ),
    Fault(
        "ended sessions kept",
        _enforce("SESSIONS.c.expires <= times.now", "SESSIONS.c.expires <= times.rows"),
        gates.retention_gate,
    ),
    Fault(
        "ended links kept",
        _enforce("LINKS.c.expires <= times.now", "LINKS.c.expires <= times.rows"),
        gates.retention_gate,
    ),
    Fault(
        "young texts deleted",
        replaced("api.retention:times_of", "now - days[0], now - days[1]", "now, now - days[1]"),
        gates.retention_gate,
    ),
    Fault(
        "the dry run deletes",
        replaced("api.retention:preview", "raise _Undo", "return counts"),
        gates.dry_run_gate,
    ),
    Fault(
        "the daily run never done",
        replaced("api.retention:_is_done", "return last is not None and", "return last is None or"),
        gates.day_gate,
    ),
    Fault(
        "every worker does the daily run",
        replaced("api.retention:_claim", "META.c.value < day", "META.c.value <= day"),
        gates.day_gate,
    ),
    Fault(
        "the trail pruned with the texts",
        _enforce("audit.prune(connection, times.rows)", "audit.prune(connection, times.texts)"),
        gates.pruning_gate,
    ),
    Fault(
        "the trail pruned by a clock that was wrong",
        replaced(
            "api.audit:Audit.prune",
            "EVENTS.c.seq < func.coalesce(first, EVENTS.c.seq + 1)",
            "EVENTS.c.at < before",
        ),
        gates.pruning_gate,
    ),
    Fault(
        "the trail never pruned",
        replaced("api.audit:Audit.prune", "if last is None:", "if True:"),
        gates.pruning_gate,
    ),
    Fault(
        "where the trail begins not kept",
        replaced(
            "api.audit:Audit.prune",
            "connection.execute(row.on_conflict_do_update",
            "(row.on_conflict_do_update",
        ),
        gates.pruning_gate,
    ),
    Fault(
        "forgetting an answer leaves it",
        replaced(
            "api.retention:forget_answer",
            "delete(ANSWERS).where(ANSWERS.c.id == answer_id)",
            "update(ANSWERS).where(ANSWERS.c.id == answer_id).values(question='')",
        ),
        gates.forgetting_rows_gate,
    ),
    Fault(
        "forgetting an answer leaves its rating",
        replaced(
            "api.retention:forget_answer",
            "connection.execute(delete(RATINGS).where(RATINGS.c.answer_id == answer_id))",
            "pass",
        ),
        gates.forgetting_rows_gate,
    ),
    Fault(
        "forgetting an answer leaves its id with a request",
        replaced("api.retention:forget_answer", "connection.execute(named.values(answer_id=None))", "pass"),
        gates.forgetting_rows_gate,
    ),
    Fault(
        "forgetting a request leaves it",
        replaced(
            "api.retention:forget_request",
            "delete(REQUESTS).where(REQUESTS.c.number == number)",
            "update(REQUESTS).where(REQUESTS.c.number == number).values(contact=None)",
        ),
        gates.forgetting_rows_gate,
    ),
    Fault(
        "what was forgotten stays in the store's log",
        replaced("api.retention:forget_answer", "store.scrub()", "pass"),
        gates.forgetting_rows_gate,
    ),
    Fault(
        "requests of others forgotten",
        replaced("api.retention:forget_own_request", "look_up(store, number, code) is not None and ", ""),
        gates.forgetting_rows_gate,
    ),
]
