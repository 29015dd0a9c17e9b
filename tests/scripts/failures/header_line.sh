# The line that an object begins with
echo 'package main; func main() {}' > main.go
package main main.go
cp main.a good.a
change() { # OLD NEW, of the object's text
  cp good.a main.a
  edit main.a <<E
m = a.member("_go_.o")
m[1][:] = m[1].replace(b"$1", b"$2", 1)
E
}
change "$(go env GOVERSION)" go1.25.1
fails 'main.a\(_go_.o\): linked object header mismatch:' -importcfg all.cfg main.a
change 'linux amd64' 'linux arm64'
fails 'header mismatch' -importcfg all.cfg main.a
fails 'header mismatch' -f -importcfg all.cfg main.a
for line in 'no object' 'go thing'; do
  change 'go object' "$line"
  alike -importcfg all.cfg main.a
done
change 'go object' 'go oddity'
fails 'main.a\(_go_.o\): not an object file: @' -importcfg all.cfg main.a
printf 'go over\n' > text.go
fails 'text.go: uncompiled .go source file' -importcfg all.cfg text.go
printf 'go over' > text
fails 'truncated object file: text: EOF' -importcfg all.cfg text
change 'go object linux amd64' 'go object'
alike -importcfg all.cfg main.a
# The end of the text before the object.
change '\n!\n' '\n?\n'
fails 'truncated object file' -importcfg all.cfg main.a
# Objects of before Go 1.15, and of no release.
change go120ld go114ld
fails 'found object file main.a in old format' -importcfg all.cfg main.a
change go120ld go999ld
fails_apart 'main.a\(_go_.o\): malformed object: offset 0: magic: want' -importcfg all.cfg main.a
