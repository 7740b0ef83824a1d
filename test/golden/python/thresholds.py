"""Thresholds by brute force over all cuts, the published walk written out, and temperatures by SciPy or a fine search."""
import numpy as np

from files import read_json

GIVEN = "metrics/multilabel_metrics.json"
PATH = "metrics/thresholds.json"


def cuts(p):
    """Every cut that predicts another set of movies, nothing first."""
    return [2.0, *sorted(set(p), reverse=True)]


def counts(y, p, cut):
    h = p >= cut
    return int((h & (y == 1)).sum()), int((h & (y == 0)).sum())


def best(y, p, score):
    """Counts (tp, fp) of the best cut, the highest of equals."""
    found = [counts(y, p, cut) for cut in cuts(p)]
    scores = [score(tp, fp, int(y.sum())) for tp, fp in found]
    return found[int(np.argmax(scores))]


def precise(least):
    def score(tp, fp, support):
        if tp + fp == 0:
            return 0
        precision = tp / (tp + fp)
        return 1 + tp if precision >= least else precision

    return score


def walk(y, p, steps):
    thresholds = np.full(y.shape[1], 0.5)
    for step in steps:
        for movie in range(len(y)):
            for genre in range(y.shape[1]):
                predicted = p[movie, genre] >= thresholds[genre]
                if predicted and y[movie, genre] == 0:
                    thresholds[genre] += step
                if not predicted and y[movie, genre] == 1:
                    thresholds[genre] -= step
                thresholds[genre] = min(1.0, max(0.0, thresholds[genre]))
    return thresholds.tolist()


def temperature(y, p):
    """The slope with the smallest log loss, by golden-section search on its logarithm."""
    p = np.clip(p, 1e-7, 1 - 1e-7)
    z = np.log(p / (1 - p))

    def loss(log):
        score = np.exp(log) * z
        return float(np.sum(np.logaddexp(0, score) - y * score))

    low, high = -5.0, 5.0
    ratio = (np.sqrt(5) - 1) / 2
    for _ in range(200):
        a, b = high - ratio * (high - low), low + ratio * (high - low)
        low, high = (low, b) if loss(a) < loss(b) else (a, high)
    return float(np.exp((low + high) / 2))


def micro_f1(y, p, threshold):
    h = (p >= threshold).astype(int)
    empty = h.sum(1) == 0
    h[empty, p[empty].argmax(1)] = 1
    tp = (h & y).sum()
    return 2 * tp / (h.sum() + y.sum())


def make(output):
    given = read_json(GIVEN)
    y, p = np.array(given["labels"]), np.array(given["probabilities"]).astype(np.float32).astype(np.float64)
    genres = range(y.shape[1])
    each = lambda score: [list(best(y[:, g], p[:, g], score)) for g in genres]
    grid = [round(0.1 * i, 1) for i in range(1, 10)]
    output.json(PATH, {
        "grid": grid[int(np.argmax([micro_f1(y, p, np.float32(t)) for t in grid]))],
        "precision_0.6": each(precise(0.6)),
        "recall_0.8": each(lambda tp, fp, support: 1 / (1 + fp) if tp >= 0.8 * support else -1),
        "cost_2": each(lambda tp, fp, support: -(2 * (support - tp) + fp)),
        "annealed-1": walk(y, p, [0.001]),
        "annealed-5": walk(y, p, [0.001] * 5),
        "annealed-10": walk(y, p, [0.001] * 10),
        "annealed": walk(y, p, [0.001 / i for i in range(1, 11)]),
        "temperature": [temperature(y[:, g], p[:, g]) for g in genres if 0 < y[:, g].sum() < len(y)],
    })
