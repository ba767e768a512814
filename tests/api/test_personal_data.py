"""Personal data that people send stays nowhere: not in the store, the log, the metrics or a reply."""

import logging
import re
import unicodedata
from pathlib import Path

import pytest

from api.app import create_app
from tests.api.conftest import serving, settings_in
from tests.personal_items import Item, items, plain

API = "/api/v1"
DRAWN = items(300, 7)
OF_CLIENT = ("httpx", "httpcore")
"""Loggers of the test's own client, which writes the addresses that it calls."""


def squeezed(text: str) -> str:
    """Letters and digits of a text alone."""
    return re.sub(r"\W|_", "", plain(text))


def searched(item: Item) -> str:
    """What must not be found of an item: its number, or for a home the whole of it."""
    return squeezed(item.written if item.kind in ("address", "mail") else item.secret)


def test_three_hundred_items_are_found_nowhere_afterwards(
    built: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """Sent as question, history, search, made-up field, request, contact and number of a request: no item is in
    any byte of the store and its log, in any line logged, in the metrics or in any reply."""
    caplog.set_level(logging.DEBUG)
    replies = []
    with serving(create_app(settings_in(tmp_path, built))) as client:
        for n, (item, question, _) in enumerate(DRAWN):
            other = DRAWN[n - 1][1]
            written = re.sub(r"\W|_", "", unicodedata.normalize("NFKC", item.written))
            match n % 3:
                case 0:
                    body = {"question": question, "history": [{"role": "user", "text": other}]}
                    answer = client.post(f"{API}/ask", json=body)
                    assert answer.status_code == 200
                    rating = {"useful": False, "reason": "wrong", item.written: other}
                    replies += [
                        answer,
                        client.post(f"{API}/answers/{answer.json()['id']}/rating", json=rating),
                    ]
                case 1:
                    replies.append(client.get(f"{API}/search", params={"q": question, "limit": 1}))
                    replies.append(client.post(f"{API}/ask", json={"question": other, item.written: 1}))
                    replies.append(
                        client.get(f"{API}/requests/{written[:24]}", params={"code": written[:24]})
                    )
                case _:
                    body = {"question": question, "contact": item.written[:200], "answer_id": item.secret}
                    replies.append(client.post(f"{API}/requests", json=body))
                    replies.append(
                        client.post(f"{API}/requests", json={"question": other, "contact": item.written})
                    )
        metrics = client.get("/metrics").text
        stored = "".join(file.read_bytes().decode("utf-8", "ignore") for file in sorted(tmp_path.iterdir()))
    logged = "\n".join(r.getMessage() for r in caplog.records if not r.name.startswith(OF_CLIENT))
    assert {reply.status_code for reply in replies} == {200, 201, 404, 422}
    assert "号" in stored and "/ask" in logged and "zhinan_answers" in metrics
    places = {
        "store": stored,
        "log": logged,
        "metrics": metrics,
        "replies": "\n".join(r.text for r in replies),
    }
    for name, text in places.items():
        held = squeezed(text)
        assert [item for item, _, _ in DRAWN if searched(item) in held] == [], name


def test_the_search_for_items_would_find_one() -> None:
    """Each item, written as it is into a line of text, is found there by the same search."""
    assert [item for item, question, _ in DRAWN if searched(item) not in squeezed(question)] == []
