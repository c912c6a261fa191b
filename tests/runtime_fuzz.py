"""Files that somebody damaged on purpose, run by the C kernels between pages that nobody may touch.

    python tests/runtime_fuzz.py LIBRARY COUNT SEED FILE...

A file and its arena each end where such a page begins, so that a read or a write behind them ends
this process with a signal. Prints how many mutations were refused and how many ran.
"""
import ctypes
import mmap
import sys
import zlib
from collections import Counter
from pathlib import Path

import numpy as np
from slr_tiny.deploy.wasm import HEADER, STEP

INTERESTING = (0, 1, 2, 3, 4, 7, 8, 15, 16, 108, 255, 511, 512, 513, 4095, 4096, 4097, 65535, 65536,
               (1 << 24) - 1, 1 << 26, (1 << 31) - 1, 1 << 31, (1 << 32) - 16, (1 << 32) - 1)
LARGEST_ARENA = 1 << 24  # floats that a mutation may ask for here
PAGE = mmap.PAGESIZE

def _number(rng, old):
    "Another number in the place of an old one"
    kind = rng.integers(4)
    if kind == 0: return int(rng.choice(INTERESTING))
    if kind == 1: return int(old + rng.integers(-8, 9)) % (1 << 32)
    if kind == 2: return int(old) ^ (1 << int(rng.integers(32)))
    return int(old) * int(rng.integers(2, 9)) % (1 << 32)

def mutate(content, rng):
    "One to three changes of a file, with a checksum that fits, or does not"
    data = np.frombuffer(content, np.uint8).copy()
    words = data[:len(data) // 4 * 4].view("<u4")
    steps = int(words[4])
    for _ in range(rng.integers(1, 4)):
        kind = rng.integers(6)
        if kind == 0: words[rng.integers(2, 16)] = _number(rng, words[8])
        elif kind == 5: data[rng.integers(len(data))] ^= np.uint8(1 << rng.integers(8))
        else:  # a number of a step
            at = 16 + int(rng.integers(steps * STEP.itemsize // 4))
            words[at] = _number(rng, words[at])
    content = data.tobytes()
    if rng.random() < .1: content = content[:rng.integers(len(content))]
    if rng.random() < .95 and len(content) > 16:
        sum_of_rest = zlib.crc32(content[16:]).to_bytes(4, "little")
        content = content[:12] + sum_of_rest + content[16:]
    return content

class Fenced:
    "Bytes that end where a page begins that nobody may touch"
    def __init__(self, size):
        pages = -(-(size + 16) // PAGE) * PAGE
        self.map = mmap.mmap(-1, pages + PAGE)
        begin = ctypes.addressof(ctypes.c_char.from_buffer(self.map))
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.mprotect(ctypes.c_void_p(begin + pages), ctypes.c_size_t(PAGE), 0):
            raise OSError("mprotect was refused")
        self.address = begin + pages - -(-size // 16) * 16

def run(library, content):
    "What the kernels say of a file; 0 and a run where it is fine"
    file = Fenced(len(content))
    ctypes.memmove(file.address, content, len(content))
    reason = library.check_model(ctypes.c_void_p(file.address), ctypes.c_uint64(len(content)))
    if reason: return reason
    header = np.frombuffer(content, HEADER, 1)[0]
    if header["arena_floats"] > LARGEST_ARENA: return "large"
    arena = Fenced(4 * int(header["arena_floats"]))
    for frames in {1, 2, int(header["max_frames"])}:
        library.run_model(ctypes.c_void_p(file.address), ctypes.c_void_p(arena.address),
                          ctypes.c_uint32(frames))
    return 0

def main(library, count, seed, *files):
    library, rng = ctypes.CDLL(library), np.random.default_rng(int(seed))
    contents, seen = [Path(file).read_bytes() for file in files], Counter()
    for content in contents: assert run(library, content) == 0
    for number in range(int(count)):
        print(f"seed {seed}, mutation {number}", file=sys.stderr)
        seen[run(library, mutate(contents[number % len(contents)], rng))] += 1
    print(dict(seen))

if __name__ == "__main__": main(*sys.argv[1:])
