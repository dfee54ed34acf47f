"""What every peer shares: the request it is given, the lines it answers, the log it reads."""

import json
import os
import sys


def read_request():
    """The request is a JSON file, named by the only argument."""
    with open(sys.argv[1], encoding="utf-8") as file:
        return json.load(file)


# Libraries may print; the lines of the protocol have a channel of their own, the former standard output.
_lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def emit(event, **fields):
    """One line of JSON on standard output."""
    _lines.write(json.dumps({"event": event, **fields}) + "\n")
    _lines.flush()


def peak_mib():
    """Largest memory of this process so far, or None where the system does not tell."""
    try:
        with open("/proc/self/status", encoding="ascii") as file:
            return int(next(line for line in file if line.startswith("VmHWM")).split()[1]) / 1024
    except (OSError, StopIteration):
        return None


def read_log(path):
    """Rows (session, item, time) of integers, in the order of the file."""
    with open(path, encoding="utf-8") as file:
        next(file)
        return [tuple(int(field) for field in line.split("\t")) for line in file]


def sessions_of(rows):
    """Lists of items by session, in order of first appearance."""
    sessions = {}
    for session, item, _ in rows:
        sessions.setdefault(session, []).append(item)
    return list(sessions.values())


def metrics_of(ranks, cutoff=20):
    """Recall and MRR of a list of so many items."""
    hits = [rank for rank in ranks if rank <= cutoff]
    return {
        "recall": len(hits) / len(ranks),
        "mrr": sum(1 / rank for rank in hits) / len(ranks),
        "predictions": len(ranks),
    }
