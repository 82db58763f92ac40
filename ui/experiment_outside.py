"""Tests that were run in another program: type the totals, or upload one row a user."""

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pandas as pd
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

import ui
import ui.experiment_verdict
from analytics import experiment
from analytics.errors import AnalyticsError
from analytics.experiment import Measure, Metric, Outside, RowsMapping, outside, shelf
from analytics.experiment.metrics import BUILT_IN
from analytics.experiment.results import results
from analytics.store import parts
from analytics.store.outside import RowsLook
from ui import plain

NOTHING = "–"
TYPED, UPLOADED, SAVED = "Type the totals", "Upload one row a user", "Saved"
COLUMNS = {
    "variant": "Variant",
    "customers": "Customers",
    "conversions": "Conversions",
    "revenue": "Revenue (all of it)",
    "revenue_sd": "Standard deviation of revenue a customer",
}
PER_MONTH = 1_000
EXPLAINED = (
    "The same statistics as for the tests in the shop's data, from the totals of each variant or "
    "from a file with one row a user. Of a file only the sums of each variant are kept, and only "
    "if you save the test; users in several variants are left out and counted. What users did "
    "before is not known, so nothing is allowed for.",
    "z test of two rates, Newcombe's range and Fisher's exact test with few buyers, Welch's t "
    "test of two means.",
)  # fmt: skip
"""How these results are computed, for the foot of the page."""


def show(frame: ui.Frame) -> None:
    """Where the numbers come from, and the same verdict as for the shop's own tests."""
    st.markdown(
        "A test that ran in another program, on a landing page or in a mailer? Give its totals, "
        "or upload its file: one row a user. Nothing leaves this machine."
    )
    saved = shelf.outside_tests(frame.store)
    sources = [TYPED, UPLOADED, *([SAVED] if saved else [])]
    source = st.segmented_control(
        "Where from", sources, default=TYPED, required=True, key="outside_source",
        label_visibility="collapsed",
    )  # fmt: skip
    _say()
    if source == UPLOADED:
        title, found = _uploaded(frame)
    elif source == SAVED:
        title, found = _saved(frame, saved)
    else:
        title, found = _typed(frame)
    if found is not None:
        _result(frame, title, found, may_save=source != SAVED)


def _typed(frame: ui.Frame) -> tuple[str, Outside | None]:
    """A table to type the totals into."""
    if "outside_editor" not in st.session_state:  # first shown, or again after another page
        st.session_state["outside_base"] = st.session_state.get("outside_typed", _blank())
    number = st.column_config.NumberColumn
    typed = st.data_editor(
        st.session_state["outside_base"], num_rows="dynamic", key="outside_editor",
        hide_index=True, alt="Totals of each variant", placeholder="–",
        column_config={
            "variant": st.column_config.TextColumn(COLUMNS["variant"], required=True),
            "customers": number(COLUMNS["customers"], min_value=0, step=1, format="localized"),
            "conversions": number(COLUMNS["conversions"], min_value=0, step=1, format="localized"),
            "revenue": number(frame.in_unit(COLUMNS["revenue"]), format="localized"),
            "revenue_sd": number(COLUMNS["revenue_sd"], min_value=0, format="localized"),
        },
    )  # fmt: skip
    st.session_state["outside_typed"] = typed
    st.caption(
        "Customers who were shown each variant, and how many of them converted. Revenue may stay "
        "empty; to test it, its standard deviation is needed, customers without an order included "
        "as zero. Further rows are further variants."
    )
    filled = typed.dropna(subset=["customers", "conversions", "revenue", "revenue_sd"], how="all")
    if len(filled) < 2:
        st.info(
            "Type the customers and conversions of at least two variants into the table to see "
            "the verdict.",
            icon=":material/edit:",
        )
        return "", None
    return "Typed totals", experiment.from_totals(filled)


def _blank() -> pd.DataFrame:
    return pd.DataFrame(
        {"variant": ["A", "B"]}
        | {name: pd.Series([None, None], dtype="Float64") for name in list(COLUMNS)[1:]}
    ).astype({"customers": "Int64", "conversions": "Int64"})


# One row a user


