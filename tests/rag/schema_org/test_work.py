"""A page as a creative work: its words, its age, who stands for it, its translation."""

from tests.rag.schema_org.guides import SITE, TRAINING, described, of_every_type


def test_steps_and_questions_keep_their_words_and_order() -> None:
    """Steps carry the page's line and their number; questions carry their answers."""
    nodes = described(of_every_type(), "pub-how")
    assert "GovernmentService" not in nodes
    assert [(step["position"], step["name"]) for step in nodes["HowTo"]["step"]] == [
        (1, "交申请表"),
        (2, "发号牌"),
    ]
    assert nodes["HowTo"]["step"][1]["text"] == "第2步 窗口：发号牌（三号窗口）；结果：拿到号牌；时限：3日。"
    question = nodes["FAQPage"]["mainEntity"][0]
    assert (question["name"], question["acceptedAnswer"]["text"]) == ("丢了怎么办", "带身份证补领")


def test_every_work_says_how_old_it_is_and_who_stands_for_it() -> None:
    """Review date, version, site, publisher, provider, topic and openness stand on each guide."""
    library = of_every_type()
    for guide_id, kind in (("pub-tag", "HowTo"), ("pub-tech", "TechArticle"), ("pub-policy", "Article")):
        found = described(library, guide_id)[kind]
        assert (found["dateModified"], found["version"], found["inLanguage"]) == ("2026-11-01", 1, "zh-Hans")
        assert found["isPartOf"][0]["@type"] == "WebSite"
        assert {"publisher", "provider", "conditionsOfAccess", "isAccessibleForFree"} <= found.keys()
        assert found["about"][0] == {"@type": "DefinedTerm", "name": "车辆"}
    assert described(library, "pub-tag")["HowTo"]["keywords"] == ["车牌"]
    assert described(library, "pub-tech")["TechArticle"]["dependencies"] == ["有密钥"]
    law = described(library, "pub-policy")["Article"]["citation"][0]
    assert (law["name"], law["legislationIdentifier"]) == ("自行车条例", "第1号")


def test_a_course_says_level_time_and_competences() -> None:
    """Training guides name the competences of their framework and their length in minutes."""
    found = described(of_every_type(), "pub-course")["LearningResource"]
    assert (found["educationalLevel"], found["timeRequired"]) == ("3", "PT20M")
    assert [skill["name"] for skill in found["teaches"]] == TRAINING["competences"]


def test_languages_point_to_each_other() -> None:
    """English is the translation of the Chinese work, at its address below en/."""
    library = of_every_type()
    zh, en = (described(library, "pub-tag", lang)["HowTo"] for lang in ("zh", "en"))
    assert zh["workTranslation"]["@id"] == en["@id"] == f"{SITE}/en/public/pub-tag/#guide"
    assert en["translationOfWork"]["@id"] == zh["@id"] == f"{SITE}/public/pub-tag/#guide"
    assert described(library, "pub-tag", site="")["HowTo"]["url"] == "/public/pub-tag/"
