"""The line ranker: features mean what they say, nothing masked is ranked, and the stored trees rank."""

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from rag.facets import Facet
from rag.lines import COLUMN, Feature, Floats
from rag.question import Part, parts_of
from rag.rank_lines import CANDIDATES, RANKER, features, line_ranker, score_lines
from rag.scope import Scope
from tests.rag.made import THREE_GUIDES, chunk, ranking_of, scope_of

SHARES = (
    *(Feature.NAMING, Feature.COVERAGE, Feature.LEFT, Feature.GUIDE_LEXICAL, Feature.LEXICAL, Feature.SECTION_LEFT),
    *(Feature.HEADING_LEFT, Feature.HEADING_ALL, Feature.FIT, Feature.OTHER, Feature.MISFIT, Feature.NO_FACET),
    *(Feature.CONTENT, Feature.LINE_LEFT, Feature.LINE_LEFT_ALONE, Feature.LINE_ALL, Feature.SHAPED),
    *(Feature.SHAPE_ASKED, Feature.FACT, Feature.WORDS),
)  # fmt: skip
ASKED = [
    "自行车号牌收费吗",
    "遗失号牌几天补发",
    "旧牌去哪里交",
    "路灯坏了打什么电话",
    "水井",
    "How long does it take?",
    "今天天气",
]


@pytest.fixture(scope="module")
def scope() -> Scope:
    """A scope over three guides."""
    return scope_of(THREE_GUIDES)


def _part(text: str, scope: Scope) -> Part:
    return (parts_of(text, scope.words) or [Part(text, text, None, ())])[0]


def _column(x: Floats, feature: Feature) -> list[float]:
    return [float(value) for value in x[:, COLUMN[feature]]]


@pytest.mark.parametrize("text", ASKED)
def test_features_are_finite_and_shares_are_shares(scope: Scope, text: str) -> None:
    """Whatever is asked, every feature is a number, every share one between 0 and 1, no line beats the best."""
    part = _part(text, scope)
    rows, x = features(part, scope, ranking_of(scope, part.query))
    assert rows.tolist() == list(range(scope.lines.size)) and len(x) == len(rows)
    assert np.isfinite(x).all()
    for feature in SHARES:
        assert all(0.0 <= value <= 1.0 + 1e-6 for value in _column(x, feature)), feature
    assert max(_column(x, Feature.GUIDE_MARGIN)) == 0.0
    relative = x[:, len(Feature) :]
    assert (relative <= 0).all() and (relative.max(axis=0) == 0).all()


def test_a_facet_marks_its_own_lines(scope: Scope) -> None:
    """The line that states the fact asked for is marked, by its fact, its look and its section."""
    part = Part("号牌几天补发", "号牌几天补发", Facet.TIME_LIMIT, ("号牌", "补发"))
    _, x = features(part, scope, ranking_of(scope, part.query))
    marked = [float(text == "遗失的15日内补发。") for text in scope.lines.text]
    assert _column(x, Feature.FACT) == marked == _column(x, Feature.SHAPED)
    assert set(_column(x, Feature.SHAPE_ASKED)) == {1.0} and set(_column(x, Feature.NO_FACET)) == {0.0}
    fit = dict(zip(scope.lines.text, _column(x, Feature.FIT), strict=True))
    assert fit["遗失的15日内补发。"] == pytest.approx(0.8) and fit["号牌不收费。"] == 0.0
    misfit = dict(zip(scope.lines.text, _column(x, Feature.MISFIT), strict=True))
    assert misfit["号牌不收费。"] == 1.0 and misfit["旧牌交到窗口。"] == 0.0


def test_earlier_questions_change_no_feature(scope: Scope) -> None:
    """What is kept of a facet from one question to the next is what a fresh scope would work out."""
    for text in [*ASKED, *ASKED]:
        part, fresh = _part(text, scope), scope_of(THREE_GUIDES)
        ranking = ranking_of(scope, part.query)
        assert np.array_equal(features(part, scope, ranking)[1], features(part, fresh, ranking)[1])


