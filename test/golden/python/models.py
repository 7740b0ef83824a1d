"""Logits, losses, gradients, attributions, AdamW steps and adapters of the tiny models, in plain PyTorch.

Inputs (weights, token ids, labels, adapters) are read from values/models; everything that a network computes from them is made again.
The networks are written from their papers: BERT (Devlin et al. 2018), DistilBERT (Sanh et al. 2019), Llama (Touvron et al. 2023),
LoRA (Hu et al. 2021), focal loss (Lin et al. 2017), integrated gradients (Sundararajan et al. 2017).
"""
import math

import torch
import torch.nn.functional as F

from files import read_json, read_tensors

HEADS = 4
WORDS = {
    "bert": "bert.embeddings.word_embeddings.weight",
    "distilbert": "distilbert.embeddings.word_embeddings.weight",
    "llama": "model.embed_tokens.weight",
}


def split(x):
    """(batch, tokens, dim) to (batch, heads, tokens, dim / heads)."""
    batch, tokens, dim = x.shape
    return x.view(batch, tokens, HEADS, dim // HEADS).transpose(1, 2)


def attend(q, k, v, allowed):
    """q, k, v: (batch, heads, tokens, width); allowed broadcasts to (batch, heads, tokens, tokens)."""
    batch, heads, tokens, width = q.shape
    scores = (q @ k.transpose(-1, -2) / math.sqrt(width)).masked_fill(~allowed, float("-inf"))
    return (scores.softmax(-1) @ v).transpose(1, 2).reshape(batch, tokens, heads * width)


class Network:
    """w: weights by their published names, adapters among them; a linear layer with an adapter adds 2 B A x."""

    def __init__(self, w):
        self.w = w

    def linear(self, name, x):
        y = F.linear(x, self.w[name + ".weight"], self.w.get(name + ".bias"))
        if name + ".lora_A.weight" in self.w:
            y = y + 2 * F.linear(F.linear(x, self.w[name + ".lora_A.weight"]), self.w[name + ".lora_B.weight"])
        return y

    def norm(self, name, x):
        return F.layer_norm(x, x.shape[-1:], self.w[name + ".weight"], self.w[name + ".bias"], 1e-12)

    def rms(self, name, x):
        return x * torch.rsqrt((x * x).mean(-1, keepdim=True) + 1e-6) * self.w[name + ".weight"]

    def bert(self, words, mask):
        w, e = self.w, "bert.embeddings."
        allowed = mask[:, None, None, :]
        x = words + w[e + "token_type_embeddings.weight"][0] + w[e + "position_embeddings.weight"][: words.shape[1]]
        x = self.norm(e + "LayerNorm", x)
        for layer in range(2):
            p = f"bert.encoder.layer.{layer}."
            q, k, v = (split(self.linear(p + "attention.self." + n, x)) for n in ("query", "key", "value"))
            x = self.norm(p + "attention.output.LayerNorm", x + self.linear(p + "attention.output.dense", attend(q, k, v, allowed)))
            wide = F.gelu(self.linear(p + "intermediate.dense", x))
            x = self.norm(p + "output.LayerNorm", x + self.linear(p + "output.dense", wide))
        return self.linear("classifier", torch.tanh(self.linear("bert.pooler.dense", x[:, 0])))

    def distilbert(self, words, mask):
        e = "distilbert.embeddings."
        x = self.norm(e + "LayerNorm", words + self.w[e + "position_embeddings.weight"][: words.shape[1]])
        for layer in range(2):
            p = f"distilbert.transformer.layer.{layer}."
            q, k, v = (split(self.linear(p + f"attention.{n}_lin", x)) for n in "qkv")
            x = self.norm(p + "sa_layer_norm", x + self.linear(p + "attention.out_lin", attend(q, k, v, mask[:, None, None, :])))
            x = self.norm(p + "output_layer_norm", x + self.linear(p + "ffn.lin2", F.gelu(self.linear(p + "ffn.lin1", x))))
        return self.linear("classifier", F.relu(self.linear("pre_classifier", x[:, 0])))

    def llama_states(self, words, mask):
        """(batch, tokens, dim), normalised."""
        tokens = words.shape[1]
        width = words.shape[2] // HEADS
        frequencies = 10000.0 ** (-torch.arange(0, width, 2) / width)
        angle = torch.arange(tokens)[:, None] * frequencies[None, :]

        def rotate(x):  # element i is paired with element i + width / 2
            a, b = x[..., : width // 2], x[..., width // 2 :]
            return torch.cat([a * angle.cos() - b * angle.sin(), b * angle.cos() + a * angle.sin()], -1)

        allowed = torch.ones(tokens, tokens).tril().bool()[None, None] & mask[:, None, None, :]
        x = words
        for layer in range(2):
            p = f"model.layers.{layer}."
            y = self.rms(p + "input_layernorm", x)
            q, k, v = (split(self.linear(p + f"self_attn.{n}_proj", y)) for n in "qkv")
            x = x + self.linear(p + "self_attn.o_proj", attend(rotate(q), rotate(k), v, allowed))
            y = self.rms(p + "post_attention_layernorm", x)
            x = x + self.linear(p + "mlp.down_proj", F.silu(self.linear(p + "mlp.gate_proj", y)) * self.linear(p + "mlp.up_proj", y))
        return self.rms("model.norm", x)

    def llama(self, words, mask):
        last = mask.sum(1) - 1
        return self.linear("score", self.llama_states(words, mask)[torch.arange(len(last)), last])


def bce(logits, labels):
    return F.binary_cross_entropy_with_logits(logits, labels)


def focal(logits, labels, alpha=0.375, gamma=2):
    cells = F.binary_cross_entropy_with_logits(logits, labels, reduction="none")
    right = torch.exp(-cells)
    weight = alpha * labels + (1 - alpha) * (1 - labels)
    return (weight * (1 - right) ** gamma * cells).mean()


def parameters(tensors):
    return {name: torch.tensor(values, requires_grad=True) for name, values in tensors.items()}


def arrays(tensors):
    return {name: x.detach().numpy().copy() for name, x in tensors.items()}


def make_model(kind, output):
    folder = f"models/{kind}-tiny/"
    weights = read_tensors(folder + "model.safetensors")
    io = read_tensors(folder + "io.safetensors")
    ids, mask = torch.tensor(io["input_ids"]), torch.tensor(io["attention_mask"]).bool()
    labels, pos_weight = torch.tensor(io["labels"]), torch.tensor(io["pos_weight"])

    def logits(w):
        return getattr(Network(w), kind)(w[WORDS[kind]][ids], mask)

    losses = {
        "loss_bce": bce,
        "loss_bce_pos_weight": lambda z, y: F.binary_cross_entropy_with_logits(z, y, pos_weight=pos_weight),
        "loss_focal_a0375_g2": focal,
    }
    out = {**{name: io[name] for name in ("input_ids", "attention_mask", "labels", "pos_weight")}}
    for name, loss in losses.items():
        w = parameters(weights)
        z = logits(w)
        value = loss(z, labels)
        value.backward()
        out.update(arrays({"logits": z, name: value}))
        gradients = {n: torch.zeros_like(x) if x.grad is None else x.grad for n, x in w.items()}
        output.tensors(folder + "grad_" + name.removeprefix("loss_").removesuffix("_a0375_g2") + ".safetensors", arrays(gradients))
    output.tensors(folder + "io.safetensors", out)

    make_attributions(kind, folder, parameters(weights), ids[:1], mask[:1], output)
    make_steps(folder, weights, lambda w: bce(logits(w), labels), output)
    make_adapters(folder, weights, lambda w: (logits(w), bce(logits(w), labels)), output)
    if kind == "llama":
        causal = read_tensors(folder + "causal_lm.safetensors")
        w = parameters(weights)
        states = Network(w).llama_states(w[WORDS[kind]][torch.tensor(causal["input_ids"])], torch.tensor(causal["attention_mask"]).bool())
        causal["logits"] = (states @ torch.tensor(causal["lm_head.weight"]).T).detach().numpy()
        output.tensors(folder + "causal_lm.safetensors", causal)


def make_attributions(kind, folder, w, ids, mask, output, steps=32):
    """For logit 1 of the first text. Baseline: the embedding of id 0 at every position; midpoints of `steps` equal parts."""
    def at(words):
        words = words.detach().requires_grad_()
        logit = getattr(Network(w), kind)(words, mask)[0, 1]
        return logit, torch.autograd.grad(logit, words)[0][0]

    table = w[WORDS[kind]]
    words, baseline = table[ids], table[torch.zeros_like(ids)]
    logit, gradient = at(words)
    total = sum(at(baseline + (step + 0.5) / steps * (words - baseline))[1] for step in range(steps)) / steps
    output.tensors(folder + "attribution.safetensors", arrays({
        "embedding_grad_logit_0_1": gradient,
        "gradient_x_input": (gradient * words[0]).sum(-1),
        f"integrated_gradients_pad_baseline_{steps}_midpoint": (total * (words - baseline)[0]).sum(-1),
        "logit_at_input": logit,
        "logit_at_baseline": at(baseline)[0],
    }))


def make_steps(folder, weights, loss_of, output):
    """Steps of AdamW over all parameters, decay on every tensor."""
    settings = read_json(folder + "adamw.json")
    w = parameters(weights)
    optimiser = torch.optim.AdamW(
        w.values(), lr=settings["lr"], betas=settings["betas"], eps=settings["eps"], weight_decay=settings["weight_decay"]
    )
    losses = []
    for _ in settings["losses"]:
        optimiser.zero_grad()
        loss = loss_of(w)
        loss.backward()
        for x in w.values():  # rows of words that do not occur, and all else without a gradient, only decay
            x.grad = torch.zeros_like(x) if x.grad is None else x.grad
        losses.append(float(loss))
        optimiser.step()
    output.json(folder + "adamw.json", {**settings, "losses": losses})
    # a key's bias adds the same to every score of a row: its gradient is rounding, which AdamW's division blows up
    output.tensors(folder + f"after_{len(losses)}_adamw.safetensors", arrays(w), uncompared=r"\.(key|k_lin)\.bias$")


def make_adapters(folder, weights, of, output):
    path = folder + "lora_r4_alpha8.safetensors"
    committed = read_tensors(path)
    adapters = parameters({n: x for n, x in committed.items() if ".lora_" in n and not n.startswith("grad.")})
    logits, loss = of({**parameters(weights), **adapters})
    loss.backward()
    made = {**adapters, **{"grad." + n: x.grad for n, x in adapters.items()}, "logits": logits, "loss_bce": loss}
    output.tensors(path, {n: x for n, x in sorted(arrays(made).items(), key=lambda item: list(committed).index(item[0]))})


def make(output):
    for kind in WORDS:
        make_model(kind, output)
