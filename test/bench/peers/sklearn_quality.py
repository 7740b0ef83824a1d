"""Peer of quality.ts: scikit-learn's logistic regression (liblinear) on TF-IDF of words 1-2 (C 5, balanced).

Usage: python3 sklearn_quality.py movies.json    with texts, labels (n * genres), genres, fold (255: test)
Thresholds of each genre: the best F1 on a grid of 0.02, out of fold. Prints one JSON line.
"""
import json, sys, time, warnings
import numpy as np
from sklearn import metrics as M
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

warnings.filterwarnings("ignore")
data = json.load(open(sys.argv[1]))
fold = np.array(data["fold"])
labels = np.array(data["labels"]).reshape(len(fold), data["genres"])
train, test = fold != 255, fold == 255
texts = np.array(data["texts"], dtype=object)
start = time.time()
vectoriser = TfidfVectorizer(sublinear_tf=True, ngram_range=(1, 2), min_df=2, stop_words="english")
a, b = vectoriser.fit_transform(texts[train]), vectoriser.transform(texts[test])
model = OneVsRestClassifier(LogisticRegression(C=5, class_weight="balanced", solver="liblinear"))
y, part = labels[train], fold[train]
held_out = np.zeros(y.shape)
for f in np.unique(part):
    held_out[part == f] = model.fit(a[part != f], y[part != f]).predict_proba(a[part == f])
p = model.fit(a, y).predict_proba(b)
grid = np.arange(0.02, 0.98, 0.02)
thresholds = np.array([max(grid, key=lambda t: M.f1_score(y[:, g], held_out[:, g] >= t)) for g in range(y.shape[1])])
predicted = (p >= thresholds).astype(int)
none = predicted.sum(1) == 0
predicted[none, p[none].argmax(1)] = 1
truth = labels[test]
print(json.dumps({
    "micro": M.f1_score(truth, predicted, average="micro"),
    "macro": M.f1_score(truth, predicted, average="macro", zero_division=0),
    "jaccard": M.jaccard_score(truth, predicted, average="samples", zero_division=0),
    "seconds": round(time.time() - start, 2),
}))
