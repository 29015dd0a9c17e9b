"""Go's own test programs as inputs of the linker: every main package that is one file of the release's test/ directory,
compiled for each platform and linked by stock and by ours. Most are small and odd: they were written to catch a compiler
out. Flags of the compiler and of the linker are chosen by platform and file, so that a run can be repeated and all flags
meet many programs.

What does not compile alone (a test of the compiler's errors, a part of a test of several packages) is left out. What
compiles and does not link has to fail alike: the same status, the same lines, no file.
"""

import concurrent.futures
import functools
import hashlib
import os
import pathlib
import random
import re
import subprocess
import tempfile

import go_suites
import links
from outcome import Item, Outcome

CHUNK = 200  # files of an item
COMPILER_FLAGS = ((), (), (), ("-N", "-l"), ("-l",), ("-dwarflocationlists=false",), ("-dwarf=false",), ("-spectre=all",),
                  ("-trimpath=/usr",))
LINKER_FLAGS = ((), (), (), ("-s", "-w"), ("-w",), ("-s",), ("-w=false", "-s"), ("-compressdwarf=false",), ("-randlayout=7",),
                ("-funcalign=64",), ("-compressdwarf=false", "-B", "gobuildid"), ("-buildid=",), ("-X", "main.x=text"),
                ("-strictdups=2",), ("-debugnosplit",), ("-c",), ("-dumpdep",), ("-v=0", "-e"))
# For arm64 stock panics under these (cmd/link/internal/loader SymAddr).
AMD64_LINKER_FLAGS = (("-pruneweakmap=false",), ("-pruneweakmap=false", "-s", "-w"))


def mains(goroot):
    """Files that begin a main package, outside of the directories that belong to one test."""
    test = pathlib.Path(goroot, "test")
    return sorted(str(path.relative_to(test)) for path in test.rglob("*.go")
                  if not any(part.endswith(".dir") for part in path.parts)
                  and re.search(r"(?m)^package main\b", path.read_text(errors="replace")))


class Builder:
    """Compiles for one platform."""

    def __init__(self, platform):
        system, cpu, self.mode = platform.split("-")
        self.platform = platform
        self.env = links.go_environment(GOOS=system, GOARCH=cpu)
        self.goroot = go_suites.goroot(self.env)
        self.tools = pathlib.Path(self.go("env", "GOTOOLDIR").strip())
        # cmd/go compiles like this for position-independent executables, of Linux too.
        self.shared = ["-shared"] if self.mode == "pie" and system != "windows" else []
        self.env["GOROOT"] = self.goroot
        listed = self.go("list", "-export", f"-buildmode={self.mode}", "-f",
                         "{{if .Export}}packagefile {{.ImportPath}}={{.Export}}{{end}}", "std")
        self.config = pathlib.Path(links.cache_directory(), f"std-{platform}.importcfg")
        links.replace_text(self.config, listed)

    def go(self, *args):
        done = subprocess.run(["go", *args], env=self.env, cwd="/", capture_output=True, text=True)
        if done.returncode:
            raise SystemExit(f"test_programs: go {' '.join(args)}: {done.stderr.strip()[:300]}")
        return done.stdout

    def compile(self, file, flags, archive):
        command = [str(self.tools / "compile"), "-p=main", f"-importcfg={self.config}", "-pack", "-buildid=a/b", "-o", str(archive),
                   *self.shared, *flags, str(pathlib.Path(self.goroot, "test", file))]
        return links.run(command, self.env, cwd=archive.parent).status == 0

    def link(self, linker, archive, flags, out):
        tool = str(self.tools / "link")
        command = [tool if linker == "stock" else linker, f"-importcfg={self.config}", f"-buildmode={self.mode}", "-buildid=a/b",
                   *flags, "-o", str(out), str(archive)]
        return links.run(command, self.env, timeout=600, name=tool)


@functools.lru_cache(maxsize=None)
def builder_for(platform):
    return Builder(platform)


def difference(stock, ours, stock_image, our_image):
    """In what the two links differ, or ""."""
    if ours.status != stock.status:
        return f"status {ours.status}, stock {stock.status}: {ours.stderr[:200]!r}"
    for what in ("stdout", "stderr"):
        said, wanted = getattr(ours, what), getattr(stock, what)
        if not links.same_text(said, wanted, ours.status != 0):
            return f"{what} {said[:200]!r}, stock {wanted[:200]!r}"
    if links.hash_or_none(our_image) != links.hash_or_none(stock_image):
        return "another image" if our_image.is_file() and stock_image.is_file() else "one of them left no image"
    return ""


def compare(builder, linker, file):
    """None if it does not compile; else what differs, or ""."""
    chance = random.Random(f"{builder.platform} {file}")
    compiler_flags = chance.choice(COMPILER_FLAGS)
    flags = chance.choice(LINKER_FLAGS + (AMD64_LINKER_FLAGS if "amd64" in builder.platform else ()))
    with tempfile.TemporaryDirectory(prefix="program-", dir=links.cache_directory()) as folder:
        archive, out = pathlib.Path(folder, "main.a"), pathlib.Path(folder, "a.out")
        if not builder.compile(file, compiler_flags, archive):
            return None
        results, images = [], []
        for who in ("stock", linker):  # to the same name, which is in some images
            results.append(builder.link(who, archive, flags, out))
            images.append(pathlib.Path(folder, f"image{len(images)}"))
            if out.is_file():
                os.replace(out, images[-1])
        what = difference(*results, *images)
        return what and f"{builder.platform} {file} {' '.join((*compiler_flags, *flags))}: {what}"


def run_chunk(platform, linker, files):
    builder = builder_for(platform)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        found = [what for what in pool.map(lambda file: compare(builder, linker, file), files) if what is not None]
    return Outcome(found.count(""), [what for what in found if what])


def items(context):
    root = go_suites.goroot(links.go_environment())
    if missing := go_suites.without_tests(root, "test-programs"):
        return missing
    files, wanted = mains(root), []
    for platform in ("linux-amd64-exe", *links.PLATFORMS):
        for begin in range(0, len(files), CHUNK):
            chunk = files[begin:begin + CHUNK]
            digest = hashlib.sha256("".join(pathlib.Path(root, "test", f).read_text(errors="replace") for f in chunk).encode())
            wanted.append(Item(f"{platform} {chunk[0]} to {chunk[-1]}", [links.GO_RELEASE, digest.hexdigest(), COMPILER_FLAGS,
                               LINKER_FLAGS, AMD64_LINKER_FLAGS],
                               lambda platform=platform, chunk=chunk: run_chunk(platform, context.linker, chunk)))
    return wanted
