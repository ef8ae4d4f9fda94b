"""RLOO by TRL with a LoRA adapter by PEFT, timed step by step on one thread: the peer of engine.ts."""
import json
import re
import sys
import time

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, TrainerCallback
from trl import RLOOConfig, RLOOTrainer

torch.set_num_threads(1)
setting, steps = json.loads(sys.argv[1]), int(sys.argv[2])
lines = [json.loads(line) for line in open(setting["promptsFile"])]
batch = setting["prompts"] * setting["samples"]


def words(text):
    return re.findall("[a-z0-9]+", text.lower())


def faithful(completions, source, **_):
    """Share of the source's words that the completion has: ROUGE-1 recall."""
    scores = []
    for completion, text in zip(completions, source):
        wanted, left = words(text), {}
        for word in words(completion):
            left[word] = left.get(word, 0) + 1
        shared = 0
        for word in wanted:
            if left.get(word, 0) > 0:
                left[word] -= 1
                shared += 1
        scores.append(shared / max(1, len(wanted)))
    return scores


rows = []


class Clock(TrainerCallback):
    def on_step_begin(self, *_args, **_kwargs):
        self.start = time.process_time(), time.perf_counter()

    def on_step_end(self, *_args, **_kwargs):
        cpu, wall = self.start
        rows.append({"cpuMs": 1000 * (time.process_time() - cpu), "wallMs": 1000 * (time.perf_counter() - wall)})


tokenizer = AutoTokenizer.from_pretrained(setting["model"])
trainer = RLOOTrainer(
    model=AutoModelForCausalLM.from_pretrained(setting["model"]),
    processing_class=tokenizer,
    reward_funcs=faithful,
    train_dataset=Dataset.from_list([{"prompt": line["prompt"], "source": line["source"]} for line in lines]),
    peft_config=LoraConfig(r=setting["rank"], lora_alpha=setting["alpha"], lora_dropout=0.0, target_modules=["q_proj", "k_proj", "v_proj", "o_proj"], task_type="CAUSAL_LM"),
    callbacks=[Clock()],
    args=RLOOConfig(
        output_dir=sys.argv[3], max_steps=steps, per_device_train_batch_size=batch, num_generations=setting["samples"], steps_per_generation=1, num_iterations=1,
        max_completion_length=setting["maxNewTokens"], temperature=1.0, beta=setting["klCoefficient"], learning_rate=setting["learningRate"], lr_scheduler_type="constant",
        use_cpu=True, bf16=False, gradient_checkpointing=False, report_to=[], logging_strategy="no", save_strategy="no", disable_tqdm=True, seed=0,
    ),
)
trainer.train()
import importlib.metadata

print(json.dumps({"version": f"TRL {importlib.metadata.version('trl')}, PEFT {importlib.metadata.version('peft')}, torch {torch.__version__}", "rows": rows}))
