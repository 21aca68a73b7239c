"""The API's extraction has the names of the domain's, no more and no fewer."""

from dataclasses import fields

import pytest
from pydantic import BaseModel

from domain import extraction as said
from domain.records import Brief, Decision, Transition
from projections.api import extraction as view
from projections.api.decision import BriefView, DecisionView
from projections.api.learning_views import TransitionView
from projections.api.views import AnswerItem

PAIRS: list[tuple[type[BaseModel], type]] = [
    (view.ExtractionView, said.Extraction),
    (view.FactView, said.Fact),
    (view.FinancesView, said.Finances),
    (view.SchedulingView, said.Scheduling),
    (view.FamilyView, said.Family),
    (view.ObjectionView, said.Objection),
    (view.SignalView, said.Signal),
    (view.SignUpView, said.SignUp),
    (view.OptOutView, said.OptOutSaid),
    (DecisionView, Decision),
]


@pytest.mark.parametrize(("model", "source"), PAIRS, ids=lambda kind: kind.__name__)
def test_names_are_the_domains(model: type[BaseModel], source: type) -> None:
    assert set(model.model_fields) == {field.name for field in fields(source)}


def test_a_transition_has_the_domains_names_and_its_version() -> None:
    assert set(TransitionView.model_fields) - {"version"} == {field.name for field in fields(Transition)}


def test_an_answer_in_short_has_no_name_of_its_own() -> None:
    added = {"kind", "at"}

    assert set(AnswerItem.model_fields) - added < {field.name for field in fields(Decision)}


def test_a_brief_has_the_domains_names_and_its_texts() -> None:
    added = {"purpose", "timing_id", "draft", "draft_details"}

    assert set(BriefView.model_fields) - added == {field.name for field in fields(Brief)}
