"""Go's own test suites, run with the stock linker and with ours, and their results compared test by test.

The linker is put in the place of the stock one by an overlay of GOROOT (`dovetail goroot`), since the tests of std and
of test/ call go build, go run and go tool link themselves. cmd/link's own tests make their test binary the linker: there
TestMain is replaced, through go test -overlay, by one that executes ours. What stock does is kept for the Go release.
"""

import contextlib
import json
import os
import pathlib
import re
import resource
import statistics
import subprocess
import tempfile

import links
from outcome import Item, Outcome

# Tests that pass with stock and cannot with ours, and why.
_PIE = "-buildmode=pie is refused by name"
_PARENT = "counts as failed because of a test in it that is listed here"
_NO_VERSION = "its GOROOT has no VERSION file, and GOROOT is not set: nothing says which release we stand in for"
EXCEPTIONS = {
    "cmd/link": _PARENT,
    "cmd/link TestELFHeadersSorted": _PARENT,
    "cmd/link TestELFHeadersSorted/pie": _PIE,
    "cmd/link TestMachOBuildVersion": "GOOS=darwin is refused by name",
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


def with_stock(suite, arguments, subtests, prepare=None):
    path = links.cache_directory() / "checks" / f"stock-{suite}-{links.GO_RELEASE}.json"
    if path.is_file():
        return json.loads(path.read_text())
    with workplace() as (env, folder):
        env["GOROOT"] = goroot(env)
        more = prepare(env, folder, None) if prepare else []
        results, _ = go_test(more + arguments, env, subtests)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(results))
    return results


def with_ours(linker, arguments, subtests, prepare=None):
    with workplace() as (env, folder):
        env["GOROOT"] = goroot(env)
        more = []
        if prepare:
            more = prepare(env, folder, linker)
        else:
            overlay = os.path.join(folder, "goroot")
            subprocess.run([linker, "goroot", overlay], env=env, check=True)
            env.update(GOROOT=overlay, PATH=f"{overlay}/bin:{env['PATH']}")
        return go_test(more + arguments, env, subtests)


def judge(suite, stock, ours, output, again):
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
    same = [r for n, r in ours.items() if n not in different and r != "skip"]
    both_fail = sorted(n for n, r in ours.items() if r == "fail" and stock.get(n) == r)
    if both_fail:
        notes.append(f"* fail with stock too: {', '.join(both_fail[:20])}")
    return Outcome(len(same), failed, skipped, "\n".join(notes))


def suite_item(suite, context, arguments, subtests, prepare=None, rerun=True, title=""):
    """Stock's results are kept under `suite`."""
    def run():
        stock = with_stock(suite, arguments, subtests, prepare)
        ours, output = with_ours(context.linker, arguments, subtests, prepare)
        if "go test" in output and len(ours) * 2 < len(stock):
            return Outcome(0, [f"{suite}: go test: {output['go test'][-400:]}"])

        def again(packages):
            flags = [a for a in arguments if a.startswith("-")]
            with workplace() as (env, folder):
                env["GOROOT"] = goroot(env)
                more = prepare(env, folder, None) if prepare else []
                stock_again, _ = go_test(more + flags + packages, env, subtests)
            ours_again, text = with_ours(context.linker, flags + packages, subtests, prepare)
            return stock_again, ours_again, text
        return judge(suite, stock, ours, output, again if rerun else None)
    return Item(title or suite, links.GO_RELEASE, run)


def std_items(context):
    return [suite_item("std-short", context, ["-short", "std"], False)]


def dense_toolexec(linker):
    return f"'-toolexec={linker} toolexec --objects=dense'"


def convert_objects(env, folder, linker):
    """Every package is compiled, converted and linked from nothing."""
    if linker is not None:
        env.update(GOFLAGS=dense_toolexec(linker), GOCACHE=os.path.join(folder, "empty"))
    return []


def std_dense_items(context):
    return [suite_item("std-short", context, ["-short", "std"], False, convert_objects, title="std-dense")]


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


def testdir_items(context):
    if not pathlib.Path(goroot(links.go_environment()), "test").is_dir():
        why = "testdir: this GOROOT has no test/ directory (it came through GOTOOLCHAIN; an installed release has it)"
        return [Item("testdir", "", lambda: Outcome(0, [], [why]))]
    return [suite_item("testdir", context, ["-short", "-timeout=60m", "cmd/internal/testdir"], True, rerun=False)]


def replace_test_main(env, folder, linker):
    """Arguments for go test cmd/link in which the linker is ours: TestMain executes it in both of its roles."""
    if linker is None:
        return []
    source = pathlib.Path(env["GOROOT"], "src/cmd/link/link_test.go")
    text = source.read_text()
    execute = 'panic(syscall.Exec({0}, append([]string{{os.Args[0]}}, os.Args[1:]...), os.Environ()))'.format(
        json.dumps(linker))
    begin, end = text.index("func TestMain("), text.index("// testLinker is the path")
    body, count = re.subn(r"(?m)^(\t+)main\(\)\n\t+os\.Exit\(0\)", lambda m: m.group(1) + execute, text[begin:end])
    if count != 2:
        raise SystemExit("go_suites: cmd/link's TestMain is not the one that is known; its replacement has to be adapted")
    text = text[:begin] + body + text[end:]
    text = text.replace('\t"strings"\n', '\t"strings"\n\t"syscall"\n', 1)
    changed = pathlib.Path(folder, "link_test.go")
    changed.write_text(text)
    overlay = pathlib.Path(folder, "overlay.json")
    overlay.write_text(json.dumps({"Replace": {str(source): str(changed)}}))
    return [f"-overlay={overlay}"]


def link_test_items(context):
    return [suite_item("cmd-link", context, ["-timeout=30m", "cmd/link"], True, replace_test_main),
            suite_item("cmd-link-internal-ld", context, ["-timeout=30m", "cmd/link/internal/ld"], True)]
