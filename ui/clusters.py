"""Groups of customers found in how they behave: cards, traits, map, and their lists."""

import hashlib
from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

import ui
import ui.tables
from analytics import charts, clusters
from analytics.errors import NotEnoughDataError
from analytics.profile import BY_NAME

LIST_COLUMNS = ["customer_id", "name", "email", "recency_days", "orders", "revenue", "cluster_name"]
SHOWN_ON_MAP = 5_000
AS_THE_DATA_SAY = "As the data say"
PREPARED = {
    "label": "feature", "missing": "unknown_for", "filled_with": "counted_as",
    "logged": "as_a_logarithm", "capped": "extreme_values",
}  # fmt: skip


def show(frame: ui.Frame) -> None:
    """The choices, the answer, and everything behind it."""
    method, k, features = _choices()
    found, kept = _found(frame, method, k, features)
    worth = clusters.summary(frame.store, kept, found)
    st.markdown(f"**{_how_many(found)}** {found.verdict}")
    _notes(found)
    _cards(frame, kept, worth)
    under_cards = st.container()
    st.subheader("What makes them different", anchor=False)
    st.caption(
        "The middle customer of each group, teal where the group lies above the shop, amber below."
    )
    names = dict(zip(found.profiles["cluster"], found.profiles["name"], strict=True))
    st.plotly_chart(
        charts.cluster_traits(found.traits, names), key="cluster_traits",
        alt="Median of each feature in each group",
    )  # fmt: skip
    ui.tables.frame_download(found.traits, f"group-traits-{frame.as_of}")
    drawn = _map(frame, found, kept)
    if drawn is not None:
        _drawn(frame, kept, drawn)
    elif (chosen := st.session_state.get("cluster_chosen")) and chosen[0] == kept.table:
        with under_cards:
            st.button("Close the list", icon=":material/close:", on_click=_choose, args=(None,))
            _people(frame, kept, names.get(chosen[1]), chosen[1])
    _evidence(frame, found, worth)


def usual(frame: ui.Frame) -> clusters.Kept | None:
    """The groups by the usual choices, for other pages; None with too few customers."""
    try:
        with st.spinner("Looking for groups of customers …"):
            return clusters.keep(frame.store, as_of=frame.as_of)
    except NotEnoughDataError:
        return None


def like_them(frame: ui.Frame, kept: clusters.Kept, customer_id: str) -> None:
    """The list of everyone in one customer's group, if they are in one."""
    own = frame.store.query(
        "profile_cluster", tables={"clusters": kept.table}, customer_id=customer_id
    )
    if own.empty or own["cluster"].iloc[0] < 1:
        return
    if st.toggle(
        "List all customers of their group", key="cluster_like_them",
        help="Everyone who behaves like this customer, to download or address.",
    ):  # fmt: skip
        _people(frame, kept, str(own["name"].iloc[0]), int(own["cluster"].iloc[0]))


def _choices() -> tuple[Any, int | None, tuple[str, ...]]:
    method_box, k_box = st.columns(2)
    method = method_box.selectbox(
        "Method", list(clusters.METHODS), key="cluster_method", persist_state="session",
        format_func=lambda name: clusters.METHODS[name],
        help="K-means suits most shops: everyone belongs to one of a few round groups. Take DBSCAN "
        "where the map shows groups of odd shapes, or a few crowds among many people who belong to "
        "none; HDBSCAN where some crowds are denser than others.",
    )  # fmt: skip
    k = k_box.selectbox(
        "Number of groups", [0, *range(2, clusters.MOST_CLUSTERS + 1)], key="cluster_k",
        persist_state="session",
        format_func=lambda number: str(number) if number else AS_THE_DATA_SAY,
        disabled=method != "kmeans",
        help="By itself: the number whose groups are most clearly apart and most steady.",
    )  # fmt: skip
    features = st.multiselect(
        "Made from", list(clusters.CHOICES), list(clusters.DEFAULTS), key="cluster_features",
        persist_state="session", format_func=lambda name: BY_NAME[name].label,
    )  # fmt: skip
    return method, (k or None) if method == "kmeans" else None, tuple(features) or clusters.DEFAULTS


