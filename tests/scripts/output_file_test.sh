# What is at -o afterwards: nothing after a failure; a symlink, a FIFO and a device are written through.
replay() { "$REPOSITORY/script/replay" hello --linker="$DOVETAIL" "$@"; }

replay -o image
test -x image
./image | grep -q 'hello, world'

echo old > image2
if replay -o image2 -nosuchflag 2> message; then exit 1; fi
grep -q nosuchflag message
test "$(cat image2)" = old # flags are read before anything is removed

echo old > image3
if replay -o image3 -E no.such.symbol 2> message; then exit 1; fi
test -s message
test ! -e image3

: > target
ln -s target link
replay -o link
test -L link
cmp image target

mkfifo pipe
timeout 60 cat pipe > copy &
if replay -o pipe 2> message; then
  wait
  cmp image copy
else
  test -s message # cmd/link itself maps its output and refuses a pipe; saying so is enough
fi
test -p pipe
kill %1 2> /dev/null || true
