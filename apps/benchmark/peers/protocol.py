"""The protocol of all peers: the request, the lines of the answer, and the log."""

import json
import os
import sys
import time


def read_request():
    """Reads the request from the JSON file that the only argument names."""
    with open(sys.argv[1], encoding="utf-8") as file:
        return json.load(file)


# Libraries may print, so the protocol uses its own channel, the original standard output.
_lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
os.dup2(2, 1)


def emit(event, **fields):
    """Writes one line of JSON to the original standard output."""
    _lines.write(json.dumps({"event": event, **fields}) + "\n")
    _lines.flush()


def peak_mib():
    """Returns the peak memory of this process in MiB; 0 if the system does not report it."""
    if not os.path.exists("/proc/self/status"):
        return 0
    with open("/proc/self/status", encoding="ascii") as file:
        return int(next(line for line in file if line.startswith("VmHWM")).split()[1]) / 1024


def prepare_once(prepare):
    """Runs the job of `prepare` that the request describes, and reports its time, memory and counts."""
    request = read_request()
    os.makedirs(request["output"], exist_ok=True)
    start = time.perf_counter()
    counts = prepare(request)
    emit("prepared", seconds=time.perf_counter() - start, peakMiB=peak_mib())
    emit("done", **counts)


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
