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
