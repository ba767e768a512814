"""A service's operator, audience, channels, time and fee are those of the fields."""

from tests.rag.schema_org.guides import described, of_every_type


def test_a_service_says_who_where_how_long_and_how_much() -> None:
    """Operator, audience, channels, time, fee, output, related services and the steps are those of the fields."""
    nodes = described(of_every_type(), "pub-plate")
    found = nodes["GovernmentService"]
    assert found["identifier"] == ["pub-plate", "DEMO-1"]
    assert found["audience"] == [{"@type": "Audience", "audienceType": "公众", "description": "有自行车的人"}]
    assert found["areaServed"] == ["全县"]
    assert [channel["processingTime"] for channel in found["availableChannel"]] == ["P15D"] * 4
    phone, web, counter, proxy = found["availableChannel"]
    assert phone["servicePhone"]["telephone"] == "000-0000-0101"
    assert web["serviceUrl"] == "https://guide.example/apply"
    assert counter["serviceLocation"]["name"] == "三号窗口"
    assert not {"serviceLocation", "servicePhone", "serviceUrl"} & proxy.keys()
    money, rule = found["offers"]
    assert (money["price"], money["priceCurrency"], money["validThrough"]) == (10, "CNY", "2027-12-31")
    assert "price" not in rule and "按邮局标准" in rule["description"]
    assert found["serviceOutput"]["name"] == "号牌"
    assert "termsOfService" not in found
    assert nodes["GovernmentOffice"]["name"] == "自行车管理处"
    assert [supply["name"] for supply in nodes["HowTo"]["supply"]] == ["发票"]


def test_a_free_service_costs_nothing_and_promises_no_calendar_time() -> None:
    """«Free» is a price of 0, and five working days are no duration."""
    found = described(of_every_type(), "pub-tag")["GovernmentService"]
    assert [offer["price"] for offer in found["offers"]] == [0]
    assert "processingTime" not in found["availableChannel"][0]
    assert [other["name"] for other in found["isRelatedTo"]] == ["自行车号牌 pub-plate"]
