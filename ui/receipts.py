"""What became of imports: receipts, history, the shop's settings, backups and templates."""

from decimal import Decimal, InvalidOperation

import pandas as pd
import streamlit as st

import ui
import ui.quality
import ui.tables
from analytics import charts
from analytics.store import (
    TABLES,
    Policy,
    Receipt,
    Store,
    back_up,
    explain_difference,
    money,
    receipt,
    restore,
    template,
)


def ended_receipts() -> list[Receipt]:
    """The receipts of the last import, until another page is opened or another import runs."""
    done = ui.ended_job()
    if done is not None:
        st.session_state["receipts"] = [(one.batch_id, one.repeated) for one in done]
    known = set(ui.store().batches()["batch_id"])
    return [
        receipt(ui.store(), batch_id, repeated=repeated)
        for batch_id, repeated in st.session_state.get("receipts", [])
        if batch_id in known
    ]


def show(frame: ui.Frame, done: Receipt) -> None:
    """What an import did, to the last record and cent."""
    if done.repeated:
        st.info(
            f"{ui.plain(done.file_name)} had been imported before, in this way. Nothing was "
            "changed."
        )
    counts = [
        f"{done.records:,} records read", f"**{done.added:,} new**", f"{done.updated:,} updated",
        f"{done.known:,} already there", f"{done.rejected:,} not used",
    ]  # fmt: skip
    st.markdown(f"**{ui.plain(done.file_name)}** → {done.table}: {', '.join(counts)}.")
    if done.table == "matches":
        _matched(frame, done)
    if done.rounded:
        st.caption(f"{done.rounded:,} records had money with more than four decimals, rounded.")
    if done.table == "orders":
        st.plotly_chart(
            charts.waterfall(done.waterfall, frame.currency), key=f"waterfall_{done.batch_id}",
            alt="From the money in the file to the analysed revenue",
        )  # fmt: skip
        _control_total(frame, done)
        if (days := done.days) is not None:
            ui.quality.unusual_days(frame, *days)
    steps, facts = st.columns(2)
    with steps:
        ui.tables.table(done.waterfall.dropna(axis=1, how="all"), "From the file to the analysis")
        ui.tables.frame_download(done.waterfall, f"waterfall-{done.batch_id}")
    if len(done.facts):
        with facts:
            there = done.facts["rows"].ne(0).fillna(True)
            ui.tables.table(done.facts[there], "What the file holds")
    if done.rejected:
        rejects = done.rejects
        st.markdown(f"**{len(rejects):,} records are not used**, for these reasons:")
        ui.tables.table(rejects.head(500), "Records that are not used")
        ui.tables.frame_download(rejects, f"not-used-{done.batch_id}", "Download all of them")


def _matched(frame: ui.Frame, done: Receipt) -> None:
    """How many ids became how many customers."""
    found = frame.store.query("matched", batch_id=done.batch_id).iloc[0]
    many = int(found["customers"])
    customers = f"{many:,} customer{'' if many == 1 else 's'}"
    st.markdown(
        f"**{found['ids']:,} ids became {customers}.** Their orders, events "
        "and consent now count together, under the id to keep. Removing this import parts them "
        "again."
    )
    if unseen := int(found["ids"] - found["known_ids"]):
        st.caption(
            f"{unseen:,} of the ids {'is' if unseen == 1 else 'are'} in no order, event or "
            "customer file so far, and will count as soon as one brings it."
        )


def _control_total(frame: ui.Frame, done: Receipt) -> None:
    """Compare the analysed revenue with a figure the user knows."""
    typed = st.text_input(
        "The revenue you know from elsewhere", key=f"control_{done.batch_id}",
        placeholder="for example 12,345.67",
        help="We show the difference and where it may come from.",
    )  # fmt: skip
    if not typed.strip():
        return
    try:
        known = Decimal(typed.replace(",", "").replace(" ", ""))
    except InvalidOperation:
        st.warning(f"“{ui.plain(typed)}” is not an amount; write it as 12,345.67.")
        return
    analysed = money(done.waterfall["amount"].iloc[-1])
    difference = analysed - known
    if abs(difference) < Decimal("0.005"):
        st.success(f"They agree: {frame.money(analysed)}.", icon=":material/check:")
        return
    st.warning(
        f"We analyse {frame.money(analysed)}, {frame.money(abs(difference))} "
        f"{'more' if difference > 0 else 'less'}. {explain_difference(done, known)}",
        icon=":material/difference:",
    )


