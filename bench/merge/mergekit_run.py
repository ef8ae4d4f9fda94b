"""Carries out a configuration with mergekit's own run_merge, timed without the imports.

python mergekit_run.py CONFIG OUT ; threads come from OMP_NUM_THREADS. Prints one line of JSON.
"""

import json
import os
import resource
import sys
import time

import torch
import yaml
from mergekit.config import MergeConfiguration
from mergekit.merge import run_merge
from mergekit.options import MergeOptions

torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
with open(sys.argv[1]) as file:
    config = MergeConfiguration.model_validate(yaml.safe_load(file))
started, cpu = time.perf_counter(), time.process_time()
run_merge(config, sys.argv[2], options=MergeOptions(lazy_unpickle=True, write_model_card=False, copy_tokenizer=False, quiet=True))
print(json.dumps({"seconds": time.perf_counter() - started, "cpuSeconds": time.process_time() - cpu, "peakMegabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
