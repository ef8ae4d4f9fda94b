"""A linear merge as mergekit does it: stack in float32, multiply, sum, divide, cast; written by safetensors.

python torch_way.py OUT IN… ; threads come from OMP_NUM_THREADS. Prints one line of JSON.
python torch_way.py --arithmetic DTYPE EXPERTS BYTES ; the same of tensors in memory, `BYTES` of every expert.
"""

import json
import os
import resource
import sys
import time

import torch
from safetensors import safe_open
from safetensors.torch import save_file

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
DTYPES = {"bf16": torch.bfloat16, "f16": torch.float16, "f32": torch.float32}


def merge(tensors: list[torch.Tensor], weights: torch.Tensor) -> torch.Tensor:
    stacked = torch.stack([tensor.to(torch.float32) for tensor in tensors], dim=0)
    shaped = weights.view(-1, *([1] * tensors[0].dim()))
    return ((stacked * shaped).sum(dim=0) / weights.sum()).to(tensors[0].dtype)


def weights_of(count: int) -> torch.Tensor:
    return torch.tensor([1 / count] * count, dtype=torch.float32)


def arithmetic(dtype: torch.dtype, count: int, size: int) -> float:
    """Seconds; 16 tensors of 4 MiB of every expert are merged again and again, one round before the clock starts."""
    experts = [[(0.02 * torch.randn((1 << 22) // dtype.itemsize)).to(dtype) for _ in range(count)] for _ in range(16)]
    weights = weights_of(count)
    merged = [merge(tensors, weights) for tensors in experts]
    started = time.perf_counter()
    for index in range(size >> 22):
        merged[index % 16] = merge(experts[index % 16], weights)
    return time.perf_counter() - started


def from_files(out: str, *inputs: str) -> float:
    started = time.perf_counter()
    weights = weights_of(len(inputs))
    handles = [safe_open(name, framework="pt") for name in inputs]
    merged = {name: merge([handle.get_tensor(name) for handle in handles], weights) for name in handles[0].keys()}
    save_file(merged, out, {"format": "pt"})
    return time.perf_counter() - started


with torch.no_grad():
    cpu = time.process_time()
    if sys.argv[1] == "--arithmetic":
        seconds, cpu_seconds = arithmetic(DTYPES[sys.argv[2]], int(sys.argv[3]), int(float(sys.argv[4]))), None
    else:
        seconds, cpu_seconds = from_files(*sys.argv[1:]), time.process_time() - cpu
print(json.dumps({"seconds": seconds, "cpuSeconds": cpu_seconds, "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, "version": torch.__version__}))