def _uploaded(frame: ui.Frame) -> tuple[str, Outside | None]:
    """A file, what its columns were guessed to mean, and the choices to correct it."""
    _take(frame)
    held = st.session_state.get("outside_file")
    if held is None:
        st.caption(
            "A column with the variant of each user, and one for each outcome: yes or no, 1 or 0, "
            "or an amount."
        )
        return "", None
    path, name = held
    files = parts(path, name)
    part = None
    if len(files) > 1:
        first = outside.look_at_rows(path, name=name).part
        part = st.selectbox("File or sheet", files, files.index(first), key=f"outside_part_{path}")
    look = _look(path, name, part)
    try:
        guessed = outside.guess(look)
    except AnalyticsError as error:
        ui.show_error(error)
        guessed = RowsMapping(look.columns[0], ())
    mapping = _mapping(look, guessed)
    with st.expander(f"The first rows of {plain(name)}", icon=":material/table:"):
        st.dataframe(look.records.head(10), hide_index=True, alt="The first rows of the file")
    if not mapping.outcomes:
        st.info("Choose at least one outcome.", icon=":material/edit:")
        return "", None
    title = Path(name).stem.removesuffix(".csv")
    return title, _summed(str(path), name, part, mapping)


def _take(frame: ui.Frame) -> None:
    """The upload box; the file is copied out of the browser session at once."""
    turn = st.session_state.setdefault("outside_turn", 0)
    given = st.file_uploader(
        "A file with one row a user: CSV or other text, Excel, Parquet, also in gzip or zip",
        key=f"outside_upload_{turn}",
    )  # fmt: skip
    if given is None:
        return
    path = frame.store.stage_file("upload")
    with path.open("wb") as out:
        shutil.copyfileobj(given, out, 4 << 20)
    if earlier := st.session_state.get("outside_file"):
        earlier[0].unlink(missing_ok=True)
    st.session_state["outside_file"] = (path, given.name)
    st.session_state["outside_turn"] = turn + 1
    st.rerun()


def _mapping(look: RowsLook, guessed: RowsMapping) -> RowsMapping:
    """What the columns mean, as guessed and as corrected."""
    st.markdown(f"**{plain(look.name)}**: {len(look.columns)} columns. What do they mean?")
    key = f"{look.path}_{look.part}"
    columns = look.columns
    variant_box, outcomes_box = st.columns([1, 2])
    variant = variant_box.selectbox(
        "Variant", columns, columns.index(guessed.variant), key=f"outside_variant_{key}"
    )
    outcomes = outcomes_box.multiselect(
        "Outcomes", [one for one in columns if one != variant],
        [one for one in guessed.outcomes if one != variant], key=f"outside_outcomes_{key}",
    )  # fmt: skip
    customer_box, match_box = st.columns([1, 2])
    optional = [NOTHING, *columns]
    customer = customer_box.selectbox(
        "User", optional, optional.index(guessed.customer or NOTHING),
        key=f"outside_customer_{key}",
        help="Where a user may have several rows: each counts once, and not at all in several "
        "variants.",
    )  # fmt: skip
    must_match = match_box.selectbox(
        "Must go with the variant", optional, optional.index(guessed.must_match or NOTHING),
        key=f"outside_match_{key}",
        help="A column that says what was really shown. Rows in which it is not what the variant "
        "mostly has are left out.",
    )  # fmt: skip
    return RowsMapping(
        variant, tuple(outcomes), None if customer == NOTHING else customer,
        None if must_match == NOTHING else must_match,
    )  # fmt: skip


@st.cache_data(max_entries=10, show_spinner="Looking at the file …")
def _look(path: Path, name: str, part: str | None) -> RowsLook:
    return outside.look_at_rows(path, name=name, part=part)


@st.cache_data(max_entries=20, show_spinner="Adding up every user …")
def _summed(path: str, name: str, part: str | None, mapping: RowsMapping) -> Outside:
    look = outside.look_at_rows(Path(path), name=name, part=part)
    return experiment.from_rows(ui.store(), look, mapping)


# The result, and the shelf


def _saved(frame: ui.Frame, saved: dict[str, pd.DataFrame]) -> tuple[str, Outside]:
    """A test that was saved, and the way to take it away."""
    name_box, gone, _ = st.columns([2, 1, 1], vertical_alignment="bottom")
    name = name_box.selectbox("Test", list(saved), key="outside_saved")
    if gone.button("Delete", icon=":material/delete:", key="outside_delete"):
        shelf.delete_outside(frame.store, name)
        st.session_state["outside_said"] = f"Deleted “{name}”."
        st.rerun()
    return name, _again(saved[name])


def _kept(found: Outside) -> pd.DataFrame:
    """The arms with what else is needed to show them again."""
    by_name = {one.name: one for one in found.metrics}
    return found.arms.assign(
        label=[by_name[name].label for name in found.arms["metric"]],
        unit=[by_name[name].unit for name in found.arms["metric"]],
        switched=found.switched,
    )


