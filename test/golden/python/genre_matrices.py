"""Confusions between genres by counting movies one by one, and clusters of genres by SciPy."""
import numpy as np
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform

from files import read_json

GIVEN = "metrics/multilabel_metrics.json"
PATH = "metrics/genre_matrices.json"


def confusions(y, h):
    """(genres + 1)^2 movies that miss one genre and are wrongly given another; the last row and column stand for none."""
    k = y.shape[1]
    counts = np.zeros((k + 1, k + 1), int)
    for labels, predictions in zip(y, h):
        missed = [g for g in range(k) if labels[g] and not predictions[g]] or [k]
        wrong = [g for g in range(k) if predictions[g] and not labels[g]] or [k]
        for a in missed:
            for b in wrong:
                counts[a, b] += 1
        for g in range(k):
            counts[g, g] += labels[g] and predictions[g]
    return counts


def clusters(y):
    """The genres of every cluster of average linkage on 1 - Jaccard of the genres' movies."""
    k = y.shape[1]
    together = y.T @ y
    support = np.diag(together)
    either = support[:, None] + support[None, :] - together
    distance = 1 - np.divide(together, either, out=np.zeros((k, k)), where=either > 0)
    np.fill_diagonal(distance, 0)
    members = {g: [g] for g in range(k)}
    for i, (a, b, _, _) in enumerate(linkage(squareform(distance), "average")):
        members[k + i] = sorted(members[int(a)] + members[int(b)])
    return [members[k + i] for i in range(k - 1)]


def make(output):
    given = read_json(GIVEN)
    y, p = np.array(given["labels"]), np.array(given["probabilities"])
    h = (p >= np.array(given["per_label_thresholds"])).astype(int)
    output.json(PATH, {"confusions": confusions(y, h).ravel().tolist(), "clusters": clusters(y)})
