"""What `applied` expects of a superseded decision is what the domain does (D3)."""

from hypothesis import given as such_that
from hypothesis import strategies as st

from domain.actions import STOP
from domain.states import Lead
from domain.vocabulary import Channel, Direction, Intent, OptOut, Sentiment
from tests import given
from tests.answers import on_interaction, on_lead, on_time

contacts = st.fixed_dictionaries(
    {
        "channel": st.sampled_from(Channel),
        "direction": st.sampled_from(Direction),
        "opt_out": st.sampled_from(OptOut),
        "extraction": st.builds(given.said, st.sampled_from(Intent), st.sampled_from(Sentiment)),
    }
)


@such_that(st.lists(st.none() | contacts, max_size=12), st.integers(0, 2))
def test_d3_every_superseded_decision_that_taught_has_its_transition(
    steps: list[dict[str, object] | None], lasting: int
) -> None:
    """None is a moment at which time alone changes something."""
    learned = given.learned(stop_after_interactions=lasting)
    answers = [on_lead(None, given.lead(), given.NOON, learned)]
    for ordinal, step in enumerate(steps, 1):
        lead: Lead = answers[-1].lead
        at = given.later(days=20 * ordinal)
        if step is not None:
            answers.append(on_interaction(lead, given.contact(at, ordinal, **step), at, learned))
        elif lead.due is not None:
            answers.append(on_time(lead, lead.due, at, ordinal, learned))
    made = {answer.decision.decision_id: answer.decision for answer in answers}
    taught = {transition.decision_id for answer in answers for transition in answer.transitions}

    for answer in answers:
        closed = made.get(answer.decision.supersedes or "")
        if closed is not None and closed.override is None and closed.action != STOP:
            assert closed.decision_id in taught
