# Directives in an object's pragma block
echo 'package main; func main() {}' > main.go
package main main.go
cp main.a good.a
pragma() {
  cp good.a main.a
  edit main.a <<E
m = a.member("_go_.o")
at = m[1].index(b"\n!\n\0go120ld")
m[1][at:at] = b'''\n\$\$  // cgo\n$1\n\$\$\n'''
E
}
pragma nonsense
fails_apart 'main.a\(_go_.o\): failed decoding cgo directives: ' -importcfg all.cfg main.a
pragma '[["cgo_frobnicate","x"]]'
fails 'invalid cgo directive' -importcfg all.cfg main.a
pragma '[["cgo_export_static","main.main","a"],["cgo_export_static","main.main","b"]]'
fails 'conflicting cgo_export directives' -importcfg all.cfg main.a
for words in '"cgo_dynamic_linker","/a"],["cgo_dynamic_linker","/b"' '"cgo_import_dynamic","main.main"' \
    '"cgo_export_dynamic","main.main","a","ABI7"' '"cgo_import_dynamic"'; do
  pragma "[[$words]]"
  alike -importcfg all.cfg main.a
done
pragma '[["cgo_import_dynamic","_","_","libc.so.6"]]'
links '' -importcfg all.cfg main.a
alike -d -importcfg all.cfg main.a
