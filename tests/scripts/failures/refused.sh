# What is not covered is refused by name, and nothing is left at -o
echo 'package main; func main() {}' > main.go
package main main.go
refused() { # PATTERN ARGUMENTS...
  local wanted=$1 status=0
  shift
  ./link -o b.out "$@" -importcfg all.cfg main.a 2> ours.err || status=$?
  if [ $status = 2 ] && grep -Eq -- "$wanted" ours.err && [ ! -e b.out ]; then return; fi
  cat ours.err >&2
  echo "status $status: $*" >&2
  return 1
}
for flag in -race -msan -asan -linkshared -pluginpath=p -buildmode=pie -buildmode=c-shared -buildmode=plugin \
    -linkmode=external -H=darwin; do
  refused "${flag%%=*}" "$flag"
done
for flag in -cpuprofile -memprofile '-benchmark=cpu -benchmarkprofile'; do
  refused "${flag##* } is not supported .*-benchmark=cpu" $flag profile
done
links '' -benchmarkprofile=profile -memprofilerate=1 -importcfg all.cfg main.a
GO_EXTLINK_ENABLED=1 refused GO_EXTLINK_ENABLED=1
# Objects of other languages.
head -c 4096 "$stock" > foreign.o
go tool pack r main.a foreign.o
refused 'main.a\(foreign.o\): .*CGO_ENABLED=0'
