# What is not covered is refused by name, and nothing is left at -o
echo 'package main; func main() {}' > main.go
package main main.go
for flag in -race -msan -asan -linkshared -pluginpath=p -buildmode=c-shared -buildmode=plugin \
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
