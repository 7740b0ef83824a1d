"""Fleiss' kappa of counts written from Fleiss (1971), and Krippendorff's alpha of sets with the MASI distance by nltk: `python3 agreement_sets.py FILE`."""
import json
import sys

import numpy as np
from nltk.metrics.agreement import AnnotationTask


def masi(a, b):
    """Passonneau 2006 with exact thirds: nltk's masi_distance rounds them to 0.33 and 0.67, and divides by 0 for two empty sets."""
    if a == b:
        return 0.0
    m = 2 / 3 if a <= b or b <= a else 1 / 3 if a & b else 0.0
    if not a or not b:
        m = 0.0
    return 1 - len(a & b) / len(a | b) * m


def fleiss(counts):
    """counts (items, categories)."""
    n = counts.sum(1)[0]
    p_j = counts.sum(0) / counts.sum()
    p_i = (counts * (counts - 1)).sum(1) / (n * (n - 1))
    return float((p_i.mean() - (p_j**2).sum()) / (1 - (p_j**2).sum()))


rng = np.random.default_rng(5)
kappas = []
for items, raters, categories, noise in [(30, 3, 2, 0.2), (50, 6, 4, 0.4), (12, 14, 5, 0.6)]:
    truth = rng.integers(0, categories, items)
    answers = np.where(rng.random((items, raters)) < noise, rng.integers(0, categories, (items, raters)), truth[:, None])
    counts = np.stack([(answers == c).sum(1) for c in range(categories)], 1)
    kappas.append({"counts": counts.tolist(), "kappa": fleiss(counts)})
alphas = []
for items, raters, genres, noise, missing in [(40, 2, 5, 0.1, 0.0), (60, 4, 6, 0.2, 0.3), (25, 3, 3, 0.4, 0.2)]:
    truth = rng.random((items, genres)) < 0.4
    data, units = [], []
    for i in range(items):
        unit = []
        for r in range(raters):
            if rng.random() < missing:
                continue
            flips = rng.random(genres) < noise
            unit.append(frozenset(int(g) for g in np.flatnonzero(truth[i] ^ flips)))
        # nltk counts the answers to items that one rater answered; Krippendorff leaves these items out
        if len(unit) > 1:
            data += [(str(r), str(i), answer) for r, answer in enumerate(unit)]
        units.append([sorted(answer) for answer in unit])
    alphas.append({"units": units, "alpha": float(AnnotationTask(data, distance=masi).alpha())})
json.dump({"fleiss": kappas, "alpha": alphas}, open(sys.argv[1], "w"))
