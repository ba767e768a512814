"""M10–M13: fees, visits, materials and the 20 proofs."""

from typing import Any

import yaml

from rag.rules.service import PROOFS
from tests.rag.rules.cases import PAPER, Case


def _fee(**item: Any) -> dict[str, Any]:
    return {
        "fee": {
            "charged": True,
            "pay_online": True,
            "items": [{"name": "工本费", "amount": 5, "basis": "条例"} | item],
        }
    }


def _paper(name: str, **changes: Any) -> dict[str, Any]:
    return {"materials": [PAPER | {"name": name} | changes]}


CASES = (
    Case("M10", "fee:", _fee(basis=None), _fee()),
    Case("M10", "fee:", {"fee": {"charged": True, "pay_online": True}}),
    Case("M10", "fee:", {"fee": {"charged": False, "pay_online": True}}, {"fee": {"charged": False, "pay_online": False}}),
    Case("M11", "visits:", {"visits": 2, "visit_reason": None}, {"visits": 2, "visit_reason": "当面签字"}),
    Case("M11", "visits:", {"visits": 0, "channels": [{"kind": "counter"}]}, {"visits": 0, "channels": [{"kind": "post"}]}),
    Case("M11", "visits:", {"visits": 0, "channels": [{"kind": "phone"}]}, {"visits": 1, "channels": [{"kind": "phone"}]}),
    Case("M12", "materials:+1", _paper("其他材料"), _paper("申请表")),
    Case("M12", "materials:+1", _paper("有关 证明"), _paper("学校出具的就读证明")),
    Case("M12", "materials:+1", _paper("身份证等"), _paper("等级证书")),
    Case("M12", "materials:+1", _paper("住址材料（租赁合同等）"), _paper("住址材料（租赁合同或产权证明）")),
    Case("M12", "materials:+1", _paper("Identity card and other documents"), _paper("Identity card")),
    Case("M12", "materials:+1", _paper("身份证", source="shared-no-need"), _paper("身份证", source="shared-no-need", need="if-case")),
    Case("M13", "materials:+1", _paper("居委会开的无犯罪记录证明"), _paper("公安派出所开的无犯罪记录证明")),
    Case("M13", "materials:+1", _paper("亲屬關係證明", case="由居（村）委会盖章"), _paper("户口簿上的亲属关系页")),
    Case("M13", "materials:+1", _paper("Proof of relationship from the residents' committee"), _paper("Birth certificate from the hospital")),
    Case("M13", "materials:+1", _paper("社区出具的居民养犬证明"), _paper("社区戒毒人员回执")),
)  # fmt: skip


def test_the_list_has_twenty_proofs() -> None:
    """The first national list is complete."""
    names = [entry["name"] for entry in yaml.safe_load(PROOFS.read_text(encoding="utf-8"))]
    assert len(set(names)) == 20
