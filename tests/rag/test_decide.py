"""From a ranking to evidence: shares, facets and probabilities mean what they say."""

import json
import math
from dataclasses import asdict, fields, replace
from datetime import date
from pathlib import Path

import pytest

from rag.access import Audience, Reader
from rag.decide import CALIBRATION, Calibration, Features, load_calibration, weigh
from rag.facets import Facet
from rag.question import Part, parts_of
from rag.scope import Scope, facet_fit
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
DEFAULT = json.loads(CALIBRATION.read_text(encoding="utf-8"))["embedder"]
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
    found = weigh(part, scope, ranking_of(scope, part.query), load_calibration(DEFAULT))
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
        found = weigh(part, scope, ranking_of(scope, part.query), load_calibration(DEFAULT))
        scores.append(next(item.score for item in found if item.guide == "org-well"))
    assert 0 < scores[1] - scores[0] < 0.1


@pytest.mark.parametrize("embedder", [DEFAULT, "an encoder that nobody fitted"])
def test_every_encoder_has_a_calibration(embedder: str) -> None:
    """Every feature has a weight and thresholds are shares, with the default encoder and with any other."""
    calibration = load_calibration(embedder)
    assert len(calibration.weights) == len(Features.labels())
    assert 0.0 < calibration.answer_at < 1.0 and calibration.several_within >= 0.0


def test_a_raw_cosine_counts_only_with_the_encoder_it_was_fitted_on() -> None:
    """Cosines of another encoder mean something else, so they weigh nothing there."""
    cosine = Features.labels().index("cosine")
    assert load_calibration("an encoder that nobody fitted").weights[cosine] == 0.0


def test_the_calibration_says_what_it_was_fitted_on() -> None:
    """Data, digest, date and figures stand beside the weights."""
    stored = CALIBRATION.read_text(encoding="utf-8")
    assert all(f'"{name}"' in stored for name in ("files", "sha256", "date", "samples", "auroc"))
    date.fromisoformat(json.loads(stored)["date"])


def test_a_calibration_without_a_weight_is_refused(tmp_path: Path) -> None:
    """A feature that the file does not know is an error, never a zero."""
    stored = CALIBRATION.read_text(encoding="utf-8").replace(f'"{Features.labels()[0]}"', '"forgotten"')
    (tmp_path / "calibration.json").write_text(stored, encoding="utf-8")
    with pytest.raises(KeyError):
        load_calibration(DEFAULT, tmp_path / "calibration.json")


def test_the_probability_is_logistic() -> None:
    """A weighted sum of 0 is even odds, and no sum overflows."""
    names = len(Features.labels())
    base = load_calibration(DEFAULT)
    zero = Features(**{field.name: 0.0 for field in fields(Features)})
    ones = Features(**{field.name: 1.0 for field in fields(Features)})
    flat = Calibration(**{**vars(base), "weights": (0.0,) * names, "bias": 0.0})
    steep = Calibration(**{**vars(base), "weights": (1e6,) * names, "bias": 0.0})
    assert flat.probability(ones) == 0.5
    assert steep.probability(zero) == 0.5 < steep.probability(ones) <= 1.0
