"""Go's own test suites, run with the stock linker and with ours, and their results compared test by test.

The linker is put in the place of the stock one by an overlay of GOROOT (`dovetail goroot`), since the tests of std and
of test/ call go build, go run and go tool link themselves. cmd/link's own tests make their test binary the linker: there
TestMain is replaced, through go test -overlay, by one that executes ours. They also run with GOOS and GOARCH of other
platforms in their environment; then what they ask about the system at hand is replaced by what they build for, with stock
as with ours, and an emulator runs the programs. What stock does is kept for the Go release.
"""

import contextlib
import dataclasses
import functools
import hashlib
import json
import os
import pathlib
import re
import resource
import shlex
import statistics
import subprocess
import tempfile
import typing

import emulators
import links
from outcome import Item, Outcome

# Tests that pass with stock and cannot with ours, and why.
_PARENT = "counts as failed because of a test in it that is listed here"
_NO_VERSION = "its GOROOT has no VERSION file, and GOROOT is not set: nothing says which release we stand in for"
EXCEPTIONS = {
    "cmd/link": _PARENT,
    "cmd/link TestScript": _PARENT,
    "cmd/link TestScript/randlayout_option": _NO_VERSION,
    "cmd/link TestScript/script_test_basics": _NO_VERSION,
    "cmd/link/internal/ld": _PARENT,
    "cmd/link/internal/ld TestRISCVTrampolines": "GOARCH=riscv64 is refused by name",
}


@contextlib.contextmanager
def workplace():
    """(environment of a go command, folder): a build cache that starts with what is compiled already, and a GOPATH for
    what tests install. Executables that a stock link left in a shared cache would never be linked again. TMPDIR is not
    beside the overlay: `testing TestChdir` goes from one to the other by "..", which a src that is a link does not bear."""
    with (tempfile.TemporaryDirectory(prefix="suite-", dir=links.cache_directory(), ignore_cleanup_errors=True) as folder,
          tempfile.TemporaryDirectory(prefix="dovetail-suite-", ignore_cleanup_errors=True) as temporary):
        env = links.go_environment(GOCACHE=os.path.join(folder, "go-build"), HOME=folder, TMPDIR=temporary)
        shared = links.cache_directory() / "go-build"
        if shared.is_dir():
            subprocess.run(["cp", "-al", str(shared), env["GOCACHE"]], check=True)
        try:
            yield env, folder
        finally:
            subprocess.run(["chmod", "-R", "u+w", folder], stderr=subprocess.DEVNULL)


