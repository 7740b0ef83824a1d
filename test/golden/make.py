"""Makes the reference values of test/golden/values again, or compares them: see README.md beside this file."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "python"))
sys.dont_write_bytecode = True

import audit
import classical
import faithfulness
import families
import genre_matrices
import label_quality
import linear
import metrics
import models
import queues
import slices
import thresholds
import wordpiece
from files import Output

TOLERANCE = 1e-4

if __name__ == "__main__":
    if sys.argv[1:] not in ([], ["--check"]):
        raise SystemExit("usage: python3 test/golden/make.py [--check]")
    output = Output(check=bool(sys.argv[1:]))
    for part in (models, families, faithfulness, metrics, thresholds, genre_matrices, slices, label_quality, queues, audit, linear, classical, wordpiece):
        part.make(output)
    if output.check and output.worst > TOLERANCE:
        raise SystemExit(f"further apart than {TOLERANCE}")
