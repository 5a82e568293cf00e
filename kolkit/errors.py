"""The two kinds of failure a person meets, each one sentence that says what to do.

`InputError` is a user's mistake (exit code 2); `EnvironmentFault` is the machine's (exit code 1).
Anything else is a defect and keeps its traceback.
"""


class InputError(ValueError):
    """An input is wrong: the message names it, what is allowed, what was given, and the repair."""


class EnvironmentFault(RuntimeError):
    """The machine lacks something, or a step failed: the message says what to install or free."""
