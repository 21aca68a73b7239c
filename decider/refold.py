"""The decider without deciding: its state follows from the inputs and from the answers that were recorded."""

from collections.abc import Mapping
from dataclasses import replace

from decider.service import build, handle
from domain.decisions import adopted
from domain.events import TickEnriched
from domain.parameters import Parameters
from domain.policies import UCB, Learned
from domain.q_learning import NO_VALUES
from domain.records import Decision
from domain.states import Lead
from runtime.errors import Misconfigured, NotReady
from runtime.transform import Output, Record, Transform, Wake

Answers = Mapping[tuple[str, int], Decision]
"""By lead and sequence."""


def refolding(answers: Answers, parameters: Mapping[int, Parameters]) -> Transform[Lead]:
    """The decider's transform over answers and every version of the parameters.

    It raises Misconfigured for a record without an answer, and NotReady for a wake without one.
    """
    plain = {
        version: Learned(NO_VALUES, replace(each, policy_id=UCB, experiment=None))
        for version, each in parameters.items()
    }

    def fold(state: Lead | None, record: Record | Wake) -> tuple[Lead | None, tuple[Output, ...]]:
        if isinstance(record, Record) and isinstance(record.value, TickEnriched):
            return state, ()
        answer = answers.get((record.key, state.sequence if state else 0))
        if answer is None:
            raise _unanswered(record)
        after, _outputs = handle(lambda: plain[answer.parameters_version], state, record)
        return (None if after is None else adopted(after, answer)), ()

    return replace(build(_nothing), handle=fold)


def _unanswered(record: Record | Wake) -> Exception:
    if isinstance(record, Wake):
        return NotReady("a wake that was not answered yet")
    place = f"{record.topic}/{record.partition}/{record.offset}"
    return Misconfigured(
        f"{place} was handled, but `decisions` has no answer to it: restore that topic first"
    )


def _nothing() -> Learned:
    raise NotReady("nothing is decided here")
