"""Faults planted in acts that must leave an event, one by one."""

from tests.leak import gates_trail as gates
from tests.leak.faults import Fault, replaced
from tests.leak.gates import Gate


def _typed(name: str, command: str, event: str, gate: Gate) -> Fault:
    """An act of a command, done in a transaction without its event."""
    return Fault(
        name, replaced(command, f"office.audit.act(office.actor, {event})", "office.store.writing()"), gate
    )


ACT_FAULTS = [
    _typed(
        "accounts added without an event",
        "api.commands.users:add",
        "Act.ACCOUNT_ADDED, name.lower(), **said",
        gates.account_acts_gate,
    ),
    _typed(
        "links made without an event",
        "api.commands.users:link",
        "Act.LINK_MADE, account.name",
        gates.account_acts_gate,
    ),
    _typed(
        "accounts disabled without an event",
        "api.commands.users:_set_disabled",
        "Act.ACCOUNT_DISABLED, account.name, **said",
        gates.account_acts_gate,
    ),
    _typed(
        "accounts deleted without an event",
        "api.commands.users:delete",
        "Act.ACCOUNT_DELETED, account.name",
        gates.account_acts_gate,
    ),
    _typed(
        "accounts signed out without an event",
        "api.commands.users:sign_out",
        "Act.SIGNED_OUT_EVERYWHERE, account.name",
        gates.account_acts_gate,
    ),
    _typed(
        "keys made without an event",
        "api.commands.keys:create",
        "Act.KEY_CREATED, name, **said",
        gates.key_acts_gate,
    ),
    _typed(
        "keys exchanged without an event",
        "api.commands.keys:rotate",
        "Act.KEY_ROTATED, key.prefix, **said",
        gates.key_acts_gate,
    ),
    _typed(
        "what was switched off comes back without an event",
        "api.commands.switches:_on",
        "act, str(target)",
        gates.switch_acts_gate,
    ),
    Fault(
        "another generation serves without an event",
        replaced(
            "api.commands.guides:_record_switch",
            "office.audit.record(office.actor, Act.GENERATION_SWITCHED, name, guides=len(after))",
            "pass",
        ),
        gates.upkeep_acts_gate,
    ),
    Fault(
        "levels changed by a generation without an event",
        replaced("api.commands.guides:_record_switch", "if old != new:", "if False:"),
        gates.upkeep_acts_gate,
    ),
    Fault(
        "retention without an event",
        replaced(
            "api.retention:enforce",
            "audit.act(actor, Act.RETENTION, times.now.date().isoformat(), counts=counts)",
            "store.writing()",
        ),
        gates.upkeep_acts_gate,
    ),
    Fault(
        "the daily run without an event",
        replaced(
            "api.retention:run_daily",
            'audit.act("server", Act.RETENTION, times.now.date().isoformat(), counts=counts)',
            "store.writing()",
        ),
        gates.daily_gate,
    ),
    Fault(
        "answers erased without an event",
        replaced(
            "api.retention:forget_answer",
            'audit.act(actor, Act.FORGOTTEN, f"answer:{answer_id}")',
            "store.writing()",
        ),
        gates.forgetting_gate,
    ),
    Fault(
        "requests erased without an event",
        replaced(
            "api.retention:forget_request",
            'audit.act(actor, Act.FORGOTTEN, f"request:{number}")',
            "store.writing()",
        ),
        gates.forgetting_gate,
    ),
    Fault(
        "an event although nothing was erased",
        replaced("api.retention:forget_answer", "raise _Undo", "pass"),
        gates.forgetting_gate,
    ),
    Fault(
        "passwords set without an event",
        replaced(
            "api.routes.desk:_set_password",
            'services.audit.act(f"session:{name}", Act.PASSWORD_SET, name)',
            "services.store.writing()",
        ),
        gates.desk_acts_gate,
    ),
    Fault(
        "a failed sign-in recorded twice",
        replaced(
            "api.routes.desk:sign_in",
            'await run_in_threadpool(services.audit.record, "anonymous", Act.SIGN_IN_FAILED, "password")',
            'for _ in "12":\n            services.audit.record("anonymous", Act.SIGN_IN_FAILED, "password")',
        ),
        gates.desk_acts_gate,
    ),
    Fault(
        "signing in at the provider without an event",
        replaced(
            "api.routes.office_sign_in:_admit",
            'services.audit.act(f"{Kind.SESSION}:{name}", Act.SIGNED_IN, name, **said)',
            "services.store.writing()",
        ),
        gates.provider_acts_gate,
    ),
    Fault(
        "sign-ins that the provider does not prove not recorded",
        replaced(
            "api.routes.office_sign_in:_note",
            "services.audit.act(str(Kind.ANONYMOUS), Act.SIGN_IN_FAILED, target, why=refused.why)",
            "services.store.writing()",
        ),
        gates.provider_acts_gate,
    ),
    Fault(
        "whoever asks is recorded without how he is known",
        replaced("api.identity:Identity.actor", 'f"{self.kind}:{self.name}"', "self.name"),
        gates.reading_gate,
    ),
    Fault(
        "all restricted guides in one file without an event",
        replaced("api.routes.site:_record_reading", "path.endswith(_OF_ALL)", "False"),
        gates.reading_gate,
    ),
]