def go_test(arguments, env, subtests):
    """Results of go test -json: ({"package test": pass|fail|skip}, {the same: output of failures})."""
    command = ["nice", "-n", "5", "go", "test", "-json", "-count=1", *arguments]
    results, output = {}, {}
    # As a shell that went there: without PWD the go command would find where the link leads, and tests that look for
    # vendored packages (go/internal/srcimporter) would not find theirs.
    source = env["GOROOT"] + "/src"
    with subprocess.Popen(command, env={**env, "PWD": source}, cwd=source, text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        for line in process.stdout:
            try:
                event = json.loads(line)
            except json.JSONDecodeError:
                output["go test"] = output.get("go test", "") + line
                continue
            test = event.get("Test", "")
            if "/" in test and not subtests:
                continue
            name = f"{event.get('Package', event.get('ImportPath', ''))} {test}".strip()
            if event["Action"] in ("output", "build-output"):
                output[name] = (output.get(name, "") + event.get("Output", ""))[-4000:]
            elif event["Action"] in ("pass", "fail", "skip", "build-fail"):
                results[name] = event["Action"]
    if process.returncode not in (0, 1):
        raise SystemExit(f"go_suites: go test ended with status {process.returncode}: {output.get('go test', '')[-400:]}")
    return results, {name: text for name, text in output.items() if results.get(name, "fail") == "fail"}


def goroot(env):
    done = subprocess.run(["go", "env", "GOROOT"], env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def use_overlay(env, folder, linker):
    """The linker in the place of the stock one, as users have it."""
    if linker is not None:
        overlay = os.path.join(folder, "goroot")
        subprocess.run([linker, "goroot", overlay], env=env, check=True)
        env.update(GOROOT=overlay, PATH=f"{overlay}/bin:{env['PATH']}")
    return []


LINK_LOG = "links.txt"  # in the workplace's folder


def use_counting_overlay(env, folder, linker):
    """The same, and each link is written down before it is made."""
    arguments = use_overlay(env, folder, linker)
    if linker is not None:
        [link] = pathlib.Path(env["GOROOT"], "pkg", "tool").glob("*/link")
        link.unlink()
        link.write_text(f"""#!/bin/bash
case "$1" in -V*) ;; *) echo "$*" >> {shlex.quote(os.path.join(folder, LINK_LOG))} ;; esac
exec -a "$0" {shlex.quote(linker)} "$@"
""")
        link.chmod(0o755)
    return arguments


@dataclasses.dataclass
class Suite:
    name: str                              # stock's results are kept under it and the arguments
    arguments: list                        # of go test: flags, then packages
    subtests: bool                         # whether they count
    prepare: typing.Callable = use_overlay # (env, folder, linker or None for stock) -> more arguments; changes env
    env: dict = dataclasses.field(default_factory=dict)  # for both linkers; the platform, which the name says too


def run_suite(suite, linker, arguments):
    """Results of one run with this linker (None: stock), output of failures, and the links that were written down."""
    with workplace() as (env, folder):
        env["GOROOT"] = goroot(env)
        env.update(suite.env)
        more = suite.prepare(env, folder, linker)
        results, output = go_test(more + arguments, env, suite.subtests)
        log = pathlib.Path(folder, LINK_LOG)
        return results, output, log.read_text().splitlines() if log.is_file() else []


def with_stock(suite):
    arguments = hashlib.sha256(json.dumps(suite.arguments).encode()).hexdigest()[:16]
    path = links.cache_directory() / "checks" / f"stock-{suite.name}-{links.GO_RELEASE}-{arguments}.json"
    if path.is_file():
        return json.loads(path.read_text())
    results, _, _ = run_suite(suite, None, suite.arguments)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results))
    return results


def judge(stock, ours, output, again):
    """Differences that stay when the packages concerned are run again with both; flaky tests are named."""
    different = sorted(name for name in stock.keys() | ours.keys() if stock.get(name) != ours.get(name))
    notes = []
    if different and again:
        packages = sorted({name.split()[0] for name in different if "." not in name.split()[0] or "/" in name})
        stock_again, ours_again, output = again(packages)
        flaky = [n for n in different if ours_again.get(n, ours.get(n)) == stock.get(n) or
                 stock_again.get(n, stock.get(n)) != stock.get(n)]
        notes = [f"* not the same in every run, with stock or ours: {', '.join(flaky)}"] if flaky else []
        different = [n for n in different if n not in flaky]
    failed, skipped = [], [f"{n}: skips itself" for n, r in ours.items() if r == "skip" and stock.get(n) == r]
    for name in different:
        text = " ".join(output.get(name, "").split())[-300:]
        if name in EXCEPTIONS:
            skipped.append(f"{name}: {EXCEPTIONS[name]}")
        else:
            failed.append(f"{name}: stock {stock.get(name, 'absent')}, ours {ours.get(name, 'absent')}: {text}")
    passed = [n for n, r in ours.items() if n not in different and r == "pass"]
    skipped += sorted(f"{n}: fails with stock too" for n, r in ours.items() if r.endswith("fail") and stock.get(n) == r)
    return Outcome(len(passed), failed, skipped, "\n".join(notes))


def compare_suite(suite, linker, rerun=True):
    """Outcome of a suite with ours against stock; and the links of ours that were written down."""
    stock = with_stock(suite)
    ours, output, linked = run_suite(suite, linker, suite.arguments)
    if "go test" in output and len(ours) * 2 < len(stock):
        return Outcome(0, [f"{suite.name}: go test: {output['go test'][-400:]}"]), linked

    def again(packages):
        arguments = [a for a in suite.arguments if a.startswith("-")] + packages
        stock_again, _, _ = run_suite(suite, None, arguments)
        ours_again, text, _ = run_suite(suite, linker, arguments)
        return stock_again, ours_again, text
    return judge(stock, ours, output, again if rerun else None), linked


def suite_item(suite, context, rerun=True, title=""):
    return Item(title or suite.name, links.GO_RELEASE, lambda: compare_suite(suite, context.linker, rerun)[0])