def history(frame: ui.Frame, batches: pd.DataFrame) -> None:
    """The imports, latest first, each with its receipt and a way to take it out again."""
    st.subheader("Imports", anchor=False)
    st.caption("Select an import to see its receipt or to remove it.")
    shown = batches.iloc[::-1].reset_index(drop=True)
    columns = [
        "file_name", "table_name", "imported_at", "records", "added", "updated", "known",
        "rejected",
    ]  # fmt: skip
    picked = ui.tables.table(
        shown[columns], "Imports", on_select="rerun", selection_mode="single-row",
        key=f"history_{frame.store.version}",
    ).selection.rows  # fmt: skip
    if picked:
        batch = shown.iloc[picked[0]]
        if st.button(f"Remove {ui.plain(str(batch['file_name']))}", icon=":material/delete:"):
            _confirm_removal(frame.store, int(batch["batch_id"]), str(batch["file_name"]))
        show(frame, receipt(frame.store, int(batch["batch_id"])))
    sample = batches.loc[batches["origin"] == "sample", "batch_id"]
    if len(sample) and st.button("Remove the sample shop", icon=":material/delete:"):
        frame.store.remove(*(int(batch) for batch in sample))
        st.rerun()


@st.dialog("Remove this import?")
def _confirm_removal(store: Store, batch_id: int, name: str) -> None:
    st.write(
        f"What only **{ui.plain(name)}** holds leaves the store. The file itself stays where you "
        "have it, and can be imported again."
    )
    if st.button("Remove", type="primary"):
        store.remove(batch_id)
        st.rerun()


def settings(frame: ui.Frame) -> None:
    """Which lines count as revenue, and in which currency."""
    st.subheader("What counts as revenue", anchor=False)
    now = frame.store.policy
    choices = (
        ("returns", "Returns and cancelled invoices", "are taken off revenue", "take_off"),
        ("zero_price", "Lines without a price", "belong to their order", "keep"),
        ("guests", "Lines without a customer", "count as guest sales", "keep"),
    )
    chosen = {"currency": now.currency, "zone": now.zone}
    for box, (name, question, yes, value) in zip(st.columns(3), choices, strict=True):
        answer = box.radio(
            question, [yes, "are left out"], index=int(getattr(now, name) == "leave_out")
        )
        chosen[name] = value if answer == yes else "leave_out"
    currencies = frame.store.query("currencies")["currency"].dropna().tolist()
    if len(currencies) > 1 and now.currency:
        chosen["currency"] = st.selectbox(
            "Figures are in", currencies, currencies.index(now.currency),
            help="Lines in other currencies count where you say what they are worth.",
        )  # fmt: skip
        _rates(frame.store, [code for code in currencies if code != chosen["currency"]])
    if (policy := Policy(**chosen)) != now:  # type: ignore[arg-type]
        frame.store.set_policy(policy)
        st.rerun()


def _rates(store: Store, currencies: list[str]) -> None:
    """A box for what one unit of each other currency is worth."""
    now = store.rates
    typed: dict[str, Decimal] = {}
    for box, code in zip(st.columns(len(currencies)), currencies, strict=True):
        rate = box.number_input(
            f"1 {code} is worth", min_value=0.0, value=float(now.get(code, 0)), format="%.6f",
            key=f"rate_{code}", help="0: lines in it are left out.",
        )  # fmt: skip
        if rate:
            typed[code] = Decimal(str(rate))
    if typed != {code: rate.normalize() for code, rate in now.items()} and typed != now:
        store.set_rates(typed)
        st.rerun()


def keeping(frame: ui.Frame) -> None:
    """Back the store up to one file, restore it, and templates for each table."""
    st.subheader("Backup", anchor=False)
    save, load_back = st.columns(2)
    with save:
        st.download_button(
            "Back up the store", _backup_bytes, f"shop-{frame.as_of}.regulars",
            on_click="ignore", icon=":material/save:",
        )  # fmt: skip
    with load_back:
        given = st.file_uploader("Restore a backup", type=["regulars"], key="restore")
        if given and st.button("Put it in the present store's place", icon=":material/restore:"):
            path = frame.store.stage_file("upload")
            path.write_bytes(given.getvalue())
            restore(frame.store, path).close()
            st.cache_resource.clear()
            st.rerun()
    st.subheader("Templates", anchor=False)
    st.caption("An empty table of each kind, with the columns Regulars knows.")
    for box, name in zip(st.columns(len(TABLES)), TABLES, strict=True):
        box.download_button(
            TABLES[name].title, template(name), f"{name}.csv", "text/csv", on_click="ignore",
            width="stretch",
        )  # fmt: skip


def _backup_bytes() -> bytes:
    path = back_up(ui.store())
    try:
        return path.read_bytes()
    finally:
        path.unlink()
