"""What every page shares: frame, menu, the store, errors, jobs."""

import os
import re
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, TypeVar

import pandas as pd
import platformdirs
import streamlit as st

from analytics.errors import AnalyticsError, ImportCancelledError
from analytics.store import Also, Store, load_folder

T = TypeVar("T")
HERE = Path(__file__).parents[1]
SAMPLE = HERE / "sample_data"


@dataclass(frozen=True)
class Entry:
    """A page in the menu: its file, title, icon and the question it answers."""

    path: str
    title: str
    icon: str
    question: str


# fmt: off
MENU: list[tuple[str, list[Entry]]] = [
    ("Your shop", [
        Entry("app.py", "Overview", ":material/monitoring:", "How is the shop doing?"),
        Entry("pages/data.py", "Data", ":material/database:",
              "What do we have, and was it read right?"),
    ]),
    ("Your customers", [
        Entry("pages/segments.py", "Segments", ":material/groups:",
              "Who is best, and who is slipping away?"),
        Entry("pages/customers.py", "Customers", ":material/person_search:",
              "Who is this customer?"),
        Entry("pages/retention.py", "Retention", ":material/repeat:",
              "Do they come back, and what are they worth?"),
        Entry("pages/journeys.py", "Journeys", ":material/route:", "Where do they drop out?"),
        Entry("pages/predictions.py", "Predictions", ":material/online_prediction:",
              "Who will buy, and who will leave?"),
    ]),
    ("What will sell", [
        Entry("pages/demand.py", "Demand", ":material/trending_up:", "How much will sell?"),
        Entry("pages/stock.py", "Stock", ":material/inventory_2:",
              "How much to buy, at what price?"),
    ]),
    ("What to do", [
        Entry("pages/recommendations.py", "Recommendations", ":material/redeem:",
              "What do we offer whom?"),
        Entry("pages/baskets.py", "Baskets", ":material/shopping_basket:", "What goes together?"),
        Entry("pages/campaigns.py", "Campaigns", ":material/campaign:",
              "Whom do we address, and did it work?"),
        Entry("pages/experiments.py", "Experiments", ":material/science:",
              "Which variant won, and can we trust it?"),
    ]),
]
# fmt: on


@dataclass(frozen=True)
class Frame:
    """What a page is given: the shop, and the day it is looked at from."""

    store: Store
    as_of: date
    currency: str

    def money(self, value: object, decimals: int = 2) -> str:
        """An amount as people write it, with the shop's currency where it is known."""
        return f"{value:,.{decimals}f} {self.currency}".strip()

    def in_unit(self, name: str) -> str:
        """A money figure's name with the shop's currency, for where the amount stands alone."""
        return f"{name}, {self.currency}" if self.currency else name


def day(moment: date) -> str:
    """A day as people write it.

    >>> day(date(2026, 3, 1))
    '1 March 2026'
    """
    return f"{moment.day} {moment:%B %Y}"


def plain(text: str) -> str:
    """Text from files or people as it is, where Markdown is read.

    Unescaped, a name such as `![](http://…)` would make the browser fetch something from outside.

    >>> print(plain("Tea *new* [$5]"))
    Tea \\*new\\* \\[\\$5\\]
    """
    return re.sub(r"([\\`*_{}\[\]()#+.!$:<>|~-])", r"\\\1", text)


@st.cache_resource(show_spinner="Opening the store …")
def store() -> Store:
    """The one store of this machine: `REGULARS_STORE`, or a file in the user's data folder."""
    default = Path(platformdirs.user_data_dir("regulars", appauthor=False)) / "shop.duckdb"
    return Store(os.environ.get("REGULARS_STORE") or default)


@contextmanager
def page(
    title: str, *, needs: Collection[str] = ("orders",), choose_day: bool = False
) -> Iterator[Frame]:
    """The frame of a page: menu, title with its question, as-of day, errors in plain words.

    Args:
        title: The page's title in the menu.
        needs: `orders`, `events`: show the ways to begin instead of the page while there is
            nothing of any of these; always the page where it needs nothing.
        choose_day: Offer the as-of day.
    """
    entry = next(entry for _, group in MENU for entry in group if entry.title == title)
    st.set_page_config(
        f"{title} · Regulars", page_icon=str(HERE / "assets" / "icon.png"), layout="wide"
    )
    _menu()
    st.title(title)
    st.caption(entry.question)
    frame = None
    with errors_shown():
        frame = _frame(entry, needs, choose_day=choose_day)
    if frame is None:
        st.stop()
    with errors_shown():
        yield frame


