"""Mutated links: one input of a recorded link damaged, the linker run on it under AddressSanitizer.

Mutant N is a function of N alone. One archive, or importcfg.link, is truncated, has 1 to 8 bits flipped or 64 bytes
overwritten; the main package's archive and the runtime's, which every link reads to the end, are chosen more often.
What a linker owes: exit status 0 to 2; a message on stderr if it is not 0, and then no file at -o; less than 1 GB and
10 s; no sanitizer report.
"""

import pathlib
import random
import re
import subprocess
import tempfile

import links
from outcome import Item, Outcome

COUNT, CHUNK = 1000, 50
MAX_SECONDS, MAX_BYTES = 10, 1 << 30


def mutate(data, chance):
    """Damaged bytes and what was done to them."""
    data = bytearray(data)
    how = chance.randrange(4)
    if how == 0 or len(data) < 64:
        size = chance.randrange(len(data))
        return data[:size], f"truncated to {size} of {len(data)}"
    # Half of the damage goes to the first 4 KB behind the archive's headers, where counts and offsets lie.
    end = len(data)
    if chance.randrange(2) and (start := data.find(b"\x00go120ld")) >= 0:
        begin, end = start, min(start + 4096, len(data))
    else:
        begin = 0
    if how == 1:
        at = chance.randrange(begin, max(begin + 1, end - 64))
        data[at:at + 64] = chance.randbytes(64)
        return data, f"64 bytes at {at} overwritten"
    flips = [(chance.randrange(begin, end), chance.randrange(8)) for _ in range(chance.randint(1, 8))]
    for at, bit in flips:
        data[at] ^= 1 << bit
    return data, "bits flipped: " + " ".join(f"{at}.{bit}" for at, bit in flips)


def run_mutant(link, linker, number):
    """What is wrong with the linker's answer to this mutant, or "", and its exit status."""
    chance = random.Random(number)
    config = pathlib.Path(link.args[link.args.index("-importcfg") + 1])
    archives = [line.partition("=")[2] for line in config.read_text().splitlines() if line.startswith("packagefile ")]
    runtime = [a for line, a in zip(config.read_text().splitlines(), archives) if line.startswith("packagefile runtime=")]
    victim = chance.choice([str(config), link.args[-1], *runtime] + archives)
    with tempfile.TemporaryDirectory(prefix="mutant-", dir=links.cache_directory()) as folder:
        damaged, what = mutate(pathlib.Path(victim).read_bytes(), chance)
        bad, out = pathlib.Path(folder, "bad"), pathlib.Path(folder, "a.out")
        bad.write_bytes(damaged)
        args = [a.replace("{OUT}", str(out)) for a in link.args]
        args = [str(bad) if a == victim else a for a in args]
        if victim != str(config):
            rewritten = pathlib.Path(folder, "importcfg.link")
            rewritten.write_text(config.read_text().replace(f"={victim}\n", f"={bad}\n"))
            args = [str(rewritten) if a == str(config) else a for a in args]
        env = link.environment({"ASAN_OPTIONS": "detect_leaks=0:exitcode=99:allocator_may_return_null=0",
                                "UBSAN_OPTIONS": "halt_on_error=1:exitcode=99"})
        result = links.run([linker] + args, env, timeout=MAX_SECONDS * 3, name=link.meta["tool"])
        label = f"mutant {number} ({pathlib.Path(victim).name[:12]} {what})"
        if re.search(rb"AddressSanitizer|runtime error:|UndefinedBehaviorSanitizer", result.stderr):
            report = re.search(rb"(AddressSanitizer|runtime error): ?[^\n]*", result.stderr)
            return f"{label}: {report.group(0).decode(errors='replace') if report else 'report'}", result.status
        if result.status not in (0, 1, 2):
            return f"{label}: status {result.status}", result.status
        if result.wall > MAX_SECONDS:
            return f"{label}: {result.wall:.1f} s", result.status
        if result.rss > MAX_BYTES:
            return f"{label}: {result.rss / 1e6:.0f} MB", result.status
        if result.status and not result.stderr.strip() and not result.stdout.strip():
            return f"{label}: status {result.status} without a message", result.status
        if result.status and out.exists():
            return f"{label}: status {result.status} and a file at -o", result.status
        return "", result.status


def items(_context):
    subprocess.run([str(links.REPOSITORY / "script" / "record"), "cmd", "pack"], check=False)
    if subprocess.run([str(links.REPOSITORY / "script" / "build"), "asan", "dovetail"],
                      stdout=subprocess.DEVNULL).returncode:
        return [Item("asan", "", lambda: Outcome(0, ["asan: does not build"]))]
    linker = str(links.REPOSITORY / "build" / "asan" / "bin" / "dovetail")
    link = links.Link("cmd/pack")

    def chunk(first):
        def run():
            failed, statuses = [], {}
            for number in range(first, first + CHUNK):
                wrong, status = run_mutant(link, linker, number)
                statuses[status] = statuses.get(status, 0) + 1
                if wrong:
                    failed.append(wrong)
            print("  statuses: " + ", ".join(f"{k}: {v}" for k, v in sorted(statuses.items())))
            return Outcome(CHUNK - len(failed), failed)
        return run

    key = [link.oracle_key(), links.sha256_file(linker)]
    return [Item(f"{n} to {n + CHUNK - 1}", key, chunk(n)) for n in range(0, COUNT, CHUNK)]
