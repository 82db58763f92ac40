"""A process killed in the middle of a launch: the campaign is there with both sides, or not."""

import os
import signal
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from analytics import campaign
from analytics.store import Store
from tests.campaign.conftest import PEOPLE, fill

CHILD = """
    import os, sys
    from contextlib import contextmanager
    from analytics import campaign
    from analytics.store import Store
    from tests.campaign.conftest import START, features, members

    store, last = Store(sys.argv[1], threads=1), int(sys.argv[2])

    class Counted:
        def __init__(self, cursor):
            self.cursor, self.done = cursor, 0

        def __getattr__(self, name):
            return getattr(self.cursor, name)

        def execute(self, *statement):
            self.cursor.execute(*statement)
            self.done += 1
            if self.done == last:
                wait()
            return self.cursor

    def wait():
        print("waiting", flush=True)
        sys.stdin.readline()

    begin = store.transaction

    @contextmanager
    def counted(**how):
        with begin(**how) as cursor:
            yield Counted(cursor)
        if last == 0:
            wait()

    kept, known = members(store), features(store)
    store.transaction = counted
    campaign.launch(store, "Spring", members=kept, features=known, start=START)
    print("launched", flush=True)
"""
"""Launches a campaign, and waits after so many statements of it, or (0) after the commit."""


@pytest.mark.skipif(sys.platform == "win32", reason="There is no SIGKILL.")
@pytest.mark.parametrize(("last", "whole"), [(1, False), (2, False), (3, False), (0, True)])
def test_a_killed_launch_is_all_or_nothing(tmp_path: Path, last: int, whole: bool) -> None:
    path = tmp_path / "shop.duckdb"
    with Store(path) as store:
        fill(store, tmp_path)
    with subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(path), str(last)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        cwd=Path(__file__).parents[2],
    ) as child:  # fmt: skip
        assert child.stdout is not None
        assert child.stderr is not None
        said = child.stdout.readline().strip()
        os.kill(child.pid, signal.SIGKILL)
        assert said == "waiting", child.stderr.read()
    with Store(path) as store:
        found = campaign.campaigns(store)
        with store.transaction(new_version=False) as cursor:
            kept = cursor.execute("SELECT COUNT(*) FROM campaign_members").fetchone()
        assert found["name"].tolist() == ["Spring"] * whole
        assert kept == ((len(PEOPLE) - 2) * whole,)
        if whole:
            one = campaign.find(store, "Spring")
            members = store.query("campaign_members", campaign_id=one.campaign_id)
            assert set(members["customer_id"]) == set(PEOPLE) - {"c00", "c01"}
            assert one.treated + one.held_out == len(members)
