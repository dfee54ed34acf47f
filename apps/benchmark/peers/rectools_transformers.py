"""
SASRec and eSASRec of RecTools (Apache-2.0) on sessions: one fit, and the rank of every target of the held-out sessions.

Model, initial values, loss, negatives and optimiser are RecTools'. The loop is ours: RecTools pads every session to the greatest
length and predicts once per user, but most sessions have a few clicks, and every click of a session is predicted here. Padding is
masked (`use_key_padding_mask`), so batches of sessions of similar length give the same with less of it.
"""

import math
import time

import numpy as np
import pandas as pd
import torch
from rectools.dataset import Dataset
from rectools.models import SASRecModel
from rectools.models.nn.transformers.lightning import TransformerLightningModule
from rectools.models.nn.transformers.ligr import LiGRLayers

from protocol import emit, metrics_of, read_request, read_sessions, write_ranks

# Arguments of RecTools for a method: SASRec as it is there, and the layers and the loss that eSASRec changes.
METHODS = {
    "sasrec": {"loss": "softmax"},
    "esasrec": {"loss": "sampled_softmax", "transformer_layers_type": LiGRLayers},
}

# Epochs without a gain on the held-out sessions that end a fit.
PATIENCE = 2

# Batches that are sorted by length together, and predictions that are ranked together.
SORTED_BATCHES, RANKED = 32, 256


class SharedNegatives(TransformerLightningModule):
    """
    RecTools' training step with the same negatives for all positions of a batch: one matrix product. With RecTools' own, 256 per
    position, an epoch on rsc15-100k takes ten times as long.
    """

    def get_batch_logits(self, batch):
        if not self._requires_negatives:
            return super().get_batch_logits(batch)
        items = self.torch_model.item_model.get_all_embeddings()
        sessions = self.torch_model.encode_sessions(batch, items)
        own = (sessions * items[batch["y"]]).sum(-1, keepdim=True)
        return torch.cat([own, sessions @ items[batch["negatives"].flatten()].T], dim=-1) / self.logits_t


def build(method, values, sessions, seed):
    """Returns RecTools' model with its first values; session = user."""
    torch.manual_seed(seed)
    np.random.seed(seed)
    ours = {"use_key_padding_mask": True, "lightning_module_type": SharedNegatives}
    model = SASRecModel(**{**METHODS[method], **values, **ours})
    frame = pd.DataFrame(
        {
            "user_id": np.repeat(np.arange(len(sessions)), [len(session) for session in sessions]),
            "item_id": np.concatenate(sessions),
            "weight": 1.0,
        }
    )
    frame["datetime"] = pd.to_datetime(np.arange(len(frame)), unit="s")
    model._build_model_from_dataset(Dataset.construct(frame))
    model.lightning_model.on_train_start()
    return model


def internal_ids(model, items):
    """Returns [items] RecTools' number of each item, 0 if it is in no training session."""
    numbers = np.zeros(items, dtype=np.int64)
    known = model.data_preparator.get_known_item_ids().astype(np.int64)
    numbers[known] = model.data_preparator.get_known_items_sorted_internal_ids()
    return numbers


def padded(sequences):
    """Returns [sequences, longest] with zeros before each sequence."""
    longest = max(len(sequence) for sequence in sequences)
    rows = np.zeros((len(sequences), longest), dtype=np.int64)
    for row, sequence in zip(rows, sequences):
        row[longest - len(sequence) :] = sequence
    return torch.from_numpy(rows)


def batches_of(sessions, size, random, shuffle):
    """Yields lists of sessions of similar length, in random order or, chunk after chunk, in the order of time."""
    order = random.permutation(len(sessions)) if shuffle else range(len(sessions))
    batches = []
    for start in range(0, len(order), size * SORTED_BATCHES):
        chunk = sorted(order[start : start + size * SORTED_BATCHES], key=lambda index: len(sessions[index]))
        found = [chunk[at : at + size] for at in range(0, len(chunk), size)]
        batches.extend(found if shuffle else (found[at] for at in random.permutation(len(found))))
    for at in random.permutation(len(batches)) if shuffle else range(len(batches)):
        yield [sessions[index] for index in batches[at]]


