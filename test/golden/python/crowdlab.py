"""CROWDLAB for two classes, written from sections 3 and 4 of arXiv 2210.06812 in float64: `python3 crowdlab.py FILE`."""
import json
import sys

import numpy as np

CLIP = 1e-6


def crowdlab(y, p_model):
    """y (n, m) with nan for no answer, p_model (n, 2)."""
    n, m = y.shape
    has = ~np.isnan(y)
    count = has.sum(1)
    # majority vote, ties by the model
    consensus = np.zeros(n, int)
    for i in range(n):
        votes = np.array([(y[i] == c).sum() for c in (0, 1)])
        tied = np.flatnonzero(votes == votes.max())
        consensus[i] = tied[np.argmax(p_model[i, tied])]
    plus = count > 1
    # P: average agreement of annotators with the consensus
    agreement = np.array([(y[i, has[i]] == consensus[i]).mean() for i in range(n)])
    P = agreement[plus].mean()
    # s_j: agreement with the other annotators
    s = np.zeros(m)
    for j in range(m):
        same = pairs = 0
        for i in np.flatnonzero(has[:, j]):
            others = [l for l in np.flatnonzero(has[i]) if l != j]
            same += sum(y[i, l] == y[i, j] for l in others)
            pairs += len(others)
        s[j] = same / pairs
    model_class = p_model.argmax(1)
    a_model = (model_class[plus] == consensus[plus]).mean()
    mlc = np.bincount(consensus[plus], minlength=2).argmax()
    e_mlc = max(1 - (consensus[plus] == mlc).mean(), CLIP)
    w = np.maximum(1 - (1 - s) / e_mlc, CLIP)
    w_model = max(1 - (1 - a_model) / e_mlc, CLIP) * np.sqrt(count.mean())
    out = np.zeros((n, 2))
    for i in range(n):
        for c in (0, 1):
            terms, weights = [p_model[i, c]], [w_model]
            for j in np.flatnonzero(has[i]):
                terms.append(P if y[i, j] == c else (1 - P) / (2 - 1))
                weights.append(w[j])
            out[i, c] = np.average(terms, weights=weights)
    return out, w, w_model


rng = np.random.default_rng(11)
cases = []
for n, skill, model_skill, share in [(60, [0.9, 0.8, 0.7], 0.8, 0.6), (40, [0.95, 0.55], 0.6, 0.9), (80, [0.8] * 5, 0.7, 0.4)]:
    m = len(skill)
    truth = (rng.random(n) < 0.4).astype(int)
    right = rng.random((n, m)) < np.array(skill)
    y = np.where(right, truth[:, None], 1 - truth[:, None]).astype(float)
    y[rng.random((n, m)) > share] = np.nan
    empty = np.isnan(y).all(1)
    y[empty, 0] = truth[empty]
    likely = np.where(rng.random(n) < model_skill, truth, 1 - truth)
    p1 = np.clip(0.5 + (likely - 0.5) * rng.random(n), 0.01, 0.99)
    out, w, w_model = crowdlab(y, np.stack([1 - p1, p1], 1))
    cases.append(
        {
            "m": m,
            "answers": np.where(np.isnan(y), 255, y).astype(int).ravel().tolist(),
            "model": p1.tolist(),
            "p": out[:, 1].tolist(),
            "weights": w.tolist(),
            "modelWeight": float(w_model),
        }
    )
json.dump(cases, open(sys.argv[1], "w"))
