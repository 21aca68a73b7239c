"""The deterministic adapter: default, fallback and baseline, by rules over the tables beside it (E2, E3, E5)."""

from dataclasses import replace

from domain.extraction import Extraction, OptOutSaid
from domain.opt_out import opt_out
from domain.turns import Turn
from domain.vocabulary import Channel, Direction, ExtractionStatus, Intent, OptOut, Speaker
from domain.wording import sentences
from extractor import concerns, household, notes, stance
from extractor.heard import Heard, hear

ADAPTER = "offline"
MODEL = "rules-1"


def extract(text: str, channel: Channel, direction: Direction) -> Extraction[str]:
    """The ten dimensions of one transcript or message; any text has an answer, the same one each time."""
    heard = hear(text, channel, direction)
    refusal = _refusal(heard, channel)
    signs = stance.signed_up(heard)
    first = concerns.objections(heard, Intent.UNCLEAR)
    intent = stance.intent(heard, first, refusal)
    said = Extraction(
        adapter=ADAPTER,
        model=MODEL,
        status=ExtractionStatus.OK,
        summary=None,
        facts=notes.facts(heard),
        intent=intent,
        sentiment=concerns.sentiment(heard, intent, signs=signs.value),
        open_questions=notes.open_questions(heard),
        financial_signals=concerns.finances(heard, intent),
        scheduling_constraints=household.times(heard),
        family_context=household.family(heard),
        objections=concerns.objections(heard, intent),
        additional_signals=notes.signals(heard),
        signed_up=signs,
        opt_out=refusal,
        injection=heard.injection,
    )
    return replace(said, summary=notes.summary(said))


def _refusal(heard: Heard, channel: Channel) -> OptOutSaid[str]:
    """Judged on the whole of the family's words, quoted by the sentence that says it.

    In a thread every message counts alone too, for one may be a bare STOP; so does a yes to our own offer to
    stop.
    """
    family = [turn for turn in heard.turns if turn.speaker is not Speaker.ACADEMY]
    verdict = opt_out("\n".join(turn.text for turn in family))
    if channel is not Channel.VOICE and any(opt_out(turn.text) is OptOut.YES for turn in family):
        verdict = OptOut.YES
    if verdict is OptOut.NO:
        return _accepted(heard)
    source = next((turn for turn in family if opt_out(turn.text) is verdict), family[0])
    return OptOutSaid(verdict, _sentence(source, verdict))


def _sentence(turn: Turn, verdict: OptOut) -> str:
    quotes = [turn.text[start:end] for start, end in sentences(turn.text)]
    return next((quote for quote in quotes if opt_out(quote) is verdict), turn.text)


def _accepted(heard: Heard) -> OptOutSaid[str]:
    for clause in heard.family():
        offered = heard.before(clause.turn)[-1:]
        asked = any(c.question and "offer.remove" in c.labels for c in offered)
        if asked and clause.has("reply.yes") and not clause.has("reply.no"):
            return OptOutSaid(OptOut.YES, clause.quote)
    return OptOutSaid()
