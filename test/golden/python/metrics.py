"""Multi-label metrics by scikit-learn, on the labels and probabilities that the file holds."""
import warnings

import numpy as np
from sklearn import metrics as M

from files import read_json

PATH = "metrics/multilabel_metrics.json"


def ratios(y, h, average):
    p, r, f, _ = M.precision_recall_fscore_support(y, h, average=average, zero_division=0)
    return {"precision": p, "recall": r, "f1": f}


def figures(y, h):
    p, r, f, support = M.precision_recall_fscore_support(y, h, average=None, zero_division=0)
    confusion = M.multilabel_confusion_matrix(y, h)  # (genres, 2, 2): [[tn, fp], [fn, tp]]
    hits = (y & h).sum(1)
    true_positives, true_negatives = hits.sum(), ((1 - y) & (1 - h)).sum()
    return {
        **{average: ratios(y, h, average) for average in ("micro", "macro", "weighted", "samples")},
        "per_label": {"precision": p.tolist(), "recall": r.tolist(), "f1": f.tolist(), "support": support.tolist()},
        "hamming_loss": M.hamming_loss(y, h),
        "subset_accuracy": M.accuracy_score(y, h),
        **{f"jaccard_{average}": M.jaccard_score(y, h, average=average, zero_division=0) for average in ("samples", "micro", "macro")},
        "jaccard_per_sample": [M.jaccard_score(a, b, zero_division=1) for a, b in zip(y, h)],
        "multilabel_confusion_matrix": confusion.tolist(),
        "at_least_one": (hits >= 1).mean(),
        "at_least_two": (hits >= 2).mean(),
        "elementwise_accuracy": (y == h).mean(),
        "score_3tp_1tn": (3 * true_positives + true_negatives) / (3 * y.sum() + (1 - y).sum()),
        "matthews_per_label": [M.matthews_corrcoef(y[:, g], h[:, g]) for g in range(y.shape[1])],
    }


def ranking(y, p):
    live = [g for g in range(y.shape[1]) if 0 < y[:, g].sum() < len(y)]
    return {
        "live_labels": live,
        "roc_auc_per_label": [M.roc_auc_score(y[:, g], p[:, g]) for g in live],
        "average_precision_per_label": [M.average_precision_score(y[:, g], p[:, g]) for g in live],
        "average_precision_micro": M.average_precision_score(y[:, live], p[:, live], average="micro"),
        "label_ranking_average_precision": M.label_ranking_average_precision_score(y, p),
        "label_ranking_loss": M.label_ranking_loss(y, p),
        "coverage_error": M.coverage_error(y, p),
        "brier_per_label": [M.brier_score_loss(y[:, g], p[:, g], pos_label=1) for g in range(y.shape[1])],
        "log_loss_mean": np.mean([M.log_loss(y[:, g], p[:, g], labels=[0, 1]) for g in range(y.shape[1])]),
    }


def best_f1(y, p):
    """The threshold of the largest F1 along the precision-recall curve."""
    precision, recall, thresholds = M.precision_recall_curve(y, p)
    f1 = 2 * precision * recall / np.maximum(precision + recall, 1e-12)
    best = int(f1[:-1].argmax())
    return {"f1": f1[best], "threshold": thresholds[best]}


def calibration_error(y, p, bins=10):
    """Expected calibration error over bins of equal width (Guo et al. 2017)."""
    bin_of = np.minimum((p * bins).astype(int), bins - 1)
    return sum(abs((p[bin_of == b] - y[bin_of == b]).sum()) for b in range(bins)) / len(p)


def make(output):
    warnings.filterwarnings("ignore")
    given = read_json(PATH)
    y, p = np.array(given["labels"]), np.array(given["probabilities"])
    half = (p >= 0.5).astype(int)
    at_least_one = half.copy()
    empty = half.sum(1) == 0
    at_least_one[empty, p[empty].argmax(1)] = 1
    grid = []
    for step in range(1, 20):
        h = (p >= round(0.05 * step, 2)).astype(int)
        grid.append({"threshold": round(0.05 * step, 2), **ratios(y, h, "micro"), "subset_accuracy": M.accuracy_score(y, h)})
    counts = y.T @ y
    output.json(PATH, {
        "labels": given["labels"],
        "probabilities": given["probabilities"],
        "per_label_thresholds": given["per_label_thresholds"],
        "at_0.5": figures(y, half),
        "at_per_label": figures(y, (p >= np.array(given["per_label_thresholds"])).astype(int)),
        "at_0.5_at_least_one_genre": figures(y, at_least_one),
        "ranking": ranking(y, p),
        "best_f1_per_label": [{"label": g, **best_f1(y[:, g], p[:, g])} for g in range(y.shape[1]) if y[:, g].any()],
        "micro_f1_grid": grid,
        "ece_10_equal_width": {
            "per_label": [calibration_error(y[:, g], p[:, g]) for g in range(y.shape[1])],
            "pooled": calibration_error(y.ravel(), p.ravel()),
        },
        "cooccurrence_counts": counts.tolist(),
        "cooccurrence_conditional_row_given": (counts / np.maximum(np.diag(counts), 1)[:, None]).tolist(),
    })
