"""Draws mergekit configurations, carries out each with mergekit's run_merge and with `soup merge`, and compares every tensor.

python bench/merge/configurations.py [--seed 1] [--count 40]   ; needs mergekit (tried with 0.1.5), transformers, and a build

Prints a line for each: the method, and the largest difference, in units of the output's last place (16 bits) or of the
tensor's largest magnitude (float32). Methods that draw have density 1.
"""

import argparse
import json
import logging
import pathlib
import random
import subprocess
import tempfile

import torch
import transformers
import yaml
from mergekit.config import MergeConfiguration
from mergekit.merge import run_merge
from mergekit.options import MergeOptions
from safetensors.torch import load_file

LAYERS = 4
FAMILIES = {
    "llama": (lambda: transformers.LlamaForCausalLM(transformers.LlamaConfig(vocab_size=24, hidden_size=16, intermediate_size=20, num_hidden_layers=LAYERS, num_attention_heads=2, num_key_value_heads=1, max_position_embeddings=32, tie_word_embeddings=False)), ["self_attn", "mlp", "layernorm", "embed_tokens", "down_proj"]),
    "gpt2": (lambda: transformers.GPT2LMHeadModel(transformers.GPT2Config(vocab_size=24, n_embd=16, n_layer=LAYERS, n_head=2, n_positions=32)), ["attn", "mlp", "ln_", "wte", "c_proj"]),
}


def make_models(work: pathlib.Path) -> None:
    """work/<family>-{base,a,b,c}: a random base, and changes of it of a tenth of its size."""
    for family, (create, _) in FAMILIES.items():
        model = create()
        with torch.no_grad():
            base = {name: torch.randn_like(value) for name, value in model.named_parameters()}
            for expert in ("base", "a", "b", "c"):
                for name, value in model.named_parameters():
                    value.copy_(base[name] + (0 if expert == "base" else 0.1 * torch.randn_like(value)))
                model.save_pretrained(work / f"{family}-{expert}")


def draw(rng: random.Random, work: pathlib.Path) -> dict:
    family = rng.choice(list(FAMILIES))
    filters = FAMILIES[family][1]
    base, *experts = (str(work / f"{family}-{name}") for name in ("base", "a", "b", "c"))

    def value(low: float, high: float) -> object:
        number = lambda: round(rng.uniform(low, high), 3)
        plain = lambda: number() if rng.random() < 0.6 else [number() for _ in range(rng.randint(2, 5))]
        if rng.random() < 0.6:
            return plain()
        return [{"filter": rng.choice(filters), "value": plain()}, {"value": plain()}]

    # method: experts, whether there is a base, parameters of a model, and of the merge
    weight = {"weight": (0.1, 1)}
    density = {**weight, "density": (0.3, 0.9)}
    drawn = {**weight, "density": (1, 1)}
    of_sum = {"normalize": None, "lambda": (0.5, 1.2)}
    methods = {
        "linear": (3, False, weight, {"normalize": None}), "slerp": (1, True, {}, {"t": (0.1, 0.9)}), "nuslerp": (2, rng.random() < 0.5, weight, {"nuslerp_flatten": None}),
        "multislerp": (3, rng.random() < 0.5, weight, {}), "karcher": (3, False, {}, {}), "task_arithmetic": (2, True, weight, of_sum), "ties": (3, True, density, of_sum),
        "dare_linear": (2, True, drawn, of_sum), "dare_ties": (3, True, drawn, of_sum), "della": (2, True, drawn, of_sum), "della_linear": (2, True, drawn, of_sum),
        "breadcrumbs": (2, True, {**density, "gamma": (0.05, 0.1)}, of_sum), "breadcrumbs_ties": (2, True, {**density, "gamma": (0.05, 0.1)}, of_sum), "model_stock": (3, True, {}, {"filter_wise": None}),
        "sce": (3, True, {}, {"select_topk": (0.2, 0.9)}), "nearswap": (1, True, {}, {"t": (0.001, 0.05)}), "arcee_fusion": (1, True, {}, {}), "ram": (3, True, {}, {"epsilon": (0.01, 0.1)}),
        "ramplus_tl": (3, True, {}, {}), "passthrough": (1, False, {"scale": (0.5, 1.5)}, {}),
    }
    method = rng.choice(list(methods))
    count, has_base, own, shared = methods[method]
    of_model = lambda: {name: value(*limits) for name, limits in own.items()}
    chosen = rng.sample(experts, count)
    parameters = {name: rng.random() < 0.5 if limits is None else value(*limits) if name in ("t",) else round(rng.uniform(*limits), 3) for name, limits in shared.items()}
    config = {"merge_method": method, "dtype": "float32", "parameters": parameters}
    if has_base:
        config["base_model"] = base
    if rng.random() < 0.5:
        config["out_dtype"] = rng.choice(["bfloat16", "float16"])
    if rng.random() < 0.4:
        config["slices"] = []
        for _ in range(rng.randint(1, 3)):
            layers = rng.randint(1, LAYERS)
            first = lambda: rng.randint(0, LAYERS - layers)
            sources = [{"model": model, "layer_range": [(begin := first()), begin + layers], "parameters": of_model()} for model in chosen]
            if has_base:
                sources.insert(0, {"model": base, "layer_range": [(begin := first()), begin + layers]})
            config["slices"].append({"sources": sources})
    else:
        config["models"] = [{"model": model, "parameters": of_model()} for model in chosen]
        if method == "slerp":
            config["models"].insert(0, {"model": base})
    return config


