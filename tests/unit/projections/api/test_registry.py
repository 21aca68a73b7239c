import json

import pytest
from fastavro.schema import to_parsing_canonical_form

from schemas.registry import schemas
from tests.unit.projections.api.client import Client


def test_every_schema_is_served_by_its_id_without_a_token(client: Client) -> None:
    for number, schema in schemas().items():
        answer = Client(client.app, {}).get(f"/schemas/ids/{number}")
        assert answer.json() == {"schema": schema.text}


def test_subjects_and_versions_have_the_shape_that_registry_clients_read(client: Client) -> None:
    assert "decisions-decision" in client.get("/subjects").json()
    assert client.get("/subjects/decisions-decision/versions").json() == [1, 2, 3]
    latest = client.get("/subjects/decisions-decision/versions/latest").json()
    assert latest == client.get("/subjects/decisions-decision/versions/3").json()
    assert (latest["subject"], latest["version"]) == ("decisions-decision", 3)
    assert latest["schema"] == schemas()[latest["id"]].text


def test_what_is_missing_is_told_with_the_registrys_codes(client: Client) -> None:
    for path, code in (
        ("/schemas/ids/9999", 40403),
        ("/subjects/nothing/versions", 40401),
        ("/subjects/nothing/versions/1", 40401),
        ("/subjects/decisions-decision/versions/9", 40402),
        ("/subjects/decisions-decision/versions/best", 40402),
    ):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["error_code"]) == (404, code)


def test_the_highest_id_is_told_to_who_asks(client: Client) -> None:
    assert client.get("/schemas/ids/47", fetchMaxId="true").json()["maxId"] == max(schemas())


def test_a_schema_is_found_again_by_its_id_and_by_its_place(client: Client) -> None:
    for number, schema in schemas().items():
        place = f"/subjects/{schema.subject}/versions/{schema.version}"
        assert client.get(f"/schemas/ids/{number}/subjects").json() == [schema.subject]
        assert client.get(f"/schemas/ids/{number}/versions").json() == [
            {"subject": schema.subject, "version": schema.version}
        ]
        for text in (client.get(f"/schemas/ids/{number}/schema"), client.get(f"{place}/schema")):
            assert (text.text, text.headers["content-type"]) == (schema.text, "application/json")
        assert client.get(f"{place}/referencedby").json() == []


def test_what_tools_ask_before_anything_else(client: Client) -> None:
    assert client.get("/schemas/types").json() == ["AVRO"]
    assert client.get("/contexts").json() == ["."]
    for about in ("", "/decisions-decision"):
        assert client.get(f"/config{about}").json() == {"compatibilityLevel": "FULL_TRANSITIVE"}
        assert client.get(f"/mode{about}").json() == {"mode": "READONLY"}
    for about in ("/config", "/mode"):
        assert client.get(f"{about}/nothing").json()["error_code"] == 40401


def test_a_schema_is_looked_up_however_a_client_spells_it(client: Client) -> None:
    for number, schema in schemas().items():
        canonical = to_parsing_canonical_form(json.loads(schema.text))
        exact = client.post(f"/subjects/{schema.subject}", {"schema": schema.text}).json()
        alike = client.post(f"/subjects/{schema.subject}", {"schema": canonical, "schemaType": "AVRO"}).json()

        assert (exact["id"], exact["version"]) == (number, schema.version)
        assert to_parsing_canonical_form(json.loads(alike["schema"])) == canonical


@pytest.mark.parametrize(
    ("subject", "text", "status", "code"),
    [
        ("nothing", '"string"', 404, 40401),
        ("decisions-decision", '"string"', 404, 40403),
        ("decisions-decision", schemas()[1].text, 404, 40403),
        ("decisions-decision", "{", 422, 42201),
        ("decisions-decision", '{"type": "record"}', 422, 42201),
        ("decisions-decision", '{"type": "nothing.of.the.kind"}', 422, 42201),
        ("decisions-decision", "null", 422, 42201),
        ("decisions-decision", "7", 422, 42201),
        ("decisions-decision", "[" * 50_000, 422, 42201),
        ("decisions-decision", '{"type":"array","items":' * 5_000, 422, 42201),
    ],
)
def test_what_cannot_be_looked_up_is_told(
    client: Client, subject: str, text: str, status: int, code: int
) -> None:
    answer = client.post(f"/subjects/{subject}", {"schema": text})

    assert (answer.status_code, answer.json()["error_code"]) == (status, code)


def test_numbers_beyond_all_bounds_are_unknown(client: Client) -> None:
    assert client.get(f"/subjects/decisions-decision/versions/{'9' * 5_000}").status_code == 404
    assert client.get("/subjects/decisions-decision/versions/²").status_code == 404
    assert client.get(f"/schemas/ids/{'9' * 5_000}").status_code == 422
    assert client.get(f"/schemas/ids/{'9' * 50}").status_code == 404
