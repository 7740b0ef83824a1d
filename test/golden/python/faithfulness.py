"""Comprehensiveness and sufficiency of orders of words, normalised by trying every order."""
import math
from itertools import permutations

import numpy as np

PATH = "metrics/faithfulness.json"
SHARES = [1, 5, 10, 20, 50]


def probability(model, kept):
    """A logistic model of words and of pairs of words that stand together."""
    logit = model["bias"] + sum(model["weights"][i] for i in kept)
    logit += sum(w for i, j, w in model["pairs"] if i in kept and j in kept)
    return 1 / (1 + math.exp(-logit))


def figures(model, order):
    """AOPC of both kinds for an order, of which only the first half is needed."""
    n = len(model["weights"])
    everything = frozenset(range(n))
    full = probability(model, everything)
    counts = [max(1, -(-share * n // 100)) for share in SHARES]
    tops = [frozenset(order[:count]) for count in counts]
    comprehensiveness = np.mean([full - probability(model, everything - top) for top in tops])
    sufficiency = np.mean([full - probability(model, top) for top in tops])
    return float(comprehensiveness), float(sufficiency)


def case(seed, n):
    rng = np.random.default_rng(seed)
    pairs = [[int(i), int(i + 1 + rng.integers(n - i - 1)), float(rng.normal(0, 1.5))] for i in range(n - 1)]
    model = {"bias": float(rng.normal()), "weights": rng.normal(0, 1, n).tolist(), "pairs": pairs}
    half = -(-n // 2)
    every = [figures(model, order) for order in permutations(range(n), half)]
    low, high = np.min(every, axis=0), np.max(every, axis=0)
    orders = [sorted(range(n), key=lambda i: -model["weights"][i]), rng.permutation(n).tolist()]
    found = []
    for order in orders:
        raw = figures(model, order)
        found.append({"order": order, "raw": list(raw), "normalised": ((np.array(raw) - low) / (high - low)).tolist()})
    return {**model, "low": low.tolist(), "high": high.tolist(), "orders": found}


def make(output):
    output.json(PATH, [case(1, 2), case(2, 5), case(3, 7), case(4, 10)])
