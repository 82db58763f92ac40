"""PyTorch, which some methods use where it is installed: whether it is, and turns at using it.

It is an extra, too large to be installed with the rest. Its random numbers and threads are those of
the whole process, in which every visitor has a thread, so one network learns at a time and leaves
both as they were.
"""

import importlib.util
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import metadata

LIBRARY = "torch"
_turn = threading.Lock()


def available() -> bool:
    """Whether the library is installed."""
    # A mere folder of that name is found, too, but has no origin.
    found = importlib.util.find_spec(LIBRARY)
    return found is not None and found.origin is not None


def version() -> str:
    """The library's version; empty where it is not installed."""
    return metadata.version(LIBRARY) if available() else ""


@contextmanager
def turn(seed: int, threads: int | None = None) -> Iterator[None]:
    """A network's turn to learn, its random numbers drawn from a seed.

    Args:
        seed: For the library's random numbers.
        threads: How many to use; by default as many as it does.
    """
    import torch

    with _turn, torch.random.fork_rng(devices=[]):
        before = torch.get_num_threads()
        torch.set_num_threads(threads or before)
        try:
            torch.manual_seed(seed)
            yield
        finally:
            torch.set_num_threads(before)
