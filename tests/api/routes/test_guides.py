"""Guides, topics and offices as records."""

import pytest
from fastapi.testclient import TestClient

from api.shapes import GuideOut, GuidesOut, TopicsOut, UnitsOut


def test_the_list_has_the_promised_fields(client: TestClient) -> None:
    """Each guide of the list has exactly the described fields."""
    listed = client.get("/api/v1/guides").json()
    GuidesOut.model_validate(listed, extra="forbid")
    assert [(guide["id"], guide["lang"]) for guide in listed["guides"]] == [
        ("pub-bike-tag", "zh-Hans"),
        ("pub-bike-tag", "en"),
    ]
    assert all(set(guide) == set(GuideOut.model_fields) for guide in listed["guides"])


@pytest.mark.parametrize(
    ("params", "ids"),
    [
        ({"lang": "en"}, ["pub-bike-tag"]),
        ({"topic": "登记"}, ["off-bike-theft", "org-bike-fleet", "stf-bike-audit"]),
        ({"audience": "staff"}, ["stf-bike-audit"]),
        ({"audience": "public", "lang": "zh-Hans", "topic": "自行车"}, ["pub-bike-tag"]),
        ({"topic": "没有这个主题"}, []),
    ],
)
def test_filters_narrow_the_list(
    client: TestClient, keys: dict[str, dict[str, str]], params: dict[str, str], ids: list[str]
) -> None:
    """Language, topic and audience are joined by and."""
    listed = client.get("/api/v1/guides", params=params, headers=keys["restricted"]).json()
    assert sorted(guide["id"] for guide in listed["guides"]) == ids


def test_an_unknown_filter_value_is_422(client: TestClient) -> None:
    """An audience that does not exist is an error, not an empty list."""
    assert client.get("/api/v1/guides", params={"audience": "everybody"}).status_code == 422


def test_a_guide_is_a_structured_record_in_chinese_first(client: TestClient) -> None:
    """Without a wish the Chinese record comes, with `lang` the English one."""
    chinese = client.get("/api/v1/guides/pub-bike-tag").json()
    english = client.get("/api/v1/guides/pub-bike-tag", params={"lang": "en"}).json()
    assert (chinese["title"], english["title"]) == ("自行车号牌的申领", "Getting a bicycle tag")
    assert chinese["contact"]["phone"] == "000-0000-0101"


def test_unreadable_and_absent_guides_look_the_same(client: TestClient) -> None:
    """The 404 of an internal guide, of a missing language and of no guide have one body."""
    paths = [
        "stf-bike-audit",
        "off-bike-theft",
        "org-bike-fleet?lang=en",
        "pub-no-such",
        "..%2f..%2funits.yml",
    ]
    responses = [client.get(f"/api/v1/guides/{path}") for path in paths]
    assert {response.status_code for response in responses} == {404}
    assert len({response.text for response in responses}) == 1


def test_topics_count_what_the_reader_may_read(client: TestClient, keys: dict[str, dict[str, str]]) -> None:
    """A topic without a readable guide does not exist for this reader."""
    anonymous = client.get("/api/v1/topics").json()
    TopicsOut.model_validate(anonymous, extra="forbid")
    assert anonymous["topics"] == [{"topic": "自行车", "guides": 1}]
    internal = client.get("/api/v1/topics", headers=keys["internal"]).json()["topics"]
    assert {"topic": "登记", "guides": 2} in internal


def test_units_name_how_to_reach_them(client: TestClient) -> None:
    """Offices come with names in both languages and telephone numbers."""
    units = client.get("/api/v1/units").json()
    UnitsOut.model_validate(units, extra="forbid")
    assert units["units"][0]["name"] == {"zh": "自行车管理处", "en": "Bicycle Office"}
    assert units["units"][0]["phone"] == "000-0000-0101"