def difference(own: torch.Tensor, theirs: torch.Tensor) -> float:
    """In units of the last place, or of the largest magnitude of a float32 tensor."""
    if own.dtype != theirs.dtype or own.shape != theirs.shape:
        return float("inf")
    if own.dtype == torch.float32:
        return ((own - theirs).abs().max() / theirs.abs().max()).item()
    # sign and magnitude, as numbers in order
    ordered = lambda tensor: (lambda bits: torch.where(bits < 0, -(bits & 0x7FFF), bits))(tensor.view(torch.int16).to(torch.int32))
    return (ordered(own) - ordered(theirs)).abs().max().item()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=40)
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    torch.manual_seed(options.seed)
    rng = random.Random(options.seed)
    cli = pathlib.Path(__file__).parent.parent.parent / "dist" / "cli.js"
    with tempfile.TemporaryDirectory() as directory:
        work = pathlib.Path(directory)
        make_models(work)
        for index in range(options.count):
            config = draw(rng, work)
            (work / "merge.yaml").write_text(yaml.safe_dump(config))
            run_merge(MergeConfiguration.model_validate(config), str(work / f"theirs-{index}"), options=MergeOptions(copy_tokenizer=False, write_model_card=False, quiet=True))
            done = subprocess.run(["node", str(cli), "merge", "merge.yaml", f"own-{index}"], cwd=work, capture_output=True, text=True)
            name = f"{index:3} {config['merge_method']:17}{'slices' if 'slices' in config else 'models'} {config.get('out_dtype', 'float32'):9}"
            if done.returncode != 0:
                print(name, done.stderr.strip().splitlines()[-1], "\n", json.dumps(config))
                continue
            own, theirs = (load_file(work / f"{who}-{index}" / "model.safetensors") for who in ("own", "theirs"))
            if own.keys() != theirs.keys():
                print(name, "tensors of one alone:", sorted(own.keys() ^ theirs.keys())[:4])
                continue
            worst = max((difference(own[tensor], theirs[tensor]), tensor) for tensor in own)
            equal = sum(torch.equal(own[tensor], theirs[tensor]) for tensor in own)
            print(f"{name} {worst[0]:.1e} in {worst[1]}, {equal} of {len(own)} tensors equal")
            if worst[0] > (1e-6 if "out_dtype" not in config else 1):
                print(json.dumps(config))


main()
