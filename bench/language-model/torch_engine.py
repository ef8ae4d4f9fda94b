"""The same work by transformers and PEFT: python3 torch_engine.py MODEL_DIRECTORY STEPS"""
import json
import statistics
import sys
import time

import torch
import transformers
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM

transformers.utils.logging.set_verbosity_error()
torch.set_num_threads(1)
directory, steps = sys.argv[1], int(sys.argv[2])
rows, length, prompt = 16, 64, 16


def tokens(count, vocabulary):
    state, values = 1, []
    for _ in range(count):
        state = (state * 1103515245 + 12345) & 0x7FFFFFFF
        values.append(1 + (state >> 8) % (vocabulary - 1))
    return torch.tensor(values).reshape(rows, length)


def timed(count, work):
    times = []
    for _ in range(count):
        start = time.process_time()
        work()
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times[1:])


def train(model, ids):
    model.eval()
    losses = []

    def step():
        model.zero_grad(set_to_none=True)
        scores = model(input_ids=ids).logits[:, :-1].log_softmax(-1).gather(-1, ids[:, 1:, None])
        # the first token of a row scores 0 and counts in the mean, as in the other engine
        loss = -scores.sum() / ids.numel()
        loss.backward()
        losses.append(loss.item())

    return timed(steps, step), losses[-1]


def load():
    return AutoModelForCausalLM.from_pretrained(directory)


ids = tokens(rows * length, 1024)
model = load().eval()
new = length - prompt
with torch.no_grad():
    generation = timed(max(3, round(steps / 4)), lambda: model.generate(input_ids=ids[:, :prompt], attention_mask=torch.ones(rows, prompt), do_sample=True, top_k=0, max_new_tokens=new, min_new_tokens=new))
full, loss = train(load(), ids)
adapter, _ = train(get_peft_model(load(), LoraConfig(r=8, lora_alpha=16, target_modules=["c_attn", "c_proj", "c_fc"], fan_in_fan_out=True)), ids)
print(json.dumps({"version": f"torch {torch.__version__}, transformers {transformers.__version__}", "tokensPerSecond": rows * new * 1000 / generation, "fullMs": full, "adapterMs": adapter, "loss": loss}))
