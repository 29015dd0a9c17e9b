"""The table of the full checks (script/full_checks.py runs them), and those that replay recorded links.

A check yields items; an item is a name, a key (what its result depends on besides the executable) and a function that
returns an Outcome. Those that run Go's own test suites are in go_suites.py, the mutated inputs in mutants.py.
"""

import os
import pathlib
import shlex
import statistics
import subprocess
import tempfile

import debuggers
import emulators
import go_suites
import large_text
import links
import mutants
import round_trip
import test_programs
from outcome import Check, Item, Outcome

SCHEDULE_SEEDS = 20


def record(*words):
    """Records what is missing; says what went wrong, if anything."""
    done = subprocess.run([str(links.REPOSITORY / "script" / "record"), *words], capture_output=True, text=True)
    return (done.stdout + done.stderr).strip() if done.returncode else ""


def compare_item(name, context, flags=(), changes=(), linker=None, then=None, label="", text=True, objects="goobj"):
    """An item that compares one recorded link under these flags; not run if it could not be recorded."""
    title = " ".join(filter(None, [label, name, shlex.join(flags)]))
    if name not in links.all_links():
        return Item(title, "", lambda: Outcome(0, [], [f"{title}: not recorded (offline?)"]))
    link = links.Link(name)

    def run():
        verdict, details = links.compare(link, linker or context.linker, flags, changes, text=text, then=then, timeout=1800,
                                         objects=objects)
        if verdict == "identical":
            return Outcome(1)
        return Outcome(0, [f"{title}: {verdict}: {' '.join(details.split())[:300]}"])

    return Item(title, [link.oracle_key(flags, changes), sorted(dict(changes).items()), label], run)


def group_items(group):
    def items(context):
        record(group)
        return [compare_item(name, context) for name in links.all_links(group)]
    return items


# Of testdata/programs.txt: on every platform; on those that are the default of their system and CPU; on three of these.
PLATFORM_PROGRAMS = (("helm", links.PLATFORMS), *((name, links.DEFAULT_PLATFORMS) for name in
                     ("fzf", "esbuild", "yq", "wazero", "staticcheck", "nats-server")),
                     ("prometheus", ("linux-arm64-exe", "darwin-arm64-pie", "windows-amd64-pie")))


def platform_items(context):
    """The commands of the release and programs on each platform from goobj; cmd/go and helm also from dense objects."""
    record("platforms")
    for name, platforms in PLATFORM_PROGRAMS:
        for system in ("linux", "darwin", "windows") if platforms == links.PLATFORMS else platforms:
            record("platforms", system, name)
    items = []
    for platform in links.PLATFORMS:
        group = f"platforms/{platform}"
        names = [name for name in links.all_links(group) if "/std-tests/" not in name]
        names += [f"{group}/{name}" for name, platforms in PLATFORM_PROGRAMS if platform in platforms and f"{group}/{name}" not in names]
        items += [compare_item(name, context) for name in names]
        items += [compare_item(f"{group}/go", context, flags) for flags in (("-s", "-w"), ("-compressdwarf=false",))]
        items += [compare_item(f"{group}/{name}", context, label="dense", objects="dense") for name in ("go", "helm")]
    return items


def platform_test_items(context):
    for platform in links.DEFAULT_PLATFORMS:
        record("platforms", platform, "std-tests")
    return [compare_item(name, context) for platform in links.DEFAULT_PLATFORMS
            for name in links.all_links(f"platforms/{platform}/std-tests")]


def emulated_items(context, goos, goarch, programs):
    """Recorded programs, identical to stock's, print what they should: {link: what it prints, or a link for the platform
    at hand that prints the same}."""
    items = []
    for name, prints in programs.items():
        record(*name.split("/"))

        def run(name=name, prints=prints):
            try:
                machine = emulators.emulator(goos, goarch)
                wanted = prints if prints.endswith("\n") else native_output(prints)
            except emulators.NoEmulator as error:
                return Outcome(0, [], [f"{name}: {error}"])

            def runs(image):
                said = machine.output(image)
                return "" if said == wanted else f"prints {said[-300:]!r}, wanted {wanted[-300:]!r}"
            return compare_item(name, context, then=runs).run()
        items.append(Item(f"{name} runs", compare_item(name, context).key, run))
    return items


