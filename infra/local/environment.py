"""What a child process may see of the environment: little, and never by accident."""

from collections.abc import Iterable, Mapping

# PATH and HOME to find programs and caches, the rest so that text, time and scratch files behave as outside.
PASSED = ("PATH", "HOME", "LANG", "LC_ALL", "TZ", "TMPDIR")


def scrubbed(
    source: Mapping[str, str], passes: Iterable[str] = (), given: Mapping[str, str] | None = None
) -> dict[str, str]:
    """The passed names of `source`, those of it that start with one of `passes`, and `given`."""
    prefixes = tuple(passes)
    kept = {name: value for name, value in source.items() if name in PASSED or name.startswith(prefixes)}
    return kept | dict(given or {})
