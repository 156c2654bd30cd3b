"""What a scenario may break, and where: an error is raised with its own key and named in full on its way up."""

from collections.abc import Callable
from typing import TypeVar

Part = TypeVar("Part")
Result = TypeVar("Result")


class ScenarioError(ValueError):
    """The scenario breaks a rule: `code` for programs, `message` for people, `path` for where.

    A path is like `selection.items[0].unit_price`; the empty one is the whole scenario.
    """

    def __init__(self, code: str, message: str, path: str = "") -> None:
        super().__init__(f"{path}: {message}" if path else message)
        self.code = code
        self.message = message
        self.path = path

    def under(self, step: str) -> "ScenarioError":
        """The same error, seen from one step further up."""
        return ScenarioError(self.code, self.message, f"{step}.{self.path}" if self.path else step)


def within(step: str, work: Callable[[Part], Result], part: Part) -> Result:
    """What `work` makes of a part of the scenario; an error in it says that it is there."""
    try:
        return work(part)
    except ScenarioError as error:
        raise error.under(step) from error
