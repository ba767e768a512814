"""LlamaIndex as its documentation has it: the vector quickstart over Chroma, and its hybrid by reciprocal rank.

Same encoder as ours, default splitter, default Chroma collection. The hybrid needs no language model: with one
query there is nothing to rewrite. Its BM25 comes as it is installed (English words and stems) or with jieba.
"""

import uuid
from collections.abc import Callable, Sequence

import bm25s
import chromadb
import jieba
from llama_index.core import StorageContext, VectorStoreIndex
from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms import MockLLM
from llama_index.core.node_parser import SentenceSplitter
from llama_index.core.retrievers import QueryFusionRetriever
from llama_index.core.retrievers.fusion_retriever import FUSION_MODES
from llama_index.core.schema import BaseNode, NodeWithScore, QueryBundle
from llama_index.core.schema import Document as LlamaDocument
from llama_index.retrievers.bm25 import BM25Retriever
from llama_index.vector_stores.chroma import ChromaVectorStore

from tests.peers.peer import Document, first_seen

_SPARE = 3
"""Times as many nodes are fetched as documents are wanted: a long document is several nodes."""

MakeWords = Callable[[list[BaseNode], int], BaseRetriever]


class Quickstart:
    """VectorStoreIndex over a Chroma collection, as_retriever."""

    name = "LlamaIndex vector"

    def __init__(self, embedding: BaseEmbedding) -> None:
        self._embedding = embedding

    def index(self, documents: Sequence[Document]) -> None:
        """Split, embed and store all documents."""
        given = [LlamaDocument(text=document.whole, id_=document.id) for document in documents]
        self._nodes = SentenceSplitter().get_nodes_from_documents(given)
        collection = chromadb.EphemeralClient().create_collection(
            f"peer-{uuid.uuid4().hex}", embedding_function=None
        )
        storage = StorageContext.from_defaults(vector_store=ChromaVectorStore(chroma_collection=collection))
        self._index = VectorStoreIndex(self._nodes, storage_context=storage, embed_model=self._embedding)

    def rank(self, query: str, k: int) -> list[str]:
        """Documents of the nearest nodes."""
        return _documents(self.retriever(k * _SPARE), query, k)

    def retriever(self, k: int) -> BaseRetriever:
        """Its retriever of the `k` nearest nodes."""
        return self._index.as_retriever(similarity_top_k=k)


class Fusion(Quickstart):
    """QueryFusionRetriever with reciprocal rank over the quickstart's retriever and BM25."""

    def __init__(self, embedding: BaseEmbedding, name: str, words: MakeWords) -> None:
        super().__init__(embedding)
        self.name = name
        self._make_words = words

    def index(self, documents: Sequence[Document]) -> None:
        """As the quickstart, and the same nodes once more for BM25."""
        super().index(documents)
        self._wanted = 0

    def retriever(self, k: int) -> BaseRetriever:
        """The fused retriever, made anew when another number of nodes is wanted."""
        if k != self._wanted:
            self._fused = QueryFusionRetriever(
                [super().retriever(k), self._make_words(self._nodes, k)],
                llm=MockLLM(),
                mode=FUSION_MODES.RECIPROCAL_RANK,
                similarity_top_k=k,
                num_queries=1,
                use_async=False,
            )
            self._wanted = k
        return self._fused


def hybrid_as_installed(embedding: BaseEmbedding) -> Fusion:
    """The hybrid with llama-index-retrievers-bm25 and its defaults."""

    def words(nodes: list[BaseNode], k: int) -> BaseRetriever:
        return BM25Retriever.from_defaults(nodes=nodes, similarity_top_k=k)

    return Fusion(embedding, "LlamaIndex hybrid", words)


def hybrid_with_jieba(embedding: BaseEmbedding) -> Fusion:
    """The hybrid with BM25 over the words that jieba finds, which the default tokenizer does not."""
    jieba.setLogLevel("WARNING")
    return Fusion(embedding, "LlamaIndex hybrid, jieba", JiebaBM25)


class JiebaBM25(BaseRetriever):
    """BM25 (bm25s, its defaults) over jieba's words in search mode."""

    def __init__(self, nodes: list[BaseNode], k: int) -> None:
        super().__init__()
        self._nodes, self._k = nodes, min(k, len(nodes))
        self._bm25 = bm25s.BM25()
        self._bm25.index([_words(node.get_content()) for node in nodes], show_progress=False)

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        known = [word for word in _words(query_bundle.query_str) if word in self._bm25.vocab_dict]
        if not known:
            return []
        found, scores = self._bm25.retrieve([known], k=self._k, show_progress=False)
        return [
            NodeWithScore(node=self._nodes[int(i)], score=float(score))
            for i, score in zip(found[0], scores[0], strict=True)
        ]


def _words(text: str) -> list[str]:
    return [word for word in jieba.cut_for_search(text.lower()) if word.strip()]


def _documents(retriever: BaseRetriever, query: str, k: int) -> list[str]:
    return first_seen([found.node.ref_doc_id or "" for found in retriever.retrieve(query)], k)
