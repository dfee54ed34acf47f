"""Makes the recorded runs of this folder: training steps of tiny models with features of items and of clicks.

    pip install torch==2.5.1 && python make.py

Written from the README beside it, in float64 with automatic differentiation. It shares no code with what is tested.
"""

import json
import random
from pathlib import Path

import torch

torch.set_default_dtype(torch.float64)

ITEMS, BATCH, SAMPLES, STEPS, EPS = 17, 5, 7, 12, 1e-6
ITEM_FEATURES, PER_ITEM, CLICK_FEATURES, PER_CLICK = 8, 3, 5, 2
VECTOR_WIDTH = 3


def features_of_items(rng):
    """[ITEMS × PER_ITEM], ascending, then −1; item 0 has none."""
    table = []
    for item in range(ITEMS):
        own = sorted(rng.sample(range(ITEM_FEATURES), rng.randint(1, PER_ITEM))) if item else []
        table.append(own + [-1] * (PER_ITEM - len(own)))
    return table


def vectors_of_items(seed):
    """[ITEMS × VECTOR_WIDTH] numbers that float32 has exactly; item 1 has no vector."""
    rng = random.Random(f"vectors {seed}")
    return [[rng.randint(-32, 32) / 32 if item != 1 else 0.0 for _ in range(VECTOR_WIDTH)] for item in range(ITEMS)]


def batches(rng):
    """Slots that go through sessions of random clicks; the last slots run out before the end."""
    def session():
        length = rng.randint(2, 5)
        clicks = [rng.randrange(ITEMS) for _ in range(length)]
        context = [[rng.choice([-1, 0, 1, 2]), rng.choice([-1, 3, 4])] for _ in range(length)]
        return clicks, context

    slots = [(session(), 0) for _ in range(BATCH)]
    for step in range(STEPS):
        batch = {"input": [], "target": [], "resetMask": [], "live": [], "clickFeatures": []}
        for slot in range(BATCH):
            (clicks, context), at = slots[slot]
            live = slot < BATCH - 1 or step < STEPS - 3
            batch["input"].append(clicks[at] if live else -1)
            batch["target"].append(clicks[at + 1] if live else -1)
            batch["resetMask"].append(int(live and at == 0))
            batch["live"].append(int(live))
            batch["clickFeatures"] += context[at] if live else [-1] * PER_CLICK
            slots[slot] = ((clicks, context), at + 1) if at + 2 < len(clicks) else (session(), 0)
        batch["samples"] = [rng.randrange(ITEMS) for _ in range(SAMPLES)]
        yield batch


def elu(x, alpha):
    return torch.where(x > 0, x, alpha * (torch.exp(torch.clamp(x, max=0)) - 1))


def loss_of(config, scores, log_q):
    """Sum over the rows of [live slots, columns], of which column b is the target of row b."""
    rows = torch.arange(len(scores))
    if config["loss"] == "cross-entropy":
        scores = scores - config["logq"] * log_q
        return -(scores[rows, rows] - torch.logsumexp(scores, 1)).sum()
    s = elu(scores, 0.5)
    target = s[rows, rows][:, None]
    others = s.clone()
    others[rows, rows] = -torch.inf
    w = torch.softmax(others, 1)
    first = -torch.log((w * torch.sigmoid(target - s)).sum(1) + 1e-24)
    return (first + config["bpreg"] * (w * s**2).sum(1)).sum()


