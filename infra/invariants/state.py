"""What is kept is what the log says: learned values (I4), and the households' restored state (I5)."""

from collections import defaultdict
from collections.abc import Iterator

from domain.q_learning import NO_VALUES, Marker, Row, Values, fold, row_key
from domain.states import Lead
from domain.vocabulary import Verdict
from infra.invariants.history import Entry, History, Violation, broken
from schemas.position import Position


def learned(history: History) -> list[Violation]:
    """I4: each table is the fold of its transitions up to its last marker, and its chain of markers is whole.

    What was set aside is not in the fold, unless the learner was mended and its state rebuilt since. Compaction may
    have taken the rows and markers before the first one that is left, never later ones.
    """
    tables: dict[str, list[Entry]] = defaultdict(list)
    for entry in history.of("q-table"):
        tables[entry.key.split("|", maxsplit=1)[0]].append(entry)
    transitions: dict[str, list[Entry]] = defaultdict(list)
    every: dict[str, list[Entry]] = defaultdict(list)
    for entry in history.readable("transitions"):
        every[entry.key].append(entry)
        if not history.dead[entry.place]:
            transitions[entry.key].append(entry)
    found: list[Violation] = []
    for table, entries in tables.items():
        found += _chain(entries)
        wrong = list(_values(table, entries, transitions[table]))
        rebuilt = bool(wrong) and not any(_values(table, entries, every[table]))
        found += [] if rebuilt else wrong
    return found + list(_unlearned(history, tables, transitions))


def _chain(entries: list[Entry]) -> Iterator[Violation]:
    """Each marker names the one before it and its count of rows."""
    before: Marker | None = None
    rows = 0
    for entry in entries:
        marker = entry.value
        if not isinstance(marker, Marker):
            rows += 1
            continue
        if before is not None and marker.previous != before.version:
            yield broken(
                "I4", entry, f"follows version {marker.previous}, the one before is {before.version}"
            )
        elif before is not None and marker.rows != rows:
            yield broken("I4", entry, f"says {marker.rows} rows, {rows} came before it")
        before, rows = marker, 0


def _values(table: str, entries: list[Entry], transitions: list[Entry]) -> Iterator[Violation]:
    end = last_marker(entries)
    if end is None:
        return
    marker: Marker = end.value
    folded = _folded(transitions, marker.version)
    if _known(folded) != _known(marker):
        yield broken("I4", end, f"version {marker.version}; the transitions fold to version {folded.version}")
    kept = {entry.key: entry for entry in entries if entry.offset < end.offset and entry.key != table}
    wanted = {row_key(table, state, action): row for state, action, row in folded}
    for key in kept.keys() | wanted.keys():
        row = kept[key].value if key in kept else None
        if row != wanted.get(key):
            what = f"{key} is {_said(row)}, the transitions fold to {_said(wanted.get(key))}"
            yield broken("I4", kept.get(key, end), what)


def _said(row: Row | None) -> str:
    return "absent" if row is None else f"{row.q!r} after {row.visits} visits at version {row.version}"


def _known(of: Values | Marker) -> tuple[float, ...]:
    return of.version, of.alpha, of.gamma, of.alpha_power, of.gamma_day


def _folded(transitions: list[Entry], version: int) -> Values:
    values = NO_VALUES
    for entry in transitions:
        if entry.offset <= version:
            values = fold(values, entry.value, entry.offset)
    return values


def _unlearned(
    history: History, tables: dict[str, list[Entry]], transitions: dict[str, list[Entry]]
) -> Iterator[Violation]:
    """What the learner has committed and no marker has reached."""
    for table, entries in transitions.items():
        end = last_marker(tables.get(table, []))
        version = -1 if end is None else end.value.version
        late = [entry for entry in entries if entry.offset > version and history.is_settled(entry)]
        for entry in late:
            yield broken("I4", entry, f"was learned, but {table} ends with version {version}")


def last_marker(entries: list[Entry]) -> Entry | None:
    """The marker of the last whole commit."""
    return next((entry for entry in reversed(entries) if isinstance(entry.value, Marker)), None)


def restored(history: History) -> list[Violation]:
    """I5: a lead's last state is that after one of its answers and no committed answer is later.

    A position never names a table version that the table has not reached.
    """
    versions: dict[str, int] = {
        entry.key: entry.value.version for entry in history.of("q-table") if isinstance(entry.value, Marker)
    }
    answers: dict[str, dict[int, Entry]] = defaultdict(dict)
    for entry in history.first_answers():
        answers[entry.value.lead_id][entry.value.sequence] = entry
    last = {(entry.partition, entry.key): entry for entry in history.of("leads")}
    found: list[Violation] = []
    states: dict[str, int] = {}
    for entry in last.values():
        if isinstance(entry.value, Position):
            found += _ahead(entry, versions)
        elif isinstance(entry.value, Lead):
            states[entry.key] = entry.value.sequence
            found += _other_state(entry, answers[entry.key])
    return found + list(_forgotten(history, answers, states))


def _ahead(entry: Entry, versions: dict[str, int]) -> Iterator[Violation]:
    position: Position = entry.value
    for table, version in position.tables.items():
        if version > versions.get(table, -1):
            what = f"names version {version} of {table}, which is at {versions.get(table, -1)}"
            yield broken("I5", entry, what)


def _other_state(entry: Entry, answers: dict[int, Entry]) -> Iterator[Violation]:
    """The state against the answer that it was left by."""
    lead: Lead = entry.value
    last = answers.get(lead.sequence - 1)
    if last is None:
        yield broken("I5", entry, f"comes after answer {lead.sequence - 1}, which was never written")
        return
    if lead.status is not last.value.status:
        yield broken("I5", entry, f"is {lead.status}, its last answer says {last.value.status}")
    decided = [
        sequence
        for sequence, answer in answers.items()
        if sequence < lead.sequence and answer.value.verdict is Verdict.DECISION
    ]
    wanted = answers[max(decided)].value.decision_id if decided and not lead.erased else None
    held = lead.in_force.decision_id if lead.in_force else None
    if held != wanted:
        yield broken("I5", entry, f"holds decision {held} in force, its last decision is {wanted}")


def _forgotten(
    history: History, answers: dict[str, dict[int, Entry]], states: dict[str, int]
) -> Iterator[Violation]:
    """Committed answers that no state knows."""
    for lead, given in answers.items():
        after = states.get(lead, 0)
        late = [entry for sequence, entry in given.items() if sequence >= after and history.is_settled(entry)]
        if late:
            yield broken(
                "I5", late[0], f"is answer {late[0].value.sequence}, the lead's state comes before it"
            )
