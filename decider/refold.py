"""The decider without deciding: its state follows from the inputs and from the answers that were recorded."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from decider.service import build, effect
from domain.decisions import adopted
from domain.parameters import Parameters
from domain.policies import Learned
from domain.records import Ruling
from domain.states import Lead
from runtime.errors import Misconfigured, NotReady
from runtime.transform import Output, Record, Transform, Wake, tick_of

Answers = Callable[[str, int], Ruling | None]
"""The answer to a lead's input of that number, or None; asked for once."""


class Recorded:
    """Answers as they stand on `decisions`, read on only as far as one is asked for; of two alike the first counts.

    `versions` are the newest versions of the learning tables that any of those read names.
    """

    def __init__(self, rulings: Iterable[Ruling]) -> None:
        self._rest = iter(rulings)
        self._read: dict[tuple[str, int], Ruling] = {}
        self.versions: dict[str, int] = {}

    def __call__(self, lead_id: str, sequence: int) -> Ruling | None:
        """That answer, which is not kept then."""
        wanted = (lead_id, sequence)
        found = self._read.pop(wanted, None)
        while found is None and (ruling := next(self._rest, None)) is not None:
            self._count(ruling)
            place = (ruling.lead_id, ruling.sequence)
            if place == wanted:
                return ruling
            self._read.setdefault(place, ruling)
        return found

    def close(self) -> None:
        """Read what nobody has asked for."""
        for ruling in self._rest:
            self._count(ruling)

    def _count(self, ruling: Ruling) -> None:
        table, version = ruling.table_id, ruling.table_version
        if table is not None and version is not None:
            self.versions[table] = max(self.versions.get(table, -1), version)


def refolding(answers: Answers, parameters: Mapping[int, Parameters]) -> Transform[Lead]:
    """The decider's transform over answers and every version of the parameters.

    It raises Misconfigured for a record without an answer, or with that of another one, and NotReady for a wake
    without one.
    """

    def fold(state: Lead | None, record: Record | Wake) -> tuple[Lead | None, tuple[Output, ...]]:
        if isinstance(record, Record) and tick_of(record.value):
            return state, ()
        answer = answers(record.key, state.sequence if state else 0)
        if answer is None:
            raise _unanswered(record)
        if answer.root_offset != _root(record):
            raise _of_another(record, answer)
        found = effect(state, record, _known(parameters, answer))
        return (state if found is None else adopted(found, answer)), ()

    return replace(build(_nothing), handle=fold)


def _known(parameters: Mapping[int, Parameters], answer: Ruling) -> Parameters:
    found = parameters.get(answer.parameters_version)
    if found is None:
        raise Misconfigured(
            f"decision {answer.decision_id} rests on parameters {answer.parameters_version}, which `policies` lacks: "
            "restore that topic first"
        )
    return found


def _unanswered(record: Record | Wake) -> Exception:
    if isinstance(record, Wake):
        return NotReady("a wake that was not answered yet")
    place = f"{record.topic}/{record.partition}/{record.offset}"
    return Misconfigured(
        f"{place} was handled, but `decisions` has no answer to it: restore that topic first"
    )


def _root(record: Record | Wake) -> int:
    root: int = record.root_offset if isinstance(record, Wake) else record.value.root_offset
    return root


def _of_another(record: Record | Wake, answer: Ruling) -> Misconfigured:
    return Misconfigured(
        f"answer {answer.sequence} of a household is to offset {answer.root_offset} of `interactions`, by this release "
        f"it would be to {_root(record)}: let the release that decided then rebuild the state"
    )


def _nothing() -> Learned:
    raise NotReady("nothing is decided here")
