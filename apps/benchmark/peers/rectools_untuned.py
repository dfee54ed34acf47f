"""
SASRec, eSASRec and BERT4Rec of RecTools (Apache-2.0; rectools 0.19.0, torch) with its default values, trained until validation stops.

    python rectools_untuned.py sasrec|esasrec|bert4rec TRAIN.tsv TEST.tsv [--last | --users] [--seed 1] [--threads 2]

Files have lines (session, item, time) after a header, in order of time. The newest 2 % of the sessions (--users: of drawn users) are
validation; the epoch with the best recall is kept, and two epochs without a better one end the training. All items are ranked.
Next clicks of whole sessions are predicted, with --last only the last one of each, with --users the last one of each user without the
items that it has seen.

Model, initial values, loss, negatives and optimiser are RecTools'. The loop is ours: RecTools pads every session to the greatest length
and predicts once per user. Padding is masked, so batches of sessions of similar length give the same with less of it. The negatives
of eSASRec, 256, are shared by the positions of a batch: otherwise an epoch takes ten times as long.
"""

import argparse
import copy
import math
import time

import numpy as np
import pandas as pd
import torch
from protocol import metrics_of, read_log, sessions_of
from rectools.dataset import Dataset
from rectools.models import BERT4RecModel, SASRecModel
from rectools.models.nn.transformers.lightning import TransformerLightningModule
from rectools.models.nn.transformers.ligr import LiGRLayers

METHODS = {
    "sasrec": {},
    "bert4rec": {},
    "esasrec": {"loss": "sampled_softmax", "n_negatives": 256, "transformer_layers_type": LiGRLayers},
}
HELD_OUT, PATIENCE, SORTED_BATCHES, RANKED = 0.02, 2, 32, 256


class SharedNegatives(TransformerLightningModule):
    """RecTools' training step with the same negatives for all positions of a batch: one matrix product."""

    def get_batch_logits(self, batch):
        if not self._requires_negatives:
            return super().get_batch_logits(batch)
        items = self.torch_model.item_model.get_all_embeddings()
        sessions = self.torch_model.encode_sessions(batch, items)
        own = (sessions * items[batch["y"]]).sum(-1, keepdim=True)
        return torch.cat([own, sessions @ items[batch["negatives"].flatten()].T], dim=-1) / self.logits_t


def build(method, sessions):
    """Returns RecTools' model with its first values; a session is a user."""
    ours = {"use_key_padding_mask": True, "lightning_module_type": SharedNegatives}
    family = BERT4RecModel if method == "bert4rec" else SASRecModel
    model = family(**METHODS[method], **ours)
    users = np.repeat(np.arange(len(sessions)), [len(session) for session in sessions])
    frame = pd.DataFrame({"user_id": users, "item_id": np.concatenate(sessions), "weight": 1.0})
    frame["datetime"] = pd.to_datetime(np.arange(len(frame)), unit="s")
    model._build_model_from_dataset(Dataset.construct(frame))
    model.lightning_model.on_train_start()
    return model


def mask_of(model):
    """Returns the token that stands for an item to predict; none if the next item is predicted."""
    tokens = model.data_preparator.extra_token_ids
    return [tokens["MASK"]] if "MASK" in tokens else []


def padded(sequences):
    """Returns [sequences, longest] with zeros before each sequence."""
    longest = max(len(sequence) for sequence in sequences)
    return torch.from_numpy(np.stack([np.pad(one, (longest - len(one), 0)) for one in sequences]))


def train_epoch(model, sessions, random):
    """One epoch over sessions in random order, in batches of sessions of similar length."""
    lightning, preparator, size = model.lightning_model, model.data_preparator, model.batch_size
    lightning.train()
    order = random.permutation(len(sessions))
    batches = []
    for start in range(0, len(order), size * SORTED_BATCHES):
        chunk = sorted(order[start : start + size * SORTED_BATCHES], key=lambda index: len(sessions[index]))
        batches.extend(chunk[at : at + size] for at in range(0, len(chunk), size))
    for at in random.permutation(len(batches)):
        batch = [sessions[index] for index in batches[at]]
        if mask_of(model):
            masked = [preparator._mask_session(session) for session in batch]
        else:
            masked = [(session[:-1], session[1:]) for session in batch]
        fed = {"x": padded([x for x, _ in masked]), "y": padded([y for _, y in masked])}
        fed["yw"] = (fed["y"] != 0).float()
        if preparator.negative_sampler is not None:
            bounds = {"lowest_id": preparator.n_item_extra_tokens, "highest_id": preparator.item_id_map.size}
            fed["negatives"] = preparator.negative_sampler.get_negatives({"x": torch.zeros((1, 1))}, **bounds)
        loss = lightning.loss_calculator(lightning.get_batch_logits(fed), fed["y"], fed["yw"])
        model.optimizer.zero_grad()
        loss.backward()
        model.optimizer.step()


