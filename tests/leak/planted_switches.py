"""Faults planted in what the office switches off."""

from tests.leak import gates_switches as gates
from tests.leak.faults import QUIETLY, Fault, replaced

WITHDRAWN_FAULTS = [
    Fault(
        "withdrawn guides answered from",
        replaced("api.switches:answer_under", ", without=switches.unused", ""),
        gates.withdrawn_answer_gate,
    ),
    Fault(
        "withdrawn guides in the pool",
        replaced("rag.retrieve:pool", "and chunk.guide not in without", ""),
        gates.withdrawn_pool_gate,
    ),
    Fault(
        "pools kept without what is withdrawn",
        replaced("rag.answer:Assistant._scope", "today, without)", "today, frozenset())"),
        gates.withdrawn_answer_gate,
    ),
    Fault(
        "withdrawn guides searched",
        replaced("api.routes.ask:_found", ", without=switches.withdrawn", ""),
        gates.withdrawn_search_gate,
    ),
    Fault(
        "withdrawn guides listed",
        replaced("api.routes.guides:list_guides", "guides(reader, switches.withdrawn)", "guides(reader)"),
        gates.withdrawn_lists_gate,
    ),
    Fault(
        "topics of withdrawn guides",
        replaced("api.routes.guides:list_topics", "guides(reader, switches.withdrawn)", "guides(reader)"),
        gates.withdrawn_lists_gate,
    ),
    Fault(
        "records of withdrawn guides",
        replaced("api.routes.guides:read_guide", "guides(reader, switches.withdrawn)", "guides(reader)"),
        gates.withdrawn_lists_gate,
    ),
    Fault(
        "withdrawn guides on the desk",
        replaced("api.routes.desk:_desk_page", ", services_of(request).watch.over(generation).withdrawn", ""),
        gates.withdrawn_lists_gate,
    ),
    Fault(
        "the site knows of no switches",
        replaced("api.routes.site:_serve", "services.watch.over(generation).withdrawn", "frozenset()"),
        gates.withdrawn_site_gate,
    ),
    Fault(
        "folders of withdrawn guides redirect",
        replaced("api.routes.site:_serve", "None if gone and gone.holds(path) else ", ""),
        gates.withdrawn_site_gate,
    ),
    Fault(
        "pages of withdrawn guides in the offline copy",
        replaced("api.withdrawn:Withdrawals._made", "gone.holds(_address(root, file))", "False"),
        gates.withdrawn_site_gate,
    ),
    Fault(
        "withdrawn guides in the site's search",
        replaced("api.withdrawn:_search_data", 'if not gone.leads("/" + entry["url"])', ""),
        gates.withdrawn_site_gate,
    ),
    Fault(
        "links to withdrawn guides in pages",
        replaced(
            "api.withdrawn_pages:_Page.clean", 'self._first("a[href], link[href]", self.is_gone)', "None"
        ),
        gates.withdrawn_site_gate,
    ),
    Fault(
        "withdrawn guides on the page of all guides",
        replaced("api.withdrawn_pages:_Page.clean", 'node.attributes["id"] in self._gone.names', "False"),
        gates.withdrawn_site_gate,
    ),
    Fault(
        "journeys through withdrawn guides",
        replaced("api.withdrawn:_gone", "gone.pages.union(journeys, ", "gone.pages.union("),
        gates.withdrawn_site_gate,
    ),
    Fault(
        "withdrawn guides in llms.txt",
        replaced("api.withdrawn:_llms", "gone.leads(link[2])", "False"),
        gates.withdrawn_site_gate,
    ),
    Fault(
        "withdrawn guides in the sitemap",
        replaced("api.withdrawn:_sitemap", "if place and gone.leads(place[1])", "if False"),
        gates.withdrawn_site_gate,
    ),
]

SWITCH_FAULTS = [
    Fault(
        "the stopped assistant answers",
        replaced("api.switches:answer_under", "switches.assistant_stopped", "False"),
        gates.stop_gate,
    ),
    Fault(
        "guides stopped for the assistant answered from",
        replaced("api.switches:Switches.unused", " | self._guides(What.ANSWERS)", ""),
        gates.stop_gate,
    ),
    Fault(
        "the switches never read again",
        replaced("api.switches:Watch.is_due", ">= SECONDS", ">= 1000 * SECONDS"),
        gates.watch_gate,
    ),
    Fault(
        "answers leave by what held when they were asked",
        replaced("api.switches:Watch.made", "if switches == before", "if True"),
        gates.watch_gate,
    ),
    Fault(
        "a store that cannot be read switches everything on",
        replaced(
            "api.switches:Watch._read",
            "        return\n",
            "        self._last = Switches()\n        return\n",
        ),
        gates.broken_store_gate,
    ),
    Fault(
        "a start without a store has nothing switched off",
        replaced(
            "api.switches:Watch.__init__",
            "read_switches(store)",
            f"{QUIETLY}(read_switches, store) or Switches()",
        ),
        gates.broken_store_gate,
    ),
    Fault(
        "a key that cannot be looked up is taken for none",
        replaced(
            "api.identity:identity_of",
            "        key = key_of(store, keys[0], now) if len(keys) == 1 and cookie is None else None\n",
            "        try:\n            key = key_of(store, keys[0], now)\n        except Exception:\n            return NOBODY\n",
        ),
        gates.broken_store_gate,
    ),
]
