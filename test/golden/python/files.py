"""Reading and writing reference values, and comparing new ones with those that are committed."""
import json
import math
import os
import re
import struct

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
VALUES = os.path.join(HERE, "..", "values")
TYPES = {"F32": np.float32, "I64": np.int64}


def read_json(path):
    with open(os.path.join(VALUES, path), encoding="utf-8") as f:
        return json.load(f)


def read_tensors(path):
    """All tensors of a safetensors file: 8 bytes with the header's length, a JSON header, the numbers."""
    with open(os.path.join(VALUES, path), "rb") as f:
        data = f.read()
    start = 8 + struct.unpack("<Q", data[:8])[0]
    tensors = {}
    for name, entry in json.loads(data[8:start]).items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        values = np.frombuffer(data[start + begin : start + end], TYPES[entry["dtype"]])
        tensors[name] = values.reshape(entry["shape"])
    return tensors


def tensor_bytes(tensors):
    header, blocks, offset = {}, [], 0
    for name, values in tensors.items():
        kind = "I64" if values.dtype == np.int64 else "F32"
        block = np.ascontiguousarray(values, TYPES[kind]).tobytes()
        header[name] = {"dtype": kind, "shape": list(values.shape), "data_offsets": [offset, offset + len(block)]}
        blocks.append(block)
        offset += len(block)
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + b"".join(blocks)


class Output:
    """Writes each file, or only compares it with the committed one and reports the largest difference."""

    def __init__(self, check):
        self.check = check
        self.worst = 0.0

    def tensors(self, path, tensors, uncompared=None):
        """uncompared: a pattern of names whose numbers no two implementations share."""
        if self.check:
            committed = read_tensors(path)
            if set(committed) != set(tensors):
                raise SystemExit(f"{path}: other tensors: {sorted(set(committed) ^ set(tensors))}")
            far = max(float(np.abs(np.float64(tensors[n]) - np.float64(committed[n])).max()) for n in tensors if not re.search(uncompared or "^$", n))
            self.report(path, far)
        else:
            with open(os.path.join(VALUES, path), "wb") as f:
                f.write(tensor_bytes(tensors))

    def json(self, path, content):
        if self.check:
            self.report(path, distance(content, read_json(path), path))
        else:
            os.makedirs(os.path.dirname(os.path.join(VALUES, path)), exist_ok=True)
            with open(os.path.join(VALUES, path), "w", encoding="utf-8") as f:
                json.dump(content, f, ensure_ascii=False)
                f.write("\n")

    def report(self, path, far):
        self.worst = max(self.worst, far)
        print(f"{far:.1e}  {path}")


def distance(new, committed, path):
    """Largest difference of two JSON values' numbers; texts, lengths and keys must be equal."""
    if isinstance(new, dict):
        if set(new) != set(committed):
            raise SystemExit(f"{path}: other keys: {sorted(set(new) ^ set(committed))}")
        return max((distance(v, committed[k], f"{path} {k}") for k, v in new.items()), default=0.0)
    if isinstance(new, (list, tuple)):
        if len(new) != len(committed):
            raise SystemExit(f"{path}: {len(new)} elements, not {len(committed)}")
        return max((distance(a, b, f"{path} {i}") for i, (a, b) in enumerate(zip(new, committed))), default=0.0)
    if isinstance(new, (int, float)) and isinstance(committed, (int, float)):
        return math.fabs(new - committed)
    if new != committed:
        raise SystemExit(f"{path}: {new!r} instead of {committed!r}")
    return 0.0
