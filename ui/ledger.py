"""What campaigns earned: all of them side by side, and each with its result and its list."""

import textwrap
import zlib
from collections.abc import Callable
from datetime import timedelta

import pandas as pd
import streamlit as st

import ui
import ui.campaigns
import ui.known
import ui.tables
from analytics import campaign, charts
from ui import plain

DRAWN, SHORT = 20, 26
"""Campaigns in the picture, and letters of a name beside figures; more could not be read."""
LEDGER = {
    "name": "campaign", "kind": "kind", "start_day": "first_day", "verdict": "result",
    "treated": "contacted", "held_out": "held_out", "lift": "extra_per_contact",
    "lift_lo": "at_least", "lift_hi": "at_most", "profit": "extra_profit",
    "revenue": "extra_revenue", "cost": "cost", "predicted_lift": "predicted_per_contact",
    "pooled_lift": "with_others_of_its_kind",
}  # fmt: skip
"""The columns of the table of campaigns, by what they are called there."""
VERDICTS = {
    "": "Not begun", "too early": "Too early", "cannot tell": "Can’t tell", "paid": "Paid off",
    "sales rose": "Sales rose, profit open", "sales rose, did not pay": "Sales rose, did not pay",
    "sales fell": "Sales fell",
}  # fmt: skip
"""What was proven, in the fewest words."""
MEASURES = {
    "orders": "Orders", "buyers": "Buyers", "revenue": "Revenue", "profit": "Profit",
    "return_on_spend": "Profit ÷ cost",
}  # fmt: skip


def show(frame: ui.Frame, now: ui.known.Known) -> None:
    """All campaigns with what they earned; select one for its whole result and its list."""
    _show_undo(frame)
    ledger = campaign.ledger(frame.store).iloc[::-1].reset_index(drop=True)
    if ledger.empty:
        st.info(
            "No campaign has been launched yet. Plan one under “New campaign”: a part of the "
            "audience is held out by chance, and the next order file proves what it brought.",
            icon=":material/info:",
        )
        return
    st.markdown(campaign.totals(ledger, unit=frame.currency).sentence)
    if frame.as_of != frame.store.default_as_of():
        st.caption("Results count all orders imported, whatever day is chosen under “As of”.")
    judged = ledger[ledger["lift"].notna()]
    if not judged.empty:
        kinds = campaign.pools(ledger, unit=frame.currency)
        _picture(frame, judged, kinds)
        for sentence in kinds["sentence"]:
            st.markdown(f"- {plain(sentence)}")
    shown = ledger[list(LEDGER)].rename(columns=LEDGER)
    shown["result"] = shown["result"].map(VERDICTS)
    unit = f" Amounts in {frame.currency}." if frame.currency else ""
    st.caption(
        "Select a campaign to see its result, its list, and to take it back. The latest comes "
        f"first.{unit}"
    )
    short = shown.assign(campaign=shown["campaign"].map(_short))
    ids = zlib.crc32("".join(ledger["campaign_id"]).encode())
    picked = ui.tables.table(
        short, "Campaigns", on_select="rerun", selection_mode="single-row",
        key=f"campaign_rows_{ids}",  # a row must not stay selected while others move into its place
    ).selection.rows  # fmt: skip
    ui.tables.frame_download(shown, f"campaigns-{frame.as_of}")
    if picked and picked[0] < len(ledger):
        with ui.errors_shown():
            _one(frame, now, campaign.find(frame.store, str(ledger["name"].iloc[picked[0]])))


def _short(name: str) -> str:
    """A name that leaves room for the figures."""
    return name if len(name) <= SHORT else f"{name[: SHORT - 1]}…"


def _picture(frame: ui.Frame, judged: pd.DataFrame, kinds: pd.DataFrame) -> None:
    """The lift of every campaign so far, and of each kind together."""
    doubt = [
        "not over yet" if status != "complete"
        else "too few buyers" if (lo > 0 or hi < 0) and not proven
        else ""
        for status, lo, hi, proven in zip(
            *(judged[name] for name in ("status", "lift_lo", "lift_hi", "proven")), strict=True
        )
    ]  # fmt: skip
    labels = [
        f"{_short(name)} ({why})" if why else _short(name)
        for name, why in zip(judged["name"], doubt, strict=True)
    ]
    own = judged.assign(label=labels).rename(
        columns={"lift": "value", "lift_lo": "lo", "lift_hi": "hi"}
    )[:DRAWN]
    several = kinds[kinds["campaigns"] > 1]
    together = several.assign(
        label=[
            f"{_short(kind)}: all {count} together"
            for kind, count in zip(several["kind"], several["campaigns"], strict=True)
        ],
        value=several["mean"],
    )
    rows = pd.concat([together, own])[["label", "value", "lo", "hi"]]
    st.plotly_chart(
        charts.intervals(
            rows, "<br>".join(textwrap.wrap(frame.in_unit("Extra sales per contact"), 24)),
            frame.money,
        ),
        key="campaign_lifts", alt="Extra sales per contacted customer of every campaign",
    )  # fmt: skip
    if len(judged) > DRAWN:
        st.caption(f"The latest {DRAWN} of {len(judged):,} campaigns are drawn; the table has all.")


