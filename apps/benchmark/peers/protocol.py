"""What peers share: the request, the answer, the log and its figures."""

import json
import os
import sys


def read_request():
    """Reads the request from the JSON file that the only argument names."""
    with open(sys.argv[1], encoding="utf-8") as file:
        return json.load(file)


# Libraries may print, so the answer uses its own channel, the original standard output.
_out = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def answer(**fields):
    """Writes the answer as a line of JSON."""
    print(json.dumps(fields), file=_out, flush=True)


def read_log(path):
    """Reads rows (session, item, time) of integers, in the order of the file."""
    with open(path, encoding="utf-8") as file:
        next(file)
        return [tuple(int(field) for field in line.split("\t")) for line in file]


def sessions_of(rows):
    """Returns lists of items per session, in order of first appearance."""
    sessions = {}
    for session, item, _ in rows:
        sessions.setdefault(session, []).append(item)
    return list(sessions.values())


def metrics_of(ranks, cutoff=20):
    """Returns recall and MRR for lists of `cutoff` items."""
    hits = [rank for rank in ranks if rank <= cutoff]
    return {
        "recall": len(hits) / len(ranks),
        "mrr": sum(1 / rank for rank in hits) / len(ranks),
        "predictions": len(ranks),
    }