class Model:
    def __init__(self, config, seed, vectors):
        self.config = config
        self.vectors = torch.tensor(vectors) if vectors else None
        units = config["layers"][0]
        self.input = "Wy" if config["constrainedEmbedding"] else "E"
        width = units if config["constrainedEmbedding"] else config["embedding"]
        shapes = {f"layer0.{p}{g}": (width if p == "W" else units, units) for p in "WU" for g in "rzn"}
        shapes |= {f"layer0.b{g}": (1, units) for g in "rzn"}
        tables = {"Wy": units, "by": 1} | {self.input: width}
        shapes |= {f"own.{name}": (ITEMS, cols) for name, cols in tables.items()}
        shapes |= {f"features.{name}": (ITEM_FEATURES, cols) for name, cols in tables.items()}
        shapes["clicks.E"] = (CLICK_FEATURES, width)
        if vectors:
            shapes |= {f"features.vectors.{name}": (VECTOR_WIDTH, cols) for name, cols in tables.items()}
        torch.manual_seed(seed)
        drawn = {name: (torch.rand(shape) - 0.5).float().double() for name, shape in shapes.items()}
        self.values = {name: value.requires_grad_() for name, value in drawn.items()}
        self.acc = {name: torch.zeros(shape) for name, shape in shapes.items()}
        self.mom = {name: torch.zeros(shape) for name, shape in shapes.items()}
        self.h = torch.zeros(BATCH, units)
        self.touched = {}

    def rows(self, table, indices):
        """Rows of a table by lists of indices: the sum of each list; −1 is no row."""
        value = self.values[table]
        self.touched.setdefault(table, set()).update(i for own in indices for i in own if i >= 0)
        zero = torch.zeros(value.shape[1])
        return torch.stack([sum((value[i] for i in own if i >= 0), zero) for own in indices])

    def composed(self, name, items, features):
        of_items = [features[i] if i >= 0 else [] for i in items]
        rows = self.rows(f"own.{name}", [[i] for i in items]) + self.rows(f"features.{name}", of_items)
        if self.vectors is None:
            return rows
        return rows + self.vectors[items] @ self.values[f"features.vectors.{name}"]

    def step(self, batch, features, support):
        v, config = self.values, self.config
        self.touched = {}
        live = [b for b in range(BATCH) if batch["live"][b]]
        clicks = [batch["clickFeatures"][PER_CLICK * b : PER_CLICK * (b + 1)] for b in live]
        x = self.composed(self.input, [batch["input"][b] for b in live], features)
        x = x + self.rows("clicks.E", clicks)
        keep = torch.tensor([[0.0 if batch["resetMask"][b] else 1.0] for b in live])
        h = self.h[live] * keep
        gate = lambda g, state: x @ v[f"layer0.W{g}"] + state @ v[f"layer0.U{g}"] + v[f"layer0.b{g}"]
        r, z = torch.sigmoid(gate("r", h)), torch.sigmoid(gate("z", h))
        h = (1 - z) * h + z * torch.tanh(gate("n", r * h))
        targets = [batch["target"][b] for b in live]
        columns = targets + batch["samples"]
        scores = h @ self.composed("Wy", columns, features).T + self.composed("by", columns, features).T
        q = torch.tensor([float(support[i]) for i in columns])
        power = torch.tensor([1.0] * len(live) + [config["sampleAlpha"]] * len(batch["samples"]))
        loss = loss_of(config, scores, power * torch.log(q)) / BATCH
        gradients = dict(zip(v, torch.autograd.grad(loss, list(v.values()))))
        self.h = torch.zeros_like(self.h)
        self.h[live] = h.detach()
        with torch.no_grad():
            for name, gradient in gradients.items():
                self.update(name, gradient)
        return loss.item()

    def update(self, name, g):
        """Adagrad with momentum; of a table, only the rows of the step. Rows of features learn at a rate of their own."""
        config = self.config
        scale = config["clickFeatureScale"] if name == "clicks.E" else 1
        scale = config["itemFeatureScale"] if name.startswith("features.") else scale
        rows = sorted(self.touched[name]) if name in self.touched else slice(None)
        self.acc[name][rows] += g[rows] ** 2
        moved = config["learningRate"] * scale * g[rows] / torch.sqrt(self.acc[name][rows] + EPS)
        self.mom[name][rows] = config["momentum"] * self.mom[name][rows] - moved
        self.values[name][rows] += self.mom[name][rows]


def tensors(values):
    return {n: {"shape": list(t.shape), "data": t.detach().flatten().tolist()} for n, t in values.items()}


def make(name, config, seed):
    rng = random.Random(seed)
    table, steps = features_of_items(rng), list(batches(rng))
    support = [1 + rng.randrange(20) for _ in range(ITEMS)]
    vectors = vectors_of_items(seed) if config.get("itemVectors") else None
    model = Model(config, seed, vectors)
    initial = tensors(model.values)
    losses = [model.step(batch, table, support) for batch in steps]
    golden = {
        "config": config,
        "itemCount": ITEMS,
        "support": support,
        "features": {"count": ITEM_FEATURES, "perItem": PER_ITEM, "table": sum(table, [])},
        **({"vectors": {"width": VECTOR_WIDTH, "table": sum(vectors, [])}} if vectors else {}),
        "clicks": {"count": CLICK_FEATURES, "perClick": PER_CLICK},
        "steps": steps,
        "losses": losses,
        "initial": initial,
        "final": tensors(model.values),
    }
    (Path(__file__).parent / f"{name}.json").write_text(json.dumps(golden) + "\n")


COMMON = {"layers": [6], "batchSize": BATCH, "nSample": SAMPLES, "sampleAlpha": 0.5, "learningRate": 0.1}
FEATURED = {"itemFeatures": ["brand"], "itemFeatureScale": 0.3, "clickFeatures": ["type", "device"], "clickFeatureScale": 0.2}

make(
    "xe-constrained",
    COMMON | FEATURED | {"loss": "cross-entropy", "logq": 1, "momentum": 0.2, "constrainedEmbedding": True},
    seed=1,
)
make(
    "bprmax-separate",
    COMMON
    | FEATURED
    | {"loss": "bpr-max", "bpreg": 0.5, "finalAct": "elu-0.5", "momentum": 0, "constrainedEmbedding": False, "embedding": 4},
    seed=2,
)
make(
    "xe-vectors",
    COMMON | FEATURED | {"itemVectors": ["text"], "loss": "cross-entropy", "logq": 1, "momentum": 0.2, "constrainedEmbedding": False, "embedding": 4},
    seed=3,
)
