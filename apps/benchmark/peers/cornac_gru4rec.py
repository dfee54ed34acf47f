"""
GRU4Rec of cornac (Apache-2.0), adapted by its authors from the PyTorch code of GRU4Rec's authors.

The timing covers cornac's own training loop, from the request of the first mini-batch to the end of the last step: mini-batches,
negatives, forward, backward, update. It excludes reading the file and building the data set.
"""

import json
import re
import time

import numpy as np
import torch
from cornac.data import SequentialDataset
from cornac.models import GRU4Rec
from cornac.models.gru4rec import recom_gru4rec
from cornac.models.gru4rec.gru4rec import GRU4RecModel
from cornac.models.gru4rec.gru4rec import score
from cornac.models.seq_utils import losses

from protocol import emit, metrics_of, read_log, read_request, sessions_of
from ranking import rank_sessions


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
    Measures seconds, events and mean loss of each epoch of cornac's loop, which has no callback.

    At the end of an epoch, cornac takes the mean over fewer and fewer slots as they run out, which spoils the model: with BPR-max,
    its recall fell to a quarter. The authors' program and ours divide by the batch size, as this class does, only in those steps.
    """

    def __init__(self, batch_size):
        self.batch_size = batch_size
        self.batches = recom_gru4rec.io_iter
        self.loss_of = losses.get_loss_function
        self.seen = []
        self.report = False
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
        if self.report:
            emit("epoch", epoch=1, seconds=seconds, events=events, steps=steps, loss=loss)

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
    watch.report = True
    recommender.fit(data)
    sessions = sessions_of(read_log(request["test"]))
    ranks = rank_sessions(recommender.model, sessions, data.num_items, data.iid_map.__getitem__)
    return metrics_of(ranks)


def model_with(parameters, request):
    """Returns a model with our parameters, so that both rank the same. PyTorch's update gate is 1 − ours."""
    width = request["config"]["layers"][0]
    model = GRU4RecModel(request["items"], layers=[width], constrained_embedding=True)
    with torch.no_grad():
        cell = model.G[0]
        for target, prefix in [(cell.weight_ih, "W"), (cell.weight_hh, "U"), (cell.bias_ih, "b"), (cell.bias_hh, "c")]:
            gates = [parameters[f"layer0.{prefix}r"], -parameters[f"layer0.{prefix}z"], parameters[f"layer0.{prefix}n"]]
            target.copy_(torch.tensor(np.concatenate([gate.T for gate in gates])).reshape(target.shape))
        model.Wy.weight[: request["items"]] = torch.tensor(parameters["Wy"])
        model.By.weight[: request["items"]] = torch.tensor(parameters["by"].reshape(-1, 1))
    return model


def read_parameters(path):
    """Reads float32 matrices, stored one after the other, and the JSON file that names them."""
    with open(f"{path}.json", encoding="utf-8") as file:
        tensors = json.load(file)
    values = np.fromfile(path, dtype="<f4")
    parameters, offset = {}, 0
    for tensor in tensors:
        size = tensor["rows"] * tensor["cols"]
        parameters[tensor["name"]] = values[offset : offset + size].reshape(tensor["rows"], tensor["cols"])
        offset += size
    return parameters


def evaluate(request):
    sessions = sessions_of(read_log(request["test"]))
    model = model_with(read_parameters(request["parameters"]), request)
    rank_sessions(model, sessions[:100], request["items"])
    events, seconds, start = 0, 0, time.perf_counter()
    while seconds < request["seconds"]:
        ranks = rank_sessions(model, sessions, request["items"])
        events += len(ranks)
        seconds = time.perf_counter() - start
    emit("evaluation", seconds=seconds, events=events)
    return metrics_of(ranks)


def recommend(request):
    """Measures one click and the 20 best of all items, with cornac's `score` and a partial sort."""
    n_items, layers = request["items"], request["config"]["layers"]
    model = GRU4RecModel(n_items, layers=layers, constrained_embedding=True)
    random = np.random.RandomState(1)
    milliseconds = []
    with torch.no_grad():
        for call in range(request["calls"]):
            item = int(random.randint(n_items))
            start = time.perf_counter()
            scores = score(model, layers, "cpu", [item])[:n_items]
            best = np.argpartition(scores, -20)[-20:]
            best = best[np.argsort(-scores[best])]
            elapsed = (time.perf_counter() - start) * 1000
            if call >= request["calls"] // 10:
                milliseconds.append(elapsed)
    emit("latencies", milliseconds=milliseconds)
    return {"recommended": len(best)}


if __name__ == "__main__":
    request = read_request()
    torch.set_num_threads(request["threads"])
    tasks = {"train": train, "evaluate": evaluate, "recommend": recommend}
    emit("done", **tasks[request["task"]](request))
