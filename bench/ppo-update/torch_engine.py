"""The PPO update of engine.ts in PyTorch, eager, one thread: the peer. Prints one line of JSON."""
import json
import math
import statistics
import sys
import time

import torch

BATCH, OBSERVATION, ACTION, LAYERS, WARM_UP = 2048, 27, 6, [64, 64], 5


def weyl(count, seed, scale):
    step = math.fmod(seed * math.sqrt(2), 1) + math.log10(math.e)
    return torch.tensor([(2 * math.fmod((i + 1) * step, 1) - 1) * scale for i in range(count)], dtype=torch.float32)


def main(steps):
    torch.set_num_threads(1)
    networks, seed = {}, 1
    for name, outputs in [("policy", ACTION), ("value", 1)]:
        sizes = [OBSERVATION, *LAYERS, outputs]
        networks[name] = []
        for inputs, width in zip(sizes, sizes[1:]):
            weight = weyl(width * inputs, seed, 1 / math.sqrt(inputs)).reshape(width, inputs).requires_grad_()
            networks[name].append((weight, torch.zeros(width, requires_grad=True)))
            seed += 1
    log_std = torch.zeros(ACTION, requires_grad=True)
    parameters = [p for layers in networks.values() for pair in layers for p in pair] + [log_std]
    optimizer = torch.optim.Adam(parameters, lr=3e-4, eps=1e-5)

    def mlp(name, x):
        for index, (weight, bias) in enumerate(networks[name]):
            x = torch.nn.functional.linear(x, weight, bias)
            if index < len(LAYERS):
                x = torch.tanh(x)
        return x

    observations = weyl(BATCH * OBSERVATION, 101, 1).reshape(BATCH, OBSERVATION)
    actions = weyl(BATCH * ACTION, 102, 1).reshape(BATCH, ACTION)
    advantages, returns = weyl(BATCH, 103, 1), weyl(BATCH, 104, 1)
    old_log_probability = -0.5 * actions.square().sum(1)

    wall, cpu, last = [], [], math.nan
    for step in range(WARM_UP + steps):
        start, used = time.perf_counter(), time.process_time()
        z = (actions - mlp("policy", observations)) / log_std.exp()
        log_probability = -0.5 * z.square().sum(1) - log_std.sum()
        ratio = (log_probability - old_log_probability).exp()
        policy = -torch.minimum(ratio * advantages, ratio.clamp(0.8, 1.2) * advantages).mean()
        value = (mlp("value", observations).reshape(BATCH) - returns).square().mean()
        loss = policy + 0.5 * value
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 0.5)
        optimizer.step()
        last = loss.item()
        if step >= WARM_UP:
            wall.append((time.perf_counter() - start) * 1000)
            cpu.append((time.process_time() - used) * 1000)
    print(json.dumps({"version": torch.__version__, "cpuMs": statistics.median(cpu), "wallMs": statistics.median(wall), "loss": last}))


main(int(sys.argv[1]))