def _found(
    frame: ui.Frame, method: Any, k: int | None, features: tuple[str, ...]
) -> tuple[clusters.Clusters, clusters.Kept]:
    """What was found, held with the data version, and the customers' labels, kept in the store."""
    found = _fitted(frame.store.version, frame.as_of, method, k, features)
    kept = clusters.keep(frame.store, k, features, method, frame.as_of, found=found)
    return found, kept


@st.cache_resource(max_entries=6, show_spinner="Looking for groups of customers …")
def _fitted(
    version: str,  # noqa: ARG001 - a new import makes what was found stale
    as_of: date,
    method: Any,
    k: int | None,
    features: tuple[str, ...],
) -> clusters.Clusters:
    return clusters.fit(ui.store(), k, features, method, as_of)


def _how_many(found: clusters.Clusters) -> str:
    return f"{found.k} groups of customers." if found.k > 1 else "One crowd of customers."


def _notes(found: clusters.Clusters) -> None:
    """What was filled, capped or left out, in one line."""
    notes = found.preparation
    said = [
        f"{row.label}: left out, {row.left_out}" for row in _rows(notes[notes["left_out"] != ""])
    ]
    said += [
        f"{row.label}: unknown for {row.missing:,} customers, who count as the middle one"
        for row in _rows(notes[(notes["missing"] > 0) & (notes["left_out"] == "")])
    ]
    if capped := int(notes["capped"].sum()):
        said.append(f"{capped:,} extreme values are cut to the edge of the usual")
    customers = int(found.profiles["customers"].sum())
    if found.looked_at < customers:
        said.append(
            f"the groups were learnt from {found.looked_at:,} of {customers:,} customers at "
            "random, and everyone was put into one"
        )
    said.append("Other pages use the groups of the usual choices")
    st.caption(". ".join(["Only customers who ordered are grouped", *said]) + ".")


def _rows(frame: pd.DataFrame) -> Any:
    return frame.itertuples(index=False)


def _cards(frame: ui.Frame, kept: clusters.Kept, worth: pd.DataFrame) -> None:
    with st.container(horizontal=True, gap="small"):
        for row in _rows(worth):
            with st.container(border=True, width=310, key=f"cluster_card_{row.cluster}"):
                st.markdown(f"**{ui.plain(row.name)}**")
                st.markdown(
                    f"{row.customers:,} customers ({row.customer_share:.0%})  \n"
                    f"{frame.money(row.revenue, 0)} ({row.revenue_share:.0%} of revenue)"
                )
                if row.rule:
                    st.caption(ui.plain(row.rule))
                st.button(
                    "Show these customers", key=f"cluster_show_{row.cluster}",
                    icon=":material/list:", on_click=_choose,
                    args=((kept.table, int(row.cluster)),),
                )  # fmt: skip


def _choose(cluster: tuple[str, int] | None) -> None:
    """Show the list of one group of these very groups, or none."""
    st.session_state["cluster_chosen"] = cluster
    st.session_state["cluster_map_version"] = st.session_state.get("cluster_map_version", 0) + 1


def _map(frame: ui.Frame, found: clusters.Clusters, kept: clusters.Kept) -> pd.DataFrame | None:
    """The map; what was drawn on it picks among all customers, not only those shown."""
    st.subheader("Map of the customers", anchor=False)
    points = found.labels
    shown = points
    if len(points) > SHOWN_ON_MAP:
        chosen = np.random.default_rng(0).choice(len(points), SHOWN_ON_MAP, replace=False)
        shown = points.iloc[np.sort(chosen)]
    across, up = found.axes.explained
    some = "" if len(shown) == len(points) else f"{SHOWN_ON_MAP:,} of {len(points):,} are shown. "
    st.caption(
        f"Who is alike lies close together. {some}Draw around some to list all customers within. "
        f"The two directions show {across + up:.0%} of all differences."
    )
    version = st.session_state.get("cluster_map_version", 0)
    drawn = st.plotly_chart(
        charts.cluster_map(shown, found.axes.names), on_select="rerun",
        selection_mode=("lasso", "box"), key=f"cluster_map_{version}",
        alt="Customers on a map by how they behave, coloured by group",
    ).selection  # fmt: skip
    shapes = [list(zip(one["x"], one["y"], strict=True)) for one in drawn["lasso"]]
    for box in drawn["box"]:
        (x0, x1), (y0, y1) = box["x"], box["y"]
        shapes.append([(x0, y0), (x1, y0), (x1, y1), (x0, y1)])
    return clusters.pick(frame.store, kept, shapes) if shapes else None


