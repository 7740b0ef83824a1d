"""Classical classifiers of scikit-learn, and word vectors and static embeddings by NumPy and SciPy, on the repository's own sample catalogue."""
import json
import os
import re
from collections import Counter

import numpy as np
from scipy.sparse.linalg import svds
from sklearn.calibration import CalibratedClassifierCV
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multioutput import ClassifierChain
from sklearn.naive_bayes import ComplementNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.svm import LinearSVC

from files import VALUES
from linear import GENRES, TRAIN, WORDS, movies

DIM, WINDOW, MIN_COUNT = 20, 5, 5


def word_vectors(plots):
    """PPMI with contexts to the power of 0.75, U sqrt(S) of its SVD, and the mean of each plot's words."""
    lists = [re.findall(r"\b\w\w+\b", plot.lower()) for plot in plots]
    counts = Counter(word for words in lists[:TRAIN] for word in words)
    ids = {word: i for i, word in enumerate(sorted(word for word, count in counts.items() if count >= MIN_COUNT))}
    pairs = np.zeros((len(ids), len(ids)))
    for words in lists[:TRAIN]:
        for at, word in enumerate(words):
            for to in range(max(0, at - WINDOW), min(len(words), at + WINDOW + 1)):
                if to != at and word in ids and words[to] in ids:
                    pairs[ids[word], ids[words[to]]] += 1
    sums = pairs.sum(axis=1)
    with np.errstate(divide="ignore"):
        pmi = np.log(pairs * (sums ** 0.75).sum() / np.outer(sums, sums ** 0.75))
    u, s, _ = svds(np.maximum(pmi, 0), k=DIM)
    vectors = u * np.sqrt(s)
    means = [np.mean([vectors[ids[word]] for word in words if word in ids], axis=0) for words in lists[TRAIN:]]
    return len(ids), sorted(s, reverse=True), np.array(means)


def static_embeddings(dim=8):
    """Means of rows of a table by the tokens of tokenizer/texts.json: plain, of length 1, and with weights and shared rows."""
    with open(os.path.join(VALUES, "tokenizer/vocab.txt"), encoding="utf-8") as f:
        tokens = len(f.read().splitlines())
    with open(os.path.join(VALUES, "tokenizer/texts.json"), encoding="utf-8") as f:
        texts = json.load(f)
    numbers = np.arange(tokens * dim).reshape(tokens, dim)
    table = (((numbers * 7919) % 1009 - 504) / 256).astype(np.float64)
    weights = 1 / (1 + np.arange(tokens) % 4)
    found = {"plain": [], "unit": [], "shared": []}
    for text in texts:
        # without [UNK], [CLS] and [SEP]
        ids = np.array([i for i in text["ids"][1:-1] if i != 1], dtype=int)
        mean = table[ids].mean(axis=0) if len(ids) else np.zeros(dim)
        found["plain"].append(mean.tolist())
        found["unit"].append((mean / max(np.linalg.norm(mean), 1e-12)).tolist())
        found["shared"].append((table[ids % 50] * weights[ids][:, None]).mean(axis=0).tolist() if len(ids) else [0.0] * dim)
    return found


def positive(model, x):
    return model.predict_proba(x)[:, 1].tolist()


def make(output):
    plots, genres = movies()
    labels = [np.array([genre in mine for mine in genres], dtype=int) for genre in GENRES]
    counts = CountVectorizer(**WORDS).fit(plots[:TRAIN])
    tfidf = TfidfVectorizer(**WORDS).fit(plots[:TRAIN])
    c, t = counts.transform(plots).astype(float), tfidf.transform(plots)
    svm = dict(C=1.0, loss="squared_hinge", dual=False, tol=1e-10, max_iter=100_000)
    each = {
        "logistic_counts": lambda y: positive(LogisticRegression(C=1, tol=1e-10, max_iter=20_000).fit(c[:TRAIN], y), c[TRAIN:]),
        "svm_tf-idf_margins": lambda y: LinearSVC(**svm).fit(t[:TRAIN], y).decision_function(t[TRAIN:]).tolist(),
        "svm_tf-idf": lambda y: positive(CalibratedClassifierCV(LinearSVC(**svm), cv=3, ensemble=False).fit(t[:TRAIN], y), t[TRAIN:]),
        "multinomial-bayes_tf-idf": lambda y: positive(MultinomialNB().fit(t[:TRAIN], y), t[TRAIN:]),
        "complement-bayes_counts": lambda y: positive(ComplementNB().fit(c[:TRAIN], y), c[TRAIN:]),
        "neighbours_tf-idf": lambda y: positive(KNeighborsClassifier(5).fit(t[:TRAIN], y), t[TRAIN:]),
        "neighbours_counts": lambda y: positive(KNeighborsClassifier(5).fit(c[:TRAIN], y), c[TRAIN:]),
    }
    distances = KNeighborsClassifier(6).fit(c[:TRAIN], labels[0][:TRAIN]).kneighbors(c[TRAIN:])[0]
    chains = {
        "chain_tf-idf": (t, ClassifierChain(LogisticRegression(C=1, tol=1e-10, max_iter=20_000))),
        "chain_counts": (c, ClassifierChain(LogisticRegression(C=1, tol=1e-10, max_iter=20_000))),
    }
    together = np.array(labels).T
    chained = {name: model.fit(x[:TRAIN], together[:TRAIN]).predict_proba(x[TRAIN:]).T.tolist() for name, (x, model) in chains.items()}
    words, singular, means = word_vectors(plots)
    output.json("linear/classical.json", {
        "genres": GENRES,
        "probabilities": {**{name: [fit(y[:TRAIN]) for y in labels] for name, fit in each.items()}, **chained},
        # which of equally distant movies is a neighbour is not defined
        "neighbours_counts_unique": (distances[:, 5] - distances[:, 4] > 1e-6).tolist(),
        "word_vectors": {"words": words, "singular_values": [float(x) for x in singular], "products": (means[:10] @ means[:10].T).tolist()},
        "static_embeddings": static_embeddings(),
    })
