"""Mutated inputs: files of a recorded link damaged, the linker and the converter run on them under AddressSanitizer.

Mutant N is a function of N alone. One archive, or importcfg.link, is truncated, has 1 to 8 bits flipped or 64 bytes
overwritten; the main package's archive and the runtime's, which every link reads to the end, are chosen more often.
What a linker owes: exit status 0 to 2; a message on stderr if it is not 0, and then no file at -o; less than 1 GB and
10 s; no sanitizer report.

Of dense mutants (the check dense-mutants) half are links, of dense archives only (even N) or of one among others (odd
N), and half are conversions, of mutated dense archives to goobj and of mutated goobj archives to dense. What the
converter owes: exit status 0 or 2, the rest as above; and what it made of goobj has to come back as it was.

The check many-mutants is the same in large numbers, with the executable under test and none of the sanitizers: links, dense
and goobj in turns, and mutated objects through `dovetail verify`, of which some run under ASan too. What verify owes:
exit status 0 to 2, something said if it is not 0, time and memory as above.
"""

import functools
import os
import pathlib
import random
import re
import struct
import subprocess
import tempfile

import links
from outcome import Item, Outcome

COUNT, PLATFORM_COUNT, CHUNK = 1000, 200, 50
MANY, MANY_CHUNK, MANY_UNDER_ASAN = 100000, 1000, 5000
VERIFIED_BYTES = 1 << 20  # of larger archives a mutant takes too long to write
MAX_SECONDS, MAX_BYTES = 10, 1 << 30
SANITIZERS = {"ASAN_OPTIONS": "detect_leaks=0:exitcode=99:allocator_may_return_null=0",
              "UBSAN_OPTIONS": "halt_on_error=1:exitcode=99"}


def dense_range(data, start, chance):
    """Header and directory of a dense object, one of its blocks, or the whole file."""
    end_of_directory = start + 64 + 16 * struct.unpack_from("<I", data, start + 56)[0]
    how = chance.randrange(3)
    if how == 0:
        return start, end_of_directory
    if how == 1:
        entry = chance.randrange(start + 64, end_of_directory, 16)
        offset, size = struct.unpack_from("<II", data, entry + 4)
        return start + offset, start + offset + size
    return 0, len(data)


def damaged_range(data, chance):
    if (start := data.find(b"\0dvdense")) >= 0:
        return dense_range(data, start, chance)
    # Half of the damage goes to the first 4 KB behind the archive's headers, where counts and offsets lie.
    if chance.randrange(2) and (start := data.find(b"\0go120ld")) >= 0:
        return start, min(start + 4096, len(data))
    return 0, len(data)


def mutate(data, chance):
    """Damaged bytes and what was done to them."""
    data = bytearray(data)
    how = chance.randrange(4)
    if how == 0 or len(data) < 64:
        size = chance.randrange(len(data))
        return data[:size], f"truncated to {size} of {len(data)}"
    begin, end = damaged_range(data, chance)
    if how == 1:
        at = chance.randrange(begin, max(begin + 1, end - 64))
        data[at:at + 64] = chance.randbytes(64)
        return data, f"64 bytes at {at} overwritten"
    flips = [(chance.randrange(begin, end), chance.randrange(8)) for _ in range(chance.randint(1, 8))]
    for at, bit in flips:
        data[at] ^= 1 << bit
    return data, "bits flipped: " + " ".join(f"{at}.{bit}" for at, bit in flips)


def complaint(result, statuses):
    """What is wrong with how a run ended, or ""."""
    if re.search(rb"AddressSanitizer|runtime error:|UndefinedBehaviorSanitizer", result.stderr):
        report = re.search(rb"(AddressSanitizer|runtime error): ?[^\n]*", result.stderr)
        return report.group(0).decode(errors="replace") if report else "report"
    if result.status not in statuses:
        return f"status {result.status}"
    if result.wall > MAX_SECONDS:
        return f"{result.wall:.1f} s"
    if result.rss > MAX_BYTES:
        return f"{result.rss / 1e6:.0f} MB"
    if result.status and not result.stderr.strip() and not result.stdout.strip():
        return f"status {result.status} without a message"
    return ""


class Archives:
    """The archives of a recorded link as they were recorded; victims() are worth damaging, some more often."""

    def __init__(self, link):
        self.config = pathlib.Path(link.args[link.args.index("-importcfg") + 1])
        self.main = link.args[-1]
        packages = [line.split(" ", 1)[1].partition("=") for line in self.config.read_text().splitlines()
                    if line.startswith("packagefile ")]
        self.all = [path for _, _, path in packages]
        self.runtime = [path for name, _, path in packages if name == "runtime"]

    def victims(self):
        return [self.main, *self.runtime] + self.all