def train_epoch(model, sessions, random, over):
    """Trains on all sessions, or until `over()`. Returns the share of the batches."""
    lightning, preparator = model.lightning_model, model.data_preparator
    optimizer = lightning.configure_optimizers()
    lightning.train()
    done = 0
    for batch in batches_of(sessions, model.batch_size, random, preparator.shuffle_train):
        fed = {"x": padded([session[:-1] for session in batch]), "y": padded([session[1:] for session in batch])}
        fed["yw"] = (fed["y"] != 0).float()
        if preparator.negative_sampler is not None:
            bounds = {"lowest_id": preparator.n_item_extra_tokens, "highest_id": preparator.item_id_map.size}
            fed["negatives"] = preparator.negative_sampler.get_negatives({"x": torch.zeros((1, 1))}, **bounds)
        loss = lightning.loss_calculator(lightning.get_batch_logits(fed), fed["y"], fed["yw"])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        done += 1
        if over():
            break
    if not math.isfinite(loss.item()):
        raise ValueError(f"the loss is {loss.item()}")
    return done / math.ceil(len(sessions) / model.batch_size)


def rank_sessions(model, sessions, numbers):
    """Returns the ranks of all targets, session after session: 1 + the number of items with a higher score."""
    prefixes, targets = [], []
    for session in sessions:
        known = numbers[np.array(session)]
        for end in range(1, len(session)):
            prefixes.append(known[max(0, end - model.session_max_len) : end])
            targets.append(known[end])
    ranks = np.zeros(len(targets), dtype=np.int64)
    order = sorted(range(len(prefixes)), key=lambda index: len(prefixes[index]))
    backbone = model.torch_model
    model.lightning_model.eval()
    with torch.no_grad():
        embeddings = backbone.item_model.get_all_embeddings()
        for start in range(0, len(order), RANKED):
            chosen = order[start : start + RANKED]
            batch = {"x": padded([prefixes[index] for index in chosen])}
            scores = backbone.encode_sessions(batch, embeddings)[:, -1, :] @ embeddings.T
            # Number 0 is the padding, which is no item.
            scores[:, 0] = -math.inf
            own = scores.gather(1, torch.tensor([[targets[index]] for index in chosen]))
            ranks[chosen] = (1 + (scores > own).sum(dim=1)).numpy()
    # An item without a training session has no score, so it comes after all others.
    ranks[np.array(targets) == 0] = len(numbers)
    return ranks.tolist()


def rank_popular(train, sessions, items):
    """Ranks by the number of training clicks, as our POP does: a check of the whole path."""
    counts = np.bincount(np.concatenate(train), minlength=items)
    better = np.searchsorted(np.sort(-counts), -counts, side="left")
    return [1 + int(better[item]) for session in sessions for item in session[1:]]


def fit(request):
    """
    Trains for `epochs`, the last of which may be a part, and writes the ranks; without `epochs`, until the held-out sessions show
    no gain for two epochs or the processor time is spent, and reports each epoch.
    """
    train, held_out = read_sessions(request["train"]), read_sessions(request["heldOut"])
    if request["method"] == "popular":
        write_ranks(request["output"], rank_popular(train, held_out, request["items"]))
        return {"fitSeconds": 0, "answerSeconds": 0}
    model = build(request["method"], request["values"], train, request["seed"])
    numbers = internal_ids(model, request["items"])
    # As RecTools does: the last clicks of a long session.
    sessions = [numbers[np.array(session)][-model.session_max_len - 1 :] for session in train if len(session) > 1]
    random = np.random.default_rng(request["seed"])
    epochs, most = request.get("epochs", math.inf), request.get("mostSeconds", math.inf)
    best, best_epoch, trained, spent, answered = -1.0, 0.0, 0.0, 0.0, 0.0
    while trained < epochs and spent + answered < most and (trained - best_epoch < PATIENCE or epochs < math.inf):
        start = time.process_time()
        steps = math.ceil(min(1, epochs - trained) * math.ceil(len(sessions) / model.batch_size))
        left = iter(range(steps - 1, -1, -1))
        allowed = most - spent - answered
        trained += train_epoch(model, sessions, random, lambda: next(left) == 0 or time.process_time() - start > allowed)
        spent += time.process_time() - start
        if epochs < math.inf:
            continue
        start = time.process_time()
        figures = metrics_of(rank_sessions(model, held_out, numbers))
        answered += time.process_time() - start
        emit("epoch", epoch=trained, fitSeconds=spent, seconds=spent + answered, **figures)
        score = (figures["recall"] + figures["mrr"]) / 2
        if score > best:
            best, best_epoch = score, trained
    if epochs == math.inf:
        return {"fitSeconds": spent, "answerSeconds": answered}
    start = time.process_time()
    write_ranks(request["output"], rank_sessions(model, held_out, numbers))
    return {"fitSeconds": spent, "answerSeconds": time.process_time() - start}


if __name__ == "__main__":
    asked = read_request()
    torch.set_num_threads(asked["threads"])
    emit("done", **fit(asked))