def _drawn(frame: ui.Frame, kept: clusters.Kept, picked: pd.DataFrame) -> None:
    """The list of all customers within what was drawn."""
    if picked.empty:
        st.info("Nobody lies within what you drew.", icon=":material/gesture_select:")
        return
    digest = hashlib.sha256("\n".join(picked["customer_id"]).encode()).hexdigest()[:16]
    stamp = f"{kept.table}_{digest}"
    table = frame.store.kept("picked", stamp) or frame.store.keep("picked", stamp, picked)
    _people(frame, kept, "Drawn on the map", None, table)


def _people(
    frame: ui.Frame,
    kept: clusters.Kept,
    title: str | None,
    cluster: int | None,
    picked: str | None = None,
) -> None:
    """The list of a group or of picked customers; a group that is no more has none."""
    if title:
        ui.tables.people(
            frame, title, "cluster_list", LIST_COLUMNS, order_by="revenue", cluster=cluster,
            tables={
                "clusters": kept.table, "features": kept.features, "picked": picked or kept.table,
            },
        )  # fmt: skip


def _evidence(frame: ui.Frame, found: clusters.Clusters, worth: pd.DataFrame) -> None:
    with st.expander(
        "The groups as a table, their rules, and the evidence", icon=":material/fact_check:"
    ):
        numbers = worth["cluster"].where(worth["cluster"] > 0).astype("Int64")
        shown = (
            worth.drop(columns=["rule"])
            .assign(cluster=numbers)
            .rename(columns={"cluster": "group", "confidence": "how_clearly_share"})
        )
        ui.tables.table(shown, "Groups")
        ui.tables.frame_download(worth, f"groups-{frame.as_of}")
        st.markdown(
            f"**Rules.** Following the rules, **{found.fidelity:.0%}** of the customers end up in "
            "their group."
        )
        names = dict(zip(found.profiles["cluster"], found.profiles["name"], strict=True))
        rules = found.rules.assign(name=found.rules["cluster"].map(names))
        rules = rules[["name", "customers", "fidelity", "rule"]].rename(
            columns={"name": "group", "fidelity": "in_this_group_share"}
        )
        ui.tables.table(rules, "Rules that describe the groups")
        ui.tables.frame_download(rules, f"group-rules-{frame.as_of}")
        if len(found.choice):
            st.markdown("**How many groups.** The number whose groups are clearest and steadiest:")
            st.plotly_chart(
                charts.cluster_choice(found.choice, found.k), key="cluster_choice",
                alt="Silhouette and stability by number of groups",
            )  # fmt: skip
            ui.tables.frame_download(found.choice, f"number-of-groups-{frame.as_of}")
        prepared = found.preparation.drop(columns=["feature"]).rename(columns=PREPARED)
        ui.tables.table(prepared, "How features were prepared")
        ui.tables.frame_download(found.preparation, f"features-used-{frame.as_of}")
    ui.tables.explain(
        "Skewed features are taken as logarithms, all are brought to one scale, extreme values are "
        "capped. K-means puts each customer to the nearest of K centres; K is the number from 2 to "
        "10 with the greatest silhouette × stability (agreement with the groups of bootstrap "
        "samples). Density methods (DBSCAN, HDBSCAN) join people who stand close together, "
        "whatever the shape, and leave out who stands alone. Names are the two features in which a "
        "group differs most from the shop; confidence is 1 - own distance ÷ distance to the next "
        "group. Whether the groups help to foresee revenue is tested on the last 90 days, which "
        "they had not seen, beside the RFM segments.",
        "Rousseeuw (1987), silhouettes; Hennig (2007), cluster stability; Ester et al. (1996), "
        "DBSCAN; Campello et al. (2013), HDBSCAN.",
        "cluster_inputs", "cluster_list",
    )  # fmt: skip
