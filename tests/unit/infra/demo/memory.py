"""A stage without processes: extractor, decider and learner chained, each over one partition."""

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from decider.service import build as build_decider
from decider.tables import CURRENT, POLICIES, Q_TABLE, learned
from domain.events import Tick
from domain.q_learning import Values
from domain.states import Lead
from domain.threads import Thread
from extractor.service import build as build_extractor
from infra.demo.feed import Account, play
from infra.demo.story import families, moments
from infra.invariants.history import Entry, History
from ingest.intake import Intake
from learner.service import build as build_learner
from runtime.driver import Driver, Written
from runtime.global_table import Staging
from schemas.topics import TICK_KEY
from tests import given
from tests.keyring import MemoryKeys

READ = ("interactions", "enriched", "decisions", "transitions", "q-table", "leads")


class MemoryStage:
    """Everything that follows from one record has followed when `tell` returns."""

    def __init__(self, keys: MemoryKeys) -> None:
        self.account = Account()
        self._table, policies = Staging(Q_TABLE), Staging(POLICIES)
        policies.add(CURRENT, replace(given.PARAMETERS, enrolment_from="stated"), strict=True)
        self._extract = build_extractor(keys)
        self._decide = build_decider(lambda: learned(self._table.view, policies.view))
        self._extractor = Driver(self._extract)
        self._decider = Driver(self._decide, lambda: self._table.versions)
        self._learner = Driver(build_learner())
        self.threads: dict[str, Thread] = {}
        self._inputs: list[tuple[str, str, Any]] = []
        self._learn(self._learner.send("default", given.TABLE))

    @property
    def values(self) -> Values:
        return self._table.view["default"]

    def tell(self, intake: Intake) -> None:
        self._inputs.append(("interactions", intake.key, intake.event))
        self._follow(self._extractor.send_bytes(intake.key.encode(), intake.value))

    def due(self) -> datetime | None:
        assert self._decide.due is not None
        assert self._extract.due is not None
        leads = (self._decide.due(lead) for lead in self.account.leads.values())
        threads = (self._extract.due(thread) for thread in self.threads.values())
        return min((at for at in (*leads, *threads) if at is not None), default=None)

    def pass_to(self, at: datetime) -> None:
        self._inputs.append(("interactions", TICK_KEY, Tick(at)))
        self._follow(self._extractor.send(TICK_KEY, Tick(at)))

    def close_at(self, at: datetime) -> None:
        self.pass_to(at)

    def history(self) -> History:
        """Everything written, each record at the offset that it would have, all of it settled."""
        drivers = (self._extractor, self._decider, self._learner)
        written = [(each.topic, each.key, each.value) for driver in drivers for each in driver.log]
        entries: dict[str, list[Entry]] = {topic: [] for topic in READ}
        for topic, key, value in (*self._inputs, ("transitions", "default", given.TABLE), *written):
            if topic in entries:
                entries[topic].append(Entry(topic, 0, len(entries[topic]), key, value))
        return History(entries, {(topic, 0): len(entries[topic]) for topic in READ}, Counter())

    def _follow(self, written: list[Written]) -> None:
        """In the order of the topics; what the extractor writes is one answer after the other."""
        for one in written:
            if one.topic == "threads" and isinstance(one.value, Thread):
                self.threads[one.key] = one.value
        for one in (each for each in written if each.topic == "enriched"):
            self._answer(self._decider.send(one.key, one.value))

    def _answer(self, written: list[Written]) -> None:
        for one in written:
            if one.topic == "decisions":
                self.account.decisions.append(one.value)
            elif one.topic == "transitions":
                self.account.transitions.append(one.value)
                self._learn(self._learner.send(one.key, one.value))
            elif isinstance(one.value, Lead):
                self.account.know(one.value)

    def _learn(self, written: list[Written]) -> None:
        for row in written:
            if row.topic == "q-table":
                self._table.add(row.key, row.value, strict=True)


def played(until: datetime) -> MemoryStage:
    """The whole story, once."""
    keys = MemoryKeys()
    stage = MemoryStage(keys)
    play(stage, moments(families(), until), keys, until)
    return stage
