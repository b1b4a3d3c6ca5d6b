"""Python side of the tests of src/models: the same networks in PyTorch, and safetensors read and written by hand.

    peer.py exchange FOLDER   reads FOLDER/pictures.safetensors; writes for each network of NETWORKS a state
                              (NAME.safetensors), embeddings (NAME.vectors) and one training step's gradients
                              (NAME.gradients); loads what winnow wrote (NAME.winnow, strictly) into NAME.winnow_vectors
    peer.py golden            prints the numbers of golden_numbers_test.cpp
"""
import collections
import copy
import json
import math
import os
import struct
import sys

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

TYPES = {"F32": np.float32, "I64": np.int64, "U8": np.uint8}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def read(path):
    raw = open(path, "rb").read()
    (length,) = struct.unpack("<Q", raw[:8])
    header = json.loads(raw[8:8 + length])
    header.pop("__metadata__", None)
    out = collections.OrderedDict()
    for name, entry in header.items():
        begin, end = entry["data_offsets"]
        values = np.frombuffer(raw[8 + length + begin:8 + length + end], TYPES[entry["dtype"]])
        out[name] = torch.from_numpy(values.copy().reshape(entry["shape"]))
    return out


def write(path, tensors):
    header, parts, offset = {}, [], 0
    for name, tensor in tensors.items():
        values = np.ascontiguousarray(tensor.detach().numpy())
        dtype = next(key for key, value in TYPES.items() if value == values.dtype)
        data = values.tobytes()
        header[name] = {"dtype": dtype, "shape": list(tensor.shape), "data_offsets": [offset, offset + len(data)]}
        parts.append(data)
        offset += len(data)
    text = json.dumps(header).encode()
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text + b"".join(parts))


def conv(cin, cout, kernel, stride=1):
    return nn.Conv2d(cin, cout, kernel, stride, kernel // 2, bias=False)


class Residual(nn.Module):
    def __init__(self, cin, width, stride, bottleneck):
        super().__init__()
        cout = 4 * width if bottleneck else width
        plan = [(cin, width, 1, 1), (width, width, 3, stride), (width, cout, 1, 1)] if bottleneck else \
               [(cin, width, 3, stride), (width, cout, 3, 1)]
        self.depth = len(plan)
        for i, shape in enumerate(plan, 1):
            setattr(self, f"conv{i}", conv(*shape))
            setattr(self, f"bn{i}", nn.BatchNorm2d(shape[1]))
        if stride != 1 or cin != cout:
            self.downsample = nn.Sequential(conv(cin, cout, 1, stride), nn.BatchNorm2d(cout))

    def forward(self, x):
        y = x
        for i in range(1, self.depth + 1):
            y = getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(y))
            if i < self.depth:
                y = F.relu(y)
        return F.relu(y + (self.downsample(x) if hasattr(self, "downsample") else x))


class GeM(nn.Module):
    def __init__(self):
        super().__init__()
        self.p = nn.Parameter(torch.full((1,), 3.0))

    def forward(self, x):
        return x.clamp(min=1e-6).pow(self.p).mean((2, 3)).pow(1.0 / self.p)


def make_head(kind, channels, dim):
    return {"none": nn.Identity, "linear": lambda: nn.Linear(channels, dim), "bn": lambda: nn.BatchNorm1d(channels),
            "linear_bn": lambda: nn.Sequential(nn.Linear(channels, dim, bias=False), nn.BatchNorm1d(dim))}[kind]()


class ResNet(nn.Module):
    def __init__(self, depths, bottleneck, stem, pool, head, classifier):
        super().__init__()
        self.stem, self.kind = stem, pool
        self.conv1 = conv(3, 64, 7 if stem == "standard" else 3, 1 if stem == "small" else 2)
        self.bn1 = nn.BatchNorm2d(64)
        channels = 64
        for stage, depth in enumerate(depths):
            blocks = []
            for i in range(depth):
                blocks.append(Residual(channels, 64 << stage, 2 if stage and not i else 1, bottleneck))
                channels = (64 << stage) * (4 if bottleneck else 1)
            setattr(self, f"layer{stage + 1}", nn.Sequential(*blocks))
        if pool == "gem":
            self.pool = GeM()
        if classifier:
            self.fc = nn.Linear(channels, 10)  # must be ignored by winnow
        self.embedding = make_head(head, channels, 128)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        if self.stem == "standard":
            x = F.max_pool2d(x, 3, 2, 1)
        for stage in range(1, 5):
            x = getattr(self, f"layer{stage}")(x)
        if self.kind == "gem":
            return self.embedding(self.pool(x))
        return self.embedding(x.amax((2, 3)) if self.kind == "max" else x.mean((2, 3)))


