"""Several processes that train one model; without torchrun a run is alone.

One machine, N processes (one for each GPU):
`torchrun --nproc-per-node N -m mvae.train.main train CONFIG --data DIR --run-folder DIR`
(--run by its long name, for torchrun would take the short one as an option of its own). Several machines, the same on each:
`torchrun --nnodes M --nproc-per-node N --rdzv-backend c10d --rdzv-endpoint FIRST:29500 --rdzv-id NAME -m mvae.train.main train ...`.
Every machine reads the corpus under the same path, and to resume or to start --from weights their folders; only the first process writes.

Each process takes its rows of the same batch; DistributedDataParallel averages their gradients, so that the step is that of one process
with the whole batch, but for dropout, which each draws for itself.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch import Tensor, nn
from torch.nn.parallel import DistributedDataParallel

from mvae.core.errors import UserError


@dataclass(frozen=True, slots=True)
class Team:
    """This process's place among those of a run."""

    rank: int
    size: int
    device: torch.device

    @property
    def leads(self) -> bool:
        """Whether this process validates, logs and writes checkpoints."""
        return self.rank == 0

    def rows(self, whole: Tensor) -> Tensor:
        """This process's share of a batch (B, ...): (B / size, ...)."""
        return whole[self.rank :: self.size]

    def shared(self, module: nn.Module) -> nn.Module:
        """The module with gradients averaged over the team."""
        if self.size == 1:
            return module
        return DistributedDataParallel(module, device_ids=[self.device] if self.device.type == "cuda" else None)

    def told(self, word: bool) -> bool:
        """The leader's word, for all; who follows waits for it. Every process must ask."""
        if self.size == 1:
            return word
        said = torch.tensor([word], dtype=torch.int32, device=self.device)
        dist.broadcast(said, 0)
        return bool(said.item())

    def mean(self, own: Tensor) -> Tensor:
        """The mean over the team; every process must ask."""
        if self.size == 1:
            return own
        total = own.clone()
        dist.all_reduce(total)
        return total / self.size


LONGEST_WAIT = timedelta(hours=1)  # with the process that validates, or reads its corpus from a slow disk
ALONE = Team(0, 1, torch.device("cpu"))


@contextmanager
def team_of(device: torch.device, batch: int) -> Iterator[Team]:
    """The team that torchrun has started this process in, or a team of one. UserError where the batch cannot be shared evenly."""
    size = int(os.environ.get("WORLD_SIZE", "1"))
    if size == 1:
        yield Team(0, 1, device)
        return
    if batch % size:
        raise UserError(f"batch = {batch}: cannot be shared by {size} processes; choose a multiple with --set batch=...")
    own = torch.device("cuda", int(os.environ["LOCAL_RANK"])) if device.type == "cuda" else device
    if own.type == "cuda":
        torch.cuda.set_device(own)
    dist.init_process_group("nccl" if own.type == "cuda" else "gloo", timeout=LONGEST_WAIT)
    try:
        yield Team(dist.get_rank(), size, own)
        dist.barrier()  # nobody leaves while another still has something to say
    finally:
        dist.destroy_process_group()
