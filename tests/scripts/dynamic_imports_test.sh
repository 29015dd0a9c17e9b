# Programs that import functions of shared libraries without cgo: an image for the dynamic linker, byte for byte.
go mod init m > /dev/null 2>&1
mkdir other
cat > main.go <<'GO'
package main

import "m/other"

//go:cgo_import_dynamic libc_getpid getpid#GLIBC_2.2.5 "libc.so.6"
//go:cgo_import_dynamic libc_gettid gettid#GLIBC_2.30 "libc.so.6"
//go:cgo_import_dynamic libm_cos cos#GLIBC_2.2.5 "libm.so.6"
//go:cgo_import_dynamic never_called never "libnever.so"
//go:cgo_import_dynamic _ _ "libc.so.6"

func ids() (pid, tid int64)

func main() {
	pid, tid := ids()
	println("a thread:", tid >= pid, other.Abs() != 0)
}
GO
cat > main_amd64.s <<'S'
TEXT ·ids(SB), 0, $16-16
	MOVQ SP, BX
	ANDQ $~15, SP
	CALL libc_getpid(SB)
	MOVQ AX, R12
	CALL libc_gettid(SB)
	MOVQ BX, SP
	MOVQ R12, pid+0(FP)
	MOVQ AX, tid+8(FP)
	RET
TEXT cosine(SB), 0, $0
	JMP libm_cos(SB)
S
cat > other/other.go <<'GO'
package other

//go:cgo_import_dynamic libc_abs abs "libc.so.6"

func Abs() uintptr
GO
cat > other/other_amd64.s <<'S'
TEXT jump(SB), 0, $0
	JMP libc_abs(SB)
TEXT ·Abs(SB), 0, $0-8
	LEAQ jump(SB), AX
	MOVQ AX, ret+0(FP)
	RET
S

for flags in "" "-s -w" "-w" "-bindnow" "-r /a:/b -I /lib/ld.so" "-R 0x10000 -B none" "-compressdwarf=false"; do
  go build -ldflags="$flags" -o stock .
  rm -f ours
  go build -toolexec="$DOVETAIL toolexec" -ldflags="$flags" -o ours .
  cmp stock ours || { echo "-ldflags='$flags' differs"; exit 1; }
done
readelf -dW ours | grep -q 'Shared library: \[libc.so.6\]'
if [ -e /lib64/ld-linux-x86-64.so.2 ]; then
  rm -f ours
  go build -toolexec="$DOVETAIL toolexec" -o ours .
  ./ours
fi
