"""Label quality scores of Thyagarajan et al. 2022 in numpy, against those that cleanlab 2.9 gave.

Debian has no cleanlab: the scores are made again from the paper's formulas, the rows and cells that cleanlab's filters
find (`issues_…`) stay as recorded. Every genre is a problem of two classes with probabilities [1 - p, p].
"""
import numpy as np

from files import read_json

PATH = "metrics/label_quality.json"


def ema(cells, alpha):
    ordered = -np.sort(-cells, axis=1)
    score = ordered[:, 0]
    for column in ordered.T[1:]:
        score = alpha * column + (1 - alpha) * score
    return score


def softmin(cells, temperature=0.1):
    weights = np.exp((1 - cells) / temperature)
    return (weights * cells).sum(1) / weights.sum(1)


def make(output):
    given = read_json(PATH)
    y, p = np.array(given["given_labels"]), np.array(given["pred_probs"])
    own = np.where(y == 1, p, 1 - p)
    entropy = -(own * np.log2(own) + (1 - own) * np.log2(1 - own))
    weighted = entropy / own
    cells = {
        "self_confidence": own,
        "normalized_margin": (own - (1 - own) + 1) / 2,
        "confidence_weighted_entropy": np.log1p(weighted) / weighted,
    }
    made = {f"per_class_{name}": scores.tolist() for name, scores in cells.items()}
    for name in ("self_confidence", "normalized_margin"):
        for alpha in (0.5, 0.8):
            made[f"quality_ema_{name}_alpha_{alpha}"] = ema(cells[name], alpha).tolist()
        made[f"quality_softmin_{name}_temperature_0.1"] = softmin(cells[name]).tolist()
    made["quality_default_ema_self_confidence_alpha_0.8"] = made["quality_ema_self_confidence_alpha_0.8"]
    output.json(PATH, {**given, **made})
