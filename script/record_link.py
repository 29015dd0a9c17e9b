"""Records one link on behalf of cmd/go (see links.py for what is stored); called through script/record-link.

DOVETAIL_RECORD_GROUP and DOVETAIL_RECORD_NAME say where the record goes; without a name it is the import path.
With DOVETAIL_RECORD_ONLY the link itself is not run and cmd/go gets an empty file, which it takes for a link with a
build ID of the user's own (cmd/go/internal/work/buildid.go updateBuildID, Go 1.26).
"""

import hashlib
import json
import os
import pathlib
import re
import shutil
import sys

sys.dont_write_bytecode = True
import links


def keep_object(path):
    """Stores an archive under its hash. A file of cmd/go's cache is named by its SHA-256 and never changes: a link to it."""
    objects = links.cache_directory() / "objects"
    objects.mkdir(parents=True, exist_ok=True)
    cached = re.fullmatch(r"([0-9a-f]{64})-d", os.path.basename(path))
    digest = cached.group(1) if cached else links.sha256_file(path)
    stored = objects / (digest + ".a")
    if not stored.exists():
        building = objects / f"{digest}.{os.getpid()}"
        try:
            if not cached:
                raise OSError("may still be stamped by cmd/go")
            os.link(path, building)
        except OSError:
            shutil.copyfile(path, building)
        os.replace(building, stored)
    return stored


def expand(args):
    """@file arguments: one argument per line, with \\\\ and \\n escapes (cmd/internal/objabi/flag.go, Go 1.26)."""
    result = []
    for arg in args:
        if not arg.startswith("@"):
            result.append(arg)
            continue
        for line in pathlib.Path(arg[1:]).read_text().splitlines():
            result.append(re.sub(r"\\(.)", lambda m: "\n" if m.group(1) == "n" else m.group(1), line))
    return result


def record(tool, args, name):
    folder = links.cache_directory() / "links" / name
    building = folder.with_name(f".{folder.name}.{os.getpid()}")
    building.mkdir(parents=True)
    identity, size, out_path = [], 0, None

    def keep(path):
        nonlocal size
        stored = keep_object(path)
        size += stored.stat().st_size
        return stored

    out = []
    args = expand(args)
    while args:
        arg = args.pop(0)
        if arg in ("-o", "-fipso"):
            value = args.pop(0)
            out_path = value if arg == "-o" else out_path
            out += [arg, "{OUT}" if arg == "-o" else "{OUT}.fipso"]
            identity += [arg]
        elif arg == "-importcfg":
            text = []
            for line in pathlib.Path(args.pop(0)).read_text().splitlines():
                if line.startswith("packagefile "):
                    package, path = line[len("packagefile "):].split("=", 1)
                    stored = keep(path)
                    line = f"packagefile {package}={stored}"
                    identity.append(f"packagefile {package}={stored.name}")
                else:
                    identity.append(line)
                text.append(line)
            (building / "importcfg.link").write_text("".join(line + "\n" for line in text))
            out += [arg, str(folder / "importcfg.link")]
        elif not args:
            stored = keep(arg)
            out.append(str(stored))
            identity.append(stored.name)
        else:
            out.append(arg)
            identity.append(arg)
    env = {k: os.environ[k] for k in links.LINK_VARIABLES if k in os.environ}
    release = (pathlib.Path(tool).resolve().parents[3] / "VERSION").read_text().split("\n")[0]
    meta = {"tool": tool, "release": release, "package": os.environ.get("TOOLEXEC_IMPORTPATH", ""), "input_bytes": size,
            "key": hashlib.sha256(json.dumps([identity, sorted(env.items()), release]).encode()).hexdigest()}
    (building / "args").write_text("".join(arg + "\n" for arg in out))
    (building / "env").write_text("".join(f"{k}={v}\n" for k, v in sorted(env.items())))
    (building / "meta.json").write_text(json.dumps(meta, indent=1) + "\n")
    shutil.rmtree(folder, ignore_errors=True)
    os.replace(building, folder)
    return out_path


def main():
    tool, args = sys.argv[1], sys.argv[2:]
    if not any(a.startswith("-V") for a in args[:1]):
        package = re.sub(r" \[.*\]$", "", os.environ.get("TOOLEXEC_IMPORTPATH", "main"))
        name = os.environ.get("DOVETAIL_RECORD_NAME")
        if not name:
            group = os.environ["DOVETAIL_RECORD_GROUP"]
            package = package[len("cmd/"):] if group.split("/")[0] in ("cmd", "platforms") and package.startswith("cmd/") else package
            package = re.sub(r"(\.test)+$", "", package)
            name = f"{group}/{package.replace('/', '_')}"
        out_path = record(tool, list(args), name)
        if os.environ.get("DOVETAIL_RECORD_ONLY"):
            pathlib.Path(out_path).write_bytes(b"recorded, not linked\n")
            os.chmod(out_path, 0o755)
            return
    os.execv(tool, [tool] + args)


main()