def _one(frame: ui.Frame, now: ui.known.Known, one: campaign.Campaign) -> None:
    """One campaign: its result, its list, and the way to take it back."""
    title, gone = st.columns([4, 1], vertical_alignment="bottom")
    title.subheader(plain(one.name), anchor=False)
    if gone.button("Delete", icon=":material/delete:", width="stretch", key="campaign_delete"):
        st.session_state["campaign_gone"] = campaign.delete(frame.store, one.name)
        st.rerun()
    last = ui.day(one.end_day - timedelta(days=1))
    if frame.store.default_as_of() <= one.start_day:
        st.info(
            f"There are no orders from its first day on yet. Import those from "
            f"{ui.day(one.start_day)} up to and with {last}, and its result is shown here.",
            icon=":material/schedule:",
        )
    else:
        with ui.errors_shown():
            _result(frame, one)
    st.caption(
        f"{one.treated:,} contacted, {one.held_out:,} held out; judged by the orders of "
        f"{one.window_days} days from {ui.day(one.start_day)} to {last}. {one.left_out_sentence}"
    )
    ui.campaigns.people(frame, now, one)


def _result(frame: ui.Frame, one: campaign.Campaign) -> None:
    """What one campaign brought, in a sentence, a picture and a table."""
    found = campaign.outcome(frame.store, one.name, unit=frame.currency)
    st.markdown(f"**{plain(found.sentence)}**")
    for note in found.notes:
        st.caption(note)
    table = found.effects.assign(measure=found.effects["measure"].map(MEASURES))
    money = table[table["measure"].isin(["Revenue", "Profit"])].rename(
        columns={"measure": "label", "total": "value"}
    )
    st.plotly_chart(
        charts.intervals(money, frame.in_unit("Gained by the campaign"), frame.money),
        key="campaign_gain", alt="Revenue and profit gained, with their ranges",
    )  # fmt: skip
    words = effects_in_words(
        frame, table.rename(columns={"lo": "total_lo", "hi": "total_hi"}),
        ("treated_per_customer", "held_out_per_customer"), "a_held_out_customer",
        ("difference_lo", "difference_hi"),
    )  # fmt: skip
    ui.tables.table(words, "What the campaign brought")
    ui.tables.frame_download(words, f"campaign-{one.campaign_id}")


def effects_in_words(
    frame: ui.Frame, table: pd.DataFrame, means: tuple[str, str], other: str,
    ends: tuple[str, str],
) -> pd.DataFrame:  # fmt: skip
    """The measures of a campaign with their units, each with the range it lies in.

    Args:
        frame: The page's frame.
        table: measure (in words), difference, total, total_lo, total_hi and the columns named.
        means: The columns of the contacted's mean, and of those they are compared with.
        other: What the latter is called.
        ends: The columns between which the difference lies.
    """
    rows = []
    for row in table.to_dict("records"):
        measure = row["measure"]
        number: Callable[[float], str] = "{:,.2f}".format
        each = whole = frame.money if measure in ("Revenue", "Profit") else number
        between = each
        if measure == "Buyers":
            each, between = "{:.1%}".format, _points
        if measure in ("Orders", "Buyers"):
            whole = "{:,.0f}".format
        rows.append(
            {
                "measure": measure,
                "a_contacted_customer": _said(each, row[means[0]]),
                other: _said(each, row[means[1]]),
                "difference": _said(between, row["difference"], *(row[end] for end in ends)),
                "in_all": _said(whole, row["total"], row["total_lo"], row["total_hi"]),
            }
        )
    return pd.DataFrame(rows)


def _points(share: float) -> str:
    """A difference of two shares, which is no share of anything."""
    return f"{100 * share:.1f} points"


def _said(write: Callable[[float], str], value: float, *ends: float) -> str:
    """A figure, with its range where it has one; a dash where it is not known."""
    if pd.isna(value):
        return "–"
    known = ends and not any(pd.isna(end) for end in ends)
    text = write(value) + (f" ({write(ends[0])} to {write(ends[1])})" if known else "")
    return text.replace("-", "−")


def _show_undo(frame: ui.Frame) -> None:
    """Offer the campaign that was deleted last, until it is taken back."""
    if (gone := st.session_state.get("campaign_gone")) is None:
        return
    said, button = st.columns([4, 1], vertical_alignment="center")
    said.info(f"Deleted “{plain(gone.campaign.name)}”.", icon=":material/delete:")
    if button.button("Undo", icon=":material/undo:", width="stretch", key="campaign_undo"):
        with ui.errors_shown():
            campaign.restore(frame.store, gone)
            del st.session_state["campaign_gone"]
            st.rerun()
