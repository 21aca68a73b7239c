"""Who of a household a word is about: `g/<id>` an adult, `c/<id>` a child; of the household as a whole, nobody."""


def guardian(guardian_id: str) -> str:
    """An adult of the household."""
    return f"g/{guardian_id}"


def child(child_id: str) -> str:
    """A child of the household."""
    return f"c/{child_id}"
