"""Peer for the fine-tuning engine: DistilBERT's shape in PyTorch on the CPU, random weights.

Debian: apt-get install python3-torch libopenblas0-pthread. Usage: python3 torch_step.py BATCH TOKENS infer|lora|full [THREADS]
Prints version and kernels, then the median seconds of one step (of 5, after one warm-up) and rows per second. LoRA: r = 8 on query and value.
"""
import ctypes, math, sys, time
import torch
from torch import nn



def kernels():
    """The processor family whose kernels OpenBLAS has chosen, such as SkylakeX."""
    try:
        core_name = ctypes.CDLL("libopenblas.so.0").openblas_get_corename
        core_name.restype = ctypes.c_char_p
        return core_name().decode()
    except (OSError, AttributeError):
        return "unknown"


print(f"PyTorch {torch.__version__}, OpenBLAS kernels {kernels()}")
layers, dim, heads, hidden, vocabulary, genres = 6, 768, 12, 3072, 30522, 19
batch, tokens, mode = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
torch.manual_seed(0)
torch.set_num_threads(int(sys.argv[4]) if len(sys.argv) > 4 else 2)


class Adapter(nn.Module):
    def __init__(self, rank=8):
        super().__init__()
        self.a, self.b = nn.Linear(dim, rank, bias=False), nn.Linear(rank, dim, bias=False)

    def forward(self, x):
        return self.b(self.a(x))


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.q, self.k, self.v, self.o = (nn.Linear(dim, dim) for _ in range(4))
        self.up, self.down = nn.Linear(dim, hidden), nn.Linear(hidden, dim)
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        if mode == "lora":
            self.q_adapter, self.v_adapter = Adapter(), Adapter()

    def forward(self, x, mask):
        b, t, _ = x.shape
        q, k, v = self.q(x), self.k(x), self.v(x)
        if mode == "lora":
            q, v = q + self.q_adapter(x), v + self.v_adapter(x)
        q, k, v = (y.view(b, t, heads, dim // heads).transpose(1, 2) for y in (q, k, v))
        p = torch.softmax(q @ k.transpose(-1, -2) / math.sqrt(dim // heads) + mask, -1)
        x = self.norm1(x + self.o((p @ v).transpose(1, 2).reshape(b, t, dim)))
        return self.norm2(x + self.down(nn.functional.gelu(self.up(x))))


class Classifier(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.positions, self.norm = nn.Embedding(vocabulary, dim), nn.Embedding(512, dim), nn.LayerNorm(dim)
        self.blocks = nn.ModuleList(Block() for _ in range(layers))
        self.pre, self.head = nn.Linear(dim, dim), nn.Linear(dim, genres)

    def forward(self, ids, mask):
        x = self.norm(self.words(ids) + self.positions(torch.arange(ids.shape[1])))
        for block in self.blocks:
            x = block(x, mask)
        return self.head(torch.relu(self.pre(x[:, 0])))


model = Classifier()
if mode == "lora":
    for name, p in model.named_parameters():
        p.requires_grad = "adapter" in name or name.startswith(("pre", "head"))
ids = torch.randint(0, vocabulary, (batch, tokens))
mask = torch.zeros(batch, 1, 1, tokens)
labels = (torch.rand(batch, genres) < 0.15).float()
seconds = []
if mode == "infer":
    model.eval()
    with torch.no_grad():
        for _ in range(6):
            start = time.time()
            model(ids, mask)
            seconds.append(time.time() - start)
else:
    optimiser = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=2e-5)
    for _ in range(6):
        start = time.time()
        optimiser.zero_grad()
        nn.functional.binary_cross_entropy_with_logits(model(ids, mask), labels).backward()
        optimiser.step()
        seconds.append(time.time() - start)
median = sorted(seconds[1:])[2]
print(f"{mode} batch {batch} tokens {tokens}: median {median:.3f} s, {batch / median:.2f} rows/s")
