"""A process killed in the middle of an import: all of the file is there, or nothing."""

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from analytics.store import Store, load

HEADER = "order_id,customer_id,ordered_at,amount\n"
BEFORE, LINES, KILLS = 3, 200_000, 20

CHILD = """
    import sys
    from contextlib import contextmanager
    from analytics.store import Store, load

    sys.stdin.readline()
    store = Store(sys.argv[1], threads=1)

    def say(word):
        print(word, flush=True)

    begin = store.transaction

    @contextmanager
    def told(**how):
        with begin(**how) as cursor:
            say("open")
            yield cursor
            say("committing")
        say("committed")

    store.transaction = told
    say("ready")
    load(store, sys.argv[2])
    say("done")
    store.close()
"""
"""Once told to, imports a file; says when its transaction opens, is about to be committed, is."""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    folder = tmp_path_factory.mktemp("files")
    small, large = folder / "small.csv", folder / "large.csv"
    small.write_text(
        HEADER + "".join(f"s{n},a,2024-01-01,1.00\n" for n in range(BEFORE)), encoding="utf-8"
    )
    large.write_text(
        HEADER + "".join(f"{n},c{n % 997},2024-01-{n % 28 + 1:02d},2.00\n" for n in range(LINES)),
        encoding="utf-8",
    )
    return small, large


def started(store_path: Path, file: Path) -> "subprocess.Popen[str]":
    """A process that waits for a word to import a file."""
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(store_path), str(file)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )


def killed(child: "subprocess.Popen[str]", word: str, seconds: float) -> list[str]:
    """Let it import and kill it so long after it says a word; what it said."""
    with child:
        assert child.stdin is not None
        assert child.stdout is not None
        assert child.stderr is not None
        child.stdin.write("go\n")
        child.stdin.flush()
        said = []
        for line in child.stdout:
            said.append(line.strip())
            if said[-1] == word:
                break
        time.sleep(seconds)
        os.kill(child.pid, signal.SIGKILL)
        said += child.stdout.read().split()
        assert word in said, child.stderr.read()
    return said


@pytest.mark.skipif(sys.platform == "win32", reason="There is no SIGKILL.")
def test_a_killed_import_is_all_or_nothing(tmp_path: Path, files: tuple[Path, Path]) -> None:
    small, large = files
    store_path = tmp_path / "shop.duckdb"
    drawn = random.Random(11)
    while_open = 0
    with Store(store_path) as store:
        load(store, small)
    following = started(store_path, large)
    for kill in range(KILLS):
        child, following = following, started(store_path, large)
        word, longest = ("open", 0.15) if kill % 4 else ("committing", 0.1)
        said = killed(child, word, drawn.uniform(0, longest))
        with Store(store_path, threads=1) as store:
            tables = store.tables().set_index("table")
            batches = store.batches()
            assert list(store.stage.glob("*.csv")) == []
            assert len(batches) in (1, 2)
            whole = len(batches) == 2
            assert tables.loc["orders", "rows"] == BEFORE + LINES * whole
            sales = store.query("overview", from_day="2024-01-01", until_day="2024-02-01")
            assert int(sales["revenue"].iloc[0]) == BEFORE + 2 * LINES * whole
            if "committed" in said:
                assert whole
            if "committing" not in said:
                assert not whole
                while_open += 1
            if whole:
                store.remove(int(batches["batch_id"].iloc[-1]))
    killed(following, "ready", 0)
    assert while_open >= KILLS // 2
    with Store(store_path, threads=1) as store:
        done = load(store, large)
        assert (done.added, done.known) == (LINES, 0)
        assert store.tables().set_index("table").loc["orders", "rows"] == BEFORE + LINES