def std_items(context):
    return [suite_item(Suite("std-short", ["-short", "std"], False), context)]


def listed_packages(name):
    lines = (links.REPOSITORY / "testdata" / name).read_text().splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def emulated_item(context, title, goos, goarch, packages, flags=()):
    """Tests of these packages, cross-compiled and run by an emulator. Each test binary has to be one that ours linked."""
    def run():
        try:
            machine = emulators.emulator(goos, goarch)
        except emulators.NoEmulator as error:
            return Outcome(0, [], [f"{title}: {error}"])
        arguments = ["-short", "-timeout=20m", f"-exec={shlex.join(machine.command)}", *flags, *packages]
        suite = Suite(title, arguments, False, use_counting_overlay, {"GOOS": goos, "GOARCH": goarch, **machine.env})
        outcome, linked = compare_suite(suite, context.linker)
        count = sum("-X testing.testBinary=1" in line and set(flags) <= set(line.split()) for line in linked)
        if count != len(packages):
            outcome.failed.append(f"{title}: {count} test binaries were linked by ours, wanted {len(packages)}")
        outcome.note = f"* {title}: {len(packages)} packages, {count} test binaries linked by ours\n{outcome.note}".strip()
        return outcome
    return Item(title, [links.GO_RELEASE, packages, list(flags)], run)


# Of the packages that are tested as ordinary executables, those whose code is the most various.
PIE_PACKAGES = ["bytes", "encoding/gob", "encoding/json", "fmt", "math", "reflect", "regexp", "slices", "sort", "strings",
                "text/template"]


def std_arm64_items(context):
    return [emulated_item(context, "std-arm64", "linux", "arm64", listed_packages("std-arm64.txt")),
            emulated_item(context, "std-arm64-pie", "linux", "arm64", PIE_PACKAGES, ["-buildmode=pie"])]


def std_windows_items(context):
    return [emulated_item(context, "std-windows", "windows", "amd64", listed_packages("std-windows.txt")),
            emulated_item(context, "std-windows-exe", "windows", "amd64", PIE_PACKAGES, ["-buildmode=exe"])]


def dense_toolexec(linker):
    return f"'-toolexec={linker} toolexec --objects=dense'"


def convert_objects(env, folder, linker):
    """Every package is compiled, converted and linked from nothing."""
    if linker is not None:
        env.update(GOFLAGS=dense_toolexec(linker), GOCACHE=os.path.join(folder, "empty"))
    return []


def std_dense_items(context):
    return [suite_item(Suite("std-short", ["-short", "std"], False, convert_objects), context, title="std-dense")]


def conversion_cost_items(context):
    return [Item("dense-cost", links.GO_RELEASE, lambda: conversion_cost(context))]


def conversion_cost(context, rounds=3):
    """CPU time of `go build std` into an empty cache, through toolexec that converts and through one that does not."""
    times = {"": [], " --objects=dense": []}
    for _ in range(rounds):
        for options, measured in times.items():
            with workplace() as (env, folder):
                env.update(GOFLAGS=f"'-toolexec={context.linker} toolexec{options}'",
                           GOCACHE=os.path.join(folder, "empty"))
                before = resource.getrusage(resource.RUSAGE_CHILDREN)
                subprocess.run(["go", "build", "std"], env=env, cwd=folder, check=True)
                after = resource.getrusage(resource.RUSAGE_CHILDREN)
                measured.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    plain, dense = (statistics.median(t) for t in times.values())
    cost = dense / plain - 1
    note = (f"* go build std: {plain:.1f} s of CPU, {dense:.1f} s with conversion: {100 * cost:+.1f} % (medians of {rounds}, "
            "in turns)")
    failed = [f"conversion takes {100 * cost:.1f} % of the time, wanted 5"] if cost > 0.05 else []
    return Outcome(0 if failed else 1, failed, [], note)


def without_tests(root, name):
    """The items of a check that needs the release's test/ directory where there is none; else nothing."""
    if pathlib.Path(root, "test").is_dir():
        return []
    why = f"{name}: this GOROOT has no test/ directory (it came through GOTOOLCHAIN; an installed release has it)"
    return [Item(name, "", lambda: Outcome(0, [], [why]))]


