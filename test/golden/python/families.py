"""Tiny models of the further families: logits, gradients, attributions, adapters and words, in plain PyTorch with float64.

Written from the papers and from the definitions that Transformers publishes (modeling_*.py), apart from Reelabel's own code. Each family
is one function from the embeddings of words to the states of all tokens. Missing inputs (configuration, weights, token ids, labels,
adapters) are drawn from a seed once; from then on they are read from the files, and everything else is computed from them.
"""
import math
import os

import torch
import torch.nn.functional as F

from files import VALUES, read_json, read_tensors

LABELS, RANK, SCALE = 3, 4, 2
DECODER = {"vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "intermediate_size": 20, "max_position_embeddings": 32, "num_labels": LABELS}
ENCODER = {"vocab_size": 40, "hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 20, "max_position_embeddings": 20, "num_labels": LABELS}
KIN = {**ENCODER, "hidden_act": "gelu", "layer_norm_eps": 1e-5, "pad_token_id": 1}

CONFIGS = {
    "roberta": {**KIN, "model_type": "roberta", "type_vocab_size": 1},
    "xlm-roberta": {**KIN, "model_type": "xlm-roberta", "type_vocab_size": 1, "num_hidden_layers": 1},
    "mpnet": {**KIN, "model_type": "mpnet", "relative_attention_num_buckets": 32},
    "electra": {**KIN, "model_type": "electra", "embedding_size": 8, "type_vocab_size": 2, "pad_token_id": 0},
    "modernbert": {**ENCODER, "model_type": "modernbert", "num_hidden_layers": 3, "local_attention": 4, "global_attn_every_n_layers": 2, "classifier_pooling": "mean", "pad_token_id": 0},
    "mistral": {**DECODER, "model_type": "mistral", "sliding_window": 3},
    "qwen2": {**DECODER, "model_type": "qwen2", "use_sliding_window": True, "sliding_window": 2, "max_window_layers": 1},
    "qwen3": {**DECODER, "model_type": "qwen3", "head_dim": 6, "rope_theta": 1000000.0},
    "smollm3": {**DECODER, "model_type": "smollm3", "no_rope_layer_interval": 2, "rope_theta": 5000.0},
    "gemma3_text": {**DECODER, "model_type": "gemma3_text", "num_hidden_layers": 3, "num_key_value_heads": 1, "head_dim": 6, "query_pre_attn_scalar": 10, "sliding_window": 3, "sliding_window_pattern": 3, "rope_theta": 1000000.0, "rope_local_base_freq": 10000.0, "rope_scaling": {"rope_type": "linear", "factor": 8.0}},
}
TIED = {"roberta", "xlm-roberta", "mpnet", "electra", "modernbert", "smollm3", "gemma3_text"}
DECODERS = {"mistral", "qwen2", "qwen3", "smollm3", "gemma3_text"}
BASE = {"roberta": "roberta", "xlm-roberta": "roberta", "mpnet": "mpnet", "electra": "electra"}
WORDS = {kind: f"{base}.embeddings.word_embeddings.weight" for kind, base in BASE.items()}
WORDS.update({kind: "model.embed_tokens.weight" for kind in DECODERS}, modernbert="model.embeddings.tok_embeddings.weight")


class Model:
    """w: weights by their published names. `states` maps embeddings (batch, tokens, width) to the last layer's normalised states."""

    def __init__(self, c, w):
        self.c, self.w, self.kind = c, w, c["model_type"]
        self.heads = c["num_attention_heads"]

    def linear(self, name, x):
        y = F.linear(x, self.w[name + ".weight"], self.w.get(name + ".bias"))
        if name + ".lora_A.weight" in self.w:
            y = y + SCALE * x @ self.w[name + ".lora_A.weight"].T @ self.w[name + ".lora_B.weight"].T
        return y

    def layer_norm(self, name, x):
        return F.layer_norm(x, x.shape[-1:], self.w[name + ".weight"], self.w.get(name + ".bias"), self.c.get("layer_norm_eps", 1e-5))

    def rms(self, name, x):
        w = self.w[name + ".weight"]
        w = 1 + w if self.kind == "gemma3_text" else w
        return w * x / torch.sqrt(x.pow(2).mean(-1, keepdim=True) + 1e-6)

    def split(self, x, heads):
        return x.unflatten(-1, (heads, -1)).transpose(1, 2)  # (batch, heads, tokens, width)

    def attend(self, q, k, v, hidden, scale, bias=0):
        """hidden: True where a key is not seen. Not infinite, because padding may see nothing at all."""
        repeat = q.shape[1] // k.shape[1]
        k, v = k.repeat_interleave(repeat, 1), v.repeat_interleave(repeat, 1)
        scores = torch.einsum("bhqd,bhkd->bhqk", q, k) * scale + bias
        return torch.einsum("bhqk,bhkd->bhqd", scores.masked_fill(hidden, -1e30).softmax(-1), v).transpose(1, 2).flatten(2)

    def rotate(self, x, theta, factor=1.0):
        width = x.shape[-1]
        angle = torch.arange(x.shape[2])[:, None] / factor / theta ** (torch.arange(0, width, 2) / width)
        angle = torch.cat([angle, angle], -1)
        turned = torch.cat([-x[..., width // 2 :], x[..., : width // 2]], -1)
        return x * angle.cos() + turned * angle.sin()

    # encoders with norms behind their parts

    def kin(self, words, mask):
        e = BASE[self.kind] + "."
        tokens = words.shape[1]
        first = {"electra": 0, "mpnet": 2}.get(self.kind, self.c["pad_token_id"] + 1)
        x = words + self.w[e + "embeddings.position_embeddings.weight"][first : first + tokens]
        if self.kind != "mpnet":
            x = x + self.w[e + "embeddings.token_type_embeddings.weight"][0]
        x = self.layer_norm(e + "embeddings.LayerNorm", x)
        if self.kind == "electra":
            x = self.linear(e + "embeddings_project", x)
        bias = 0
        if self.kind == "mpnet":
            places = torch.arange(tokens)
            bias = self.w[e + "encoder.relative_attention_bias.weight"][buckets(places[None, :] - places[:, None])].permute(2, 0, 1)
        for i in range(self.c["num_hidden_layers"]):
            p = f"{e}encoder.layer.{i}."
            names = [f"attention.attn.{n}" for n in "qkvo"] if self.kind == "mpnet" else ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"]
            norm = "attention.LayerNorm" if self.kind == "mpnet" else "attention.output.LayerNorm"
            q, k, v = (self.split(self.linear(p + n, x), self.heads) for n in names[:3])
            y = self.attend(q, k, v, ~mask[:, None, None, :], 1 / math.sqrt(q.shape[-1]), bias)
            x = self.layer_norm(p + norm, x + self.linear(p + names[3], y))
            x = self.layer_norm(p + "output.LayerNorm", x + self.linear(p + "output.dense", F.gelu(self.linear(p + "intermediate.dense", x))))
        return x

    def modernbert(self, words, mask):
        x = self.layer_norm("model.embeddings.norm", words)
        places = torch.arange(words.shape[1])
        far = (places[None, :] - places[:, None]).abs() > self.c["local_attention"] // 2
        for i in range(self.c["num_hidden_layers"]):
            p = f"model.layers.{i}."
            is_global = i % self.c["global_attn_every_n_layers"] == 0
            y = self.layer_norm(p + "attn_norm", x) if i > 0 else x
            q, k, v = (self.split(part, self.heads) for part in self.linear(p + "attn.Wqkv", y).chunk(3, -1))
            theta = 160000.0 if is_global else 10000.0
            hidden = ~mask[:, None, None, :] if is_global else ~mask[:, None, None, :] | far
            y = self.attend(self.rotate(q, theta), self.rotate(k, theta), v, hidden, 1 / math.sqrt(q.shape[-1]))
            x = x + self.linear(p + "attn.Wo", y)
            a, b = self.linear(p + "mlp.Wi", self.layer_norm(p + "mlp_norm", x)).chunk(2, -1)
            x = x + self.linear(p + "mlp.Wo", F.gelu(a) * b)
        return self.layer_norm("model.final_norm", x)

    # decoders

    def plan(self, i):
        """(window or None, base of the angles or None, factor of the positions) of layer i."""
        c, kind = self.c, self.kind
        if kind == "mistral":
            return c["sliding_window"], 10000.0, 1.0
        if kind == "qwen2":
            return (c["sliding_window"] if i >= c["max_window_layers"] else None), 10000.0, 1.0
        if kind == "qwen3":
            return None, c["rope_theta"], 1.0
        if kind == "smollm3":
            return None, (None if (i + 1) % c["no_rope_layer_interval"] == 0 else c["rope_theta"]), 1.0
        if (i + 1) % c["sliding_window_pattern"] == 0:
            return None, c["rope_theta"], c["rope_scaling"]["factor"]
        return c["sliding_window"], c["rope_local_base_freq"], 1.0

    def decoder(self, words, mask):
        c, gemma = self.c, self.kind == "gemma3_text"
        x = words * math.sqrt(c["hidden_size"]) if gemma else words
        places = torch.arange(words.shape[1])
        behind = places[:, None] - places[None, :]  # how far a key is behind its query
        for i in range(c["num_hidden_layers"]):
            p = f"model.layers.{i}."
            window, theta, factor = self.plan(i)
            y = self.rms(p + "input_layernorm", x)
            q = self.split(self.linear(p + "self_attn.q_proj", y), self.heads)
            k, v = (self.split(self.linear(p + f"self_attn.{n}_proj", y), c["num_key_value_heads"]) for n in "kv")
            if self.kind in ("qwen3", "gemma3_text"):
                q, k = self.rms(p + "self_attn.q_norm", q), self.rms(p + "self_attn.k_norm", k)
            if theta is not None:
                q, k = self.rotate(q, theta, factor), self.rotate(k, theta, factor)
            hidden = (behind < 0) | ~mask[:, None, None, :]
            if window is not None:
                hidden = hidden | (behind >= window)
            scale = c.get("query_pre_attn_scalar", q.shape[-1]) ** -0.5
            y = self.linear(p + "self_attn.o_proj", self.attend(q, k, v, hidden, scale))
            x = x + (self.rms(p + "post_attention_layernorm", y) if gemma else y)
            y = self.rms(p + ("pre_feedforward_layernorm" if gemma else "post_attention_layernorm"), x)
            gate = self.linear(p + "mlp.gate_proj", y)
            gate = 0.5 * gate * (1 + torch.tanh(math.sqrt(2 / math.pi) * (gate + 0.044715 * gate**3))) if gemma else F.silu(gate)
            y = self.linear(p + "mlp.down_proj", gate * self.linear(p + "mlp.up_proj", y))
            x = x + (self.rms(p + "post_feedforward_layernorm", y) if gemma else y)
        return self.rms("model.norm", x)

    # heads

    def states(self, words, mask):
        if self.kind in DECODERS:
            return self.decoder(words, mask)
        return self.modernbert(words, mask) if self.kind == "modernbert" else self.kin(words, mask)

    def logits(self, words, mask):
        x = self.states(words, mask)
        if self.kind in DECODERS:
            return self.linear("score", x[torch.arange(len(x)), mask.sum(1) - 1])
        if self.kind == "modernbert":
            m = mask[..., None].double()
            return self.linear("classifier", self.layer_norm("head.norm", F.gelu(self.linear("head.dense", (x * m).sum(1) / m.sum(1)))))
        act = F.gelu if self.kind == "electra" else torch.tanh
        return self.linear("classifier.out_proj", act(self.linear("classifier.dense", x[:, 0])))

    def words(self, words, mask):
        x, table = self.states(words, mask), self.w[WORDS[self.kind]]
        if self.kind in DECODERS:
            return x @ (table if self.kind in TIED else self.w["lm_head.weight"]).T
        dense, norm, bias = {
            "modernbert": ("head.dense", "head.norm", "decoder.bias"),
            "electra": ("generator_predictions.dense", "generator_predictions.LayerNorm", "generator_lm_head.bias"),
        }.get(self.kind, ("lm_head.dense", "lm_head.layer_norm", "lm_head.bias"))
        return self.layer_norm(norm, F.gelu(self.linear(dense, x))) @ table.T + self.w[bias]


def buckets(offset, half=16, exact=8, farthest=128):
    """Buckets of distances of MPNet (as T5's), with the float32 arithmetic of the published code."""
    n = offset.abs()
    far = exact + (torch.log(n.float() / exact) / math.log(farthest / exact) * (half - exact)).long()
    return (offset > 0).long() * half + torch.where(n < exact, n, far.clamp(max=half - 1))


def shapes(c):
    """The published tensors of a family and their shapes."""
    kind, d, f, v, layers = c["model_type"], c["hidden_size"], c["intermediate_size"], c["vocab_size"], c["num_hidden_layers"]
    s = {}

    def linear(name, a, b, bias=True):
        s[name + ".weight"] = (b, a)
        if bias:
            s[name + ".bias"] = (b,)

    def norm(name, size=d, bias=False):
        s[name + ".weight"] = (size,)
        if bias:
            s[name + ".bias"] = (size,)

    if kind in DECODERS:
        width = c.get("head_dim", d // c["num_attention_heads"])
        q, k = width * c["num_attention_heads"], width * c["num_key_value_heads"]
        s[WORDS[kind]] = (v, d)
        for i in range(layers):
            p = f"model.layers.{i}."
            for n, out in (("q", q), ("k", k), ("v", k)):
                linear(f"{p}self_attn.{n}_proj", d, out, kind == "qwen2")
            linear(p + "self_attn.o_proj", q, d, False)
            for n, a, b in (("gate", d, f), ("up", d, f), ("down", f, d)):
                linear(f"{p}mlp.{n}_proj", a, b, False)
            names = ["input_layernorm", "post_attention_layernorm"]
            for n in names + (["pre_feedforward_layernorm", "post_feedforward_layernorm"] if kind == "gemma3_text" else []):
                norm(p + n)
            if kind in ("qwen3", "gemma3_text"):
                norm(p + "self_attn.q_norm", width)
                norm(p + "self_attn.k_norm", width)
        norm("model.norm")
        linear("score", d, LABELS, False)
        if kind not in TIED:
            linear("lm_head", d, v, False)
    elif kind == "modernbert":
        s[WORDS[kind]] = (v, d)
        norm("model.embeddings.norm")
        for i in range(layers):
            p = f"model.layers.{i}."
            if i > 0:
                norm(p + "attn_norm")
            linear(p + "attn.Wqkv", d, 3 * d, False)
            linear(p + "attn.Wo", d, d, False)
            norm(p + "mlp_norm")
            linear(p + "mlp.Wi", d, 2 * f, False)
            linear(p + "mlp.Wo", f, d, False)
        norm("model.final_norm")
        linear("head.dense", d, d, False)
        norm("head.norm")
        linear("classifier", d, LABELS)
        s["decoder.bias"] = (v,)
    else:
        e, m = BASE[kind] + ".", c.get("embedding_size", d)
        s[WORDS[kind]] = (v, m)
        s[e + "embeddings.position_embeddings.weight"] = (c["max_position_embeddings"], m)
        if kind != "mpnet":
            s[e + "embeddings.token_type_embeddings.weight"] = (c["type_vocab_size"], m)
        norm(e + "embeddings.LayerNorm", m, True)
        if m != d:
            linear(e + "embeddings_project", m, d)
        if kind == "mpnet":
            s[e + "encoder.relative_attention_bias.weight"] = (32, c["num_attention_heads"])
        for i in range(layers):
            p = f"{e}encoder.layer.{i}."
            mpnet = kind == "mpnet"
            for n in [f"attention.attn.{x}" for x in "qkvo"] if mpnet else ["attention.self.query", "attention.self.key", "attention.self.value", "attention.output.dense"]:
                linear(p + n, d, d)
            norm(p + ("attention.LayerNorm" if mpnet else "attention.output.LayerNorm"), d, True)
            linear(p + "intermediate.dense", d, f)
            linear(p + "output.dense", f, d)
            norm(p + "output.LayerNorm", d, True)
        linear("classifier.dense", d, d)
        linear("classifier.out_proj", d, LABELS)
        dense, ln, bias = ("generator_predictions.dense", "generator_predictions.LayerNorm", "generator_lm_head.bias") if kind == "electra" else ("lm_head.dense", "lm_head.layer_norm", "lm_head.bias")
        linear(dense, d, m)
        norm(ln, m, True)
        s[bias] = (v,)
    return s


TARGETS = {"mpnet": ("attn.q", "attn.v"), "modernbert": ("attn.Wqkv",), **{k: ("self.query", "self.value") for k in ("roberta", "xlm-roberta", "electra")}}


def begin(kind, folder, output):
    """Draws the inputs of a family."""
    c = CONFIGS[kind]
    draw = torch.Generator().manual_seed(sum(map(ord, kind)))
    normal = lambda *shape: torch.randn(*shape, generator=draw)
    weights = {}
    for name, shape in shapes(c).items():
        isNorm = "norm" in name.lower() and name.endswith("weight") and len(shape) == 1
        weights[name] = 0.3 * normal(*shape) + (1 if isNorm and kind != "gemma3_text" else 0)
    output.json(folder + "config.json", c)
    output.tensors(folder + "model.safetensors", {n: x.numpy() for n, x in weights.items()})
    mask = torch.tensor([[1] * 9, [1] * 6 + [0] * 3, [1] + [0] * 8])
    ids = torch.randint(3, c["vocab_size"], (3, 9), generator=draw) * mask + c.get("pad_token_id", 0) * (1 - mask)
    io = {"input_ids": ids, "attention_mask": mask, "labels": torch.randint(0, 2, (3, LABELS), generator=draw).float(), "logits": torch.zeros(1), "loss_bce": torch.zeros(1)}
    output.tensors(folder + "io.safetensors", {n: x.numpy() for n, x in io.items()})
    adapters = {}
    for name, shape in shapes(c).items():
        if name.endswith(".weight") and name[:-7].endswith(TARGETS.get(kind, ("q_proj", "v_proj"))):
            adapters[name[:-7] + ".lora_A.weight"] = 0.3 * normal(RANK, shape[1])
            adapters[name[:-7] + ".lora_B.weight"] = 0.3 * normal(shape[0], RANK)
    output.tensors(folder + "lora_r4_alpha8.safetensors", {n: x.numpy() for n, x in adapters.items()})


def doubles(tensors):
    return {n: torch.tensor(x).double().requires_grad_() for n, x in tensors.items()}


def floats(tensors):
    return {n: x.detach().float().numpy() for n, x in tensors.items()}


def make_family(kind, output):
    folder = f"models/{kind}-tiny/"
    if not os.path.exists(os.path.join(VALUES, folder, "model.safetensors")):
        begin(kind, folder, output)
    c, weights, io = read_json(folder + "config.json"), read_tensors(folder + "model.safetensors"), read_tensors(folder + "io.safetensors")
    ids, mask, labels = torch.tensor(io["input_ids"]), torch.tensor(io["attention_mask"]).bool(), torch.tensor(io["labels"]).double()
    table = WORDS[kind]
    is_language = lambda name: name.startswith(("lm_head.", "generator_", "decoder."))

    def run(w):
        z = Model(c, w).logits(w[table][ids], mask)
        return z, F.binary_cross_entropy_with_logits(z, labels)

    w = doubles(weights)
    z, loss = run(w)
    loss.backward()
    inputs = {n: io[n] for n in ("input_ids", "attention_mask", "labels")}
    output.tensors(folder + "io.safetensors", {**inputs, **floats({"logits": z, "loss_bce": loss})})
    gradients = {n: torch.zeros_like(x) if x.grad is None else x.grad for n, x in w.items() if not is_language(n)}
    output.tensors(folder + "grad_bce.safetensors", floats(gradients))

    w = doubles(weights)
    said = Model(c, w).words(w[table][ids], mask)
    name = "causal_lm" if kind in DECODERS else "masked_lm"
    output.tensors(f"{folder}{name}.safetensors", {"input_ids": io["input_ids"], "attention_mask": io["attention_mask"], **floats({"logits": said})})

    words, start = w[table][ids[:1]].detach(), w[table][torch.zeros_like(ids[:1])].detach()

    def at(x):
        x = x.clone().requires_grad_()
        logit = Model(c, w).logits(x, mask[:1])[0, 1]
        return logit, torch.autograd.grad(logit, x)[0][0]

    logit, gradient = at(words)
    total = sum(at(start + (step + 0.5) / 32 * (words - start))[1] for step in range(32)) / 32
    output.tensors(folder + "attribution.safetensors", floats({
        "embedding_grad_logit_0_1": gradient,
        "gradient_x_input": (gradient * words[0]).sum(-1),
        "integrated_gradients_pad_baseline_32_midpoint": (total * (words - start)[0]).sum(-1),
        "logit_at_input": logit,
        "logit_at_baseline": at(start)[0],
    }))

    adapters = {n: x for n, x in read_tensors(folder + "lora_r4_alpha8.safetensors").items() if ".lora_" in n and not n.startswith("grad.")}
    a = doubles(adapters)
    z, loss = run({**doubles(weights), **a})
    loss.backward()
    output.tensors(folder + "lora_r4_alpha8.safetensors", {**adapters, **floats({**{"grad." + n: x.grad for n, x in a.items()}, "logits": z, "loss_bce": loss})})


def make(output):
    for kind in CONFIGS:
        make_family(kind, output)
    offsets = torch.arange(-200, 201)
    output.json("models/mpnet-tiny/buckets.json", {"offsets": offsets.tolist(), "buckets": buckets(offsets).tolist()})
