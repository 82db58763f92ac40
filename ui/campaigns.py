"""Campaigns with a holdout: plan and launch one, and the list of whom it contacts."""

from datetime import timedelta
from typing import Any

import streamlit as st

import ui
import ui.known
import ui.rule_builder
import ui.tables
from analytics import audience, campaign
from ui import plain

EVERYBODY, BUILT = "Every customer", "The audience being built"
KINDS = (
    "Win-back", "Second order", "Cross-sell", "New product", "Cart reminder", "Newsletter",
    "Thank-you", "Other",
)  # fmt: skip
CHANNELS = ("E-mail", "SMS", "Post", "Phone", "Ads", "App")
LIST_COLUMNS = [
    "customer_id", "name", "email", "favourite_category", "often_bought_product", "coupon",
    "usual_hour",
]  # fmt: skip
WIDE = 220
"""Pixels of a box: four stand side by side on a desk, two on a tablet."""
EXPLAINED = (
    "Before the list is written, a part of the audience is held out by chance, alike in segment "
    "and value to the others. What both sides order from the first day on, for as many days, is "
    "compared within each group of segment and value; everybody counts on the side chance put "
    "them on, whether or not they opened anything. The difference is what the campaign brought, "
    "with the range it lies in 95 times of 100. Profit is margin × revenue less all costs. "
    "Campaigns of a kind are pooled, each weighted by how surely it is known.",
    "Post-stratified difference in means (Miratrix, Sekhon & Yu 2013); empirical Bayes pooling "
    "with the interval of Hartung & Knapp (2001).",
    "campaign_candidates", "campaign_sums", "campaign_list",
)  # fmt: skip
"""How campaigns are computed, for the foot of the page."""


def plan_built(frame: ui.Frame) -> None:
    """The way from the audience being built to a campaign to it."""
    if st.session_state.get("campaigns_tab", "Build") == "Build":
        st.button(
            "Plan a campaign to these customers", icon=":material/campaign:", key="campaign_plan",
            on_click=_plan_built, args=(frame,),
        )  # fmt: skip


def _plan_built(frame: ui.Frame) -> None:
    """Go to the plan of a campaign to what is in the builder; runs before the page does."""
    st.session_state["campaigns_part"] = "New campaign"
    st.session_state["campaign_launched"] = None
    st.session_state["campaign_audience"] = next(iter(_audiences(frame)))


def _audiences(frame: ui.Frame) -> dict[str, audience.Rule]:
    """Whom a campaign can go to, the one being built or loaded first."""
    names = audience.saved(frame.store)["name"].tolist()
    tree = st.session_state.get("audience_tree")
    loaded = str(st.session_state.get("audience_loaded") or "")
    found: dict[str, audience.Rule] = {}
    rule = audience.All() if tree is None else ui.rule_builder.rule_of(tree)
    if tree is not None and ui.rule_builder.incomplete(tree):
        found[BUILT] = rule
    elif loaded in names and rule == audience.rule(frame.store, loaded):
        found[loaded] = audience.InAudience(loaded)
    elif rule != audience.All():
        found[BUILT] = rule
    elif tree is not None:
        found[EVERYBODY] = rule
    return (
        found
        | {name: audience.InAudience(name) for name in names}
        | {f"{name} (uploaded list)": audience.InList(name)
           for name in audience.list_names(frame.store)}
        | {EVERYBODY: audience.All()}
    )  # fmt: skip