def native_output(name):
    record(*name.split("/"))
    link = links.Link(name)
    _, image = links.oracle(link, need_image=True)
    return emulators.emulator(link.env["GOOS"], link.env["GOARCH"]).output(image)


def std_arm64_items(context):
    programs = {"kinds/arm64-hello": "hello, world\n", "kinds/arm64": "kinds/features", "kinds/arm64-pie": "kinds/features"}
    return emulated_items(context, "linux", "arm64", programs) + go_suites.std_arm64_items(context)


def std_windows_items(context):
    programs = {"kinds/windows-hello": "hello, world\n", "kinds/windows-hello-exe": "hello, world\n",
                "kinds/windows": "kinds/features", "kinds/windows-exe": "kinds/features"}
    return emulated_items(context, "windows", "amd64", programs) + go_suites.std_windows_items(context)


def large_text_items(context):
    return emulated_items(context, "linux", "arm64", {f"large-text/{mode}": large_text.PRINTS for mode in ("exe", "pie")})


def dense_items(context):
    groups = ("hello", "cmd", "kinds", "programs", "std-tests")
    for group in groups:
        record(group)
    return [compare_item(name, context, label=objects, objects=objects)
            for group in groups for name in links.all_links(group) for objects in ("dense", "mixed")]


def program_items(context):
    record("programs")
    items = []
    for name, (_, _, _, argument, _) in links.programs().items():
        def runs(image, argument=argument):
            with tempfile.TemporaryDirectory(prefix="run-", dir=links.cache_directory()) as home:
                image.chmod(0o755)
                done = links.run([str(image), argument], {"HOME": home, "PATH": os.environ["PATH"]}, cwd=home, timeout=60)
            return "" if done.status == 0 else f"{argument}: status {done.status}: {done.stderr[:200]!r}"
        items.append(compare_item(f"programs/{name}", context, then=runs))
    return items


# Every flag of cmd/link that is covered, in at least two values, and the combinations that people use.
FLAG_SETS = """
-s -w
-s
-w
-w=false -s
-s=false -w=false
-compressdwarf=false
-compressdwarf=true
-buildid=
-buildid=abc/def
-B none
-B gobuildid
-B 0x0123456789abcdef
-T 0x600000
-T 0x401000
-R 0x1000
-R 0x10000
-D 0xa000000
-E _rt0_amd64_linux
-E main.main
-I /lib64/ld-linux-x86-64.so.2
-I /nonexistent
-r /opt/lib
-funcalign 16
-funcalign 64
-funcalign=1
-randlayout 1
-randlayout=123456789
-X main.version=1.2.3
-X main.version=1 -X main.version=2 -X runtime.modinfo=other
-X runtime.defaultGOROOT=/elsewhere
-d
-d=false
-n
-f
-a
-g
-h=false
-e
-v
-v=2
-c
-dumpdep
-debugnosplit
-debugtramp=2
-debugtextsize=1048576
-strictdups=1
-strictdups=2
-checklinkname=false
-checklinkname=true
-pruneweakmap=false
-pruneweakmap=true
-bindnow
-bindnow=false
-aslr
-benchmark=cpu
-benchmark=mem
-installsuffix=x
-extld=clang
-extldflags=-static
-extar=ar
-tmpdir=/tmp
-libgcc=none
-capturehostobjs=
-H linux
-buildmode=exe
-linkmode=internal
-linkmode=auto
-L /nonexistent
-k main.none
-fipso {OUT}.fipso
-s -w -X main.version=1.2.3
-s -w -buildid=
-w -compressdwarf=false -buildid= -B none
-s -w -T 0x1000000 -R 0x200000 -funcalign 64 -randlayout 3
"""
TIMED_FLAGS = ("-v", "-benchmark")


