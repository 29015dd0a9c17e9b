#!/bin/bash
# Runs one case: run.sh FILE. A case is a shell script that makes bad input and says with `same`, `same_set` or `like`
# (lib.sh) how cmd/link and we have to fail. It runs in an empty directory.
set -euo pipefail
ERRORS=$(cd "$(dirname "$0")" && pwd)
export ERRORS
DOVETAIL=$(realpath "${DOVETAIL:-$ERRORS/../../build/release/bin/dovetail}")
script=$(realpath "$1")
release=$(cat "$ERRORS/../../script/go-release")
case "$(cd / && GOTOOLCHAIN=local go env GOVERSION)" in
  go1.26 | go1.26.*) export GOTOOLCHAIN=local ;;
  *) export GOTOOLCHAIN=$release ;;
esac
export CGO_ENABLED=0 GOOS=linux GOARCH=amd64 GOFLAGS= GOWORK=off GO111MODULE=off GOTELEMETRY=off LC_ALL=C
unset GOROOT GO_EXTLINK_ENABLED DOVETAIL_FLAGS
work=$(mktemp -d "${TMPDIR:-/tmp}/dovetail-errors-XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"
GOROOT=$(go env GOROOT)
export GOROOT
. "$ERRORS/lib.sh"
. "$script"
[ "$failures" = 0 ] || { echo "$failures failed"; exit 1; }
