"""The job of `prepare` in Polars: parse, filter, index, split by time, write."""

import os
import time

import polars as pl

from protocol import answer, read_request


def long_sessions(events, least):
    return events.filter(pl.len().over("SessionId") >= least)


def prepare(request):
    # Ids stay text.
    schema = {"SessionId": pl.String, "ItemId": pl.String, "Time": pl.Int64}
    events = pl.scan_csv(request["input"], separator="\t", schema_overrides=schema)
    events = events.with_columns(pl.col("Time") * 1000).sort("Time", maintain_order=True)
    events = long_sessions(events, 2)
    events = events.filter(pl.len().over("ItemId") >= request["minItemSupport"])
    events = long_sessions(events, 2).with_columns(last=pl.col("Time").max().over("SessionId"))
    events = events.collect()
    in_test = pl.col("last") >= events["Time"].max() - request["testDays"] * 86_400_000
    train, test = events.filter(~in_test), events.filter(in_test)
    items = (
        train.group_by("ItemId", maintain_order=True)
        .agg(support=pl.len())
        .with_row_index("item")
        .select(pl.col("item").cast(pl.Int32), "ItemId", "support")
    )
    test = long_sessions(test.join(items, on="ItemId", how="semi", maintain_order="left"), 2)
    counts = {}
    for name, part in [("train", train), ("test", test)]:
        sessions = part.select(pl.col("SessionId").unique(maintain_order=True)).with_row_index("session")
        table = (
            part.join(sessions, on="SessionId", maintain_order="left")
            .join(items, on="ItemId", maintain_order="left")
            .select("session", "item", "Time")
            .sort("session", maintain_order=True)
        )
        table.write_ipc(os.path.join(request["output"], f"{name}.arrow"))
        counts[name] = {"events": table.height, "sessions": sessions.height}
    items.write_ipc(os.path.join(request["output"], "items.arrow"))
    return {**counts, "items": items.height}


def peak_mib():
    """Returns the peak memory of this process in MiB; 0 if the system does not report it."""
    if not os.path.exists("/proc/self/status"):
        return 0
    with open("/proc/self/status", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith("VmHWM")).split()[1]) / 1024


if __name__ == "__main__":
    request = read_request()
    os.makedirs(request["output"], exist_ok=True)
    start = time.perf_counter()
    counts = prepare(request)
    answer(**counts, seconds=time.perf_counter() - start, peakMiB=peak_mib())
