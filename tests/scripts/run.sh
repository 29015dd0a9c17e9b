#!/bin/bash
# Runs one shell test: run.sh FILE. Gives it go (the pinned release, no cgo, a build cache of its own that starts with
# the packages compiled before) and WORK, an empty directory that is removed afterwards.
set -euo pipefail
here=$(cd "$(dirname "$0")/../.." && pwd)
cache=${DOVETAIL_CACHE:-$HOME/.cache/dovetail}
mkdir -p "$cache"
export DOVETAIL=${DOVETAIL:-$here/build/release/bin/dovetail}
WORK=$(mktemp -d "$cache/test-XXXXXX")
export WORK REPOSITORY=$here
trap 'chmod -R u+w "$WORK"; rm -rf "$WORK"' EXIT
case "$(cd / && GOTOOLCHAIN=local go env GOVERSION)" in
  go1.26 | go1.26.*) ;;
  *)
    release=$(cat "$here/script/go-release")
    root=$(cd / && GOTOOLCHAIN=$release go env GOROOT)
    PATH=$root/bin:$PATH ;;
esac
export GOTOOLCHAIN=local
export CGO_ENABLED=0 GOOS=linux GOARCH=amd64 GOFLAGS=-buildvcs=false GOWORK=off GOTELEMETRY=off
library=$(dirname "$1")/lib.sh
export GOCACHE=$cache/go-build
if [ ! -f "$library" ]; then
  # Tests that have cmd/go link: executables of a stock link that were left in its cache would never be linked again.
  GOCACHE=$WORK/.go-build
  if [ -d "$cache/go-build" ]; then cp -al "$cache/go-build" "$GOCACHE" 2> /dev/null || true; fi
fi
mkdir -p "$WORK/t" && cd "$WORK/t"
status=0
if [ -f "$library" ]; then
  bash -euo pipefail -c 'source "$1"; source "$2"' test "$library" "$1" || status=$?
else
  bash -euo pipefail "$1" || status=$?
fi
exit $status
