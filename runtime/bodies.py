"""The body of a request as it comes: how large, and whether it is JSON that means one thing only."""

import jiter
from starlette.types import Message, Receive

from runtime.problems import Problem

_CLOSE = {"Connection": "close"}
"""What is still to come of such a body is not read."""
_WRONG = {
    "Detected duplicate key": "The body has the same key twice in one object.",
    "recursion limit exceeded": "The body is nested deeper than 200 levels.",
    "number out of range": "The body has a number of more than 4300 digits.",
    "invalid unicode code point": "The body is not UTF-8.",
}
"""By the beginning of the parser's message, which may go on with what was posted."""


def too_large(limit: int) -> Problem:
    """413, before more of it is read."""
    return Problem(413, "too-large", f"The body is over {limit} bytes.", _CLOSE)


def bounded(receive: Receive, limit: int) -> Receive:
    """`receive` that raises the problems 400 and 413.

    What really comes is counted, for a length may be absent or a lie; the whole is looked at before its last part
    is handed on.
    """
    parts: list[bytes] = []
    seen = 0

    async def part() -> Message:
        nonlocal seen
        message = await receive()
        if message["type"] != "http.request":
            return message
        parts.append(message.get("body", b""))
        seen += len(parts[-1])
        if seen > limit:
            raise too_large(limit)
        if not message.get("more_body", False):
            check(b"".join(parts))
        return message

    return part


def check(body: bytes) -> None:
    """Raise the problem 400 for a body that two readers could understand differently; an empty one passes."""
    if not body:
        return
    try:
        jiter.from_json(body, catch_duplicate_keys=True, allow_inf_nan=False, cache_mode="keys")
    except ValueError as wrong:
        found = (said for begins, said in _WRONG.items() if str(wrong).startswith(begins))
        raise Problem(400, "malformed", next(found, "The body is not JSON.")) from None
