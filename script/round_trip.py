"""Archives converted to the dense format and back, without and with compressed cold blocks: both times the same file.

Every package of std is compiled for each target, optimised and not, in a build cache that is removed when the item is
done; the archives of large programs are those that were recorded. An archive that converting leaves as it is counts as
failed: coming back would prove nothing.
"""

import pathlib
import subprocess
import tempfile

import links
from outcome import Item, Outcome

TARGETS = [(system, machine) for system in ("linux", "darwin", "windows") for machine in ("amd64", "arm64")]
COMPILER_FLAGS = ("", "all=-N -l")
PROGRAMS = ("helm", "prometheus", "golangci-lint")
COMPRESSIONS = ("none", "cold")


def convert_and_back(tool, archives):
    """The archives are (name, path)."""
    failed, sizes = [], [0] * (1 + len(COMPRESSIONS))
    with tempfile.TemporaryDirectory(prefix="round-trip-", dir=links.cache_directory()) as folder:
        dense, back = pathlib.Path(folder, "dense"), pathlib.Path(folder, "back")
        for name, path in archives:
            original, wrong = pathlib.Path(path).read_bytes(), ""
            sizes[0] += len(original)
            for i, compression in enumerate(COMPRESSIONS):
                try:
                    links.convert(tool, "dense", path, dense, f"--compress={compression}")
                    links.convert(tool, "goobj", dense, back)
                except links.NotConverted as error:
                    wrong = wrong or f"{name}: {error}"
                    continue
                converted = dense.read_bytes()
                sizes[1 + i] += len(converted)
                if converted == original:
                    wrong = wrong or f"{name}: not converted, --compress={compression}"
                elif back.read_bytes() != original:
                    wrong = wrong or f"{name}: not what it was, --compress={compression}"
            failed += [wrong] if wrong else []
    megabytes = [f"{size / 1e6:.1f}" for size in sizes]
    return len(archives) - len(failed), failed, (
        f"{len(archives)} archives, {megabytes[0]} MB; dense {megabytes[1]} MB, with cold blocks compressed "
        f"{megabytes[2]} MB (export data included)")


def std_item(tool, system, machine, flags):
    title = " ".join(filter(None, [f"std {system}/{machine}", flags]))

    def run():
        with tempfile.TemporaryDirectory(prefix="round-trip-std-", dir=links.cache_directory()) as folder:
            env = links.go_environment(GOOS=system, GOARCH=machine, GOCACHE=folder)
            listed = subprocess.run(
                ["nice", "-n", "10", "go", "list", "-export", "-p=2", f"-gcflags={flags}", "-f",
                 "{{with .Export}}{{$.ImportPath}} {{.}}{{end}}", "std"], env=env, cwd=folder, capture_output=True, text=True)
            if listed.returncode:
                return Outcome(0, [f"{title}: go list: {listed.stderr.strip()[-300:]}"])
            archives = [line.split(" ", 1) for line in listed.stdout.splitlines()]
            passed, failed, sizes = convert_and_back(tool, archives)
        return Outcome(passed, [f"{title}: {f}" for f in failed], note=f"* {title}: {sizes}")

    return Item(title, [links.GO_RELEASE, system, machine, flags], run)


def program_item(tool, name):
    if f"programs/{name}" not in links.all_links():
        return Item(name, "", lambda: Outcome(0, [], [f"{name}: not recorded (offline?)"]))
    link = links.Link(f"programs/{name}")

    def run():
        packages = link.packages()
        passed, failed, sizes = convert_and_back(tool, packages)
        return Outcome(passed, [f"{name}: {f}" for f in failed], note=f"* {name}: {sizes}")

    return Item(name, link.meta["key"], run)


def items(context):
    subprocess.run([str(links.REPOSITORY / "script" / "record"), "programs", *PROGRAMS], stdout=subprocess.DEVNULL)
    return ([std_item(context.linker, *target, flags) for target in TARGETS for flags in COMPILER_FLAGS] +
            [program_item(context.linker, name) for name in PROGRAMS])
