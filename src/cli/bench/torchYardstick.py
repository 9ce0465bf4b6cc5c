"""Times paper A's networks in PyTorch: python torchYardstick.py NAME THREADS prints one JSON object.

The layers, sizes and losses are those of src/models and src/papers at the `paper` preset, so that the medians can be
compared. Sampling and grouping of points are part of the times, on both sides.
"""

import json
import math
import statistics
import sys
import time

import numpy as np
import torch
from scipy.integrate import solve_ivp
from torch import nn
from torch.nn import functional

BATCH, POINTS, DRAWS, HYPOTHESES = 32, 1024, 20, 50
LOG_RATIO = math.log(50 / 0.01)
LEVELS = [
    (512, [(0.02, 16, (16, 16, 32)), (0.04, 32, (32, 32, 64))]),
    (256, [(0.04, 16, (64, 64, 128)), (0.08, 32, (64, 96, 128))]),
    (128, [(0.08, 16, (128, 196, 256)), (0.16, 32, (128, 196, 256))]),
]
GROUP_ALL = [(256, 256, 512), (256, 384, 512)]


def sigma(t):
    return 0.01 * torch.exp(t * LOG_RATIO)


def rows_of(table, indices):
    """table [B, N, C], indices [B, S] or [B, S, K] -> the rows, [B, S(, K), C]."""
    batch = torch.arange(len(table)).view(-1, *[1] * (indices.dim() - 1))
    return table[batch, indices]


def farthest_points(cloud, count):
    batch = torch.arange(len(cloud))
    chosen = torch.zeros(len(cloud), count, dtype=torch.long)
    distance = torch.full(cloud.shape[:2], 1e10)
    current = chosen[:, 0]
    for i in range(1, count):
        to_current = ((cloud - cloud[batch, current][:, None]) ** 2).sum(-1)
        distance = torch.minimum(distance, to_current)
        current = distance.argmax(1)
        chosen[:, i] = current
    return chosen


def ball_query(cloud, centres, radius, samples):
    """The first hits in the order of the points; the first one repeated where there are too few."""
    n = cloud.shape[1]
    inside = torch.cdist(centres, cloud, compute_mode="donot_use_mm_for_euclid_dist") < radius
    order = torch.where(inside, torch.arange(n), n)
    hits = order.topk(samples, largest=False, sorted=True).values
    first = hits[..., :1] % n
    return torch.where(hits == n, first, hits)


class SharedMlp(nn.Sequential):
    def __init__(self, inputs, widths):
        layers = []
        for width in widths:
            layers += [nn.Conv2d(inputs, width, 1, bias=False), nn.BatchNorm2d(width), nn.ReLU(inplace=True)]
            inputs = width
        super().__init__(*layers)

    def pooled(self, groups):
        """groups [B, S, K, C] -> [B, S, C']"""
        return self(groups.permute(0, 3, 1, 2)).amax(-1).transpose(1, 2)


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.levels = nn.ModuleList()
        channels = 0
        for _, scales in LEVELS:
            self.levels.append(nn.ModuleList(SharedMlp(3 + channels, widths) for _, _, widths in scales))
            channels = sum(widths[-1] for _, _, widths in scales)
        self.group_all = nn.ModuleList(SharedMlp(3 + channels, widths) for widths in GROUP_ALL)

    def forward(self, cloud):
        features = None
        for (count, scales), mlps in zip(LEVELS, self.levels):
            with torch.no_grad():
                centres = rows_of(cloud, farthest_points(cloud, count))
            outputs = []
            for (radius, samples, _), mlp in zip(scales, mlps):
                with torch.no_grad():
                    neighbours = ball_query(cloud, centres, radius, samples)
                    groups = rows_of(cloud, neighbours) - centres[:, :, None]
                if features is not None:
                    groups = torch.cat([groups, rows_of(features, neighbours)], -1)
                outputs.append(mlp.pooled(groups))
            cloud, features = centres, torch.cat(outputs, -1)
        everything = torch.cat([cloud, features], -1)[:, None]
        return torch.cat([mlp.pooled(everything) for mlp in self.group_all], -1)[:, 0]


