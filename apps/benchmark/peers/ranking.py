"""Full ranking by a cornac GRU4Rec: sessions in parallel, one matrix product per step, as in the authors' evaluation."""

import torch


def rank_sessions(model, sessions, n_items, index_of=lambda item: item, slots=100):
    """
    Returns the ranks of all targets among all items, session after session: 1 + the number of items with a higher score.

    cornac's own evaluation takes one session at a time and replays its whole history for each prediction. This function is faster
    with the same model, so that the peer is measured at its best.
    """
    sessions = [[index_of(item) for item in session] for session in sessions if len(session) > 1]
    slots = min(slots, len(sessions))
    waiting = iter(range(slots, len(sessions)))
    running = [(number, 0) for number in range(slots)]
    hidden = [torch.zeros((slots, width)) for width in model.layers]
    ranks = [[] for _ in sessions]
    with torch.no_grad():
        while running:
            inputs = torch.tensor([sessions[number][at] for number, at in running])
            targets = torch.tensor([sessions[number][at + 1] for number, at in running])
            scores = model.forward(inputs, hidden, None, training=False)[:, :n_items]
            own = scores.gather(1, targets.unsqueeze(1))
            for (number, _), rank in zip(running, (1 + (scores > own).sum(dim=1)).tolist()):
                ranks[number].append(rank)
            running = advance(running, waiting, hidden, sessions)
    return [rank for of_session in ranks for rank in of_session]


def advance(running, waiting, hidden, sessions):
    """Advances each slot: to the next event of its session, or to the next session with a hidden state of zeros."""
    following, kept = [], []
    for slot, (number, at) in enumerate(running):
        if at + 2 < len(sessions[number]):
            following.append((number, at + 1))
        else:
            number = next(waiting, None)
            if number is None:
                continue
            following.append((number, 0))
            for layer in hidden:
                layer[slot] = 0
        kept.append(slot)
    if len(kept) < len(running):
        for layer, state in enumerate(hidden):
            hidden[layer] = state[kept]
    return following
