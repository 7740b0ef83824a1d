"""Cohen's kappa of two people's answers with scikit-learn, and its standard error from the multinomial delta method by numerical derivatives."""
import json
import sys

import numpy as np
from sklearn.metrics import cohen_kappa_score


def kappa_of(p):
    chance = p.sum(1) @ p.sum(0)
    return (np.trace(p) - chance) / (1 - chance)


def error_of(a, b, k):
    p = np.zeros((k, k))
    for x, y in zip(a, b):
        p[x, y] += 1 / len(a)
    h = 1e-6
    gradient = np.zeros(k * k)
    for i in range(k * k):
        step = np.zeros(k * k)
        step[i] = h
        gradient[i] = (kappa_of(p + step.reshape(k, k)) - kappa_of(p - step.reshape(k, k))) / (2 * h)
    q = p.ravel()
    return float(np.sqrt((gradient @ (np.diag(q) - np.outer(q, q)) @ gradient) / len(a)))


rng = np.random.default_rng(7)
cases = []
for n, k, noise in [(40, 2, 0.1), (200, 2, 0.3), (25, 2, 0.6), (120, 4, 0.25)]:
    a = rng.integers(0, k, n)
    b = np.where(rng.random(n) < noise, rng.integers(0, k, n), a)
    cases.append({"k": k, "a": a.tolist(), "b": b.tolist(), "kappa": float(cohen_kappa_score(a, b)), "error": error_of(a, b, k)})
json.dump(cases, open(sys.argv[1], "w"))
