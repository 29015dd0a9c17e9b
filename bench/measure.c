// Runs a command and reports what it cost: measure FILE ARGV0 EXECUTABLE ARGS…
// FILE gets one line: exit status, wall seconds, user seconds, system seconds, peak resident bytes, page faults.
// A program of its own, because Linux counts into a process's peak what it was before exec: measured from an
// interpreter, nothing would seem to need less than the interpreter's 10 MB.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double now(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char** argv) {
  if (argc < 4) {
    fprintf(stderr, "usage: measure FILE ARGV0 EXECUTABLE ARGS...\n");
    return 2;
  }
  double begin = now();
  pid_t child = fork();
  if (child < 0) {
    perror("fork");
    return 2;
  }
  if (child == 0) {
    const char* executable = argv[3];
    argv[3] = argv[2];
    execv(executable, argv + 3);
    perror(executable);
    _exit(127);
  }
  int status = 0;
  struct rusage usage;
  if (wait4(child, &status, 0, &usage) < 0) {
    perror("wait4");
    return 2;
  }
  double wall = now() - begin;
  int code = WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  FILE* report = fopen(argv[1], "w");
  if (report == NULL) {
    perror(argv[1]);
    return 2;
  }
  fprintf(report, "%d %.6f %.6f %.6f %ld %ld\n", code, wall, (double)usage.ru_utime.tv_sec + (double)usage.ru_utime.tv_usec * 1e-6,
          (double)usage.ru_stime.tv_sec + (double)usage.ru_stime.tv_usec * 1e-6, usage.ru_maxrss * 1024L,
          usage.ru_minflt + usage.ru_majflt);
  fclose(report);
  return 0;
}
