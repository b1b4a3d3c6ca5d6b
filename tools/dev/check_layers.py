#!/usr/bin/env python3
"""Reads every #include and fails on an arrow of the house that points the wrong way (docs/architecture.md)."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]

# room -> level and the rooms it may include besides its own. Arrows go down only.
CORE = {"src/core"}
ROOMS = {
    "src/core": set(),
    "src/config": CORE,
    "src/image": CORE,
    "src/tensor": CORE,
    "data": CORE | {"src/config", "src/image"},
    "losses": CORE | {"src/config", "src/tensor"},
    "src/models": CORE | {"src/config", "src/tensor", "src/image"},
    "src/evaluation": CORE,
    "src/labels": CORE | {"src/config"},
    "retrieval": CORE | {"src/config"},
    "src/report": CORE | {"src/config", "src/image", "src/evaluation"},
    "src/training": CORE | {"src/config", "src/image", "src/tensor", "losses", "src/models", "data",
                            "src/evaluation", "src/labels", "retrieval"},
}
ROOMS["src/workflow"] = set(ROOMS)
ROOMS["src/serve"] = set(ROOMS)
ROOMS["tools/winnow"] = set(ROOMS)
ROOMS["tools/bench"] = set(ROOMS)
ROOMS["tools/experiments"] = {"src/core", "src/image", "data", "src/tensor", "tools/experiments"}
ROOMS["tests"] = set(ROOMS) | {"tests", "tools/winnow"}
ROOMS["tools/winnow"] |= {"src/workflow", "src/serve"}
ROOMS["src/serve"] |= {"src/workflow"}
ROOMS["tests"] |= {"src/workflow", "src/serve"}
ROOMS["examples"] = CORE | {"retrieval"}

# One door a dependency: header prefix -> rooms that may name it.
DOORS = {
    r"yaml-cpp/": {"src/config"},
    r"opencv2/": {"src/image"},
    r"jpeglib\.h": {"src/image"},
    r"faiss/": {"retrieval", "tools/bench", "tests"},
    r"sqlite3\.h": {"retrieval", "tests"},
    r"httplib\.h": {"src/serve", "tests"},
    r"openssl/": {"src/serve"},
    r"CLI/": {"tools/winnow"},
    r"(torch|ATen|c10)/": {"src/tensor", "losses", "src/models", "src/training", "src/workflow", "tools/bench", "tools/experiments", "tests"},
}
HEADER_TORCH = re.compile(r'#include\s*[<"](torch/torch\.h|ATen/ATen\.h)[>"]')
INCLUDE = re.compile(r'^\s*#include\s*([<"])([^>"]+)[>"]')


def room_of(path):
    best = ""
    for room in ROOMS:
        if path == room or path.startswith(room + "/"):
            best = max(best, room, key=len)
    return best


def check(file):
    name = file.relative_to(ROOT).as_posix()
    room = room_of(name)
    if not room:
        return [f"{name}: belongs to no room"]
    faults = []
    for number, line in enumerate(file.read_text(errors="replace").splitlines(), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        quote, target = found.groups()
        where = f"{name}:{number}"
        if quote == '"':
            other = room_of(target)
            if not other:
                faults.append(f"{where}: '{target}' is not a path from the repository root")
            elif other != room and other not in ROOMS[room]:
                faults.append(f"{where}: {room} may not include {other}")
        for door, allowed in DOORS.items():
            if re.match(door, target) and room not in allowed:
                faults.append(f"{where}: {target} may be included in {', '.join(sorted(allowed))} only")
        if file.suffix == ".h" and room != "tests" and HEADER_TORCH.match(line):
            faults.append(f"{where}: headers include <ATen/core/Tensor.h> only (compile time)")
    return faults


def main():
    faults, count = [], 0
    for top in ("src", "data", "losses", "retrieval", "tools", "tests", "examples"):
        for file in sorted((ROOT / top).rglob("*")):
            if file.suffix in (".h", ".cpp") and "/build" not in file.as_posix():
                count += 1
                faults += check(file)
    for fault in faults:
        print(fault)
    print(f"check_layers: {count} files, {len(faults)} wrong arrows")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
