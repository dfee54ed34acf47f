"""The job of `prepare` in pandas: parse, filter, index, split by time, write."""

import os

import pandas as pd

from protocol import prepare_once


def long_sessions(events, least):
    return events[events.groupby("SessionId")["ItemId"].transform("size") >= least]


def read(source):
    """Reads TSV or JSON Lines, whose ids stay text."""
    if source.endswith(".jsonl"):
        return pd.read_json(source, lines=True, engine="pyarrow")
    return pd.read_csv(source, sep="\t", engine="pyarrow", dtype={"SessionId": str, "ItemId": str})


def prepare(request):
    events = read(request["input"])
    events["Time"] = events["Time"] * 1000
    events = events.sort_values("Time", kind="stable")
    events = long_sessions(events, 2)
    events = events[events.groupby("ItemId")["Time"].transform("size") >= request["minItemSupport"]]
    events = long_sessions(events, 2)
    last = events.groupby("SessionId")["Time"].transform("max")
    in_test = last >= events["Time"].max() - request["testDays"] * 86_400_000
    train, test = events[~in_test], events[in_test]
    items = pd.Index(train["ItemId"].unique())
    test = long_sessions(test[test["ItemId"].isin(items)], 2)
    counts = {}
    for name, part in [("train", train), ("test", test)]:
        sessions = pd.factorize(part["SessionId"])[0]
        table = pd.DataFrame(
            {"session": sessions, "item": items.get_indexer(part["ItemId"]), "time": part["Time"].to_numpy()}
        ).sort_values("session", kind="stable")
        table.to_parquet(os.path.join(request["output"], f"{name}.parquet"))
        counts[name] = {"events": len(table), "sessions": int(sessions.max()) + 1}
    support = train["ItemId"].value_counts().reindex(items)
    pd.DataFrame({"id": items, "support": support.to_numpy()}).to_parquet(
        os.path.join(request["output"], "items.parquet")
    )
    return {**counts, "items": len(items)}


if __name__ == "__main__":
    prepare_once(prepare)