def _frame(entry: Entry, needs: Collection[str], *, choose_day: bool) -> Frame | None:
    """What the page is given, or nothing where the ways to begin are shown instead."""
    shop = store()
    _show_failed_job()
    days = shop.tables().set_index("table")["last_day"]
    if needs and all(pd.isna(days[table]) for table in needs):
        begin(shop, entry.question)
        return None
    dated = not pd.isna(days["orders"]) or not pd.isna(days["events"])
    as_of = shop.default_as_of() if dated else date.today()
    if choose_day and dated:
        as_of = _choose_day(as_of)
    return Frame(shop, as_of, shop.policy.currency or "")


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show what a user can mend where it happens, and let the rest of the page go on."""
    try:
        yield
    except AnalyticsError as error:
        show_error(error)


def show_error(error: AnalyticsError) -> None:
    """What is wrong and what to do about it."""
    if isinstance(error, ImportCancelledError):
        st.info(plain(str(error)), icon=":material/cancel:")
    else:
        st.error(f"**{plain(error.problem)}** {plain(error.fix)}", icon=":material/error:")


def _show_failed_job() -> None:
    """Say why a job ended early; a bug is raised, so that it is seen."""
    ended: Job | None = st.session_state.get("ended_job")
    if ended is None or ended.error is None:
        return
    del st.session_state["ended_job"]
    if not isinstance(ended.error, AnalyticsError):
        raise ended.error
    show_error(ended.error)


def when_asked(held: T | None, key: str, takes: str, doing: str, make: Callable[[], T]) -> T | None:
    """What is kept already, or is made once it is asked for; nothing until then.

    Args:
        held: What is kept.
        key: Of the button.
        takes: What will be done, and how long it takes.
        doing: What is said while it is made.
        make: Makes it.
    """
    if held is not None:
        return held
    place = st.empty()
    with place.container():
        st.info(f"{takes}; afterwards it is kept.", icon=":material/timer:")
        if not st.button("Foretell it", type="primary", icon=":material/play_arrow:", key=key):
            return None
    place.empty()
    with st.spinner(doing):
        return make()


def _menu() -> None:
    with st.sidebar:
        st.markdown("### :material/bar_chart: Regulars")
        for group, entries in MENU:
            st.caption(group)
            for entry in entries:
                st.page_link(entry.path, label=entry.title, icon=entry.icon, width="stretch")


def _choose_day(default: date) -> date:
    with st.sidebar:
        chosen = st.date_input(
            "As of",
            default,
            key="as_of",
            persist_state="session",
            help="Only what happened before this day counts. "
            f"Normally the day after the last order, {day(default)}.",
        )
    return chosen if isinstance(chosen, date) else default


def begin(shop: Store, question: str) -> None:
    """The two ways to begin on an empty store."""
    st.info(
        f"There are no orders yet. With them, this page answers: “{question}”",
        icon=":material/lightbulb:",
    )
    if running := st.session_state.get("job"):
        show_job(running)
        return
    own, sample = st.columns(2, border=True)
    with own:
        st.markdown("#### Your own files")
        st.write("Upload the order export of your shop. Nothing leaves this machine.")
        st.page_link("pages/data.py", label="Go to Data", icon=":material/upload:")
    with sample:
        st.markdown("#### The sample shop")
        offer_sample(shop)


def offer_sample(shop: Store) -> None:
    """One click that loads the sample shop."""
    st.write("Two years of a small invented shop. One click removes it again.")
    if st.button("Load the sample shop", type="primary", icon=":material/play_arrow:"):
        start(
            lambda report, cancel: load_folder(
                shop, SAMPLE, origin="sample", progress=report, cancel=cancel
            )
        )


class Job:
    """Work in a thread of its own, so that the page can show how far it is and cancel it.

    Attributes:
        share: How much is done, 0 to 1.
        doing: What is being done.
        result: What the work returned, once it has.
        error: What stopped it, if anything did.
    """

    def __init__(
        self, work: Callable[[Callable[[float, str], None], threading.Event], Any]
    ) -> None:
        self.share = 0.0
        self.doing = "Starting"
        self.result: Any = None
        self.error: BaseException | None = None
        self.cancel = threading.Event()
        self._work = work
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self.result = self._work(self._report, self.cancel)
        except BaseException as error:  # handed to the page, which shows or raises it
            self.error = error

    def _report(self, share: float, doing: str) -> None:
        self.share, self.doing = share, doing

    @property
    def done(self) -> bool:
        """Whether the work has ended, one way or the other."""
        return not self._thread.is_alive()


def start(
    work: Callable[[Callable[[float, str], None], threading.Event], Any],
    on_success: Callable[[], None] = lambda: None,
) -> None:
    """Begin a job and show it; `on_success` runs in the page once it has ended well."""
    st.session_state["job"] = Job(work)
    st.session_state["job_on_success"] = on_success
    st.rerun()


@st.fragment(run_every=0.4)
def show_job(job: Job) -> None:
    """A bar that moves and a Cancel that works; the whole page again once it is done."""
    if job.done:
        st.session_state.pop("job", None)
        st.session_state["ended_job"] = job
        on_success = st.session_state.pop("job_on_success")
        if job.error is None:
            on_success()
        st.rerun()
    st.progress(min(job.share, 1.0), text=f"{plain(job.doing)} … {job.share:.0%}")
    if st.button("Cancel", icon=":material/close:", disabled=job.cancel.is_set()):
        job.cancel.set()


def ended_job() -> Any:
    """The result of a job that has just ended well, once."""
    job: Job | None = st.session_state.pop("ended_job", None)
    return None if job is None else job.result


def also_told(also: Also) -> str:
    """What a file tells of other tables, in words; empty where there is nothing."""
    return " ".join(
        f"{target}: "
        + ", ".join(f"{name} from “{column}”" for name, column in columns.items())
        + "."
        for target, columns in also.items()
    )
