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

# arm64: calls go to trampolines where they do not reach, or are told to; those of imported functions load their address.
sed -i 's/GLIBC_2.2.5/GLIBC_2.17/; / _ _ /d' main.go
cat > main_arm64.s <<'S'
TEXT ·ids(SB), 0, $16-16
	BL libc_getpid(SB)
	MOVD R0, pid+0(FP)
	BL libc_gettid(SB)
	MOVD R0, tid+8(FP)
	RET
TEXT cosine(SB), 0, $0
	B libm_cos(SB)
S
cat > other/other_arm64.s <<'S'
TEXT jump(SB), 0, $0
	BL libc_abs(SB)
	B libc_abs(SB)
TEXT ·Abs(SB), 0, $0-8
	MOVD $jump(SB), R0
	MOVD R0, ret+0(FP)
	RET
S
export GOARCH=arm64
for GOOS in linux windows; do
  export GOOS
  for mode in exe pie; do
    for flags in "" "-debugtramp=1" "-debugtramp=2" "-debugtramp=2 -s -w"; do
      rm -f stock ours
      go build -buildmode=$mode -ldflags="$flags" -o stock .
      go build -buildmode=$mode -toolexec="$DOVETAIL toolexec" -ldflags="$flags" -o ours .
      cmp stock ours || { echo "$GOOS/arm64 -buildmode=$mode -ldflags='$flags' differs"; exit 1; }
    done
  done
done
GOOS=linux go build -ldflags=-debugtramp=2 -toolexec="$DOVETAIL toolexec" -o ours .
go tool nm ours | grep 'libc_getpid+0-tramp' > /dev/null
