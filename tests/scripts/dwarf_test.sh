# libdwarf reads everything in the DWARF that we write without an error; and would notice if there were one.
for name in hello kinds/features; do
  "$REPOSITORY/script/record" $(echo "$name" | tr / " ")
  for flags in "" -compressdwarf=false; do
    "$REPOSITORY/script/replay" $name --linker="$DOVETAIL" -o image $flags
    "$DWARF_WALK" image
  done
done

# Damage in the middle of .debug_info.
offset=$(readelf -SW image | sed -n 's/^.*\.debug_info *PROGBITS *[0-9a-f]* \([0-9a-f]*\) \([0-9a-f]*\).*/\1 \2/p')
set -- $offset
printf '\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377\377' |
  dd of=image bs=1 conv=notrunc seek=$((0x$1 + 0x$2 / 2)) 2> /dev/null
if "$DWARF_WALK" image 2> /dev/null; then
  echo "damaged DWARF went unnoticed" >&2
  exit 1
fi

# The same of Mach-O and PE, whose debug information is compressed under other names, and of arm64.
go mod init walked > /dev/null 2>&1
printf 'package main\n\nimport "fmt"\n\nfunc main() { fmt.Println("walked") }\n' > main.go
for platform in linux/arm64 darwin/amd64 darwin/arm64 windows/amd64 windows/arm64; do
  for flags in "" -compressdwarf=false; do
    GOOS=${platform%/*} GOARCH=${platform#*/} go build -toolexec="$DOVETAIL toolexec" -ldflags="$flags" -o walked .
    "$DWARF_WALK" walked | grep '^[1-9][0-9]* units' > /dev/null || { echo "$platform $flags"; exit 1; }
  done
  head -c $(($(stat -c %s walked) * 7 / 10)) walked > cut
  if "$DWARF_WALK" cut > /dev/null 2>&1; then
    echo "$platform: a file without its end went unnoticed" >&2
    exit 1
  fi
done
