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

# A limit on the size of files is an error like a full disk, and ends nobody by a signal.
status=0
(ulimit -f 100; replay -o image4 2> message) || status=$?
test $status = 2
grep -q 'mapping output file failed: file too large' message
test ! -e image4

# Where /proc is missing, as in a plain chroot, the output has a name while it is written.
if unshare --map-root-user --mount mount -t tmpfs none /proc 2> /dev/null; then
  replay --print -o image5 > command
  unshare --map-root-user --mount sh -c 'mount -t tmpfs none /proc && test ! -e /proc/self && sh ./command'
  cmp image image5
  replay --print -o image6 -E no.such.symbol > command
  if unshare --map-root-user --mount sh -c 'mount -t tmpfs none /proc && sh ./command' 2> message; then exit 1; fi
  test -s message
  test -z "$(ls image6* 2> /dev/null)"
else
  echo "not tried without /proc: no mount namespaces here"
fi