def ranks_of(model, sessions, only_last=False, only_new=False):
    """Returns the ranks of all targets, 1 + the number of items with a higher score; infinite if nothing is known."""
    first = (lambda length: length - 1) if only_last else (lambda length: 1)
    places = [(session, end) for session in sessions for end in range(first(len(session)), len(session))]
    answered = [(session, end) for session, end in places if session[end] and session[:end].any()]
    answered.sort(key=lambda place: min(place[1], model.session_max_len))
    ranks = [math.inf] * (len(places) - len(answered))
    model.lightning_model.eval()
    with torch.no_grad():
        embeddings = model.torch_model.item_model.get_all_embeddings()
        for start in range(0, len(answered), RANKED):
            chosen = answered[start : start + RANKED]
            known = [np.append(session[:end][session[:end] > 0], mask_of(model)) for session, end in chosen]
            prefixes = [session[-model.session_max_len :].astype(np.int64) for session in known]
            scores = model.torch_model.encode_sessions({"x": padded(prefixes)}, embeddings)[:, -1] @ embeddings.T
            own = scores.gather(1, torch.tensor([[session[end]] for session, end in chosen]))
            scores[:, : model.data_preparator.n_item_extra_tokens] = -math.inf
            if only_new:
                for row, (session, end) in enumerate(chosen):
                    scores[row, session[:end]] = -math.inf
            ranks.extend((1 + (scores > own).sum(dim=1)).tolist())
    return ranks


def report(ranks):
    """Returns recall, MRR and nDCG of lists of 10 and 20 items, as one line."""
    lists = {cutoff: metrics_of(ranks, cutoff) for cutoff in (10, 20)}
    ndcg = sum(1 / math.log2(rank + 1) for rank in ranks if rank <= 10) / len(ranks)
    return " ".join(f"@{cutoff} {of['recall']:.4f} {of['mrr']:.4f}" for cutoff, of in lists.items()) + f" nDCG@10 {ndcg:.4f}"


def main():
    parser = argparse.ArgumentParser(description="Transformers of RecTools, untuned, until validation stops.")
    parser.add_argument("method", choices=METHODS)
    parser.add_argument("train")
    parser.add_argument("test")
    parser.add_argument("--last", action="store_true")
    parser.add_argument("--users", action="store_true")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2)
    asked = parser.parse_args()
    torch.set_num_threads(asked.threads)
    torch.manual_seed(asked.seed)
    np.random.seed(asked.seed)
    random = np.random.default_rng(asked.seed)
    train = [session for session in sessions_of(read_log(asked.train)) if len(session) > 1]
    if asked.users:
        train = [train[at] for at in random.permutation(len(train))]
    kept = len(train) - math.ceil(HELD_OUT * len(train))
    model = build(asked.method, train[:kept])
    model.optimizer = model.lightning_model.configure_optimizers()
    known = model.data_preparator.get_known_item_ids().tolist()
    number = dict(zip(known, model.data_preparator.get_known_items_sorted_internal_ids()))
    train, test = (
        [np.array([number.get(item, 0) for item in session], dtype=np.int64) for session in sessions]
        for sessions in (train, sessions_of(read_log(asked.test)))
    )
    # As RecTools does: the last clicks of a long session.
    longest = model.session_max_len + (0 if mask_of(model) else 1)
    learnt = [session[-longest:] for session in train[:kept]]
    best, best_epoch, epoch, started = -1.0, 0, 0, time.perf_counter()
    while epoch - best_epoch < PATIENCE:
        epoch += 1
        train_epoch(model, learnt, random)
        recall = metrics_of(ranks_of(model, train[kept:]))["recall"]
        print(f"epoch {epoch}: validation {recall:.4f}, {(time.perf_counter() - started) / 60:.1f} minutes", flush=True)
        if recall > best:
            best, best_epoch, state = recall, epoch, copy.deepcopy(model.torch_model.state_dict())
    model.torch_model.load_state_dict(state)
    ranks = ranks_of(model, test, asked.last or asked.users, asked.users)
    print(f"{asked.method}, epoch {best_epoch}: {report(ranks)}")


if __name__ == "__main__":
    main()
