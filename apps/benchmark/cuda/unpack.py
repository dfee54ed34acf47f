"""
Unpacks what `cuda-pack` wrote, on a machine that has only Python (3.8 or newer, no packages), and measures there.

    python3 unpack.py add PARTS …      checks parts and keeps them; an archive is unpacked as soon as it is complete
    python3 unpack.py libraries        says which CUDA libraries there are, and links them under TensorFlow's names
    python3 unpack.py run              recorded runs, the suite of the device, the threads

PARTS are folders with `manifest.json` and any of the parts. Each command exits with 0 if nothing is missing or failed.
"""

import argparse
import hashlib
import json
import os
import re
import shutil
import site
import subprocess
import sys
import tarfile
import time
from pathlib import Path


def fail(text):
    sys.exit(f"unpack: {text}")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def add(into, folders):
    kept = into / "parts"
    kept.mkdir(parents=True, exist_ok=True)
    shutil.copy(folders[-1] / "manifest.json", into / "manifest.json")
    manifest = read_manifest(into)
    missing = 0
    for name, archive in manifest["archives"].items():
        parts = archive["parts"]
        marker = kept / f"{name}.done"
        wanted = "".join(part["sha256"] for part in parts)
        if marker.exists() and marker.read_text() == wanted:
            print(f"{name}: unpacked before")
            continue
        have = [part for part in parts if keep_part(part, folders, kept)]
        if len(have) < len(parts):
            missing += len(parts) - len(have)
            print(f"{name}: {len(have)} of {len(parts)} parts")
            continue
        start = time.time()
        whole = kept / name
        with open(whole, "wb") as file:
            for part in parts:
                file.write((kept / part["file"]).read_bytes())
                (kept / part["file"]).unlink()
        with tarfile.open(whole, "r:xz") as tar:
            tar.extractall(into, **({"filter": "data"} if hasattr(tarfile, "data_filter") else {}))
        whole.unlink()
        marker.write_text(wanted)
        print(f"{name}: unpacked {len(parts)} parts in {time.time() - start:.1f} s")
    return missing


def keep_part(part, folders, kept):
    """Copies a part whose hash is right. Returns whether it is kept; a wrong hash ends the program."""
    path = kept / part["file"]
    if path.exists() and sha256(path) == part["sha256"]:
        return True
    found = next((folder / part["file"] for folder in folders if (folder / part["file"]).exists()), None)
    if found is None:
        return False
    got = sha256(found)
    if got != part["sha256"]:
        fail(f"{part['file']} expected SHA-256 {part['sha256']}, got {got}. Bring it again.")
    shutil.copy(found, path)
    return True


def read_manifest(folder):
    try:
        return json.loads((folder / "manifest.json").read_text())
    except FileNotFoundError:
        fail(f"{folder} has no manifest.json. Add parts first.")


def library_folders(into):
    """Folders with libraries: those that were brought, those of Python's packages, those of the system."""
    packages = [*site.getsitepackages(), site.getusersitepackages(), *sys.path]
    places = [*into.glob("runtimes/*/node_modules/@tensorflow/tfjs-node/deps/nvidia/*/lib")]
    for package in dict.fromkeys(packages):
        places += sorted(Path(package).glob("nvidia/*/lib"))
    places += sorted(Path("/usr/local").glob("cuda*/lib64")) + [Path("/usr/lib/x86_64-linux-gnu")]
    return places


def other_version(name, folders):
    """The newest library with the same name and another version."""
    base = name.split(".so")[0]
    found = [path for folder in folders for path in folder.glob(f"{base}.so.*")]
    return max(found, key=lambda path: [int(n) for n in re.findall(r"\d+", path.name.split(".so.")[1])], default=None)


