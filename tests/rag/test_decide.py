"""From a ranking to evidence: order, features and probabilities mean what they say."""

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
from rag.rank_lines import line_ranker
from rag.scope import Scope
from tests.rag.made import THREE_GUIDES, ranking_of, scope_of

DEFAULT = json.loads(CALIBRATION.read_text(encoding="utf-8"))["embedder"]
SHARES = ("naming", "coverage", "residual", "residual_coverage", "unknown", "lexical", "facet_fit")


@pytest.fixture(scope="module")
def scope() -> Scope:
    """A scope over three guides."""
    return scope_of(THREE_GUIDES)


def _part(text: str, scope: Scope) -> Part:
    return parts_of(text, scope.words)[0]


def test_evidence_is_ordered_and_bounded(scope: Scope) -> None:
    """Guides come surest first; every share is one, and every probability too."""
    part = _part("自行车号牌收费吗", scope)
    found = weigh(
        part, scope, ranking_of(scope, part.query), load_calibration(DEFAULT, questions=False), line_ranker()
    )
    assert found[0].guide == "pub-tag"
    assert scope.index.chunks[found[0].chunk].facet is Facet.FEE
    assert [item.probability for item in found] == sorted((i.probability for i in found), reverse=True)
    for item in found:
        values = asdict(item.features)
        assert all(0.0 <= values[name] <= 1.0 + 1e-6 for name in SHARES), values
        assert all(math.isfinite(value) for value in item.features.vector_of())
        assert 0.0 < item.probability < 1.0


def test_a_part_about_words_that_the_guide_never_says_is_not_relied_on(scope: Scope) -> None:
    """However sure of the subject before it: the probability stays, the part goes to a person."""
    part = _part("自行车号牌收费吗", scope)
    calibration = replace(load_calibration(DEFAULT, questions=False), answer_at=0.0)
    ranking = ranking_of(scope, part.query)
    for own, relied_on in ((), True), (part.content, True), (("飞机", "机票", "行李"), False):
        best = weigh(replace(part, own=own), scope, ranking, calibration, line_ranker())[0]
        assert best.guide == "pub-tag" and best.is_sure is relied_on


def test_sure_enough_to_answer_is_less_than_certain(scope: Scope) -> None:
    """Two thresholds: from the lower one on there is an answer, below the higher one it says that it may miss."""
    part = _part("自行车号牌收费吗", scope)
    fitted = load_calibration(DEFAULT, questions=False)
    assert 0.0 < fitted.answer_at <= fitted.certain_at < 1.0
    for certain_at, certain in (0.0, True), (1.0, False):
        calibration = replace(fitted, answer_at=0.0, certain_at=certain_at)
        best = weigh(part, scope, ranking_of(scope, part.query), calibration, line_ranker())[0]
        assert best.is_sure and best.is_certain is certain


def test_a_guides_lines_come_best_first(scope: Scope) -> None:
    """Each piece of evidence holds lines of its own guide alone, each once, and begins with the surest."""
    part = _part("遗失号牌几天补发", scope)
    for item in weigh(
        part, scope, ranking_of(scope, part.query), load_calibration(DEFAULT, questions=False), line_ranker()
    ):
        scores = [pick.score for pick in item.lines]
        assert scores == sorted(scores, reverse=True)
        assert (item.chunk, item.score) == (item.lines[0].chunk, scores[0])
        assert len({(pick.chunk, pick.line) for pick in item.lines}) == len(item.lines)
        assert {scope.index.chunks[pick.chunk].guide for pick in item.lines} == {item.guide}


def test_a_guide_alone_is_beyond_doubt(scope: Scope) -> None:
    """The best guide is compared with the next one, the others with the best; with no rival nothing is near."""
    part = _part("自行车号牌收费吗", scope)
    calibration, trees = load_calibration(DEFAULT, questions=False), line_ranker()
    found = weigh(part, scope, ranking_of(scope, part.query), calibration, trees)
    best, *others = sorted(found, key=lambda item: -item.score)
    assert best.features.margin == pytest.approx(min(2.0, (best.score - others[0].score) / 4), abs=1e-5)
    assert all(other.features.margin <= 0 for other in others)
    alone = scope_of([c for c in THREE_GUIDES if c.guide == "pub-tag"])
    (only,) = weigh(part, alone, ranking_of(alone, part.query), calibration, trees)
    assert only.features.margin == 2.0


@pytest.mark.parametrize("audience", [Audience.PUBLIC, Audience.ORGANISATIONS])
def test_a_guide_for_others_is_hidden_from_nobody(audience: Audience) -> None:
    """The audience is a feature among many: who asks about a well gets the guide about wells."""
    scope = scope_of(THREE_GUIDES, Reader(audience))
    part = _part("水井登记要多久", scope)
    found = weigh(
        part, scope, ranking_of(scope, part.query), load_calibration(DEFAULT, questions=False), line_ranker()
    )
    assert found[0].guide == "org-well"


@pytest.mark.parametrize("embedder", [DEFAULT, "an encoder that nobody fitted"])
def test_every_encoder_has_a_calibration(embedder: str) -> None:
    """Every feature has a weight and thresholds are shares, with the default encoder and with any other."""
    calibration = load_calibration(embedder, questions=True)
    assert len(calibration.weights) == len(Features.labels())
    assert 0.0 < calibration.answer_at < 1.0


def test_a_raw_cosine_counts_only_with_the_encoder_it_was_fitted_on() -> None:
    """Cosines of another encoder mean something else, so they weigh nothing there."""
    cosine = Features.labels().index("cosine")
    assert load_calibration("an encoder that nobody fitted", questions=True).weights[cosine] == 0.0


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
        load_calibration(DEFAULT, questions=True, path=tmp_path / "calibration.json")


def test_the_probability_is_logistic() -> None:
    """A weighted sum of 0 is even odds, and no sum overflows."""
    names = len(Features.labels())
    base = load_calibration(DEFAULT, questions=False)
    zero = Features(**{field.name: 0.0 for field in fields(Features)})
    ones = Features(**{field.name: 1.0 for field in fields(Features)})
    flat = Calibration(**{**vars(base), "weights": (0.0,) * names, "bias": 0.0})
    steep = Calibration(**{**vars(base), "weights": (1e6,) * names, "bias": 0.0})
    assert flat.probability(ones) == 0.5
    assert steep.probability(zero) == 0.5 < steep.probability(ones) <= 1.0


UNANSWERED = ("unanswered_section", "unanswered_line", "unanswered_share", "guide_share", "unanswered_words")


def test_a_question_that_no_guide_answers_speaks_against_an_answer() -> None:
    """It stands above section and lines and holds the words; where there are none nothing is said."""
    query = "号牌能不能转卖"
    part = Part(query, query, None, ("号牌", "转卖"))
    told = [replace(THREE_GUIDES[0], asked=("号牌怎么领",), unanswered=(query,)), *THREE_GUIDES[1:]]
    for chunks in (THREE_GUIDES, told):
        scope = scope_of(chunks)
        calibration = load_calibration(DEFAULT, questions=True)
        best = weigh(part, scope, ranking_of(scope, query), calibration, line_ranker())[0].features
        values = {name: getattr(best, name) for name in UNANSWERED}
        if chunks is THREE_GUIDES:
            assert set(values.values()) == {0.0}
        else:
            assert values["unanswered_section"] > 0 and values["unanswered_line"] > 0
            assert values["unanswered_share"] > values["guide_share"] >= 0
            assert values["unanswered_words"] == pytest.approx(1.0)