def test_what_a_name_explains_is_not_left_over(scope: Scope) -> None:
    """Where a guide's name holds the whole content nothing is left, elsewhere all of it."""
    part = Part("单车牌照", "单车牌照", None, ("单车", "牌照"))
    _, x = features(part, scope, ranking_of(scope, part.query))
    own = [scope.lines.guides[g] == "pub-tag" for g in scope.lines.guide]
    assert _column(x, Feature.NAMING) == pytest.approx([float(is_own) for is_own in own])
    assert _column(x, Feature.LEFT) == pytest.approx([float(not is_own) for is_own in own])
    assert _column(x, Feature.LINE_LEFT) == pytest.approx([float(is_own) for is_own in own])


@pytest.mark.parametrize("guide", ["pub-tag", "pub-lamp", "org-well"])
def test_masked_chunks_are_never_ranked(scope: Scope, guide: str) -> None:
    """A guide outside the pool has no row, though its lines are still there, and all features stay finite."""
    keep = np.array([c.guide != guide for c in THREE_GUIDES])
    less = replace(scope, within=scope.within & keep)
    vars(less)["lines"] = scope.lines
    for text in ASKED:
        part = _part(text, less)
        ranking = ranking_of(less, part.query)
        rows, x = features(part, less, ranking)
        assert {THREE_GUIDES[i].guide for i in less.lines.chunk[rows]} == {c.guide for c in THREE_GUIDES} - {
            guide
        }
        assert np.isfinite(x).all()
        assert set(score_lines(part, less, ranking, line_ranker())[0]) == set(rows)


REPEATED = [
    ("自行车号牌收费吗", "号牌不收费。"), ("遗失号牌几天补发", "遗失的15日内补发。"), ("旧牌去哪里交", "旧牌交到窗口。"),
    ("路灯坏了请拨打什么电话", "路灯坏了请拨打电话。"), ("水井多久登记一次", "水井每年登记一次。"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "line"), REPEATED, ids=[line for _, line in REPEATED])
def test_a_line_with_the_questions_words_outranks_one_without(scope: Scope, text: str, line: str) -> None:
    """By the stored trees the line that repeats the question comes before every line of another guide."""
    part = _part(text, scope)
    rows, scores = score_lines(part, scope, ranking_of(scope, part.query), line_ranker())
    score = {scope.lines.text[row]: float(value) for row, value in zip(rows, scores, strict=True)}
    guide = {scope.lines.text[row]: int(scope.lines.guide[row]) for row in rows}
    assert all(score[line] > score[other] for other in score if guide[other] != guide[line])


def test_trees_see_the_likeliest_lines_alone() -> None:
    """Of more lines than the trees can afford a line with the question's words is kept, each line once."""
    others = [
        chunk("pub-story", f"s{n}", title="由来", lines=(f"第{n}个故事。", "慢慢道来。"))
        for n in range(CANDIDATES)
    ]
    scope = scope_of([*others, chunk("pub-lamp", title="路灯报修", lines=("路灯坏了请拨打电话。",))])
    part = _part("路灯坏了打什么电话", scope)
    rows, scores = score_lines(part, scope, ranking_of(scope, part.query), line_ranker())
    assert len(rows) == len(set(rows.tolist())) == len(scores) == CANDIDATES < scope.lines.size
    assert scope.lines.text[rows[np.argmax(scores)]] == "路灯坏了请拨打电话。"


def test_the_stored_ranker_has_a_card() -> None:
    """What it was fitted on, when, how, how well and under which licence stand beside the trees."""
    stored = json.loads(RANKER.read_text(encoding="utf-8"))
    date.fromisoformat(stored["date"])
    assert stored["command"].startswith("python -m rag.calibrate") and stored["licence"]
    assert stored["data"]["files"] and len(stored["data"]["sha256"]) == 12
    assert "cases" in stored["figures"]
    for own in stored["figures"].values():
        assert own["parts"] > 0
        assert 0 < own["best_line_right"] <= own["mrr"] <= own["in_best_three"] <= 1


def test_the_stored_trees_fit_the_features(scope: Scope) -> None:
    """Trees ask for no column that features do not make, and for some of those below the best line."""
    part = _part(ASKED[0], scope)
    _, x = features(part, scope, ranking_of(scope, part.query))
    trees = line_ranker()
    assert len(Feature) <= trees.feature.max() < x.shape[1]
