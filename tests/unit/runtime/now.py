"""A clock that a test moves."""


class Now:
    """Seconds since nothing in particular."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds
