"""Every command of `docs/` does on the composed system what its page shows."""

import shutil
from pathlib import Path

import pytest

from tests.acceptance.conftest import System
from tests.broker import eventually
from tests.docs.console import commands, pages, run

pytestmark = [
    pytest.mark.skipif(shutil.which("curl") is None, reason="the pages ask by curl, which is not here"),
    pytest.mark.xdist_group("composed"),
]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.stem)
def test_the_commands_of_a_page_do_what_it_shows(page: Path, system: System, tmp_path: Path) -> None:
    status = eventually(system.ready, "everything is ready", 60)
    wanted = [command for command in commands(page) if command.excuse is None]

    done = run(wanted, tmp_path, system.environment, status["api"])

    wrong = [one for one in done if not one.is_as_shown]
    assert not wrong, "\n".join(line for one in wrong for line in (f"$ {one.command.text}", *one.output))
    assert [one.command for one in done] == wanted
