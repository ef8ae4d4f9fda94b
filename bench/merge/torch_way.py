"""A linear merge as mergekit does it: stack in float32, multiply, sum, divide, cast; written by safetensors.

python torch_way.py OUT IN… ; threads come from OMP_NUM_THREADS. Prints one line of JSON.
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
out, *inputs = sys.argv[1:]
started, cpu = time.perf_counter(), time.process_time()
weights = torch.tensor([1 / len(inputs)] * len(inputs), dtype=torch.float32)
handles = [safe_open(name, framework="pt") for name in inputs]
merged = {}
with torch.no_grad():
    for name in handles[0].keys():
        tensors = [handle.get_tensor(name) for handle in handles]
        stacked = torch.stack([tensor.to(torch.float32) for tensor in tensors], dim=0)
        shaped = weights.view(-1, *([1] * tensors[0].dim()))
        merged[name] = ((stacked * shaped).sum(dim=0) / weights.sum()).to(tensors[0].dtype)
save_file(merged, out, {"format": "pt"})
print(json.dumps({"seconds": time.perf_counter() - started, "cpuSeconds": time.process_time() - cpu, "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
