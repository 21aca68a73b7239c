from projections.policies import from_policies
from tests.unit.projections.household import Story, rows_of


def test_the_key_tells_a_version_from_the_one_in_force(story: Story) -> None:
    current, first = rows_of(from_policies, story.of("policies"))

    assert (current["key"], current["is_current"], current["version"]) == ("parameters", True, 1)
    assert (first["key"], first["is_current"], first["version"]) == ("parameters|1", False, 1)
    assert first["policy_id"] == current["policy_id"] == "parameters"
    assert first["record"] == current["record"]
