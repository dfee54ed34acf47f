"""Full ranking by a cornac GRU4Rec: sessions in parallel, one matrix product per step, as in the authors' evaluation."""

import torch


def rank_sessions(model, sessions, n_items, index_of=lambda item: item, slots=100):
    """
    Returns the ranks of all targets among all items: 1 + the number of items with a higher score.

    cornac's own evaluation takes one session at a time and replays its whole history for each prediction. This function is faster
    with the same model, so that the peer is measured at its best.
    """
    sessions = [[index_of(item) for item in session] for session in sessions if len(session) > 1]
    slots = min(slots, len(sessions))
    waiting = iter(sessions[slots:])
    running = [(session, 0) for session in sessions[:slots]]
    hidden = [torch.zeros((slots, width)) for width in model.layers]
    ranks = []
    with torch.no_grad():
        while running:
            inputs = torch.tensor([session[at] for session, at in running])
            targets = torch.tensor([session[at + 1] for session, at in running])
            scores = model.forward(inputs, hidden, None, training=False)[:, :n_items]
            own = scores.gather(1, targets.unsqueeze(1))
            ranks.extend((1 + (scores > own).sum(dim=1)).tolist())
            running = advance(running, waiting, hidden)
    return ranks


def advance(running, waiting, hidden):
    """Advances each slot: to the next event of its session, or to the next session with a hidden state of zeros."""
    following, kept = [], []
    for slot, (session, at) in enumerate(running):
        if at + 2 < len(session):
            following.append((session, at + 1))
        else:
            session = next(waiting, None)
            if session is None:
                continue
            following.append((session, 0))
            for layer in hidden:
                layer[slot] = 0
        kept.append(slot)
    if len(kept) < len(running):
        for layer, state in enumerate(hidden):
            hidden[layer] = state[kept]
    return following