def _again(arms: pd.DataFrame) -> Outside:
    """A saved test as it was."""
    sizes = arms.groupby("variant", sort=False)["n"].max()
    counts = pd.DataFrame(
        {"variant": sizes.index, "assigned": sizes.to_numpy(), "customers": sizes.to_numpy()}
    )
    metrics = [
        Metric(row["metric"], row["label"], row["kind"], row["unit"], Measure("event"))
        for row in arms.drop_duplicates("metric").to_dict("records")
    ]
    return Outside(arms, tuple(metrics), counts, int(arms["switched"].iloc[0]))


def _result(frame: ui.Frame, title: str, found: Outside, *, may_save: bool) -> None:
    """Control and metric, the verdict, and the way to keep it."""
    metrics = [_called(one) for one in found.metrics]
    variants = found.variants
    control_box, metric_box, mode_box = st.columns(3)
    size_box, split_box, less_box = st.columns(3, vertical_alignment="bottom")
    key = f"{title}_{'_'.join(variants)}"
    control = control_box.selectbox(
        "Compared with", variants, variants.index(experiment.guess_control(variants)),
        key=f"outside_control_{key}", help="The variant without the change.",
    )  # fmt: skip
    judged = _judged(metrics, metric_box, less_box, key)
    mode = ui.experiment_verdict.reading(mode_box, "outside_reading")
    planned_n = size_box.number_input(
        "Customers planned", 0, 1_000_000_000, 0, 100, key=f"outside_planned_{key}",
        help="Of all variants together. 0: none was planned.",
    ) or None  # fmt: skip
    with split_box:
        shares = ui.experiment_verdict.split(variants, None, f"outside_{key}")
    checks = experiment.outside_health(found, shares=shares, planned_n=planned_n, mode=mode)
    others = [one for one in metrics if one.name != judged.name]
    compared = results(
        found.arms, [judged, *others], control, checks, currency=frame.currency, mode=mode,
        planned_n=planned_n,
    )  # fmt: skip
    ui.experiment_verdict.show(
        frame, title, compared, checks, facts=[_size(found), *found.notes], customers=PER_MONTH,
        key=f"outside_{key}",
        method=["The range may be read on any day."] if mode == "always_valid" else [],
    )  # fmt: skip
    if may_save:
        _save(frame, title, found)


def _called(metric: Metric) -> Metric:
    """A column's name as the name of a metric: a rate, or an amount per user."""
    if metric.name in BUILT_IN:
        return BUILT_IN[metric.name]
    ending = " rate" if metric.kind == "proportion" else " per user"
    label = metric.label[:1].upper() + metric.label[1:]
    return replace(metric, label=label.removesuffix(ending) + ending)


def _judged(
    metrics: Sequence[Metric], box: DeltaGenerator, less_box: DeltaGenerator, key: str
) -> Metric:
    """The metric the test is judged by: money where there is some."""
    names = [one.name for one in metrics]
    money = [one.name for one in metrics if one.unit == "money"]
    by_name = {one.name: one for one in metrics}
    chosen = box.selectbox(
        "Judged by", names, names.index(money[0] if money else names[0]),
        key=f"outside_metric_{key}", format_func=lambda name: by_name[name].label,
    )  # fmt: skip
    less = less_box.checkbox("Less is better", key=f"outside_less_{key}_{chosen}")
    return replace(by_name[chosen], higher_is_better=not less)


def _size(found: Outside) -> str:
    total = int(found.counts["customers"].sum())
    told = " and ".join(
        f"{int(n):,} in “{name}”"
        for name, n in zip(found.counts["variant"], found.counts["customers"], strict=True)
    )
    return f"{total:,} customers count: {told}."


def _save(frame: ui.Frame, title: str, found: Outside) -> None:
    """Keep the sums of each variant under a name."""
    name = st.text_input("Name of the test", title, key=f"outside_name_{title}", width=420)
    replaces = st.checkbox("Replace the test of that name", key="outside_replace")
    if st.button("Save the test", icon=":material/save:", key="outside_save"):
        with ui.errors_shown():
            shelf.save_outside(frame.store, name, _kept(found), replace=replaces)
            st.session_state["outside_said"] = f"Saved “{name.strip()}”: see it under “{SAVED}”."
            st.rerun()


def _say() -> None:
    """What was just done, once."""
    if said := st.session_state.pop("outside_said", None):
        st.success(plain(said), icon=":material/check:")
