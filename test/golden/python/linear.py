"""TF-IDF values, logistic regression and naive Bayes by scikit-learn, on the repository's own sample catalogue."""
import csv
import os

import numpy as np
from scipy.sparse import hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB

from files import HERE

SAMPLE = os.path.join(HERE, "../../../resources/sample/movies.csv")
TRAIN, TEST = 300, 80
GENRES = ["Comedy", "Drama", "Horror", "Thriller"]
WORDS = dict(lowercase=True, token_pattern=r"\b\w\w+\b", min_df=2)


def movies():
    """Plots and genres of the movies that have both, the first of each plot, in file order."""
    plots = {}
    with open(SAMPLE, newline="", encoding="utf-8") as f:
        for row in csv.DictReader(f):
            plot, genres = row["overview"].strip(), [g.strip() for g in row["genres"].split(",") if g.strip()]
            if plot and genres:
                plots.setdefault(plot, genres)
    return list(plots)[: TRAIN + TEST], list(plots.values())[: TRAIN + TEST]


def logistic(x, labels, class_weight, names):
    """Converged far beyond the tolerances of the tests."""
    found = {"test_probabilities_per_genre": [], "models": []}
    for y in labels:
        model = LogisticRegression(C=5, class_weight=class_weight, solver="lbfgs", tol=1e-10, max_iter=20_000)
        model.fit(x[:TRAIN], y[:TRAIN])
        largest = sorted(range(x.shape[1]), key=lambda column: -abs(model.coef_[0][column]))[:20]
        found["test_probabilities_per_genre"].append(model.predict_proba(x[TRAIN:])[:, 1].tolist())
        found["models"].append({
            "intercept": float(model.intercept_[0]),
            "largest_coefficients": [[names[column], float(model.coef_[0][column])] for column in largest],
        })
    return found


def bayes(x, y):
    """MultinomialNB on TF-IDF values, and its log-likelihood ratio of every column."""
    model = MultinomialNB(alpha=0.05).fit(x[:TRAIN], y[:TRAIN])
    return model, model.feature_log_prob_[1] - model.feature_log_prob_[0]


def combined(x, labels, names, share=0.5, factor=0.125):
    """The members together, C 1: a logistic regression on the plain features beside those times naive Bayes' ratios (NB-SVM), which share the
    penalty, and the log-odds of naive Bayes."""
    found = {"test_probabilities_per_genre": [], "models": []}
    for y in labels:
        naive, ratios = bayes(x, y)
        scaled = ratios / np.abs(ratios).mean()
        plain_root, ratio_root = np.sqrt(1 - share), np.sqrt(share)
        both = hstack([plain_root * x, x.multiply(ratio_root * scaled)]).tocsr()
        model = LogisticRegression(C=1, solver="lbfgs", tol=1e-10, max_iter=20_000).fit(both[:TRAIN], y[:TRAIN])
        prior = naive.class_log_prior_[1] - naive.class_log_prior_[0]
        plain, times = np.split(model.coef_[0], 2)
        weights = plain_root * plain + ratio_root * scaled * times + factor * ratios
        log_odds = model.decision_function(both[TRAIN:]) + factor * (x[TRAIN:] @ ratios + prior)
        found["test_probabilities_per_genre"].append((1 / (1 + np.exp(-log_odds))).tolist())
        largest = sorted(range(x.shape[1]), key=lambda column: -abs(weights[column]))[:20]
        found["models"].append({
            "intercept": float(model.intercept_[0] + factor * prior),
            "largest_coefficients": [[names[column], float(weights[column])] for column in largest],
        })
    return found


def make(output):
    plots, genres = movies()
    labels = [np.array([genre in mine for mine in genres], dtype=int) for genre in GENRES]
    tfidf = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, **WORDS).fit(plots[:TRAIN])
    x = tfidf.transform(plots)
    names = tfidf.get_feature_names_out().tolist()
    first = x[TRAIN]
    output.json("linear/sklearn.json", {
        "train": TRAIN,
        "genres": GENRES,
        "tfidf": {
            "vocabulary_size": len(names),
            "idf": {word: float(tfidf.idf_[tfidf.vocabulary_[word]]) for word in ("the", "woman", "murder", "of the", "in love")},
            "nonzeros_per_test_row": np.diff(x[TRAIN:].indptr).tolist(),
            "test_row_0": {names[column]: float(first[0, column]) for column in first.indices},
        },
        "logistic_regression_C5_unweighted": logistic(x, labels, None, names),
        "logistic_regression_C5_balanced": logistic(x, labels, "balanced", names),
        "multinomial_nb_alpha_0.05": {
            "test_probabilities_per_genre": [bayes(x, y)[0].predict_proba(x[TRAIN:])[:, 1].tolist() for y in labels],
        },
        "combined": combined(x, labels, names),
    })
