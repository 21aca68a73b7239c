"""The examples of what ingest answers; those of what it takes are posted by `test_interactions.py` and its like."""

import pytest
from pydantic import BaseModel

from ingest.bodies import ACCEPTED, ANSWERED, Accepted, BatchAnswer


@pytest.mark.parametrize(("model", "example"), [(Accepted, ACCEPTED), (BatchAnswer, ANSWERED)])
def test_an_example_is_an_answer_and_stands_in_its_schema(model: type[BaseModel], example: object) -> None:
    told = model.model_validate(example, extra="forbid").model_dump(exclude_unset=True)

    assert told == example
    assert model.model_json_schema()["examples"] == [example]
