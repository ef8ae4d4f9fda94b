"""Draws a language model of a supported family (shape, grouping of heads, scaling of positions, ties, biases, dtype, shards,
age of the config's keys), writes it, and what transformers computes from it.

    python3 draw.py SEED DIRECTORY      # needs torch and transformers; prints what was drawn

DIRECTORY/expected.safetensors: `tokens`, `attention` [batch, time], left padded; `logits` [batch, time, vocabulary], and
`exact`, the same in float64, each row without its padding;
`greedy` [batch, new] from generate() with its key-value cache, and `penalty` [1], the repetition penalty of it.
"""
import json
import pathlib
import random
import sys

import torch
import transformers
from safetensors.torch import save_file

FIXTURES = pathlib.Path(__file__).parents[2] / "test" / "fixtures" / "text"
sys.path.insert(0, str(FIXTURES))
import models  # noqa: E402

CLASSES = {
    "gpt2": (transformers.GPT2Config, transformers.GPT2LMHeadModel), "llama": (transformers.LlamaConfig, transformers.LlamaForCausalLM),
    "mistral": (transformers.MistralConfig, transformers.MistralForCausalLM), "qwen2": (transformers.Qwen2Config, transformers.Qwen2ForCausalLM),
    "qwen3": (transformers.Qwen3Config, transformers.Qwen3ForCausalLM),
}


def draw_rope(rng, context):
    theta = rng.choice([500.0, 10000.0, 1000000.0])
    original = rng.choice([context // 4, context // 2])
    kind = rng.choice(["default", "linear", "dynamic", "llama3", "yarn", "yarn"])
    rope = {"rope_type": kind, "rope_theta": theta}
    if kind != "default":
        rope["factor"] = rng.choice([1.5, 2.0, 4.0, 8.0])
    if kind == "llama3":
        rope.update(low_freq_factor=1.0, high_freq_factor=rng.choice([2.0, 4.0]), original_max_position_embeddings=original)
    if kind == "yarn":
        rope.update(original_max_position_embeddings=original)
        rope.update(rng.choice([{}, {}, {"attention_factor": 0.8}, {"mscale": 0.7, "mscale_all_dim": 1.2}, {"beta_fast": 8.0, "beta_slow": 2.0}, {"truncate": False}]))
    return rope


def draw_config(rng, family):
    heads = rng.choice([2, 4, 8])
    width = heads * rng.choice([4, 6, 8])
    context = rng.choice([32, 48, 96])
    common = dict(vocab_size=rng.choice([31, 50, 97]), bos_token_id=0, eos_token_id=1, pad_token_id=1, attn_implementation="eager", tie_word_embeddings=rng.random() < 0.5)
    if family == "gpt2":
        return dict(common, n_embd=width, n_layer=rng.choice([1, 2, 3]), n_head=heads, n_positions=context, n_inner=rng.choice([None, 20]), activation_function=rng.choice(["gelu_new", "gelu", "relu"]), layer_norm_epsilon=rng.choice([1e-5, 1e-3]), scale_attn_weights=rng.random() < 0.8, scale_attn_by_inverse_layer_idx=rng.random() < 0.3)
    config = dict(common, hidden_size=width, intermediate_size=rng.choice([20, 36]), num_hidden_layers=rng.choice([1, 2, 3]), num_attention_heads=heads, num_key_value_heads=rng.choice([n for n in (1, 2, 4, 8) if n <= heads]), max_position_embeddings=context, rms_norm_eps=rng.choice([1e-6, 1e-5, 1e-3]), rope_parameters=draw_rope(rng, context))
    if family in ("llama", "mistral", "qwen3") and rng.random() < 0.5:
        config["head_dim"] = rng.choice([4, 10])
    elif family == "qwen3":
        config["head_dim"] = width // heads
    if family in ("llama", "qwen3"):
        config["attention_bias"] = rng.random() < 0.4
    if family == "llama":
        config["mlp_bias"] = rng.random() < 0.4
    if family == "mistral":
        config["sliding_window"] = rng.choice([None, 20, context])
    if family in ("qwen2", "qwen3") and rng.random() < 0.4:
        config.update(use_sliding_window=True, sliding_window=rng.choice([20, context]), max_window_layers=rng.choice([0, 1]))
    return config


def with_older_keys(file):
    """`rope_theta` and `rope_scaling` in place of `rope_parameters`, as transformers 4 wrote them."""
    config = json.loads(file.read_text())
    rope = config.pop("rope_parameters")
    config["rope_theta"] = rope.pop("rope_theta")
    config["rope_scaling"] = None if rope["rope_type"] == "default" else {"type": rope.pop("rope_type"), **rope}
    file.write_text(json.dumps(config))


def main(seed, directory):
    rng = random.Random(seed)
    torch.manual_seed(seed)
    family = rng.choice(list(CLASSES))
    config = draw_config(rng, family)
    dtype = rng.choice(["float32", "float32", "bfloat16", "float16"])
    is_sharded, is_older = rng.random() < 0.3, family != "gpt2" and rng.random() < 0.4
    config_class, model_class = CLASSES[family]
    drawn = models.randomise(model_class(config_class(**config)))
    drawn.to(getattr(torch, dtype)).save_pretrained(directory, max_shard_size="4KB" if is_sharded else "1GB")
    models.vocabulary = config["vocab_size"]
    models.save_tokenizer(directory)
    if is_older:
        with_older_keys(directory / "config.json")
    # opened from its files again, so that the numbers are of what was written
    model = transformers.AutoModelForCausalLM.from_pretrained(directory, dtype=torch.float32, attn_implementation="eager").eval()

    new = 8
    longest = min(config.get("max_position_embeddings", config.get("n_positions")), config.get("sliding_window") or 10**6) - new
    lengths = [longest] + [rng.randint(1, longest) for _ in range(2)]
    tokens = torch.randint(2, config["vocab_size"], (3, longest))
    attention = torch.tensor([[0] * (longest - length) + [1] * length for length in lengths])
    tokens[attention == 0] = 1
    penalty = rng.choice([1.0, 1.3])
    with torch.no_grad():
        logits = model(input_ids=tokens, attention_mask=attention, position_ids=(attention.cumsum(-1) - 1).clamp(min=0)).logits
        greedy = model.generate(input_ids=tokens, attention_mask=attention, do_sample=False, max_new_tokens=new, min_new_tokens=new, repetition_penalty=penalty)[:, longest:]
        model.double()
        exact = torch.zeros(logits.shape, dtype=torch.float64)
        for row, length in enumerate(lengths):
            exact[row, -length:] = model(tokens[row : row + 1, -length:]).logits[0]
    save_file({"tokens": tokens.int(), "attention": attention.int(), "logits": logits.contiguous(), "exact": exact, "greedy": greedy.int().contiguous(), "penalty": torch.tensor([penalty])}, directory / "expected.safetensors")

    rope = config.get("rope_parameters", {}).get("rope_type", "learned")
    heads = f"{config.get('num_attention_heads', config.get('n_head'))}/{config.get('num_key_value_heads', config.get('n_head'))}"
    print(json.dumps(dict(family=family, rope=rope, heads=heads, isTied=config["tie_word_embeddings"], window=config.get("sliding_window"), dtype=dtype, isSharded=is_sharded, isOlder=is_older)))


if __name__ == "__main__":
    transformers.utils.logging.set_verbosity_error()
    for seed, directory in zip(sys.argv[1::2], sys.argv[2::2]):
        path = pathlib.Path(directory)
        path.mkdir(parents=True)
        main(int(seed), path)
