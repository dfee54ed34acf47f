"""
GRU4Rec of cornac (Apache-2.0), adapted by its authors from the PyTorch code of GRU4Rec's authors.

The timing covers cornac's own training loop, from the request of the first mini-batch to the end of the last step: mini-batches,
negatives, forward, backward, update. It excludes reading the file and building the data set.
"""

import re
import time

import torch
from cornac.data import SequentialDataset
from cornac.models import GRU4Rec
from cornac.models.gru4rec import recom_gru4rec
from cornac.models.seq_utils import losses

from protocol import answer, metrics_of, read_log, read_request, sessions_of

# Settings that cornac has too, there with underscores.
SHARED = "layers loss batchSize dropoutPEmbed dropoutPHidden learningRate momentum sampleAlpha nSample bpreg logq \
constrainedEmbedding nEpochs"


def settings_of(config):
    """Returns cornac's arguments for one of our configurations."""
    final_act = config["finalAct"]
    shared = {re.sub("(?=[A-Z])", "_", name).lower(): config[name] for name in SHARED.split()}
    return {**shared, "elu_param": float(final_act[4:]) if final_act.startswith("elu-") else 0.0}


class Watch:
    """
    Keeps seconds, events and mean loss of the last epoch of cornac's loop, which has no callback.

    At the end of an epoch, cornac takes the mean over fewer and fewer slots as they run out, which spoils the model: with BPR-max,
    its recall fell to a quarter. The authors' program and ours divide by the batch size, as this class does, only in those steps.
    """

    def __init__(self, batch_size):
        self.batch_size = batch_size
        self.batches = recom_gru4rec.io_iter
        self.loss_of = losses.get_loss_function
        self.seen = []
        self.epoch = {}
        recom_gru4rec.io_iter = self.timed
        losses.get_loss_function = self.recorded

    def timed(self, *args, **kwargs):
        self.seen = []
        events = steps = 0
        start = time.perf_counter()
        for batch in self.batches(*args, **kwargs):
            events += len(batch[0])
            steps += 1
            yield batch
        seconds = time.perf_counter() - start
        loss = sum(value.item() * size for value, size in self.seen) / events
        self.epoch = {"seconds": seconds, "events": events, "steps": steps, "loss": loss}

    def recorded(self, name):
        loss_of = self.loss_of(name)

        def record(scores, **kwargs):
            value, size = loss_of(scores, **kwargs), scores.size(0)
            self.seen.append((value.detach(), size))
            return value if size == self.batch_size else value * (size / self.batch_size)

        return record


def train(request):
    rows = read_log(request["train"])
    settings = settings_of(request["config"])
    watch = Watch(settings["batch_size"])
    # PyTorch's first steps are slower than the others, so a short training run comes first.
    warm_up = rows[: request["warmUpEvents"]]
    GRU4Rec(**{**settings, "n_epochs": 1}, seed=1).fit(SequentialDataset.from_sit(warm_up, seed=1))
    data = SequentialDataset.from_sit(rows, seed=1)
    # cornac builds its table of sessions on first access. Do that before the epoch.
    _ = data.sessions
    recommender = GRU4Rec(**settings, seed=1)
    recommender.fit(data)
    sessions = [[data.iid_map[item] for item in session] for session in sessions_of(read_log(request["test"]))]
    return {**watch.epoch, **metrics_of(ranks_of(recommender.model, sessions, data.num_items))}


def ranks_of(model, sessions, n_items):
    """
    Returns the ranks of all next items among all items: 1 + the number of items with a higher score.

    cornac's own evaluation replays the whole session for each prediction.
    """
    ranks = []
    with torch.no_grad():
        for session in sessions:
            hidden = [torch.zeros((1, width)) for width in model.layers]
            for item, target in zip(session, session[1:]):
                scores = model.forward(torch.tensor([item]), hidden, None, training=False)[0, :n_items]
                ranks.append(1 + int((scores > scores[target]).sum()))
    return ranks


if __name__ == "__main__":
    request = read_request()
    torch.set_num_threads(request["threads"])
    answer(**train(request))