def testdir_items(context):
    if missing := without_tests(goroot(links.go_environment()), "testdir"):
        return missing
    return [suite_item(Suite("testdir", ["-short", "-timeout=60m", "cmd/internal/testdir"], True), context, rerun=False)]


def replace_test_main(text, linker):
    """cmd/link's link_test.go, its TestMain executing this linker in both of its roles."""
    execute = 'panic(syscall.Exec({0}, append([]string{{os.Args[0]}}, os.Args[1:]...), os.Environ()))'.format(
        json.dumps(linker))
    begin, end = text.index("func TestMain("), text.index("// testLinker is the path")
    body, count = re.subn(r"(?m)^(\t+)main\(\)\n\t+os\.Exit\(0\)", lambda m: m.group(1) + execute, text[begin:end])
    if count != 2:
        raise SystemExit("go_suites: cmd/link's TestMain is not the one that is known; its replacement has to be adapted")
    text = text[:begin] + body + text[end:]
    return text.replace('\t"strings"\n', '\t"strings"\n\t"syscall"\n', 1)


def change_platform(text, goos, goarch):
    """A file of cmd/link's tests that takes what it builds for, not what it runs on, for the system and CPU that matter
    (some of its tests say in a comment that they are good for that), and has what it has built run by an emulator."""
    text = text.replace("runtime.GOOS", json.dumps(goos)).replace("runtime.GOARCH", json.dumps(goarch))
    text = re.sub(r"testenv\.Command\(t, (exe|tmpdir\+\"/\w+\")\)", rf'testenv.Command(t, "go_{goos}_{goarch}_exec", \1)', text)
    return text + "\nvar _ = runtime.Compiler\n"


def change_link_tests(env, folder, linker, goos="", goarch=""):
    """Arguments for go test cmd/link in which the linker is ours, and what is built may be for another platform."""
    replaced = {}
    for name in ("link_test.go", "elf_test.go"):
        source = pathlib.Path(env["GOROOT"], "src/cmd/link", name)
        text = original = source.read_text()
        if linker is not None and name == "link_test.go":
            text = replace_test_main(text, linker)
        if goos:
            text = change_platform(text, goos, goarch)
        if text != original:
            replaced[str(source)] = str(pathlib.Path(folder, name))
            pathlib.Path(folder, name).write_text(text)
    emulate(env, folder, goos, goarch)
    overlay = pathlib.Path(folder, "overlay.json")
    overlay.write_text(json.dumps({"Replace": replaced}))
    return [f"-overlay={overlay}"]


def overlay_and_emulator(env, folder, linker, goos="", goarch=""):
    emulate(env, folder, goos, goarch)
    return use_overlay(env, folder, linker)


def emulate(env, folder, goos, goarch):
    """A command on the PATH by which `go run` runs programs of another platform (cmd/go work.FindExecCmd, Go 1.26)."""
    try:
        machine = emulators.emulator(goos, goarch) if goos else None
    except emulators.NoEmulator:
        return
    if machine:
        command = pathlib.Path(folder, "emulators", f"go_{goos}_{goarch}_exec")
        command.parent.mkdir()
        words = [f"{name}={value}" for name, value in machine.env.items()] + machine.command
        command.write_text(f'#!/bin/sh\nexec env {shlex.join(words)} "$@"\n')
        command.chmod(0o755)
        env["PATH"] += f":{command.parent}"


# The linker's tests are linux programs also where what they build is for another platform, since the environment says so.
LINK_TEST_PLATFORMS = (("linux", "arm64"), ("darwin", "amd64"), ("darwin", "arm64"), ("windows", "amd64"), ("windows", "arm64"))


def link_test_items(context):
    items = []
    for goos, goarch in (("", ""), *LINK_TEST_PLATFORMS):
        across = [f"-exec=env GOOS={goos} GOARCH={goarch}"] if goos else []
        where = f"-{goos}-{goarch}" if goos else ""
        for package, prepare in (("cmd/link", change_link_tests), ("cmd/link/internal/ld", overlay_and_emulator)):
            suite = Suite(package.replace("/", "-") + where, [*across, "-timeout=30m", package], True,
                          functools.partial(prepare, goos=goos, goarch=goarch))
            items.append(suite_item(suite, context))
    return items