class SmallCnn(nn.Module):
    def __init__(self, stem, head):
        super().__init__()
        widths, strides = (3, 32, 64, 128, 256, 256), (1 if stem == "small" else 2, 2, 2, 2, 1)
        for i in range(5):
            setattr(self, f"conv{i + 1}", conv(widths[i], widths[i + 1], 3, strides[i]))
            setattr(self, f"bn{i + 1}", nn.BatchNorm2d(widths[i + 1]))
        self.embedding = make_head(head, 256, 128)

    def forward(self, x):
        for i in range(1, 6):
            x = F.relu(getattr(self, f"bn{i}")(getattr(self, f"conv{i}")(x)))
        return self.embedding(x.mean((2, 3)))


# The same list stands in python_peer_test.cpp.
NETWORKS = {
    "resnet18": lambda: ResNet((2, 2, 2, 2), False, "standard", "avg", "linear", True),
    "resnet50": lambda: ResNet((3, 4, 6, 3), True, "standard", "avg", "none", True),
    "resnet18_small_gem": lambda: ResNet((2, 2, 2, 2), False, "small", "gem", "linear_bn", False),
    "resnet34_early_max": lambda: ResNet((3, 4, 6, 3), False, "early", "max", "bn", False),
    "small_cnn": lambda: SmallCnn("standard", "linear"),
}


def normalized(pictures):
    x = pictures.permute(0, 3, 1, 2).float() / 255
    return (x - torch.tensor(MEAN).view(3, 1, 1)) / torch.tensor(STD).view(3, 1, 1)


def randomize(net):
    """Batch norm as after training: nothing at 0 or 1, where a mistake would not show."""
    for module in net.modules():
        if isinstance(module, nn.Conv2d):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")
        if isinstance(module, (nn.BatchNorm1d, nn.BatchNorm2d)):
            module.running_mean.normal_(0, 0.2)
            module.running_var.uniform_(0.5, 1.5)
            nn.init.uniform_(module.weight, 0.5, 1.0)
            nn.init.normal_(module.bias, 0, 0.2)
            module.num_batches_tracked += 3


def training_step(net, x):
    """Some gradients of mean(embedding^2) in double precision, and with "error of " before the name the largest error
    of PyTorch's own float32: deep networks with batch norm over few values are badly conditioned."""
    exact = copy.deepcopy(net).double()
    for module, pictures in ((net, x), (exact, x.double())):
        (module(pictures) ** 2).mean().backward()
    grads = {key: value.grad for key, value in exact.named_parameters() if value.grad is not None}
    single = dict(net.named_parameters())
    out = {"running": exact.bn1.running_var.float()}
    for key in list(grads)[:3] + list(grads)[-2:]:
        out[key] = grads[key].float()
        out["error of " + key] = (grads[key] - single[key].grad).abs().max().float()
    return out


def exchange(folder):
    at = lambda name: os.path.join(folder, name)
    pictures = read(at("pictures.safetensors"))["pictures"]
    x = normalized(pictures)
    for number, (name, make) in enumerate(NETWORKS.items()):
        torch.manual_seed(number)
        net = make().eval()
        randomize(net)
        write(at(name + ".safetensors"), net.state_dict())
        with torch.no_grad():
            write(at(name + ".vectors"), {"vectors": net(x)})
        write(at(name + ".gradients"), training_step(net.train(), x))
        if hasattr(net, "fc"):
            del net.fc
        net.load_state_dict(read(at(name + ".winnow")), strict=True)
        with torch.no_grad():
            write(at(name + ".winnow_vectors"), {"vectors": net.eval()(x)})


def noise(count, salt):
    i = np.arange(count, dtype=np.uint64)
    bits = (i * np.uint64(2654435761) + np.uint64(salt * 40503)) % np.uint64(1 << 32)
    return bits.astype(np.float64) / 4294967296 - 0.5


def golden():
    """Networks whose state is a formula: fill_by_formula and sample_pictures of model_support.cpp."""
    for name in ("resnet18", "small_cnn", "resnet18_small_gem"):
        net = NETWORKS[name]().eval()
        if hasattr(net, "fc"):
            del net.fc
        state = net.state_dict()
        for salt, (key, tensor) in enumerate(state.items(), 1):
            if not tensor.is_floating_point() or key == "pool.p":
                continue
            scale = math.sqrt(24.0 / (tensor.numel() / tensor.shape[0])) if tensor.dim() > 1 else 0.4
            one = tensor.dim() == 1 and key.endswith((".weight", ".running_var"))
            tensor.copy_(torch.from_numpy(scale * noise(tensor.numel(), salt) + float(one)).view(tensor.shape))
        i = np.arange(2 * 40 * 40 * 3, dtype=np.uint64)
        pictures = ((i * np.uint64(2654435761)) % np.uint64(1 << 32) >> np.uint64(24)).astype(np.uint8)
        with torch.no_grad():
            rows = net.double()(normalized(torch.from_numpy(pictures).view(2, 40, 40, 3)).double())
        print(name, [f"{rows[r, c]:.6g}" for r, c in ((0, 0), (0, 77), (1, 0), (1, 127))], f"{rows.norm():.7g}")


if __name__ == "__main__":
    torch.set_num_threads(2)
    golden() if sys.argv[1] == "golden" else exchange(sys.argv[2])
