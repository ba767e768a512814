"""The assistant of the current generation in a running process, and how it changes with the pointer."""

import logging
import threading
import time

from llama_index.core.base.embeddings.base import BaseEmbedding

from rag.answer import Assistant
from rag.embed import embed_query, embedder_id, load_embedding
from rag.generation import BuildError, current, open_generation
from rag.settings import Settings

LOG = logging.getLogger("zhinan.generation")
RETRY_SECONDS = 20.0
"""How long a generation that could not be opened is left alone: what was in the way may go away."""


class Live:
    """The assistant of the current generation, exchanged when the pointer moves.

    A new generation is opened and warmed before it takes over, in a thread of its own: requests go on with
    the old one meanwhile, less what `Generation.lost` names, and each answer comes from one generation alone.
    """

    def __init__(self, settings: Settings) -> None:
        self._out = settings.out
        self._embedding: BaseEmbedding = load_embedding(settings.embedder, settings.models)
        self._lock = threading.Lock()
        self._opening: threading.Thread | None = None
        self._refused: tuple[str, float] | None = None
        self._assistant = self._open(current(self._out))

    def assistant(self) -> Assistant:
        """The current assistant; never waits for a new generation."""
        name = current(self._out)
        if name and name != self._assistant.generation.name:
            with self._lock:
                busy = self._opening is not None and self._opening.is_alive()
                if not busy and not self._is_refused(name):
                    self._opening = threading.Thread(target=self._exchange, args=(name,), daemon=True)
                    self._opening.start()
        return self._assistant

    def follow(self) -> None:
        """One look at the pointer, so that a switch waits for no request."""
        self.assistant().generation.lost()

    def _is_refused(self, name: str) -> bool:
        if self._refused is None or self._refused[0] != name:
            return False
        return time.monotonic() - self._refused[1] < RETRY_SECONDS

    def _exchange(self, name: str) -> None:
        """Open a generation and take it; one that cannot be opened is reported and tried again later."""
        old = self._assistant.generation.name
        try:
            self._assistant = self._open(name)
            LOG.info("generation %s serves in place of %s", name, old)
        except Exception:
            self._refused = (name, time.monotonic())
            LOG.exception("generation %s cannot be opened; %s serves on, less what is lost", name, old)

    def _open(self, name: str | None) -> Assistant:
        generation = open_generation(self._out, name)
        if generation.manifest["embedder"] != embedder_id(self._embedding):
            raise BuildError(
                "open",
                f"generation {generation.name} was embedded with {generation.manifest['embedder']}, "
                f"the setting says {embedder_id(self._embedding)}: run `zhinan build`",
            )
        embed_query(self._embedding, "warm")
        assistant = Assistant(generation, self._embedding)
        for circle in generation.circles:
            generation.index(circle)
        assistant.warm()
        # Read now: when a successor has to be compared with it, its folder may be gone.
        _ = generation.readerships
        return assistant
