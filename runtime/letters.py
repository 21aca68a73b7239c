"""What the headers of a dead letter say: where its record stood and why, and what operators noted of it since."""

from runtime.transform import Message

REDRIVE = "redrive-letter"
"""Header of a redriven record: the place of its letter."""

DISCARDS = "dead-discards"
"""Header of the record on `<group>.dead` that discards a letter: the place of that one."""

CLASS = "dead-class"
"""Header that every letter has, last among those that a sender may have given: the name of the error."""


def said(message: Message) -> dict[str, str]:
    """The headers by name; of one that is given twice the last word stands, which is the service's own."""
    return {name: value.decode("utf-8", "replace") for name, value in message.headers}


def is_note(message: Message) -> bool:
    """A sender may have given a record any header, but the last word on a letter is the service's own."""
    headers = said(message)
    return message.value is None and DISCARDS in headers and CLASS not in headers


def redriven(message: Message) -> str:
    """The place of the letter that a record on `<group>.redrive` redrives."""
    return said(message).get(REDRIVE, "?")