def run_link(link, linker, changed, out, folder):
    """Runs the link with other files in the place of recorded ones."""
    archives = Archives(link)
    args = [a.replace("{OUT}", str(out)) for a in link.args]
    config = str(archives.config)
    if any(path != config for path in changed):
        text = "".join(f"{name}={changed.get(path.rstrip(), path.rstrip())}\n" if equals else line
                       for line in archives.config.read_text().splitlines(keepends=True)
                       for name, equals, path in [line.partition("=")])
        rewritten = pathlib.Path(folder, "importcfg.link")
        rewritten.write_text(text)
        changed = {config: str(rewritten), **changed}
    args = [changed.get(a, a) for a in args]
    return links.run([linker] + args, link.environment(SANITIZERS), timeout=MAX_SECONDS * 3, name=link.meta["tool"])


def link_mutant(link, linker, number, victims, others, label=""):
    """Damages one of the recorded files, or what `others` has for it; of even numbers `others` stand for the rest too.
    What is wrong with the linker's answer, or "", and its exit status."""
    chance = random.Random(number)
    victim = chance.choice(victims)
    with tempfile.TemporaryDirectory(prefix="mutant-", dir=links.cache_directory()) as folder:
        damaged, what = mutate(pathlib.Path(others.get(victim, victim)).read_bytes(), chance)
        bad, out = pathlib.Path(folder, "bad"), pathlib.Path(folder, "a.out")
        bad.write_bytes(damaged)
        changed = {**(others if number % 2 == 0 else {}), victim: str(bad)}
        result = run_link(link, linker, changed, out, folder)
        wrong = complaint(result, (0, 1, 2))
        if not wrong and result.status and out.exists():
            wrong = f"status {result.status} and a file at -o"
        if wrong:
            wrong = f"{label}mutant {number} ({pathlib.Path(victim).name[:12]} {what}): {wrong}"
        return wrong, result.status


def run_mutant(link, linker, number):
    archives = Archives(link)
    return link_mutant(link, linker, number, [str(archives.config), *archives.victims()], {})


def convert(linker, to, source, target, cold=False):
    words = ["convert", f"--to={to}", *(["--compress=cold"] if cold else []), str(source), str(target)]
    return links.run([linker, *words], {**os.environ, **SANITIZERS}, timeout=MAX_SECONDS * 3)


@functools.lru_cache(maxsize=None)
def dense_archives(name, converter, cold):
    """{recorded path: its copy in the dense format}; the folder is removed when the process ends."""
    folder = tempfile.TemporaryDirectory(prefix="dense-", dir=links.cache_directory())
    copies = {}
    for path in dict.fromkeys(Archives(links.Link(name)).victims()):
        copies[path] = str(pathlib.Path(folder.name, pathlib.Path(path).name))
        if (done := convert(converter, "dense", path, copies[path], cold)).status:
            links.fail(f"{path}: {done.stderr.decode(errors='replace')}")
    dense_archives.folders.append(folder)
    return copies


dense_archives.folders = []


def dense_by_number(link, converter):
    """A function: the dense archives that the mutant of a number is made of, every fifth time with cold blocks compressed."""
    return lambda number: dense_archives(link.name, converter, number % 5 == 0)


def convert_mutant(link, linker, number, dense):
    """Odd numbers: mutated dense to goobj. Even ones: mutated goobj to dense, and if that went well, back."""
    chance = random.Random(number)
    victim = chance.choice(Archives(link).victims())
    with tempfile.TemporaryDirectory(prefix="mutant-", dir=links.cache_directory()) as folder:
        to_goobj = number % 2 != 0
        damaged, what = mutate(pathlib.Path(dense[victim] if to_goobj else victim).read_bytes(), chance)
        bad, out, back = (pathlib.Path(folder, name) for name in ("bad", "out", "back"))
        bad.write_bytes(damaged)
        result = convert(linker, "goobj" if to_goobj else "dense", bad, out, chance.randrange(2) == 0)
        wrong = complaint(result, (0, 2))
        if not wrong and result.status == 0 and not to_goobj:
            again = convert(linker, "goobj", out, back)
            wrong = complaint(again, (0,))
            if not wrong and back.read_bytes() != damaged:
                wrong = "another file after the way there and back"
        if wrong:
            to = "goobj" if to_goobj else "dense"
            wrong = f"conversion to {to}: mutant {number} ({pathlib.Path(victim).name[:12]} {what}): {wrong}"
        return wrong, result.status


