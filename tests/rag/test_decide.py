"""From a ranking to evidence: shares, facets and probabilities mean what they say."""

import json
import math
from dataclasses import asdict, fields, replace
from pathlib import Path

import pytest

from rag.access import Audience, Reader
from rag.decide import CALIBRATION, Calibration, Features, Scope, facet_fit, load_calibration, weigh
from rag.facets import Facet
from rag.question import Part, parts_of
from tests.rag.made import chunk, ranking_of, scope_of

CHUNKS = [
    chunk("pub-tag", title="自行车号牌", aliases=("单车牌照",)),
    chunk("pub-tag", "fees", title="自行车号牌", section="收费", facet=Facet.FEE, lines=("号牌不收费。",)),
    chunk("pub-tag", "time", title="自行车号牌", section="补发", lines=("遗失的15日内补发。",),
          facts=((Facet.TIME_LIMIT, "遗失的15日内补发。"),)),
    chunk("pub-tag", "faq-1", title="自行车号牌", section="旧牌去哪里交？", facet=Facet.FAQ, lines=("旧牌交到窗口。",)),
    chunk("pub-lamp", title="路灯报修", lines=("路灯坏了请拨打电话。",)),
    chunk("org-well", title="水井登记", audience=("organisations",), lines=("水井每年登记一次。",)),
]  # fmt: skip
SHARES = ("naming", "coverage", "residual", "residual_coverage", "unknown", "lexical", "facet_fit")


@pytest.fixture(scope="module")
def scope() -> Scope:
    """A scope over three guides."""
    return scope_of(CHUNKS)


def _part(text: str, scope: Scope) -> Part:
    return parts_of(text, scope.words)[0]


def test_a_scope_knows_its_guides(scope: Scope) -> None:
    """Members, names and known terms are those of the guides in the pool."""
    assert list(scope.members) == ["pub-tag", "pub-lamp", "org-well"]
    assert {"单车", "号牌"} <= scope.names["pub-tag"]
    assert "窗口" in scope.known["pub-tag"] and "窗口" not in scope.names["pub-tag"]
    assert scope.words.names("路灯") and not scope.words.names("窗口") and scope.words.known("窗口")


def test_what_is_outside_the_pool_is_unknown() -> None:
    """No word of a chunk that may not be used tells anything, not even that it exists."""
    scope = scope_of(CHUNKS)
    cut = replace(scope, within=scope.within & [c.guide != "org-well" for c in CHUNKS])
    assert "org-well" not in cut.members
    assert not cut.words.known("水井") and not cut.words.names("水井")


def test_shares_are_weighed_by_rarity(scope: Scope) -> None:
    """A share is 0 for nothing wanted, 1 for all there, and a rare term counts more than a common one."""
    assert scope.share([], frozenset({"号牌"})) == 0.0
    assert scope.share(["号牌", "窗口"], frozenset({"号牌", "窗口"})) == pytest.approx(1.0)
    assert scope.share(["号牌", "窗口"], frozenset({"窗口"})) > 0.5


@pytest.mark.parametrize(
    ("number", "facet", "fit"),
    [(1, Facet.FEE, 1.0), (2, Facet.TIME_LIMIT, 0.8), (3, Facet.CHANNELS, 0.6), (0, Facet.FEE, 0.0), (1, None, 0.0)],
)  # fmt: skip
def test_a_section_fits_its_facet(scope: Scope, number: int, facet: Facet | None, fit: float) -> None:
    """The section of a facet fits best, then a stated fact, then a question about it."""
    assert facet_fit(number, Part("", "", facet, ()), scope) == fit


def test_evidence_is_ordered_and_bounded(scope: Scope) -> None:
    """Guides come surest first; every share is one, and every probability too."""
    part = _part("自行车号牌收费吗", scope)
    found = weigh(part, scope, ranking_of(scope, part.query), load_calibration())
    assert found[0].guide == "pub-tag"
    assert scope.index.chunks[found[0].chunk].facet is Facet.FEE
    assert [item.score for item in found] == sorted((item.score for item in found), reverse=True)
    for item in found:
        values = asdict(item.features)
        assert all(0.0 <= values[name] <= 1.0 + 1e-6 for name in SHARES), values
        assert all(math.isfinite(value) for value in item.features.vector_of())
        assert 0.0 < item.probability < 1.0


def test_a_guide_written_for_the_reader_is_preferred_never_required() -> None:
    """The audience shifts a score a little; it hides nothing."""
    asked = [Reader(Audience.PUBLIC), Reader(Audience.ORGANISATIONS)]
    scores = []
    for reader in asked:
        scope = scope_of(CHUNKS, reader)
        part = _part("水井登记要多久", scope)
        found = weigh(part, scope, ranking_of(scope, part.query), load_calibration())
        scores.append(next(item.score for item in found if item.guide == "org-well"))
    assert 0 < scores[1] - scores[0] < 0.1


def test_the_stored_calibration_is_complete() -> None:
    """Every feature has a weight, thresholds are shares, and the file says what it was fitted on."""
    stored = json.loads(CALIBRATION.read_text(encoding="utf-8"))
    assert set(stored["weights"]) == set(Features.labels())
    assert 0.0 < load_calibration().answer_at < 1.0
    assert {"date", "samples", "auroc"} <= set(stored["fitted"])
    assert {"files", "cases", "sha256"} <= set(stored["data"])


def test_a_calibration_without_a_weight_is_refused(tmp_path: Path) -> None:
    """A feature that the file does not know is an error, never a zero."""
    stored = json.loads(CALIBRATION.read_text(encoding="utf-8"))
    del stored["weights"][Features.labels()[0]]
    (tmp_path / "calibration.json").write_text(json.dumps(stored), encoding="utf-8")
    with pytest.raises(KeyError):
        load_calibration(tmp_path / "calibration.json")


def test_the_probability_is_logistic() -> None:
    """A weighted sum of 0 is even odds, and no sum overflows."""
    names = len(Features.labels())
    base = load_calibration()
    zero = Features(**{field.name: 0.0 for field in fields(Features)})
    ones = Features(**{field.name: 1.0 for field in fields(Features)})
    flat = Calibration(**{**vars(base), "weights": (0.0,) * names, "bias": 0.0})
    steep = Calibration(**{**vars(base), "weights": (1e6,) * names, "bias": 0.0})
    assert flat.probability(ones) == 0.5
    assert steep.probability(zero) == 0.5 < steep.probability(ones) <= 1.0
