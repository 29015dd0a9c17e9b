// What a link has to say, gathered from all threads and printed in one order.
//
// cmd/link has three ways to fail, with their own texts and exit statuses
// (Errorf: counted, the link goes on to the next checkpoint, exit 2; Exitf: at
// once, exit 2; log.Fatalf: "link: " before the message, exit 1). A pass reports
// here and goes on; the driver asks at checkpoints.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <vector>

namespace dovetail::base {

enum class Severity : uint8_t {
  kNote,   // printed, does not fail the link
  kError,  // Errorf: exit status 2 at the next checkpoint
  kExit,   // Exitf: "ARGV0: message", exit status 2
  kFatal,  // log.Fatalf: "link: message", exit status 1
};

struct Diagnostic {
  Severity severity;
  uint64_t order;  // position: messages of one checkpoint are printed by ascending order, then text
  std::string text;
  uint64_t once = 0;   // not 0: of several with this key, the first is said
  std::string output;  // goes to standard output, behind the message
};

class Diagnostics {
 public:
  void report(Severity severity, uint64_t order, std::string text, uint64_t once = 0, std::string output = {}) {
    std::lock_guard lock(mutex_);
    pending_.push_back({severity, order, std::move(text), once, std::move(output)});
    if (severity != Severity::kNote) failed_.store(true, std::memory_order_relaxed);
  }
  void error(uint64_t order, std::string text, std::string output = {}) {
    report(Severity::kError, order, std::move(text), 0, std::move(output));
  }
  void error_once(uint64_t order, uint64_t key, std::string text) {
    report(Severity::kError, order, std::move(text), key);
  }
  void exit(uint64_t order, std::string text) { report(Severity::kExit, order, std::move(text)); }
  void fatal(uint64_t order, std::string text) { report(Severity::kFatal, order, std::move(text)); }
  bool failed() const { return failed_.load(std::memory_order_relaxed); }

  // Takes what is pending, sorted. REQUIRES: no thread reports meanwhile.
  std::vector<Diagnostic> take();

 private:
  std::mutex mutex_;
  std::vector<Diagnostic> pending_;  // guarded by mutex_
  std::atomic<bool> failed_{false};
};

}  // namespace dovetail::base