def flag_items(context):
    record("cmd", "go")
    record("programs", "fzf")
    sets = [shlex.split(line) for line in FLAG_SETS.strip().splitlines()]
    items = []
    record("kinds", "fieldtrack", "fips140", "trimpath-debug")
    chosen = [(name, flags) for name in ("cmd/go", "programs/fzf") for flags in sets]
    chosen += [("kinds/fieldtrack", ["-k", "main.version"]), ("kinds/fieldtrack", ["-k=main.version", "-s"]),
               ("kinds/fips140", ["-s", "-w"]), ("kinds/trimpath-debug", ["-s", "-w", "-X", "main.version=1.2.3"])]
    for name, flags in chosen:
        timed = any(f.startswith(TIMED_FLAGS) for f in flags)
        items.append(compare_item(name, context, flags, text=not timed))
    return items


# What means something on one system only, and what all refuse there.
SYSTEM_FLAG_SETS = {
    "linux": """
-H linux
-I /lib/ld.so
-bindnow
-r /opt/lib
-T 0x600000 -R 0x20000
""",
    "darwin": """
-H darwin
-H ios
-B none
-B gobuildid
-headerpad 4096
-s -w -B none
-T 0x100100000
-R 0x8000
""",
    "windows": """
-H windows
-H windowsgui
-H windowsgui -s -w
-H elf
-aslr=false
-aslr=false -s -w
-T 0x140010000
-R 0x2000
""",
}
NOT_PORTABLE = {"-E", "-I", "-H", "-T", "-R", "-D"}


def platform_flag_items(context):
    record("platforms", "linux", "gofmt")
    record("platforms", "darwin", "gofmt")
    record("platforms", "windows", "gofmt")
    items = []
    for platform in links.PLATFORMS:
        sets = [line for line in FLAG_SETS.strip().splitlines() if not NOT_PORTABLE & set(line.split())]
        sets += SYSTEM_FLAG_SETS[platform.split("-")[0]].strip().splitlines()
        # Of the code that cannot be linked then, stock names whatever one of its threads comes upon first.
        sets = [line for line in sets if not (platform == "linux-amd64-pie" and line == "-buildmode=exe")]
        for flags in map(shlex.split, dict.fromkeys(sets)):
            timed = any(f.startswith(TIMED_FLAGS) for f in flags)
            items.append(compare_item(f"platforms/{platform}/gofmt", context, flags, text=not timed))
    return items


def thread_items(context):
    record("hello")
    record("cmd", "go")
    record("programs", "helm")
    names = ("hello", "cmd/go", "programs/helm")
    items = [compare_item(name, context, changes={"DOVETAIL_FLAGS": f"--threads={n}"}, label=f"{n} threads")
             for name in names for n in (1, 2, 3, 8)]
    items += [compare_item(name, context, changes={"DOVETAIL_FLAGS": f"--threads=3 --schedule-seed={seed}"},
                           label=f"seed {seed}")
              for name in names for seed in range(1, SCHEDULE_SEEDS + 1)]
    return items


def sanitizer_items(context):
    """hello, cmd/go and helm on two and on eight threads; cmd/go for each platform on eight."""
    record("hello")
    record("cmd", "go")
    record("programs", "helm")
    chosen = [(name, threads) for name in ("hello", "cmd/go", "programs/helm") for threads in (2, 8)]
    for platform in links.PLATFORMS:
        record("platforms", platform, "go")
        chosen.append((f"platforms/{platform}/go", 8))
    settings = {"asan": {"ASAN_OPTIONS": "detect_leaks=0:detect_stack_use_after_return=1",
                         "UBSAN_OPTIONS": "print_stacktrace=1:halt_on_error=1"},
                "tsan": {"TSAN_OPTIONS": "halt_on_error=1:exitcode=66"}}
    items = []
    for preset, changes in settings.items():
        linker = build_preset(preset)
        if linker is None:
            items.append(Item(preset, "", lambda preset=preset: Outcome(0, [f"{preset}: does not build"])))
            continue
        for name, threads in chosen:
            item = compare_item(name, context, changes={**changes, "DOVETAIL_FLAGS": f"--threads={threads}"},
                                linker=linker, label=f"{preset} {threads} threads")
            items.append(Item(item.name, [item.key, links.sha256_file(linker)], item.run))
    return items


