"""Slices of a made-up catalogue by NumPy, their tests by SciPy, and the correction of many tests by a sort."""
import itertools

import numpy as np
from scipy import stats

from files import read_json

GIVEN = "metrics/multilabel_metrics.json"
PATH = "metrics/slices.json"
ALPHA = 0.95


def jaccard_errors(y, h):
    both, either = (y & h).sum(1), (y | h).sum(1)
    return 1 - np.divide(both, either, out=np.zeros(len(y)), where=either > 0)


def micro_f1(y, h):
    return 2 * (y & h).sum() / (y.sum() + h.sum())


def figures(inside, error, y, h):
    a, b = error[inside], error[~inside]
    return {
        "movies": int(inside.sum()),
        "error": a.mean(),
        "restError": b.mean(),
        "microF1": micro_f1(y[inside], h[inside]),
        "restMicroF1": micro_f1(y[~inside], h[~inside]),
        "score": ALPHA * (a.mean() / error.mean() - 1) - (1 - ALPHA) * (len(error) / len(a) - 1),
        "effect": np.sqrt(2) * (a.mean() - b.mean()) / np.sqrt(a.var(ddof=1) + b.var(ddof=1)),
        "p": stats.ttest_ind(a, b, equal_var=False).pvalue,
    }


def adjusted(p, tests):
    """The smallest level at which each of some p-values is rejected, when there are `tests` of them."""
    ranked = sorted(p)
    return [min([1.0] + [other * tests / (i + 1) for i, other in enumerate(ranked) if other >= value]) for value in p]


def make(output):
    given = read_json(GIVEN)
    y, p = np.array(given["labels"]), np.array(given["probabilities"])
    h = (p >= np.array(given["per_label_thresholds"])).astype(int)
    error = jaccard_errors(y, h)
    genres = y.astype(bool)
    k = genres.shape[1]
    singles = [genres[:, g] for g in range(k)]
    some = [g for g in range(k) if singles[g].sum() >= 2]
    pairs = [(a, b) for a, b in itertools.combinations(range(k), 2) if (singles[a] & singles[b]).sum() >= 2]
    other = jaccard_errors(y, (p >= 0.5).astype(int))
    t = [(0.0, 3), (1.0, 1), (-2.5, 7.3), (4.0, 12), (1.96, 100000), (12.0, 5000), (30.0, 40)]
    many = [0.01, 0.04, 0.03, 0.005, 0.5, 0.03, 1.0]
    output.json(PATH, {
        "singles": [{"genre": g, **figures(singles[g], error, y, h)} for g in some],
        "pairs": [{"genres": [a, b], **figures(singles[a] & singles[b], error, y, h)} for a, b in pairs],
        "paired": [stats.ttest_rel(other[singles[g]], error[singles[g]]).pvalue for g in some],
        "t": [[x, df, 2 * stats.t.sf(abs(x), df)] for x, df in t],
        "many": many,
        "adjusted": adjusted(many, len(many)),
        "adjusted_of_20": adjusted(many, 20),
    })
