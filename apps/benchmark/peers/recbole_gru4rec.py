"""
GRU4Rec of RecBole (MIT): a GRU over padded prefixes, scored against every item, trained with Adam.

It is another algorithm with the same name. Each prefix of a session is a row, padded to the longest, so an event is computed once for
each event that follows it. There are no sampled negatives. The timing covers RecBole's own epoch.
"""

import os
import tempfile
import time

import torch
from recbole.config import Config
from recbole.data import create_dataset, data_preparation
from recbole.model.sequential_recommender.gru4rec import GRU4Rec
from recbole.trainer import Trainer
from recbole.utils import init_seed

from protocol import emit, read_log, read_request, sessions_of

LONGEST = 50


def write_prefixes(folder, part, sessions):
    """Writes RecBole's file of prefixes with the item that follows each. Returns the number of prefixes."""
    rows = 0
    with open(os.path.join(folder, "log", f"log.{part}.inter"), "w", encoding="utf-8") as file:
        file.write("session_id:token\titem_id_list:token_seq\titem_id:token\n")
        for number, session in enumerate(sessions):
            for at in range(1, len(session)):
                prefix = " ".join(str(item) for item in session[max(0, at - LONGEST) : at])
                file.write(f"{number}\t{prefix}\t{session[at]}\n")
                rows += 1
    return rows


def settings_of(folder, config):
    return {
        "data_path": folder,
        "checkpoint_dir": folder,
        "benchmark_filename": ["train", "valid", "test"],
        "USER_ID_FIELD": "session_id",
        "ITEM_ID_FIELD": "item_id",
        "load_col": {"inter": ["session_id", "item_id_list", "item_id"]},
        "alias_of_item_id": ["item_id_list"],
        "ITEM_LIST_LENGTH_FIELD": "item_length",
        "MAX_ITEM_LIST_LENGTH": LONGEST,
        "embedding_size": config["layers"][0],
        "hidden_size": config["layers"][0],
        "num_layers": 1,
        "dropout_prob": config["dropoutPEmbed"],
        "loss_type": "CE",
        "train_neg_sample_args": None,
        "learner": "adam",
        "learning_rate": config["learningRate"],
        "train_batch_size": config["batchSize"],
        "eval_batch_size": 100,
        "metrics": ["Recall", "MRR"],
        "valid_metric": "MRR@20",
        "topk": [20],
        "use_gpu": False,
        "show_progress": False,
        "state": "ERROR",
        "seed": 1,
        "reproducibility": False,
    }


def train(request):
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        os.mkdir("log")
        events = write_prefixes(folder, "train", sessions_of(read_log(request["train"])))
        held_out = sessions_of(read_log(request["test"]))
        for part in ["valid", "test"]:
            write_prefixes(folder, part, held_out)
        config = Config(model="GRU4Rec", dataset="log", config_dict=settings_of(folder, request["config"]))
        # RecBole's configuration also sets the number of threads, so it is set again here.
        torch.set_num_threads(request["threads"])
        init_seed(config["seed"], config["reproducibility"])
        train_data, _, test_data = data_preparation(config, create_dataset(config))
        model = GRU4Rec(config, train_data.dataset)
        trainer = Trainer(config, model)
        for epoch in range(request["config"]["nEpochs"]):
            start = time.perf_counter()
            total = trainer._train_epoch(train_data, epoch)
            seconds = time.perf_counter() - start
            loss = total / len(train_data)
            emit("epoch", epoch=epoch + 1, seconds=seconds, events=events, steps=len(train_data), loss=loss)
        result = trainer.evaluate(test_data, load_best_model=False, show_progress=False)
        return {"recall": float(result["recall@20"]), "mrr": float(result["mrr@20"])}


if __name__ == "__main__":
    request = read_request()
    torch.set_num_threads(request["threads"])
    emit("done", **train(request))
