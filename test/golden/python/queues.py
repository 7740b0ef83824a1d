"""Scores of the review queues in numpy, each written from its paper with matrices and entropies as the paper has them.

Labels and probabilities are those of metrics/multilabel_metrics.json; a genre is predicted from 0.5 on. The second family's probabilities
are the first one's, drawn towards the genre's frequency.
"""
import numpy as np

from files import read_json

PATH = "metrics/queues.json"


def entropy(*probabilities):
    """Of each row of a distribution, in bits; 0 log 0 is 0."""
    total = 0.0
    for q in probabilities:
        q = np.asarray(q, float)
        total = total - np.where(q > 0, q * np.log2(np.where(q > 0, q, 1)), 0)
    return total


def least_confident(p):
    """Culotta and McCallum 2005: 1 - P(y* | x), y* the most probable labelling."""
    return 1 - np.where(p >= 0.5, p, 1 - p).prod(1)


def cardinality_inconsistency(h, y):
    """Li and Guo 2013: the Euclidean distance between the number of predicted labels and the label cardinality."""
    return np.sqrt((h.sum(1) - y.sum() / len(y)) ** 2)


def separation_margin(p, h):
    """Li and Guo 2013: min of f over the predicted labels - max of f over the others; 1 and 0 where there are none."""
    return np.where(h == 1, p, 1).min(1) - np.where(h == 0, p, 0).max(1)


def cvirs(p, h, y):
    """Reyes, Morell and Ventura 2018: s (Borda's method on the margins) times v (mean distance to the labelled examples)."""
    n, q = p.shape
    margin = np.abs(p - (1 - p))
    rank = np.empty((n, q))
    for label in range(q):
        rank[np.argsort(margin[:, label], kind="stable"), label] = np.arange(1, n + 1)
    s = (n - rank).sum(1) / (q * (n - 1))
    a, b = h @ y.T, h @ (1 - y).T
    c, d = (1 - h) @ y.T, (1 - h) @ (1 - y).T
    hamming = (b + c) / q
    ones_h, ones_y = h.sum(1)[:, None] / q, y.sum(1)[None, :] / q
    own, theirs = entropy(ones_h, 1 - ones_h), entropy(ones_y, 1 - ones_y)
    joint = entropy(a / q, b / q, c / q, d / q)
    with np.errstate(invalid="ignore", divide="ignore"):
        distance = np.where(joint > 0, (2 * joint - own - theirs) / joint, 0)
    return s * np.where(distance > 1 - 1e-9, 1, hamming).mean(1)


def disagreement(runs):
    """McCallum and Nigam 1998: the mean Kullback-Leibler divergence to the mean, summed over labels, in nats."""
    mean = np.mean(runs, axis=0)
    return sum((p * np.log(p / mean) + (1 - p) * np.log((1 - p) / (1 - mean))).sum(1) for p in runs) / len(runs)


def rarity(y, h):
    """Charte et al. 2015: IRLbl, the largest support over the label's; the largest of a movie."""
    support = np.maximum(1, y.sum(0))
    return np.where(y | h, max(1, y.sum(0).max()) / support, 0).max(1)


def conflicts(pairs, y):
    score = np.zeros(len(y))
    for i, j, cosine in pairs:
        either = (y[i] | y[j]).sum()
        found = cosine * (1 - (y[i] & y[j]).sum() / either) if either else 0
        score[[i, j]] = np.maximum(score[[i, j]], found)
    return score


def make(output):
    given = read_json("metrics/multilabel_metrics.json")
    y = np.array(given["labels"], int)[:90]
    # as the tests read them
    p = np.clip(np.array(given["probabilities"])[:90].astype(np.float32).astype(float), 1e-6, 1 - 1e-6)
    second = (0.5 * p + 0.5 * np.clip(y.mean(0), 0.05, 0.95)).astype(np.float32).astype(float)
    h = (p >= 0.5).astype(int)
    pairs = [[i, (7 * i + 3) % len(y), round(0.8 + (i % 20) / 100, 2)] for i in range(0, len(y), 3)]
    pairs = [pair for pair in pairs if pair[0] != pair[1]]
    output.json(PATH, {
        "labels": y.tolist(),
        "probabilities": p.tolist(),
        "second_family": second.tolist(),
        "pairs": pairs,
        "least_confident": least_confident(p).tolist(),
        "cardinality_inconsistency": cardinality_inconsistency(h, y).tolist(),
        "separation_margin": separation_margin(p, h).tolist(),
        "cvirs": cvirs(p, h, y).tolist(),
        "disagreement": disagreement([p, second]).tolist(),
        "rarity": rarity(y, h).tolist(),
        "conflicts": conflicts(pairs, y).tolist(),
    })
