# Packages that import each other
echo 'package p; func P() {}' > p.go
echo 'package q; import "p"; func Q() { p.P() }' > q.go
echo 'package main; import "q"; func main() { q.Q() }' > main.go
package p p.go
package q q.go
package main main.go
echo 'package p; import "q"; func P() { q.Q() }' > p.go
package p p.go
fails 'fingerprint mismatch' -importcfg all.cfg main.a
# With fingerprints that agree; stock panics.
for f in p q main; do
  edit $f.a <<'E'
o.data[o.base + 8:o.base + 16] = b"samesame"
for at in range(o.block("autolib"), o.block("pkgidx"), 16):
    if o.string(at) in ("p", "q"):
        o.data[at + 8:at + 16] = b"samesame"
E
done
fails_apart 'found import cycle while visiting' -importcfg all.cfg main.a
grep -q 'panic: found import cycle while visiting' stock.err
