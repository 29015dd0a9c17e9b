# Values of flags that are refused
echo 'package main; func main() {}' > main.go
package main main.go
for flags in '-R 3' '-R 0x1001' '-D 0x1001' '-funcalign 3' '-funcalign -1' '-B nonsense' '-B 0x1' '-B 0x0g' '-buildmode=none' \
    '-linkmode=none' '-H none' '-T x' '-compressdwarf=perhaps' '-E no.such' '-benchmark=none' '-debugtramp=x' '-randlayout=x' \
    '-s=2' '-nosuchflag' '-strictdups=x' '-aslr=false' '-d=x' '-goversion x'; do
  fails . $flags -importcfg all.cfg main.a || { echo "flags: $flags" >&2; exit 1; }
done
fails . -B 0x$(printf '%080d' 1) -importcfg all.cfg main.a
