# What stands before an object: its header line, and whether it was compiled for linking at all.
std
go_file main.go <<'GO'
package main

func main() {}
GO
compile main main.go
cp main.a good.a

change() { # OLD NEW: in the text before the object
  cp good.a main.a
  edit main.a <<PY
m = a.member("_go_.o")
m[1][:] = m[1].replace(b"$1", b"$2", 1)
PY
}

version=$(go env GOVERSION)
change "$version" go1.25.1
same 2 -importcfg importcfg main.a
says "main.a(_go_.o): linked object header mismatch:"
change 'linux amd64' 'linux arm64'
same 2 -importcfg importcfg main.a
change GOAMD64=v1 GOAMD64=v2
same 2 -importcfg importcfg main.a
same 2 -f -importcfg importcfg main.a
change 'go object ' 'no object '
same 2 -importcfg importcfg main.a
change 'go object linux amd64' 'go object'
same 2 -importcfg importcfg main.a
change 'go120ld' 'go114ld'
same 1 -importcfg importcfg main.a
says "found object file main.a in old format"
change 'go120ld' 'go999ld'
like 2 'main.a(_go_.o): malformed object: offset 0: magic: want "\x00go120ld"' -importcfg importcfg main.a
# The line that ends the text before the object is missing.
change '\n!\n' '\n?\n'
same 2 -importcfg importcfg main.a
says "truncated object file"
# Behind "$$ // cgo" stands JSON.
pragma() {
  cp good.a main.a
  edit main.a <<PY
m = a.member("_go_.o")
at = m[1].index(b"\n!\n\0go120ld")
m[1][at:at] = b'''\n\$\$  // cgo\n$1\n\$\$\n'''
PY
}
pragma 'nonsense'
like 2 "main.a(_go_.o): failed decoding cgo directives: " -importcfg importcfg main.a
pragma '[["cgo_frobnicate","x"]]'
same 2 -importcfg importcfg main.a
says "invalid cgo directive"
pragma '[["cgo_dynamic_linker","/a"],["cgo_dynamic_linker","/b"]]'
same 2 -importcfg importcfg main.a
pragma '[["cgo_import_dynamic","main.main"]]'
agree -importcfg importcfg main.a
pragma '[["cgo_export_static","main.main","a"],["cgo_export_static","main.main","b"]]'
same 2 -importcfg importcfg main.a
says "conflicting cgo_export directives"
pragma '[["cgo_export_dynamic","main.main","a","ABI7"]]'
same 2 -importcfg importcfg main.a
pragma '[["cgo_import_dynamic","_","_","libc.so.6"]]'
same 0 -importcfg importcfg main.a
same 2 -d -importcfg importcfg main.a

# Compiled without a package path, which only package main may be.
go_file p.go <<'GO'
package p

func F() int { return 1 }
GO
go_file user.go <<'GO'
package main

import "p"

func main() { println(p.F()) }
GO
compile p p.go
compile main user.go
go tool compile -importcfg importcfg -pack -o p.a p.go
same 1 -importcfg importcfg main.a
says "unlinkable object (from package p) - compiler requires -p flag"

# Compiled against another version of a package.
go tool compile -p p -importcfg importcfg -pack -o p.a p.go
compile main user.go
sed -i 's/1 }/1 }\n\nfunc G() {}/' p.go
go tool compile -p p -importcfg importcfg -pack -o p.a p.go
same 2 -importcfg importcfg main.a
says "fingerprint mismatch: p has"
