"""Makes the .pth files beside this script: /usr/bin/python3 make_fixtures.py (Debian's python3-torch 1.13).

Values are counting numbers, so that the tests know them without a second file.
"""
import os
from collections import OrderedDict

import torch

os.chdir(os.path.dirname(os.path.abspath(__file__)))
count = torch.arange(12, dtype=torch.float32)
tied = torch.arange(6, dtype=torch.float32).reshape(2, 3)


def kinds():
    base = torch.arange(24, dtype=torch.float32)
    return OrderedDict(
        f64=count.double(),
        f32=count.reshape(3, 4),
        f16=count.half(),
        bf16=count.bfloat16(),
        i64=count.long() - 6,
        i32=count.int() - 6,
        i16=count.short() - 6,
        i8=count.to(torch.int8) - 6,
        u8=count.to(torch.uint8),
        bool=count % 2 == 0,
        scalar=torch.tensor(2.5),
        empty=torch.zeros(0, 3),
        parameter=torch.nn.Parameter(count.clone()),
        transposed=base.reshape(4, 6).t(),
        transposed_half=base.reshape(4, 6).half().t(),
        stepped=base[1::2],
        permuted=base.reshape(2, 3, 4).permute(2, 0, 1),
        tail=base[20:],
        tied_a=tied,
        tied_b=tied,
    )


torch.save(kinds(), "kinds.pth")
torch.save(kinds(), "kinds_protocol4.pth", pickle_protocol=4)

module = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.LayerNorm(2))
with torch.no_grad():
    for parameter in module.parameters():
        parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape))
torch.save(module.state_dict(), "module.pth")

optimizer = torch.optim.AdamW(module.parameters(), lr=1e-3)
module(torch.ones(1, 3)).sum().backward()
optimizer.step()
with torch.no_grad():
    for parameter in module.parameters():
        parameter.copy_(torch.arange(parameter.numel()).reshape(parameter.shape))
resume = dict(
    model=module.state_dict(),
    optimizer=optimizer.state_dict(),
    epoch=1,
    step=2**40,
    wandb_id=None,
    rates=[0.5, -1.25],
    done=False,
    shape=(1, 2, 3, 4),
    small=-7,
)
torch.save(resume, "resume.pth")
torch.save(dict(w=count), "legacy.pth", _use_new_zipfile_serialization=False)
torch.save(dict(w=torch.ones(1).expand(1000, 1000)), "expanded.pth")
