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
# What is no list of lists of strings (tests/unit/go_json_test.cc has more).
for text in nonsense '[["a",' '[["a"' '[["a' '[[' '' '{"a":[]}' '["a"]' '[["a",1]]' '[[["a"]]]' '[["a"],true]' '"a"' '7' \
    '[["a"]"b"]' "[['a']]" '[["a\q"]]' '[["a"],]' '[[1],["cgo_frobnicate"]]'; do
  pragma "$text"
  fails 'main.a\(_go_.o\): failed decoding cgo directives: ' -importcfg all.cfg main.a
done
for text in null '[]' '[] and more' '[["cgo_ldflag","\u002d"]]]'; do
  pragma "$text"
  alike -importcfg all.cfg main.a
done
for text in '[[]]' '[null]'; do
  pragma "$text"
  fails_apart 'main.a.*: failed decoding cgo directives: one without words' -importcfg all.cfg main.a
done
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
