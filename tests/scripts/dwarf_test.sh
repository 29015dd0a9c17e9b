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