def build_preset(preset):
    """The dovetail of another preset, or None if it does not build."""
    done = subprocess.run([str(links.REPOSITORY / "script" / "build"), preset, "dovetail"], stdout=subprocess.DEVNULL)
    linker = links.REPOSITORY / "build" / preset / "bin" / "dovetail"
    return str(linker) if done.returncode == 0 and linker.is_file() else None


# What a link without debug information has no use for.
_UNASKED = [f"debug-{name}" for name in ("relocated", "edge-index", "reloc-index", "edges", "relocs")] + ["debug", "tool-names",
            "residue"]


def block_items(context):
    """What links from dense objects ask of each block, by a build that counts."""
    linker = build_preset("counting")
    if linker is None:
        return [Item("counting", "", lambda: Outcome(0, ["counting: does not build"]))]
    record("programs", "helm")
    return [Item(f"programs/helm {' '.join(flags)}".strip(), links.sha256_file(linker),
                 lambda flags=flags, unasked=unasked: count_blocks("programs/helm", linker, flags, unasked))
            for flags, unasked in (((), ["tool-names", "residue"]), (("-s", "-w"), _UNASKED))]


def count_blocks(name, linker, flags, unasked):
    link = links.Link(name).with_objects("dense", linker)
    with tempfile.TemporaryDirectory(prefix="blocks-", dir=links.cache_directory()) as folder:
        result = link.run(linker, pathlib.Path(folder, "a.out"), flags)
    table = result.stderr.decode()
    asked = {row.split()[0]: int(row.split()[2]) for row in table.splitlines()[1:]}
    failed = [f"{block}: {asked.get(block)} bytes asked for" for block in unasked if asked.get(block) != 0]
    if result.status != 0 or asked.get("edges", 0) == 0:
        failed.append(f"status {result.status}: {table[:200]}")
    return Outcome(0 if failed else 1, failed, [], f"* {name} {' '.join(flags)}\n\n```\n{table}```\n")


# name, flags, rounds, and what is asked: wall of stock / ours at least, peak of ours / stock at most, wall of ours at
# most, CPU / wall of ours at least
SPEED = (("hello", (), 15, {"within": 0.030}), ("cmd/compile", (), 7, {"faster": 5, "smaller": 1 / 3}),
         ("cmd/compile", ("-s", "-w"), 7, {}), ("programs/helm", (), 5, {"faster": 5, "smaller": 1 / 3, "busy": 1.6}),
         ("programs/helm", ("-s", "-w"), 5, {}), ("programs/prometheus", (), 3, {}))


def speed_items(context):
    record("hello")
    record("cmd", "compile")
    record("programs", "helm", "prometheus")
    items = []
    for row in SPEED:
        name, flags = row[0], row[1]
        title = " ".join([name, *flags])
        if name not in links.all_links():
            items.append(Item(title, "", lambda title=title: Outcome(0, [], [f"{title}: not recorded (offline?)"])))
            continue
        items.append(Item(title, links.Link(name).oracle_key(flags), lambda row=row: measure_speed(context, *row)))
    return items


