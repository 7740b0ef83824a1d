"""Estimates of a blind audit in numpy and scipy, from the definitions rather than closed forms where there is a choice: the weight of the
predictions is searched for numerically, and the time-uniform boundary is where Robbins' mixture of likelihood ratios reaches 1 / alpha."""
import numpy as np
from scipy.integrate import quad
from scipy.optimize import brentq, minimize_scalar
from scipy.stats import norm

PATH = "audit/estimates.json"
ALPHA = 0.05


def stratified(y, f, stratum, sizes, means, lam, floor=True):
    """Mean and variance of the difference estimator with weight lam; the variance with two units of the pooled one and two more errors."""
    n, total, mean, variance = len(y), sum(sizes), 0.0, 0.0
    r = y - lam * f
    groups = [r[stratum == h] for h in range(len(sizes))]
    pooled = sum(((g - g.mean()) ** 2).sum() for g in groups) / sum(len(g) - 1 for g in groups)
    for g, size, expected in zip(groups, sizes, means):
        mean += size / total * (lam * expected + g.mean())
        s2 = g.var(ddof=1)
        if floor:
            s2 = ((len(g) - 1) * s2 + 2 * pooled) / (len(g) + 1) + 2 / (n + 4)
        variance += (size / total) ** 2 * s2 / len(g) * (1 - len(g) / size)
    return mean, variance


def boundary(n, population, planned):
    clock = lambda units: units / (1 - units / population)
    rho = np.sqrt((-2 * np.log(ALPHA) + np.log(-2 * np.log(ALPHA) + 1)) / clock(planned))
    t = clock(n)

    def excess(deviation):
        s = deviation * np.sqrt(t)
        centre, width = s * rho**2 / (1 + t * rho**2), rho / np.sqrt(1 + t * rho**2)
        mixed = lambda slope: np.exp(slope * s - slope**2 * t / 2) * norm.pdf(slope, 0, rho)
        return quad(mixed, centre - 12 * width, centre + 12 * width, epsabs=1e-12, limit=200)[0] - 1 / ALPHA

    return brentq(excess, 0.5, 20, xtol=1e-12)


def make(output):
    rng = np.random.RandomState(7)
    cases = []
    for kind in ("movies", "counts", "none found", "misleading"):
        sizes = [50, 150, 300, 500]
        taken = [12, 20, 30, 38]
        stratum = np.repeat(range(4), taken)
        rng.shuffle(stratum)
        f = np.round(rng.beta(1, 1 + 2 * stratum), 4)
        if kind == "counts":
            y, f = rng.binomial(6, f / 3).astype(float), f * 2
        else:
            y = (rng.uniform(size=len(f)) < {"movies": f, "none found": 0, "misleading": 1 - f}[kind]).astype(float)
        means = [float(np.round(f[stratum == h].mean() + 0.01, 4)) for h in range(4)]
        plain = stratified(y, 0 * f, stratum, sizes, [0] * 4, 0)
        risk = lambda lam: stratified(y, f, stratum, sizes, means, lam, floor=False)[1]
        lam = minimize_scalar(risk, bounds=(0, 1), method="bounded", options={"xatol": 1e-10}).x if y.any() else 0.0
        mean, variance = stratified(y, f, stratum, sizes, means, lam)
        cases.append({
            "kind": kind, "sizes": sizes, "stratum": stratum.tolist(), "y": y.tolist(), "f": f.tolist(), "means": means,
            "stratified": {"mean": plain[0], "error": plain[1] ** 0.5},
            "ppi": {"lambda": lam, "mean": mean, "error": variance**0.5},
        })  # fmt: skip
    multipliers = [
        {"n": n, "population": p, "planned": m, "value": boundary(n, p, m)}
        for n, p, m in ((30, 1000, 200), (100, 1000, 100), (200, 9821, 200), (900, 1000, 400), (50, 10**6, 2000))
    ]
    output.json(PATH, {"z": norm.ppf(0.975), "cases": cases, "multipliers": multipliers})
