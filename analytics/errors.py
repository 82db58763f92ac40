"""Errors a user can cause, each saying what is wrong and what to do about it."""


class AnalyticsError(Exception):
    """Something the user can mend.

    Args:
        problem: What is wrong, in one sentence of the user's words.
        fix: What to do about it, in one sentence.

    >>> print(AnalyticsError("The file is empty.", "Export it again."))
    The file is empty. Export it again.
    """

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem} {fix}")
        self.problem = problem
        self.fix = fix


class FileError(AnalyticsError):
    """A file that cannot be read as the table it should be."""


class StoreError(AnalyticsError):
    """The store cannot be opened, read or written."""


class NotEnoughDataError(AnalyticsError):
    """The data are sound but too few for the question."""


class ImportCancelledError(AnalyticsError):
    """The user stopped an import; the store is as it was before."""

    def __init__(self) -> None:
        super().__init__(
            "The import was cancelled.", "Nothing was added; start it again when you like."
        )
