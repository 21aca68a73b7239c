"""The deterministic adapter: default, fallback and baseline, by rules over the tables beside it (E2, E3, E5)."""

from domain.extraction import Extraction, OptOutSaid
from domain.opt_out import is_keyword, refusal
from domain.vocabulary import Channel, Direction, ExtractionStatus, OptOut, Speaker
from extractor import concerns, household, notes, stance
from extractor.heard import Clause, Heard, hear
from extractor.judging import Judged, Ruled, ruled
from extractor.weighing import Passage, weighed

ADAPTER = "offline"
MODEL = "rules-7"
_WELCOME: OptOutSaid[str] = OptOutSaid()


def extract(text: str, channel: Channel, direction: Direction) -> Extraction[str]:
    """The ten dimensions of one transcript or message; any text has an answer, the same one each time."""
    heard = hear(text, channel, direction)
    refused = refusal_in(heard, channel)
    passages, rules = by_rules(heard, refused)
    words = weighed(passages, rules.features)
    intent = stance.intent(heard, words, refused)
    judged = Judged(rules, words, passages, intent)
    sentiment, signs = judged.sentiment, judged.signed_up
    money, objections, signals = judged.finances, judged.objections, judged.signals
    family, times, questions = judged.family, household.times(heard), notes.open_questions(heard)
    summary = [
        notes.stand(intent, sentiment, signs.value, refused.verdict),
        *notes.raised(money.concern_level, objections, signals),
        *notes.awaited(family, times, questions),
    ]
    return Extraction(
        adapter=ADAPTER,
        model=MODEL,
        status=ExtractionStatus.OK,
        summary=" ".join(summary),
        facts=notes.facts(heard),
        intent=intent,
        sentiment=sentiment,
        open_questions=questions,
        financial_signals=money,
        scheduling_constraints=times,
        family_context=family,
        objections=objections,
        additional_signals=signals,
        signed_up=signs,
        opt_out=refused,
        injection=heard.injection,
    )


def by_rules(heard: Heard, refused: OptOutSaid[str]) -> tuple[list[Passage], Ruled]:
    """What the family said, a passage at a time, and what the rules make of it."""
    raised = concerns.objections(heard)
    passages = stance.passages(heard, raised)
    return passages, ruled(heard, passages, raised, refused.verdict)


def refusal_in(heard: Heard, channel: Channel) -> OptOutSaid[str]:
    """Judged on the whole of the family's words, quoted by the sentence that says it.

    In a thread every message counts alone too, for one may be a bare STOP; so does a yes to our own offer to
    stop.
    """
    family = heard.family
    verdict = refusal([clause.tokens for clause in family], [clause.refusing for clause in family])
    if (
        verdict is not OptOut.YES
        and channel is not Channel.VOICE
        and len(heard.turns) > 1
        and _keyword(heard)
    ):
        verdict = OptOut.YES
    if verdict is OptOut.NO:
        return _accepted(heard)
    return OptOutSaid(verdict, _quote(family, verdict))


def _keyword(heard: Heard) -> bool:
    turns = ([c for c in said if c.speaker is not Speaker.ACADEMY] for said in heard.by_turn)
    return any(is_keyword(word for clause in said for word in clause.tokens) for said in turns if said)


def _quote(family: tuple[Clause, ...], verdict: OptOut) -> str:
    """The sentence that says it on its own; the last one if they only say it together."""
    if len(family) == 1:
        return family[0].quote
    alone = (clause.quote for clause in family if _judged(clause) is verdict)
    doubtful = (clause.quote for clause in family if _judged(clause) is not OptOut.NO)
    return next(alone, next(doubtful, family[-1].quote))


def _judged(clause: Clause) -> OptOut:
    return refusal([clause.tokens], [clause.refusing])


def _accepted(heard: Heard) -> OptOutSaid[str]:
    for clause in heard.family:
        if not clause.has("reply.yes") or clause.has("reply.no"):
            continue
        offered = heard.before(clause.turn)[-1:]
        if any(c.question and "offer.remove" in c.labels for c in offered):
            return OptOutSaid(OptOut.YES, clause.quote)
    return _WELCOME
