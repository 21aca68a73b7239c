"""What a provider may say: answers in its protocol, and all the ways in which there is none."""

import json
from dataclasses import dataclass, field
from typing import Any

HOURS = 3600.0


@dataclass(frozen=True)
class Says:
    """One response; `hangs_up` ends the connection in the middle of it."""

    body: bytes
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    after_seconds: float = 0.0
    hangs_up: bool = False

    def encoded(self) -> bytes:
        named = {"content-type": "application/json", "content-length": str(len(self.body)), **self.headers}
        lines = [f"HTTP/1.1 {self.status} Said", *(f"{name}: {value}" for name, value in named.items())]
        head = ("\r\n".join(lines) + "\r\n\r\n").encode()
        return head + (self.body[: len(self.body) // 2] if self.hangs_up else self.body)


def answer(**changes: Any) -> dict[str, Any]:
    """A whole answer that has nothing in it but what is changed."""
    return {
        "injection": False,
        "facts": [],
        "open_questions": [],
        "financial_signals": {"mentions": [], "concern_level": "none"},
        "scheduling_constraints": {"constraints": [], "preferred_times": []},
        "family_context": {"siblings": [], "decision_makers": [], "household_notes": []},
        "objections": [],
        "additional_signals": [],
        "signed_up": {"quote": None, "value": False},
        "opt_out": {"quote": None, "verdict": "no"},
        "sentiment": "neutral",
        "intent": "unclear",
        "summary": "The family speaks with the academy.",
        **changes,
    }


def completion(content: str | None, finish: str = "stop", **message: Any) -> Says:
    """A chat completion with this text."""
    said = {"role": "assistant", "content": content, "refusal": None, **message}
    choice = {"index": 0, "finish_reason": finish, "message": said, "logprobs": None}
    usage = {
        "prompt_tokens": 1800,
        "completion_tokens": 240,
        "total_tokens": 2040,
        "prompt_tokens_details": {"cached_tokens": 1536, "audio_tokens": 0},
        "completion_tokens_details": {"reasoning_tokens": 0},
    }
    whole = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 1,
        "choices": [choice],
        "usage": usage,
    }
    return Says(json.dumps(whole).encode())


def reads(**changes: Any) -> Says:
    """An answer that has these fields."""
    return completion(json.dumps(answer(**changes)))


def good(asked: dict[str, Any]) -> Says:
    """Reads a question as a model would: interested, and the family's first words as a fact."""
    lines = [line.partition(": ") for line in asked["messages"][-1]["content"].splitlines()]
    words = [json.loads(said) for who, _, said in lines if who in ("family", "unknown")]
    facts = [{"quote": words[0], "speaker": "family", "text": "What they began with"}] if words else []
    return reads(facts=facts, intent="interested", sentiment="positive")


def refusal() -> Says:
    """The model will not."""
    return completion(None, refusal="I cannot help with that.")


def failing(status: int, code: str | None = None, kind: str | None = None, **headers: str) -> Says:
    """An error in the provider's form; headers are given with underscores."""
    body = {"error": {"message": "as you like it", "code": code, "type": kind, "param": None}}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Says(json.dumps(body).encode(), status, named)


def hanging(seconds: float = HOURS) -> Says:
    """An answer that comes too late."""
    said = reads()
    return Says(said.body, after_seconds=seconds)


BUSY = failing(429, "rate_limit_exceeded", "requests")
QUOTA = failing(429, "insufficient_quota", "insufficient_quota")
FILTERED = completion("", "content_filter")
CUT = completion('{"injection": false, "facts": [', "length")
MALFORMED = completion('{"injection": fal')
WRONG = completion(json.dumps(answer(intent="buying", mood="fine")))
NO_JSON = Says(b"<html>Bad gateway</html>", headers={"content-type": "text/html"})
NO_CHOICE = Says(json.dumps({"id": "chatcmpl-1", "choices": []}).encode())
HUNG_UP = Says(reads().body, hangs_up=True)