def new(frame: ui.Frame, now: ui.known.Known) -> None:
    """Choose whom, what and how many to hold out; see what that can prove; launch."""
    if _launched(frame, now):
        return
    st.subheader("Plan a campaign", anchor=False)
    whom, name = st.columns(2)
    choices = _audiences(frame)
    chosen = whom.selectbox(
        "Audience", list(choices), key="campaign_audience", persist_state="session",
        help="Build and save audiences under “Audiences”.",
    )  # fmt: skip
    called = name.text_input(
        "Name of the campaign", key="campaign_name", persist_state="session", max_chars=80,
        placeholder="for example Autumn win-back",
    ).strip()  # fmt: skip
    told = _what(frame) | _costs(frame) | _when(frame)
    if chosen == BUILT and (missing := ui.rule_builder.incomplete(st.session_state.audience_tree)):
        st.warning(plain(missing), icon=":material/edit_note:")
        return
    kept = audience.keep(frame.store, choices[chosen], **now.tables)
    able = campaign.eligible(
        frame.store, kept.table, now.features, start=told["start"], rest_days=told["rest_days"],
        most_contacts=told["most_contacts"], cap_days=told["cap_days"],
    )  # fmt: skip
    if able.frame.empty:
        said = able.sentence if able.people else "Nobody is in this audience."
        st.warning(f"{said} Choose another audience.", icon=":material/person_off:")
        return
    share = _holdout(frame, kept.table, len(able.frame), told["window_days"])
    st.markdown(able.sentence)
    if told["start"] < frame.store.default_as_of():
        st.warning(
            f"The orders from {ui.day(told['start'])} on are here already, from before anybody was "
            "held out: they would count as this campaign’s. Start after the last order.",
            icon=":material/event_busy:",
        )
    if st.button(
        "Launch the campaign", type="primary", icon=":material/rocket_launch:",
        disabled=not called, help=None if called else "Give the campaign a name first.",
    ):  # fmt: skip
        if called not in campaign.campaigns(frame.store)["name"].tolist():
            # Set first: the second of a double click ends this run, maybe just after the launch.
            st.session_state["campaign_launched"] = called
        campaign.launch(
            frame.store, called, members=kept.table, features=now.features, as_of=frame.as_of,
            holdout_share=share, **told,
        )  # fmt: skip
        st.rerun()


def _row() -> Any:
    """A row of boxes that goes on in the next line where the window is narrow."""
    return st.container(horizontal=True, vertical_alignment="bottom")


def _what(frame: ui.Frame) -> dict[str, Any]:
    """The play, the channel, the offer."""
    with _row():
        return {
            "kind": st.selectbox(
                "Kind", KINDS, key="campaign_kind", persist_state="session", width=WIDE,
                help="Campaigns of a kind are judged together, so that many small ones prove "
                "something.",
            ),
            "channel": st.selectbox(
                "Channel", CHANNELS, key="campaign_channel", persist_state="session", width=WIDE
            ),
            "offer": st.text_input(
                "Offer", key="campaign_offer", persist_state="session", width=WIDE, max_chars=80,
                placeholder=f"for example 5 {frame.currency or 'EUR'} off",
            ),
            "coupon": st.text_input(
                "Coupon code", key="campaign_coupon", persist_state="session", width=WIDE,
                max_chars=80, help="Goes into the list, for the message.",
            ),
        }  # fmt: skip


def _costs(frame: ui.Frame) -> dict[str, Any]:
    """What it costs, what is left of a sale, and what it is expected to bring."""
    with _row():
        return {
            "cost_per_contact": st.number_input(
                frame.in_unit("Cost per contact"), 0.0, value=0.0, step=0.01, format="%.3f",
                key="campaign_cost", persist_state="session", width=WIDE,
            ),
            "fixed_cost": st.number_input(
                frame.in_unit("Fixed cost"), 0.0, value=0.0, step=10.0,
                key="campaign_fixed", persist_state="session", width=WIDE,
            ),
            "margin": st.number_input(
                "Margin, % of revenue", 1, 100, 40, key="campaign_margin", width=WIDE,
                persist_state="session",
                help="What is left of a sale after goods and delivery: profit is counted with it.",
            ) / 100,
            "predicted_lift": st.number_input(
                frame.in_unit("Expected extra sales"), value=None, step=0.1,
                placeholder="as earlier ones", key="campaign_expected", persist_state="session",
                width=WIDE,
                help="Per contacted customer: your own guess, to be held against the result. "
                "Empty: what earlier campaigns of the kind have brought, if there are any.",
            ),
        }  # fmt: skip


