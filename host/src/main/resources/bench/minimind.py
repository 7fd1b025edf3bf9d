"""Times MiniMind's own model on this machine's PyTorch, one command a line from standard input.

usage: minimind.py CHECKOUT THREADS DEVICE DTYPE HIDDEN LAYERS [compile]
commands: train B T -> seconds of one step; generate PROMPT NEW -> seconds; rollout ROWS PROMPT NEW -> seconds; each
answered by one line. A rollout draws by temperature as transformers' generate would on MiniMind's forward with its
cache, but without anything else that generate does: no attention mask, no stop test, no processors.

MiniMind imports Hugging Face's transformers for a few base classes; where it is not installed, empty ones stand in,
since none of their code runs in a training step.
"""
import contextlib
import sys
import time
import types

import torch
import torch.nn.functional as F

TEMPERATURE = 0.8


def stand_in_for_transformers():
    class Config:
        def __init__(self, **kwargs):
            self.__dict__.update(kwargs)

    class Model(torch.nn.Module):
        def __init__(self, config=None):
            super().__init__()

    class Output:
        def __init__(self, **kwargs):
            self.__dict__.update(kwargs)

    package = types.ModuleType("transformers")
    package.PretrainedConfig, package.PreTrainedModel, package.GenerationMixin = Config, Model, object
    activations = types.ModuleType("transformers.activations")
    activations.ACT2FN = {"silu": F.silu}
    outputs = types.ModuleType("transformers.modeling_outputs")
    outputs.CausalLMOutputWithPast = outputs.MoeCausalLMOutputWithPast = Output
    sys.modules.update({
        "transformers": package,
        "transformers.activations": activations,
        "transformers.modeling_outputs": outputs,
    })


def main():
    checkout, threads, device, dtype = sys.argv[1], int(sys.argv[2]), sys.argv[3], getattr(torch, sys.argv[4])
    hidden, layers = int(sys.argv[5]), int(sys.argv[6])
    try:
        import transformers  # noqa: F401
    except ImportError:
        stand_in_for_transformers()
    sys.path.insert(0, checkout)
    from model.model_minimind import MiniMindConfig, MiniMindForCausalLM

    torch.set_num_threads(threads)
    torch.manual_seed(42)
    model = MiniMindForCausalLM(MiniMindConfig(hidden_size=hidden, num_hidden_layers=layers)).to(device)
    optimizer = torch.optim.AdamW(model.parameters(), lr=5e-4)
    step_model = torch.compile(model) if "compile" in sys.argv[7:] else model
    kind = torch.device(device).type
    autocast = contextlib.nullcontext() if dtype == torch.float32 else torch.autocast(kind, dtype=dtype)

    def synchronize():
        if device.startswith("cuda"):
            torch.cuda.synchronize()

    def train(rows, length):
        model.train()
        ids = torch.randint(0, 6400, (rows, length), device=device)
        with autocast:
            loss = step_model(ids, labels=ids).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)

    @torch.inference_mode()
    def generate(prompt, new):
        model.eval()
        ids = torch.randint(0, 6400, (1, prompt), device=device)
        past = None
        for _ in range(new):
            out = model(ids, past_key_values=past, use_cache=True)
            past = out.past_key_values
            ids = out.logits[:, -1].argmax(-1, keepdim=True)
        return ids.item()

    @torch.inference_mode()
    def rollout(rows, prompt, new):
        model.eval()
        ids = torch.randint(0, 6400, (rows, prompt), device=device)
        past, drawn = None, []
        with autocast:
            for _ in range(new):
                out = model(ids, past_key_values=past, use_cache=True, logits_to_keep=1)
                past = out.past_key_values
                ids = torch.multinomial((out.logits[:, -1].float() / TEMPERATURE).softmax(-1), 1)
                drawn.append(ids)
        return torch.cat(drawn, 1).tolist()

    print("ready", torch.__version__, flush=True)
    for line in sys.stdin:
        words = line.split()
        work = {"train": train, "generate": generate, "rollout": rollout}[words[0]]
        synchronize()
        start = time.perf_counter()
        work(*map(int, words[1:]))
        synchronize()
        print(time.perf_counter() - start, flush=True)


main()