def measure_speed(context, name, flags, rounds, asked):
    """Stock and ours in turns, the first round thrown away (page cache), medians compared."""
    link, seen = links.Link(name), {"stock": [], "ours": []}
    title = " ".join([name, *flags])
    with tempfile.TemporaryDirectory(prefix="speed-", dir=links.cache_directory()) as folder:
        out = pathlib.Path(folder, "a.out")
        for turn in range(rounds + 1):
            for who, linker in (("stock", "stock"), ("ours", context.linker)):
                result = link.run(linker, out, flags)
                if result.status:
                    return Outcome(0, [f"{title}: {who} failed: {result.stderr[:200]!r}"])
                if turn:
                    seen[who].append(result)
        phases = [link.run(context.linker, out, [*flags, f"-benchmark={kind}"]).stdout.decode(errors="replace")
                  for kind in (("cpu", "mem") if name == "programs/helm" and not flags else ())]
    wall, cpu, rss = (statistics.median(getattr(r, f) for r in seen["stock"]) for f in ("wall", "cpu", "rss"))
    our_wall, our_cpu, our_rss = (statistics.median(getattr(r, f) for r in seen["ours"]) for f in ("wall", "cpu", "rss"))
    failed = []
    if wall / our_wall < asked.get("faster", 0):
        failed.append(f"{title}: {wall / our_wall:.1f} times as fast, wanted {asked['faster']}")
    if our_rss / rss > asked.get("smaller", 1e9):
        failed.append(f"{title}: peak {our_rss / rss:.2f} of stock's, wanted {asked['smaller']:.2f}")
    if our_wall > asked.get("within", 1e9):
        failed.append(f"{title}: {our_wall * 1000:.0f} ms, wanted {asked['within'] * 1000:.0f}")
    if our_cpu / our_wall < asked.get("busy", 0):
        failed.append(f"{title}: CPU {our_cpu / our_wall:.2f} of wall, wanted {asked['busy']}")
    note = (f"* {title}: stock {wall:.3f} s wall, {cpu:.2f} s CPU, {rss / 1e6:.0f} MB; ours {our_wall:.3f} s wall, "
            f"{our_cpu:.2f} s CPU, {our_rss / 1e6:.0f} MB: {wall / our_wall:.1f} times as fast, "
            f"{our_rss / rss:.2f} of the memory (medians of {rounds}, in turns, {os.cpu_count()} cores)")
    for text in phases:
        note += f"\n\n```\n{text.rstrip()}\n```\n"
    return Outcome(0 if failed else 1, failed, [], note)


