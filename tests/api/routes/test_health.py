"""Health routes."""

from pathlib import Path

from fastapi.testclient import TestClient

from api.app import create_app
from tests.api.conftest import serving, settings_in


def test_a_served_generation_is_ready(client: TestClient) -> None:
    """Ready names the generation that answers."""
    ready = client.get("/readyz").json()
    answer = client.post("/api/v1/ask", json={"question": "号牌"}).json()
    assert ready == {"status": "ok", "generation": answer["generation"]}


def test_alive_but_not_ready_without_a_writable_store(built: Path, tmp_path: Path) -> None:
    """A store that takes no write ends readiness, not the process."""
    with serving(create_app(settings_in(tmp_path, built))) as client:
        for file in tmp_path.iterdir():
            file.unlink(missing_ok=True)
        # Only now: what else looks at the store would open the old file again.
        client.app.state.services.store.close()  # type: ignore[attr-defined]  # client.app is typed as any ASGI app
        assert client.get("/livez").json() == {"status": "ok"}
        response = client.get("/readyz")
        assert (response.status_code, response.json()["error"]["code"]) == (503, "not-ready")


def test_metrics_count_by_route_and_outcome_without_words(client: TestClient) -> None:
    """Labels are templates and enums; a person's words, paths and methods are in none of them."""
    client.post("/api/v1/ask", json={"question": "今天天气怎么样 CANARYWORDS"})
    client.get("/CANARYPATH")
    client.request("CANARYMETHOD", "/")
    text = client.get("/metrics").text
    assert 'zhinan_answers_total{lang="zh-Hans",outcome="abstained",writer="extractive"}' in text
    assert 'route="/api/v1/ask"' in text and 'route="site"' in text
    assert "CANARY" not in text


def test_each_app_counts_for_itself(client: TestClient, built: Path, tmp_path: Path) -> None:
    """A second app in one process begins at zero."""
    client.get("/livez")
    with serving(create_app(settings_in(tmp_path, built))) as other:
        assert 'route="/livez"' not in other.get("/metrics").text
