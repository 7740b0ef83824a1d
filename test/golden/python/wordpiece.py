"""A small uncased vocabulary of the sample catalogue, and token ids by a plain tokenizer.

The tokenizer is written from the paper (Devlin et al. 2018, section 3.2 and its appendix) and the description of BERT's basic tokenizer:
clean, set Chinese characters apart, lower-case, strip accents, split at punctuation, then take the longest known piece from the left.
"""
import collections
import csv
import os
import unicodedata

from files import VALUES
from linear import SAMPLE

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
AWKWARD = [
    "", "   ", "Amélie — naïve café?!", "東京物語 is a 1953 film", "emoji 🎬 in a plot", 'It\'s "quoted", isn\'t it?',
    "x" * 300, "[MASK] and [SEP] typed by a user", "line\nbreak\ttab", "ZERO\u200bWIDTH", "Ｆｕｌｌｗｉｄｔｈ", "İstanbul",
]
TEXTS = 60


def is_chinese(c):
    point = ord(c)
    ranges = [(0x4E00, 0x9FFF), (0x3400, 0x4DBF), (0x20000, 0x2A6DF), (0x2A700, 0x2B73F), (0x2B740, 0x2B81F), (0x2B820, 0x2CEAF), (0xF900, 0xFAFF), (0x2F800, 0x2FA1F)]
    return any(low <= point <= high for low, high in ranges)


def is_punctuation(c):
    ascii_sign = 33 <= ord(c) <= 126 and not c.isalnum()
    return ascii_sign or unicodedata.category(c).startswith("P")


def words_of(text):
    """Words of a text without special tokens: lower-cased, without accents; each punctuation mark and Chinese character is one."""
    clean = ""
    for c in text:
        if c in "\t\n\r" or unicodedata.category(c) == "Zs":
            clean += " "
        elif is_chinese(c):
            clean += f" {c} "
        elif c != "\ufffd" and not unicodedata.category(c).startswith("C"):
            clean += c
    plain = "".join(c for c in unicodedata.normalize("NFD", clean.lower()) if unicodedata.category(c) != "Mn")
    return "".join(f" {c} " if is_punctuation(c) else c for c in plain).split()


def pieces_of(word, vocabulary):
    """The longest known prefix, then the longest known continuation, and so on; one unknown part makes the whole word unknown."""
    pieces, start = [], 0
    while start < len(word) <= 100:
        ends = (end for end in range(len(word), start, -1) if ("##" if start else "") + word[start:end] in vocabulary)
        end = next(ends, None)
        if end is None:
            return ["[UNK]"]
        pieces.append(("##" if start else "") + word[start:end])
        start = end
    return pieces or ["[UNK]"]


def ids_of(text, vocabulary):
    pieces, rest = ["[CLS]"], text
    while rest:
        found = [(rest.index(token), token) for token in SPECIAL if token in rest]
        at, special = min(found, default=(len(rest), ""))
        pieces += [piece for word in words_of(rest[:at]) for piece in pieces_of(word, vocabulary)] + [special] * bool(special)
        rest = rest[at + len(special) :]
    return [vocabulary[piece] for piece in pieces + ["[SEP]"]]


def learn(plots):
    """Every character, alone and as a continuation; words of two plots; frequent endings of words."""
    plots_with = collections.Counter(word for plot in plots for word in set(words_of(plot)))
    characters = sorted({c for word in plots_with for c in word} | set("0123456789東京"))
    endings = collections.Counter(word[-n:] for word in plots_with for n in (2, 3, 4) if len(word) > n + 2)
    words = sorted(word for word, count in plots_with.items() if count >= 2 and len(word) > 1)
    tokens = [
        *SPECIAL,
        *characters,
        *(f"##{c}" for c in characters if c.isalnum() and not is_chinese(c)),
        *(f"##{ending}" for ending, count in sorted(endings.items()) if count >= 15),
        *words,
    ]
    return {token: i for i, token in enumerate(tokens)}


def make(output):
    with open(SAMPLE, newline="", encoding="utf-8") as f:
        plots = [row["overview"] for row in csv.DictReader(f)]
    vocabulary = learn(plots)
    if output.check:
        with open(os.path.join(VALUES, "tokenizer/vocab.txt"), encoding="utf-8") as f:
            assert f.read().splitlines() == list(vocabulary), "tokenizer/vocab.txt differs"
    texts = plots[:TEXTS] + AWKWARD
    output.json("tokenizer/texts.json", [{"text": text, "ids": ids_of(text, vocabulary)} for text in texts])
    if not output.check:
        with open(os.path.join(VALUES, "tokenizer/vocab.txt"), "w", encoding="utf-8", newline="\n") as f:
            f.write("\n".join(vocabulary) + "\n")