CHECKS = {check.name: check for check in (
    Check("cmd", "main packages of the Go release, default flags", group_items("cmd"),
          "Every main package under `cmd/`, linked by both; the images must be identical."),
    Check("std-tests", "test binaries of std", group_items("std-tests"),
          "`go test -c` of every package in std that has tests; identical."),
    Check("kinds", "builds of every kind", group_items("kinds"),
          "testdata/kinds built with -trimpath, -cover, -pgo, -N -l, GOFIPS140, GOAMD64, experiments …; identical."),
    Check("programs", "third-party programs", program_items,
          "testdata/programs.txt; identical, and the linked program runs."),
    Check("platforms", "other systems, CPUs and build modes", platform_items,
          "Every main package under `cmd/` that builds for it, helm, prometheus and six programs, default flags; cmd/go with "
          "other flags; cmd/go and helm from dense objects; identical to the stock linker's cross-links."),
    Check("platform-tests", "test binaries of std for other systems and CPUs", platform_test_items,
          "`go test -c` of every package in std that has tests there, in the system's default build mode; identical."),
    Check("platform-flags", "flag matrix on each platform", platform_flag_items,
          "Each flag set on cmd/gofmt for every system, CPU and build mode; exit status, text and image the same as stock's."),
    Check("test-programs", "main packages of the release's test/ directory", test_programs.items,
          "Each file that is a program, compiled for every system, CPU and build mode and linked under flags chosen by its name; "
          "exit status, text and image the same as stock's."),
    Check("flags", "flag matrix on cmd/go and fzf", flag_items,
          "Each flag set on both; exit status, text (but for timings) and image the same as stock's."),
    Check("round-trip", "goobj to dense and back", round_trip.items,
          "Archives of std for three systems on amd64 and arm64, optimised and not, and of three large programs: converted, "
          "without and with compressed cold blocks, and back, each is the file that it was."),
    Check("dense-links", "recorded links from dense and mixed objects", dense_items,
          "hello, cmd, kinds, programs and std-tests, from converted archives and from every second one converted; the image "
          "is the one that stock makes of the originals."),
    Check("blocks", "what links ask of each block", block_items,
          "A build that counts: bytes, bytes asked for, how often, and pages mapped in the end, of helm's dense objects. Of some "
          "blocks nothing must be asked: with `-s -w` of all that is debug information."),
    Check("threads", "threads and schedules", thread_items,
          f"1, 2, 3 and 8 threads, and {SCHEDULE_SEEDS} schedule seeds; identical to stock's image each time."),
    Check("sanitizers", "ASan+UBSan and TSan builds", sanitizer_items,
          "The sanitized builds link hello, cmd/go and helm, and cmd/go for each platform; no report, and the identical image."),
    Check("mutants", "1,000 mutated links of cmd/pack under ASan", mutants.items,
          "Status 0 to 2, a message if not 0 and then nothing at -o, under 1 GB and 10 s each."),
    Check("dense-mutants", "1,000 mutated dense links of cmd/pack and conversions under ASan", mutants.dense_items,
          "500 links with a mutated dense archive, 500 conversions of mutated archives, half each way: as above; what comes "
          "of mutated goobj comes back identical."),
    Check("platform-mutants", "200 mutated links of cmd/pack under ASan for each of five other systems and CPUs", mutants.platform_items,
          "As mutants."),
    Check("many-mutants", "100,000 mutated links and 100,000 objects through verify, 5,000 of them under ASan too",
          mutants.many_items, "As mutants and dense-mutants, without sanitizers; hours."),
    Check("debuggers", "gdb, delve and a walk through libdwarf", debuggers.items,
          "On testdata/kinds/debugger linked by ours: breakpoints, variables, stacks; every unit, DIE, line, range, frame."),
    Check("link-tests", "tests of cmd/link and cmd/link/internal/ld", go_suites.link_test_items,
          "Go's own tests of its linker pointed at ours; a test counts as failed if it passes with stock and not with ours."),
    Check("std-short", "go test -short std with the overlay", go_suites.std_items,
          "Tests and packages; failed are those whose result is not stock's."),
    Check("std-arm64", "go test -short of std on linux/arm64, by qemu-user", std_arm64_items,
          "Tests of the packages in testdata/std-arm64.txt, of some as position-independent executables too, with the overlay; "
          "failed are those whose result is not stock's. testdata/kinds/features and hello print what they should."),
    Check("std-windows", "go test -short of std on windows/amd64, by wine", std_windows_items,
          "The same for testdata/std-windows.txt; position-independent is the default there."),
    Check("large-text", "144 MB of text for linux/arm64", large_text_items,
          "A generated program in which branches do not reach, in both build modes: identical, and runs under qemu-user."),
    Check("std-dense", "go test -short std with dense objects", go_suites.std_dense_items,
          "The same through `toolexec --objects=dense`, from an empty build cache."),
    Check("dense-cost", "cost of conversion over std", go_suites.conversion_cost_items,
          "CPU time of `go build std` from an empty cache, through toolexec with conversion and without, in turns; at most 5 % more."),
    Check("testdir", "cmd/internal/testdir with the overlay", go_suites.testdir_items,
          "The release's test/ directory; failed are those whose result is not stock's."),
    Check("speed", "speed and memory against stock", speed_items,
          "Stock and ours in turns, page cache warm. At least 5 times as fast and a third of the memory on cmd/compile and "
          "helm, helm's CPU time 1.6 times its wall time on two cores, hello within 30 ms; other lines are for information."),
)}