def _when(frame: ui.Frame) -> dict[str, Any]:
    """When it starts, how long it is judged, and who has been contacted enough."""
    with _row():
        start = st.date_input(
            "First day", frame.as_of, key=f"campaign_start_{frame.as_of}", width=WIDE,
            persist_state="session", required=True,
        )  # fmt: skip
        window = st.number_input(
            "Judged by the orders of … days", 1, 365, 30, key="campaign_window", width=WIDE,
            persist_state="session",
            help="Counted from the first day on. Long enough for the effect to come in; 30 days "
            "suit most shops.",
        )  # fmt: skip
        rest = st.number_input(
            "Left alone for … days", 0, 365, 7, key="campaign_rest", width=WIDE,
            persist_state="session",
            help="Nobody is contacted again within so many days of an earlier campaign. 0: no such "
            "rule.",
        )  # fmt: skip
        most = st.number_input(
            "Most campaigns in 30 days", 0, 30, 0, key="campaign_most", width=WIDE,
            persist_state="session",
            help="Nobody is contacted more often, this one included. 0: no such rule.",
        )  # fmt: skip
    return {
        "start": start, "window_days": window, "rest_days": rest or None,
        "most_contacts": most or None, "cap_days": 30,
    }  # fmt: skip


def _holdout(frame: ui.Frame, members: str, people: int, window_days: int) -> float:
    """How many are held out, and the smallest lift that can then be proven."""
    share = (
        st.slider(
            "Held out, chosen by chance, % of the audience", 5, 50, 20, 5,
            key="campaign_holdout", persist_state="session",
            help="They get no message. What they buy all the same is what the others are "
            "compared with.",
        )
        / 100
    )  # fmt: skip
    with ui.errors_shown():
        usual = campaign.baseline(frame.store, members, window_days, frame.as_of)
        can = campaign.provable(people, share, baseline_rate=usual.rate)
        if can.warning:
            st.warning(f"{can.warning}\n\n{can.sentence}", icon=":material/warning:")
        else:
            st.info(can.sentence, icon=":material/science:")
    return share


def _launched(frame: ui.Frame, now: ui.known.Known) -> bool:
    """What was just launched: how many on either side, and the list of those to contact.

    Returns:
        Whether it is shown, instead of the plan of the next campaign.
    """
    name = st.session_state.get("campaign_launched")
    if name is None or name not in campaign.campaigns(frame.store)["name"].tolist():
        return False
    done = campaign.find(frame.store, name)
    st.success(
        f"Launched “{plain(name)}”: **{done.treated:,}** people to contact, **{done.held_out:,}** "
        f"held out by chance. {done.left_out_sentence}",
        icon=":material/check:",
    )
    st.markdown(
        f"Contact the people of this list from {ui.day(done.start_day)} on, and nobody else of the "
        f"audience. Once the orders up to and with {ui.day(done.end_day - timedelta(days=1))} are "
        "imported, “Results” says what it brought. The list stays there, too."
    )
    people(frame, now, done)
    st.button(
        "Plan another campaign", icon=":material/add:", on_click=_plan_another, key="campaign_next"
    )
    return True


def _plan_another() -> None:
    """Leave the launched campaign for a new plan; runs before the page does."""
    st.session_state["campaign_launched"] = None
    st.session_state["campaign_name"] = ""


def people(frame: ui.Frame, now: ui.known.Known, one: campaign.Campaign) -> None:
    """The people to contact, never the held-out."""
    ui.tables.people(
        frame, one.name, "campaign_list", LIST_COLUMNS, campaign_id=one.campaign_id,
        tables={"features": now.features},
    )  # fmt: skip
