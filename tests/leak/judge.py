"""Sends probes and says what came back that should not have: the one judgement of tests and release runs."""

import io
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rag.access import Circle, Level
from rag.cpsv.catalogue import catalogue
from rag.guides import read_library
from rag.schema_org.documents import open_guides_json_ld
from tests.leak.exits import Sent, request_of
from tests.leak.marks import Marks
from tests.leak.probes import Probe
from tests.leak.served import READERS, Served, session

_VARIES = ("id", "elapsed_ms", "generation")
"""What two equal answers may differ in."""


@dataclass(frozen=True)
class Judge:
    """Judges what one served office says."""

    served: Served

    @cached_property
    def _marks(self) -> dict[str, Marks]:
        return {name: self.served.marks(name) for name in READERS}

    def send(self, reader: str, sent: Sent) -> Any:
        """The response to a request of a reader."""
        headers = {**self.served.headers[reader], "Accept": sent.accept}
        body = {"data": sent.form} if sent.form else {} if sent.body is None else {"json": sent.body}
        return self.served.client.request(
            sent.method, sent.url, params=sent.params or None, headers=headers, **body
        )

    def send_form(self, path: str, fields: Mapping[str, str], headers: Mapping[str, str]) -> Any:
        """The response to a form of a browser with these headers, which keeps no cookie."""
        try:
            return self.served.client.post(path, data=fields, headers=headers)
        finally:
            self.served.client.cookies.clear()

    def leaks(self, probe: Probe) -> list[str]:
        """What the response to a probe shows of guides above its reader, or of the request where it failed."""
        response = self.send(probe.sender, request_of(probe))
        marks = self._marks[probe.reader]
        if response.status_code >= 500:
            return [f"status {response.status_code}"]
        # A header is part of the response: a redirect names a place.
        shown = marks.shown(" ".join(v for k, v in response.headers.items() if k != "location"))
        if response.status_code >= 400 or probe.exit not in ("ask", "stream"):
            return shown + marks.shown(response.text)
        answer = said(response)
        echoed = " ".join([answer.pop("text"), *(choice.pop("question") for choice in answer["choices"])])
        return shown + marks.shown(dumped(answer)) + marks.shown(echoed, probe.brought)

    def shows(self, probe: Probe, reader: str) -> bool:
        """Whether another reader, asking the same, is shown the probe's subject."""
        return bool(Marks([probe.subject]).shown(self.send(reader, request_of(probe)).text, probe.brought))

    def standing(self) -> Iterator[tuple[str, list[str]]]:
        """Exits that take no word: each by name with what it shows to readers who may not know."""
        for reader, marks in self._marks.items():
            for name, text in self._read_once(reader):
                yield f"{reader} {name}", marks.shown(text)
        gone = self.served.withdrawn
        library = read_library(self.served.settings.docs)[0].without(gone)
        for level in (Level.OPEN, Level.MEMBERS, Level.INTERNAL):
            below = Marks(
                s for s in self.served.subjects if s.id in gone or not Circle(level).opens(s.id, s.level)
            )
            yield f"export cpsv-ap {level}", below.shown(dumped(catalogue(library, level)))
        yield "export schema-org", self._marks["anonymous"].shown(dumped(open_guides_json_ld(library)))
        everything = Marks(s for s in self.served.subjects if s.id in gone or s.level is not Level.OPEN)
        yield "log", everything.shown("\n".join(self.served.log))

    def _read_once(self, reader: str) -> Iterator[tuple[str, str]]:
        """Lists, operations and every file of the site, as this reader gets them."""
        for path in (*LISTS, *OPERATIONS):
            yield path, self.send(reader, Sent("GET", path)).text
        for path in DESK:
            yield path, self.send(session(reader), Sent("GET", path, accept="text/html")).text
        for name in site_files(self.served, reader):
            response = self.send(reader, Sent("GET", name))
            there = response.status_code == 200 or (self.served.withdrawn and response.status_code == 404)
            assert there, (reader, name, response.status_code)
            yield name, text_of(name, response.content)


LISTS = (
    "/api/v1/guides", "/api/v1/guides?lang=en", "/api/v1/topics", "/api/v1/units", "/", "/en/", "/nothing-here",
)  # fmt: skip
DESK = ("/desk", "/desk?lang=en", "/sign-in", "/sign-in/link?token=x")
OPERATIONS = ("/api/v1/openapi.json", "/metrics", "/livez", "/readyz")


def site_files(served: Served, reader: str) -> list[str]:
    """Addresses of all files in the site of a reader."""
    folder = served.assistant().generation.site_folder(_circle(served, reader))
    return sorted(f"/{file.relative_to(folder).as_posix()}" for file in folder.rglob("*") if file.is_file())


def _circle(served: Served, reader: str) -> Circle:
    """The circle of a reader by the office's own rule, not the product's."""
    asker = READERS[reader]
    ids = frozenset(s.id for s in served.subjects if s.roles and s.opens_to(asker))
    if asker.level is Level.RESTRICTED:
        return Circle(Level.RESTRICTED, ids) if ids else Circle(Level.INTERNAL)
    return Circle(asker.level)


def text_of(name: str, content: bytes) -> str:
    """A file as text; of a zip, all its files."""
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            return "\n".join(f"{n}\n{text_of(n, packed.read(n))}" for n in packed.namelist())
    if name.endswith((".png", ".webp", ".jpg", ".woff2", ".ico")):
        return ""
    return content.decode("utf-8", "replace")


def said(response: Any) -> dict[str, Any]:
    """An answer without what differs each time; of a stream, its pieces too."""
    if response.headers["content-type"].startswith("text/event-stream"):
        lines = [line[6:] for line in response.text.splitlines() if line.startswith("data: ")]
        answer: dict[str, Any] = json.loads(lines[-1])
        answer["text"] += "".join(json.loads(line)["text"] for line in lines[:-1])
    else:
        answer = response.json()
    return {key: value for key, value in answer.items() if key not in _VARIES}


def dumped(data: Any) -> str:
    """JSON as it goes over the wire."""
    return json.dumps(data, ensure_ascii=False)


def run(
    judge: Judge, asked: Sequence[Probe], on_each: Callable[[], None] = lambda: None
) -> list[tuple[Probe, list[str]]]:
    """Probes that leaked, with what they showed."""
    leaked = []
    for probe in asked:
        if found := judge.leaks(probe):
            leaked.append((probe, found))
        on_each()
    return leaked
