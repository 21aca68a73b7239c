"""What a service has handled of its source, in the order in which it did: dead letters may have come back late."""

from collections.abc import Callable, Container, Iterable, Iterator
from typing import Any

from decider.order import in_order, moments
from domain.records import Answered, Ruling
from infra.dead import stood_at
from runtime.errors import Misconfigured
from runtime.global_table import end_offsets
from runtime.lookback import messages
from runtime.rebuild import in_order_of
from runtime.settings import Settings
from runtime.transform import Message
from schemas.codec import decode, decode_part


def of_extractor(settings: Settings, number: int, end: int) -> Iterator[Message]:
    """One partition of `interactions` below `end`, as `enriched` names them; what was set aside is left out."""
    inputs = _below(settings, "interactions", number, end)
    if _nothing_set_aside(settings, "extractor", number):
        return inputs
    written = (decode("enriched", each.value or b"") for each in messages(settings, "enriched", number))
    return in_order_of(inputs, (each.root_offset for each in written))


def rulings(settings: Settings, number: int) -> Iterator[Ruling]:
    """One partition of `decisions`, and of each answer what a state takes from it."""
    return (
        decode_part("decisions", each.value or b"", Ruling)
        for each in messages(settings, "decisions", number)
    )


def of_decider(settings: Settings, number: int, end: int) -> Iterator[Message]:
    """One partition of `enriched` below `end`, as its answers name them, in the order of `decisions`.

    Raises Misconfigured for an input that was handled, is no dead letter, and has no answer.
    """
    inputs = _below(settings, "enriched", number, end)
    if _nothing_set_aside(settings, "decider", number):
        return inputs
    given = list(rulings(settings, number))
    aside = {place[2] for each in messages(settings, "decider.dead", number) if (place := stood_at(each))}
    return in_order(inputs, moments(given), refusing(given, aside))


def refusing(answers: Iterable[Answered], aside: Container[int]) -> Callable[[Message, Any], None]:
    """Raises Misconfigured for an input without an answer, unless a letter of its offset is there, or was."""
    newest = max((answer.root_offset for answer in answers), default=-1)

    def check(message: Message, event: Any) -> None:
        """A letter is kept for a month; an input that others have passed was one."""
        if event.root_offset > newest and message.offset not in aside:
            place = f"{message.topic}/{message.partition}/{message.offset}"
            raise Misconfigured(
                f"{place} was handled, but `decisions` has no answer to it: restore that topic first"
            )

    return check


def _below(settings: Settings, topic: str, number: int, end: int) -> Iterator[Message]:
    return (each for each in messages(settings, topic, number) if each.offset < end)


def _nothing_set_aside(settings: Settings, group: str, number: int) -> bool:
    """Whether the group's dead letters never had any in this partition: an end is never taken back."""
    return end_offsets(settings, settings.topic(f"{group}.dead"), [number])[number] == 0
