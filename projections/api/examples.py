"""Example answers by operation, as the API gave them of an invented household; a test asks for each of them again."""

import json
from pathlib import Path
from typing import Any

EXAMPLES: dict[str, Any] = json.loads(Path(__file__).with_name("examples.json").read_text("utf-8"))
"""Longer lists are cut to their first two items."""
