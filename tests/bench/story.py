"""Eight inputs of a family as the decider reads them, for benches: a record, talks, a call in vain."""

from collections.abc import Callable, Iterator
from typing import Any

from domain.events import InteractionEnriched, LeadEnriched, derived_id
from domain.extraction import Fact, Family, Scheduling
from domain.vocabulary import Intent, Sentiment, SignalClass, Speaker, TopicClass
from tests import given

STANCES = ((Intent.CONSIDERING, Sentiment.NEUTRAL), (Intent.INTERESTED, Sentiment.POSITIVE),
           (Intent.SCHEDULING, Sentiment.POSITIVE), (Intent.REQUESTING_INFO, Sentiment.NEUTRAL))  # fmt: skip
W = given.WORDS
FACT = Fact(W, W, Speaker.FAMILY)


def story(number: int) -> Iterator[LeadEnriched | InteractionEnriched]:
    """Eight inputs of one family: its record, talks, a call in vain; no two families go quite the same way."""
    lead_id = f"family-{number:07}"
    yield given.lead(**_ids(lead_id, 0))
    talks: tuple[Callable[..., InteractionEnriched], ...] = (
        given.contact, given.text, given.missed_call, given.text, given.text, given.contact, given.text,
    )  # fmt: skip
    words: tuple[dict[str, Any], ...] = (
        {"facts": (FACT, FACT), "open_questions": (W,)},
        {"financial_signals": given.worried()},
        {},
        {
            "objections": (given.objection(TopicClass.SCHEDULE),),
            "scheduling_constraints": Scheduling((W,), (W, W)),
        },
        {
            "family_context": Family((), (W,), ()),
            "additional_signals": (given.signal(SignalClass.TRANSPORT),),
        },
        {"objections": (given.objection(TopicClass.SCHEDULE, addressed=True),)},
        {"facts": (FACT,)},
    )
    for place, (talk, said) in enumerate(zip(talks, words, strict=True), 1):
        stance = STANCES[(number + place * (1 + number % 3)) % len(STANCES)]
        heard = {} if talk is given.missed_call else {"extraction": given.said(*stance, **said)}
        yield talk(given.later(hours=26 * place, seconds=number), **_ids(lead_id, place), **heard)


def _ids(lead_id: str, place: int) -> dict[str, Any]:
    return {
        "lead_id": lead_id,
        "event_id": derived_id(lead_id, str(place), "enriched"),
        "cause_event_id": derived_id(lead_id, str(place), "cause"),
        "root_offset": place,
    }
