"""Faults planted in what the office records."""

from tests.leak import gates_trail as gates
from tests.leak.faults import QUIETLY, Fault, replaced

AUDIT_FAULTS = [
    Fault(
        "acts without an event",
        replaced(
            "api.audit:Audit.act",
            "self._append(connection, actor, act, target, detail)",
            "self._read_anchor()",
        ),
        gates.desk_acts_gate,
    ),
    Fault(
        "signing in without an event",
        replaced(
            "api.routes.desk:_admitted",
            'services.audit.act(f"session:{name}", Act.SIGNED_IN, name, way=way)',
            "services.store.writing()",
        ),
        gates.desk_acts_gate,
    ),
    Fault(
        "signing out everywhere without an event",
        replaced(
            "api.routes.desk:sign_out_everywhere",
            'services.audit.act(f"session:{name}", Act.SIGNED_OUT_EVERYWHERE, name)',
            "services.store.writing()",
        ),
        gates.desk_acts_gate,
    ),
    Fault(
        "keys revoked without an event",
        replaced(
            "api.commands.keys:revoke",
            "office.audit.act(office.actor, Act.KEY_REVOKED, key.prefix)",
            "office.store.writing()",
        ),
        gates.key_acts_gate,
    ),
    Fault(
        "levels of accounts changed without an event",
        replaced(
            "api.commands.users:change",
            "office.audit.act(\n            office.actor, Act.ACCOUNT_CHANGED, account.name, **said, **before\n        )",
            "office.store.writing()",
        ),
        gates.account_acts_gate,
    ),
    Fault(
        "switches without an event",
        replaced(
            "api.commands.switches:_off",
            "office.audit.act(office.actor, act, str(target), reason=reason)",
            "office.store.writing()",
        ),
        gates.switch_acts_gate,
    ),
    Fault(
        "the trail read without an event",
        replaced(
            "api.commands.audit:list_all",
            'office.audit.record(office.actor, Act.TRAIL_READ, act or "all", after=after, events=len(found))',
            "pass",
        ),
        gates.upkeep_acts_gate,
    ),
    Fault(
        "seals without the event before",
        replaced("api.audit:Audit._seal", "fields = [before,", 'fields = ["",'),
        gates.trail_gate,
    ),
    Fault(
        "seals not compared",
        replaced("api.audit:Audit.verify", "not _same(event.seal, self._seal(event, seal))", "False"),
        gates.trail_gate,
    ),
    Fault(
        "the anchor not asked",
        replaced("api.audit:Audit.verify", "if anchor[0] > seq or seals", "if seals"),
        gates.trail_gate,
    ),
    Fault(
        "restricted pages read without an event",
        replaced("api.routes.site:_serve", "if circle.restricted:", "if False:"),
        gates.reading_gate,
    ),
    Fault(
        "restricted records read without an event",
        replaced("api.routes.guides:read_guide", 'wanted[0]["level"] == Level.RESTRICTED', "False"),
        gates.reading_gate,
    ),
    Fault(
        "restricted pages shown though nothing was recorded",
        replaced(
            "api.routes.site:_record_reading", "services.audit.record(", f"{QUIETLY}(services.audit.record, "
        ),
        gates.unrecorded_gate,
    ),
    Fault(
        "restricted records shown though nothing was recorded",
        replaced(
            "api.routes.guides:read_guide", "services.audit.record(", f"{QUIETLY}(services.audit.record, "
        ),
        gates.unrecorded_gate,
    ),
    Fault(
        "exports above the open level without an event",
        replaced("api.commands.export:export", "_record(form, level)", "pass"),
        gates.export_act_gate,
    ),
]
