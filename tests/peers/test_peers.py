"""Every searcher that is measured side by side finds the obvious in a tiny corpus, through one door."""

from pathlib import Path

import pytest
from llama_index.core.base.embeddings.base import BaseEmbedding

from rag.settings import Settings
from tests.fakes import HashEmbedding
from tests.peers.embedding import CachedEmbedding
from tests.peers.llama import Quickstart, hybrid_as_installed, hybrid_with_jieba
from tests.peers.ours import Ours
from tests.peers.peer import Document, Peer, first_seen
from tests.peers.plain import PlainBM25, PlainVector
from tests.peers.sites import MaterialSite, OwnSite, node

DOCUMENTS = [
    Document("a#1", "居住证办理", "", "在本地居住半年的人可以申请居住证。", ("暂住证",), "a", "zh"),
    Document("a#2", "居住证办理", "费用", "首次办理居住证不收费用。", (), "a", "zh"),
    Document("b#1", "公园开放", "", "公园每天早上六点开门，晚上九点关门。", (), "b", "zh"),
    Document("c#1", "图书借阅", "", "每张读者证最多可以借阅十本图书。", (), "c", "zh"),
    Document("d#1", "垃圾分类", "", "厨余垃圾要投放到绿色的垃圾桶。", (), "d", "zh"),
]
QUERIES = {"居住证": "a", "公园": "b", "图书借阅": "c", "厨余垃圾": "d"}


@pytest.fixture
def embedding(tmp_path: Path) -> CachedEmbedding:
    """An encoder that needs no weights, cached as in a measurement."""
    return CachedEmbedding(HashEmbedding(), tmp_path / "vectors.sqlite")


def _finds(peer: Peer) -> None:
    """Index, then every query finds a document of its page first, and no document twice."""
    peer.index(DOCUMENTS)
    for query, page in QUERIES.items():
        found = peer.rank(query, 3)
        assert found and found[0].partition("#")[0] == page, (query, found)
        assert len(found) == len(set(found)) <= 3


@pytest.mark.parametrize("make", [PlainVector, Quickstart, hybrid_with_jieba])
def test_peers_with_an_encoder_find_the_obvious(make: type[PlainVector], embedding: BaseEmbedding) -> None:
    """Plain vectors and LlamaIndex's vector and hybrid retrievers rank the document meant first."""
    _finds(make(embedding))


def test_the_hybrid_as_installed_finds_english(embedding: BaseEmbedding) -> None:
    """Its BM25 takes a run of Chinese for one word, so English shows that it is put together rightly."""
    peer = hybrid_as_installed(embedding)
    peer.index([Document("a", "Residence permit", "", "Half a year here is enough."), *DOCUMENTS[2:]])
    assert peer.rank("How do I get a residence permit?", 2)[0] == "a"


def test_plain_bm25_finds_the_obvious_and_nothing_for_unknown_words() -> None:
    """BM25 over characters and pairs ranks the document meant first; no shared term, no result."""
    peer = PlainBM25()
    _finds(peer)
    assert peer.rank("zzz", 3) == []


def test_ours_finds_the_obvious(tmp_path: Path) -> None:
    """The product's own retrieval goes through the same door."""
    _finds(Ours(Settings(cache=tmp_path / "v.sqlite", embedder="tests.fakes:HashEmbedding")))


@pytest.mark.skipif(node() is None, reason="no node")
def test_site_searches_find_the_obvious() -> None:
    """Material's built-in search and ours find pages by their own scripts."""
    entries = [
        {"title": d.title, "section": d.section, "url": f"{d.page}/", "text": d.text}
        | ({} if d.section else {"aliases": list(d.aliases)})
        for d in DOCUMENTS
    ]
    for peer in (OwnSite({"entries": entries, "fold": "證证", "words": {}}), MaterialSite("zh")):
        _finds(peer)
        peer.close()


def test_vectors_of_peers_are_cached_and_counted(tmp_path: Path, embedding: CachedEmbedding) -> None:
    """The same text is asked for twice and computed once."""
    once = embedding.get_text_embedding_batch(["苹果", "石榴"])
    again = embedding.get_text_embedding_batch(["苹果", "石榴"])
    assert once == again
    assert (embedding.passages, (tmp_path / "vectors.sqlite").is_file()) == (4, True)


def test_a_document_is_named_once() -> None:
    """A long document that is found by several of its nodes stands where the first one did."""
    assert first_seen(["b", "a", "b", "c", "a"], 2) == ["b", "a"]
