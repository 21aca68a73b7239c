"""Each invariant holds over what the services write, and is the only one that a damage of its kind breaks."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from analysis.replay import Records
from domain.acts import Recorded
from domain.events import Repeated, Tick, derived_id
from domain.q_learning import Marker
from domain.states import Lead
from domain.vocabulary import Direction, Outcome, Status, Verdict
from infra.invariants.catalogue import INVARIANTS, check
from infra.invariants.history import Entry, History, Open, Projection
from runtime.driver import Written
from schemas.position import Position
from schemas.topics import TICK_KEY
from tests import given
from tests.unit.infra.invariants.complete import complete, message, projection
from tests.unit.test_flow import Flow

TOPICS = ("interactions", "enriched", "decisions", "transitions", "q-table", "leads")
BOOKED = "Coach: Hi, would Jake like to try a class?\nParent: Yes, can we book a visit for Saturday?"


class Recorder(Flow):
    """The flow with every record kept at the offset that it would have."""

    def __init__(self) -> None:
        super().__init__()
        self._inputs: list[tuple[str, Any]] = []

    def send(self, event: Recorded | Tick) -> list[Written]:
        self._inputs.append((TICK_KEY if isinstance(event, Tick) else event.lead_id, event))
        return super().send(event)

    def send_nonsense(self, key: str) -> None:
        """A record that becomes a dead letter."""
        self._inputs.append((key, None))
        self.extractor.send_bytes(key.encode(), b"nonsense")

    def history(self) -> History:
        """Everything written, all of it settled."""
        records = [("interactions", key, value) for key, value in self._inputs]
        records.append(("transitions", "default", given.TABLE))
        for driver in (self.extractor, self.decider, self.learner):
            records += [(each.topic, each.key, each.value) for each in driver.log]
        entries: dict[str, list[Entry]] = {topic: [] for topic in TOPICS}
        for topic, key, value in records:
            if topic in entries:
                entries[topic].append(Entry(topic, 0, len(entries[topic]), key, value))
        dead = Counter(entry.place for entry in entries["interactions"] if entry.value is None)
        return History(entries, {(topic, 0): len(entries[topic]) for topic in TOPICS}, dead)


@pytest.fixture(scope="module")
def told() -> History:
    """Two families over three weeks: contacts, repeats, silence, ticks, bad bytes and an opt-out."""
    flow = Recorder()
    flow.send(given.recorded_lead())
    flow.send(given.recorded_lead(ordinal=2, lead_id="fam-2"))
    flow.send(flow.call(24, 1, BOOKED))
    flow.send(flow.sms(25, 2, "See you Saturday at ten!", Direction.OUTBOUND))
    missed = given.recorded(given.later(hours=26), 3, outcome=Outcome.NO_ANSWER)
    flow.send(missed)
    flow.send(missed)
    flow.send(replace(missed, body_hash=b"another body"))
    flow.send_nonsense("fam-1")
    for day in (8, 8, 16):
        flow.send(Tick(given.later(days=day)))
    flow.send(given.recorded(given.later(days=17), 4, lead_id="fam-2", outcome=Outcome.VOICEMAIL))
    flow.send(given.recorded_lead(given.later(days=18), ordinal=5))
    flow.send(flow.sms(24 * 19, 6, "please quit texting me"))
    flow.send(Tick(given.later(days=21)))
    return complete(flow.history())


def broken(history: History) -> set[str]:
    """The names of the invariants that do not hold."""
    return {violation.invariant for result in check(history) for violation in result.violations}


def with_entries(history: History, topic: str, entries: list[Entry]) -> History:
    """Other entries on one topic, all settled."""
    entries = [replace(entry, offset=offset) for offset, entry in enumerate(entries)]
    settled = {**history.settled, (topic, 0): len(entries)}
    return replace(history, entries={**history.entries, topic: entries}, settled=settled)


def with_record(history: History, topic: str, key: str, value: Any) -> History:
    """One more record at the end of a topic."""
    return with_entries(history, topic, [*history.of(topic), Entry(topic, 0, 0, key, value)])


def changing(history: History, entry: Entry, **fields: Any) -> History:
    """One record with other fields."""
    entries = list(history.of(entry.topic))
    entries[entry.offset] = replace(entry, value=replace(entry.value, **fields))
    return with_entries(history, entry.topic, entries)


def last(history: History, topic: str, which: Callable[[Any], bool] = lambda _value: True) -> Entry:
    """The last record whose value fits."""
    return next(entry for entry in reversed(history.of(topic)) if which(entry.value))


def test_everything_holds_and_everything_is_looked_at(told: History) -> None:
    results = check(told)

    assert [violation for result in results for violation in result.violations] == []
    assert all(result.looked for result in results)
    verdicts = {entry.value.verdict for entry in told.of("decisions")}
    assert verdicts == {Verdict.DECISION, Verdict.NONE, Verdict.DUPLICATE, Verdict.CONFLICT}
    assert {"organic", "expiry"} <= {entry.value.kind for entry in told.transitions()}
    assert told.waiting == 0


def lost_input(history: History) -> History:
    event = given.recorded(given.later(days=30), 99)
    return with_record(history, "interactions", event.lead_id, event)


def lost_answer(history: History) -> History:
    root = len(history.of("interactions"))
    again = derived_id("fam-1", "lead-1", "repeated", root)
    said = Repeated(again, "lead-1", "fam-1", root, given.later(days=30), Verdict.DUPLICATE)
    asked = with_record(history, "interactions", "fam-1", given.recorded_lead())
    return with_record(asked, "enriched", "fam-1", said)


def lost_dead_letter(history: History) -> History:
    return replace(history, dead=Counter())


def dead_and_answered(history: History) -> History:
    return replace(history, dead=history.dead + Counter([("enriched", 0, 0)]))


def enriched_twice(history: History) -> History:
    return with_record(history, "enriched", "fam-1", history.of("enriched")[0].value)


def answered_twice(history: History) -> History:
    return with_record(history, "decisions", "fam-1", last(history, "decisions").value)


def repeat_with_the_first_id(history: History) -> History:
    repeat = last(history, "decisions", lambda each: each.verdict is Verdict.CONFLICT)
    wrong = derived_id(repeat.value.lead_id, repeat.value.cause_event_id, "another")
    return changing(history, repeat, decision_id=wrong)


def out_of_order(history: History) -> History:
    first, second, *rest = history.of("decisions")
    return with_entries(history, "decisions", [second, first, *rest])


def one_leads_answers_out_of_order(history: History) -> History:
    entries = list(history.of("decisions"))
    own = [entry.offset for entry in entries if entry.value.lead_id == "fam-1"]
    left, right = own[1:3]
    entries[left], entries[right] = entries[right], entries[left]
    return with_entries(history, "decisions", entries)


def another_value(history: History) -> History:
    row = last(history, "q-table", lambda each: not isinstance(each, Marker) and each.visits)
    return changing(history, row, q=row.value.q + 1e-12)


def a_visit_too_many(history: History) -> History:
    row = last(history, "q-table", lambda each: not isinstance(each, Marker) and each.visits)
    return changing(history, row, visits=row.value.visits + 1)


def broken_chain(history: History) -> History:
    marker = last(history, "q-table", lambda each: isinstance(each, Marker))
    return changing(history, marker, previous=marker.value.previous - 1)


def wrong_count(history: History) -> History:
    marker = last(history, "q-table", lambda each: isinstance(each, Marker))
    return changing(history, marker, rows=marker.value.rows + 1)


def half_a_commit(history: History) -> History:
    entries = history.of("q-table")
    end = last(history, "q-table", lambda each: isinstance(each, Marker))
    cut = with_entries(history, "q-table", entries[: end.offset])
    names = last(history, "leads", lambda each: isinstance(each, Position))
    return changing(cut, names, tables={})


def state_of_the_past(history: History) -> History:
    state = last(history, "leads", lambda each: isinstance(each, Lead))
    return changing(history, state, sequence=state.value.sequence - 1)


def state_ahead(history: History) -> History:
    state = last(history, "leads", lambda each: isinstance(each, Lead))
    return changing(history, state, sequence=state.value.sequence + 1)


def another_status(history: History) -> History:
    state = last(history, "leads", lambda each: isinstance(each, Lead) and each.status is not Status.ACTIVE)
    return changing(history, state, status=Status.ACTIVE)


def another_decision_in_force(history: History) -> History:
    state = last(history, "leads", lambda each: isinstance(each, Lead))
    return changing(history, state, in_force=replace(state.value.in_force, decision_id="another"))


def no_state(history: History) -> History:
    return with_entries(
        history, "leads", [entry for entry in history.of("leads") if not isinstance(entry.value, Lead)]
    )


def position_ahead(history: History) -> History:
    position = last(history, "leads", lambda each: isinstance(each, Position))
    return changing(history, position, tables={"default": 1_000})


def taught_by_another(history: History) -> History:
    return changing(history, last(history, "transitions"), cause_event_id="another")


def taught_for_another(history: History) -> History:
    taught = last(history, "transitions", lambda each: each.action is not None)
    other = next(each.value for each in history.of("decisions") if each.value.lead_id == "fam-1")
    assert taught.value.decision_id != other.decision_id
    return changing(history, taught, decision_id=other.decision_id)


def taught_for_nobody(history: History) -> History:
    taught = last(history, "transitions", lambda each: each.action is not None)
    return changing(history, taught, decision_id="another")


def output_without_input(history: History) -> History:
    event = replace(history.of("enriched")[0].value, root_offset=1_000)
    changed = with_record(history, "enriched", "fam-1", event)
    return replace(changed, settled=history.settled)


def output_of_another_input(history: History) -> History:
    return changing(history, history.of("enriched")[0], cause_event_id="another")


def no_decision_at_all(history: History) -> History:
    return with_record(history, "decisions", "fam-1", None)


def an_older_table(history: History) -> History:
    decided = last(history, "decisions", lambda each: each.verdict is Verdict.DECISION)
    assert decided.value.table_version > 0
    return changing(history, decided, table_version=0)


def with_views(history: History, **tables: Any) -> History:
    """Other rows of a view: `tables` says by name how the rows by key are changed."""
    assert isinstance(history.projection, Projection)
    held = dict(history.projection.held)
    for name, change in tables.items():
        change(held, next(place for place in held if place[0] == name))
    return replace(history, projection=replace(history.projection, held=held))


def another_cell(history: History) -> History:
    return with_views(history, leads=lambda held, at: held.update({at: {**held[at], "status": "active"}}))


def another_document(history: History) -> History:
    def change(held: Any, at: Any) -> None:
        held[at] = {**held[at], "record": {**msgspec.to_builtins(held[at]["record"]), "reward": 7.0}}

    return with_views(history, transitions=change)


def a_row_less(history: History) -> History:
    return with_views(history, decisions=lambda held, at: held.pop(at))


def a_row_more(history: History) -> History:
    return with_views(history, q_table=lambda held, at: held.update({("q_table", ("another",)): held[at]}))


def views_behind_their_positions(history: History) -> History:
    before = projection(history, {("decisions", 0): 2})
    assert isinstance(history.projection, Projection)
    return replace(history, projection=replace(history.projection, held=before.held))


def a_hanging_transaction(history: History) -> History:
    return replace(history, open=(Open("enriched", 0, 3, 9),))


def decided_otherwise(history: History) -> History:
    assert isinstance(history.records, Records)
    bent = changing(history, last(history, "decisions"), decided_at=given.later(days=90))
    decisions = [message(entry) for entry in bent.of("decisions")]
    return replace(history, records=replace(history.records, decisions=decisions))


def taught_and_never_written(history: History) -> History:
    assert isinstance(history.records, Records)
    return replace(history, records=replace(history.records, transitions=history.records.transitions[:-1]))


def parameters_of_nobody(history: History) -> History:
    assert isinstance(history.records, Records)
    return replace(history, records=replace(history.records, policies=[]))


@pytest.mark.parametrize(
    ("name", "damage"),
    [
        ("I1", lost_input),
        ("I1", lost_answer),
        ("I1", lost_dead_letter),
        ("I1", dead_and_answered),
        ("I1", enriched_twice),
        ("I2", answered_twice),
        ("I2", repeat_with_the_first_id),
        ("I3", out_of_order),
        ("I3", one_leads_answers_out_of_order),
        ("I4", another_value),
        ("I4", a_visit_too_many),
        ("I4", broken_chain),
        ("I4", wrong_count),
        ("I4", half_a_commit),
        ("I5", state_of_the_past),
        ("I5", state_ahead),
        ("I5", another_status),
        ("I5", another_decision_in_force),
        ("I5", no_state),
        ("I5", position_ahead),
        ("I6", another_cell),
        ("I6", another_document),
        ("I6", a_row_less),
        ("I6", a_row_more),
        ("I6", views_behind_their_positions),
        ("I7", taught_by_another),
        ("I7", taught_for_another),
        ("I7", taught_for_nobody),
        ("I7", output_without_input),
        ("I7", output_of_another_input),
        ("I7", no_decision_at_all),
        ("I8", a_hanging_transaction),
        ("I9", an_older_table),
        ("I10", decided_otherwise),
        ("I10", taught_and_never_written),
        ("I10", parameters_of_nobody),
    ],
)
def test_a_damage_breaks_its_own_invariant_and_no_other(
    told: History, name: str, damage: Callable[[History], History]
) -> None:
    damaged = damage(told)

    assert broken(damaged) == {name}, [each.violations for each in check(damaged) if each.violations]
    assert broken(told) == set(), "the damage is a copy"


def test_a_damage_is_tested_for_each() -> None:
    assert [each.name for each in INVARIANTS] == [f"I{number}" for number in range(1, 11)]


def test_what_is_not_committed_is_not_due(told: History) -> None:
    more = lost_answer(lost_input(told))

    waiting = replace(more, settled=told.settled)

    assert broken(waiting) == set()
    assert waiting.waiting == 3


def test_compaction_may_take_the_first_commits(told: History) -> None:
    entries = told.of("q-table")
    markers = [entry.offset for entry in entries if isinstance(entry.value, Marker)]
    newest = {entry.key: entry.offset for entry in entries}
    kept = [entry for entry in entries if entry.offset > markers[-2] or newest[entry.key] == entry.offset]
    assert len(kept) < len(entries)

    assert broken(with_entries(told, "q-table", kept)) == set()