def mlp(*widths):
    layers = []
    for inputs, outputs in zip(widths, widths[1:]):
        layers += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class ScoreNetwork(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("frequencies", torch.randn(64) * 30)
        self.time = nn.Sequential(nn.Linear(128, 128), nn.ReLU())
        self.pose = nn.Sequential(nn.Linear(9, 256), nn.ReLU(), nn.Linear(256, 256), nn.ReLU())
        self.heads = nn.ModuleList(mlp(1408, 256, 3) for _ in range(3))

    def forward(self, feature, x, t):
        turns = 2 * math.pi * t * self.frequencies
        time_feature = self.time(torch.cat([turns.sin(), turns.cos()], -1))
        joined = torch.cat([feature, time_feature, self.pose(x)], -1)
        return torch.cat([head(joined) for head in self.heads], -1) / (sigma(t) + 1e-7)


def gram_schmidt(output):
    first = functional.normalize(output[:, :3], dim=1)
    second = output[:, 3:6] - (first * output[:, 3:6]).sum(1, keepdim=True) * first
    second = functional.normalize(second, dim=1)
    return torch.stack([first, second, torch.linalg.cross(first, second)], 2)


def clouds():
    return 0.05 * torch.randn(BATCH, POINTS, 3)


def encoder_forward():
    encoder, cloud = Encoder().eval(), clouds()

    @torch.no_grad()
    def once():
        encoder(cloud)

    return once, 5


def training_step():
    encoder, score, regression = Encoder(), ScoreNetwork(), mlp(1024, 512, 512, 9)
    parameters = [p for net in (encoder, score, regression) for p in net.parameters()]
    averages = [p.detach().clone() for p in parameters]
    adam = torch.optim.Adam(parameters, lr=1e-3)
    cloud, poses = clouds(), torch.randn(BATCH, 9)
    truth = gram_schmidt(poses)

    def once():
        feature = encoder(cloud)
        output = regression(feature)
        cosine = ((gram_schmidt(output) * truth).sum((1, 2)) - 1) / 2
        loss = torch.acos(cosine.clamp(-1 + 1e-7, 1 - 1e-7)).mean()
        loss = loss + ((output[:, 6:] - poses[:, 6:]) ** 2).sum(1).mean()
        # All draws at once: faster than the published loop over 20 calls.
        t = torch.rand(BATCH * DRAWS, 1) * (1 - 1e-5) + 1e-5
        noise = torch.randn(BATCH * DRAWS, 9)
        x = poses.repeat_interleave(DRAWS, 0) + sigma(t) * noise
        scaled = score(feature.repeat_interleave(DRAWS, 0), x, t) * sigma(t)
        loss = loss + ((scaled + noise) ** 2).sum(1).mean()
        adam.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        adam.step()
        with torch.no_grad():
            torch._foreach_lerp_(averages, parameters, 0.001)

    return once, 3


def plausible_score():
    """The score of a single pose seen with the deviation 0.02, plus a thousandth of an untrained network's."""
    network, feature, mean = ScoreNetwork().eval(), torch.randn(1, 1024), torch.randn(1, 9)
    features = feature.expand(HYPOTHESES, -1)

    def score(x, t):
        level = sigma(t)
        small = network(features, x, t.expand(HYPOTHESES, 1))
        return 1e-3 * level * small - (x - mean) / (0.02**2 + level**2)

    return score


def ddim_500():
    score, steps = plausible_score(), 500

    @torch.no_grad()
    def once():
        t = torch.linspace(1, 1e-5, steps + 1)
        level = sigma(t)
        x = torch.randn(HYPOTHESES, 9) * level[0]
        for i in range(steps):
            w = 1 + 3 * torch.exp(-5 * t[i])
            x = x + level[i] * (level[i] - level[i + 1]) * w * score(x, t[i])

    return once, 5


def rk45():
    score = plausible_score()
    start = np.random.default_rng(0).standard_normal(HYPOTHESES * 9) * 0.01 * 5000**0.55

    @torch.no_grad()
    def velocity(t, y):
        time_tensor = torch.tensor(t, dtype=torch.float32)
        x = torch.from_numpy(y.reshape(HYPOTHESES, 9)).float()
        half = 0.5 * (0.01 * 5000**t) ** 2 * 2 * LOG_RATIO
        return (-half * score(x, time_tensor)).double().numpy().ravel()

    def once():
        return solve_ivp(velocity, (0.55, 1e-5), start, rtol=1e-5, atol=1e-5, method="RK45").nfev

    return once, 9


def matmul():
    a = torch.full((1024, 1024), 0.5)

    def once():
        torch.matmul(a, a)

    return once, 30


BENCHMARKS = {
    "encoder-forward": encoder_forward,
    "training-step": training_step,
    "ddim-500": ddim_500,
    "rk45": rk45,
    "matmul": matmul,
}


def main():
    name, threads = sys.argv[1], int(sys.argv[2])
    torch.set_num_threads(threads)
    torch.manual_seed(0)
    once, runs = BENCHMARKS[name]()
    result, times = once(), []
    for _ in range(runs):
        start = time.perf_counter()
        once()
        times.append(time.perf_counter() - start)
    report = {"medianSeconds": statistics.median(times), "minSeconds": min(times), "runs": runs}
    if isinstance(result, int):
        report["nfe"] = result
    print(json.dumps({**report, "version": torch.__version__}))


main()