def verify_mutant(link, linker, number, dense):
    """`dovetail verify` of a mutated archive: dense ones have odd numbers."""
    chance = random.Random(number)
    small = [path for path in Archives(link).victims() if os.path.getsize(path) <= VERIFIED_BYTES]
    victim = chance.choice(small)
    with tempfile.TemporaryDirectory(prefix="mutant-", dir=links.cache_directory()) as folder:
        damaged, what = mutate(pathlib.Path(dense[victim] if number % 2 else victim).read_bytes(), chance)
        bad = pathlib.Path(folder, "bad")
        bad.write_bytes(damaged)
        result = links.run([linker, "verify", "--quiet", str(bad)], {**os.environ, **SANITIZERS}, timeout=MAX_SECONDS * 3)
        wrong = complaint(result, (0, 1, 2))
        if wrong:
            wrong = f"verify: mutant {number} ({pathlib.Path(victim).name[:12]} {what}): {wrong}"
        return wrong, result.status


def build_asan():
    """The linker to run, or None if it does not build; the link is recorded."""
    subprocess.run([str(links.REPOSITORY / "script" / "record"), "cmd", "pack"], check=False)
    if subprocess.run([str(links.REPOSITORY / "script" / "build"), "asan", "dovetail"],
                      stdout=subprocess.DEVNULL).returncode:
        return None
    return str(links.REPOSITORY / "build" / "asan" / "bin" / "dovetail")


def chunk_item(label, key, first, run_one, chunk=CHUNK):
    """An item that runs mutants first to first + chunk - 1."""
    def run():
        failed, statuses = [], {}
        for number in range(first, first + chunk):
            wrong, status = run_one(number)
            statuses[status] = statuses.get(status, 0) + 1
            if wrong:
                failed.append(wrong)
        print("  statuses: " + ", ".join(f"{k}: {v}" for k, v in sorted(statuses.items())))
        return Outcome(chunk - len(failed), failed)
    return Item(f"{label}{first} to {first + chunk - 1}", key, run)


def link_items(linker, name, count, label=""):
    """Items that link mutants 0 to count - 1 of a recorded link."""
    link = links.Link(name)
    key = [link.oracle_key(), links.sha256_file(linker)]
    return [chunk_item(label, key, n, lambda number: run_mutant(link, linker, number)) for n in range(0, count, CHUNK)]


def items(_context):
    linker = build_asan()
    if linker is None:
        return [Item("asan", "", lambda: Outcome(0, ["asan: does not build"]))]
    return link_items(linker, "cmd/pack", COUNT)


def platform_items(_context):
    linker = build_asan()
    if linker is None:
        return [Item("asan", "", lambda: Outcome(0, ["asan: does not build"]))]
    found = []
    for platform in links.DEFAULT_PLATFORMS:
        subprocess.run([str(links.REPOSITORY / "script" / "record"), "platforms", platform, "pack"], check=False)
        found += link_items(linker, f"platforms/{platform}/pack", PLATFORM_COUNT, f"{platform} ")
    return found


def dense_items(context):
    linker = build_asan()
    if linker is None:
        return [Item("asan", "", lambda: Outcome(0, ["asan: does not build"]))]
    link = links.Link("cmd/pack")
    victims, dense = Archives(link).victims(), dense_by_number(link, context.linker)

    def link_one(number):
        return link_mutant(link, linker, number, victims, dense(number), "dense link: ")

    def convert_one(number):
        return convert_mutant(link, linker, number, dense(number))

    key = [link.oracle_key(), links.sha256_file(linker)]
    chunks = range(0, COUNT // 2, CHUNK)
    return ([chunk_item("links ", key, n, link_one) for n in chunks] +
            [chunk_item("conversions ", key, n, convert_one) for n in chunks])


def many_items(context):
    asan = build_asan()
    if asan is None:
        return [Item("asan", "", lambda: Outcome(0, ["asan: does not build"]))]
    link = links.Link("cmd/pack")
    victims, dense = Archives(link).victims(), dense_by_number(link, context.linker)

    def link_one(number):
        others = dense(number) if number % 3 else {}
        return link_mutant(link, context.linker, number, victims, others)

    def verify_with(linker):
        return lambda number: verify_mutant(link, linker, number, dense(number))

    def chunks(label, key, count, run_one):
        return [chunk_item(label, key, n, run_one, MANY_CHUNK) for n in range(0, count, MANY_CHUNK)]

    def key(linker):
        return [link.oracle_key(), links.sha256_file(linker)]

    return (chunks("verify under ASan ", key(asan), MANY_UNDER_ASAN, verify_with(asan)) +
            chunks("verify ", key(context.linker), MANY, verify_with(context.linker)) +
            chunks("links ", key(context.linker), MANY, link_one))
