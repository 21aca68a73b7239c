"""What a child may see of the environment."""

from infra.local.environment import scrubbed

SOURCE = {
    "PATH": "/bin",
    "HOME": "/somewhere",
    "TZ": "UTC",
    "AWS_SECRET_ACCESS_KEY": "s",
    "ACADEMY_KAFKA": "elsewhere:9092",
    "OPENAI_API_KEY": "k",
    "PYTHONPATH": "/x",
}


def test_nothing_passes_by_accident() -> None:
    assert scrubbed(SOURCE) == {"PATH": "/bin", "HOME": "/somewhere", "TZ": "UTC"}


def test_only_the_named_beginnings_pass() -> None:
    assert set(scrubbed(SOURCE, ["ACADEMY_"])) == {"PATH", "HOME", "TZ", "ACADEMY_KAFKA"}


def test_what_is_given_wins_over_what_is_found() -> None:
    assert scrubbed(SOURCE, ["ACADEMY_"], {"ACADEMY_KAFKA": "here:1"})["ACADEMY_KAFKA"] == "here:1"