def libraries(into, stubs):
    """Links each library that TensorFlow opens. Returns the number of those that are missing or do not open."""
    links = into / "cuda"
    shutil.rmtree(links, ignore_errors=True)
    links.mkdir()
    folders = library_folders(into)
    chosen = {}
    for name in read_manifest(into)["libraries"]:
        exact = next((folder / name for folder in folders if (folder / name).exists()), None)
        chosen[name] = exact or other_version(name, folders) or (into / "app" / "empty.so" if name in stubs else None)
        if chosen[name]:
            (links / name).symlink_to(chosen[name].absolute())
    places = dict.fromkeys([str(links), *(str(path.parent) for path in chosen.values() if path)])
    (into / "library-path.txt").write_text(":".join(places))
    problems = 0
    for name, path in chosen.items():
        problem = opens(name, into) if path else "missing"
        problems += bool(problem)
        print(f"{name:24} {path or '-'}  {problem or 'opens'}")
    driver = opens("libcuda.so.1", into)
    print(f"{'libcuda.so.1':24} {driver or 'opens'}")
    return problems + bool(driver)


def opens(name, into):
    """Why a library does not open, in its own process; an empty text if it does."""
    code = "import ctypes, sys; ctypes.CDLL(sys.argv[1])"
    ended = subprocess.run([sys.executable, "-c", code, name], env=environment(into), capture_output=True, text=True)
    return "" if ended.returncode == 0 else (ended.stderr.strip().splitlines() or [str(ended.returncode)])[-1]


def environment(into):
    path = into / "library-path.txt"
    found = [path.read_text()] if path.exists() else []
    before = os.environ.get("LD_LIBRARY_PATH")
    return {
        **os.environ,
        # Room for kernels that the driver translates for a card that is newer than the library.
        "CUDA_CACHE_MAXSIZE": "4294967296",
        "GRU4REC_TENSORFLOW": str(into / "runtimes"),
        "LD_LIBRARY_PATH": ":".join([*found, *([before] if before else [])]),
    }


def run(into, device, steps, results, words):
    """Runs steps one after the other, also after one has failed. Returns the number of failures."""
    node, app = into / "node" / "bin" / "node", into / "app"
    engine, suite = ("cuda", "cuda") if device == "gpu" else ("tensorflow", "tensorflow")
    goldens = app / "files" / "packages" / "test-support" / "golden"
    measure = [app / "benchmark.mjs", "benchmark", "--force", *words]
    commands = {
        "goldens": [app / "benchmark.mjs", "golden", goldens, "--engine", engine],
        "suite": [*measure, "--suite", suite, "--json", results / f"{suite}.json"],
        "threads": [*measure, "--suite", "threads", "--json", results / "threads.json"],
    }
    results.mkdir(parents=True, exist_ok=True)
    print(f"commit {read_manifest(into)['commit']}", flush=True)
    failed = 0
    for step in steps:
        start = time.time()
        print(f"== {step}", flush=True)
        with open(results / f"{step}.log", "w") as log:
            command = [str(word) for word in [node, *commands[step]]]
            child = subprocess.Popen(
                command, cwd=into, env=environment(into), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
            )
            for line in child.stdout:
                log.write(line)
                log.flush()
                print(line, end="", flush=True)
        failed += child.wait() != 0
        print(f"== {step}: exit code {child.returncode}, {time.time() - start:.1f} s", flush=True)
    return failed


def main():
    parser = argparse.ArgumentParser(description="Unpacks what cuda-pack wrote, and measures.")
    parser.add_argument("--into", type=Path, default=Path(__file__).parent / "unpacked", help="folder of everything")
    commands = parser.add_subparsers(dest="command", required=True)
    adding = commands.add_parser("add", help="check parts, keep them, unpack complete archives")
    adding.add_argument("parts", type=Path, nargs="*", default=[Path(__file__).parent])
    linking = commands.add_parser("libraries", help="find CUDA libraries and link them")
    linking.add_argument("--stubs", nargs="*", default=[], metavar="NAME", help="names that may be an empty library")
    running = commands.add_parser("run", help="measure")
    running.add_argument("--device", choices=["gpu", "cpu"], default="gpu")
    steps = ["goldens", "suite", "threads"]
    running.add_argument("--steps", nargs="+", choices=steps, default=steps)
    running.add_argument("--results", type=Path, default=None, help="folder of logs and figures")
    running.add_argument("words", nargs="*", help="more options of benchmark, after --")
    given = parser.parse_args()
    into = given.into.absolute()
    if given.command == "add":
        return add(into, given.parts)
    if given.command == "libraries":
        return libraries(into, given.stubs)
    return run(into, given.device, given.steps, (given.results or into / "results").absolute(), given.words)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
