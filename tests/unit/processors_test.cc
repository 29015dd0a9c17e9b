// base::processor_quota on made-up files of the system.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>

#include "base/processors.h"

namespace {

using dovetail::base::processor_quota;

class System {
 public:
  System() { REQUIRE(mkdtemp(root_.data()) != nullptr); }
  ~System() { std::filesystem::remove_all(root_); }
  System& file(const std::string& path, const std::string& text) {
    std::filesystem::create_directories(std::filesystem::path(root_ + path).parent_path());
    std::ofstream(root_ + path) << text << "\n";
    return *this;
  }
  double quota() const { return processor_quota(root_); }

 private:
  std::string root_ = std::filesystem::temp_directory_path() / "processors-XXXXXX";
};

constexpr char kV2[] = "30 23 0:26 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate";
constexpr char kV1[] =
    "23 20 0:21 / /sys rw - sysfs sysfs rw\n"
    "31 30 0:27 /docker/abc /sys/fs/cgroup/cpu,cpuacct ro,nosuid master:9 - cgroup cgroup rw,cpu,cpuacct\n"
    "32 30 0:28 / /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory";

}  // namespace

TEST_CASE("quota of control groups, version 2") {
  System s;
  s.file("/proc/self/cgroup", "0::/a/b").file("/proc/self/mountinfo", kV2);
  CHECK(s.quota() == 0);
  s.file("/sys/fs/cgroup/a/b/cpu.max", "max 100000");
  CHECK(s.quota() == 0);
  s.file("/sys/fs/cgroup/a/cpu.max", "250000 100000");
  CHECK(s.quota() == 2.5);
  s.file("/sys/fs/cgroup/a/b/cpu.max", "50000 100000");
  CHECK(s.quota() == 0.5);
  s.file("/sys/fs/cgroup/cpu.max", "10000 100000");
  CHECK(s.quota() == 0.1);
}

TEST_CASE("quota of control groups, in a name space of their own or outside of it") {
  System s;
  s.file("/proc/self/cgroup", "0::/").file("/proc/self/mountinfo", kV2).file("/sys/fs/cgroup/cpu.max", "400000 100000");
  CHECK(s.quota() == 4);
  s.file("/proc/self/cgroup", "0::/../../other");
  CHECK(s.quota() == 4);
}

TEST_CASE("quota of control groups, version 1") {
  System s;
  s.file("/proc/self/cgroup", "5:memory:/docker/abc\n4:cpu,cpuacct:/docker/abc/inner\n0::/elsewhere");
  s.file("/proc/self/mountinfo", kV1);
  s.file("/sys/fs/cgroup/cpu,cpuacct/inner/cpu.cfs_quota_us", "-1");
  s.file("/sys/fs/cgroup/cpu,cpuacct/inner/cpu.cfs_period_us", "100000");
  CHECK(s.quota() == 0);
  s.file("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us", "150000").file("/sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us", "50000");
  CHECK(s.quota() == 3);
  s.file("/proc/self/cgroup", "4:cpu:/docker/abcdef").file("/sys/fs/cgroup/cpu,cpuacct/inner/cpu.cfs_quota_us", "100000");
  CHECK(s.quota() == 3);
}

TEST_CASE("no control groups, or files that say nothing") {
  System s;
  CHECK(s.quota() == 0);
  s.file("/proc/self/cgroup", "0::/a").file("/proc/self/mountinfo", "nonsense\n - \n1 2 3 - cgroup2");
  CHECK(s.quota() == 0);
  s.file("/proc/self/mountinfo", kV2).file("/sys/fs/cgroup/a/cpu.max", "many few").file("/sys/fs/cgroup/cpu.max", "");
  CHECK(s.quota() == 0);
}

TEST_CASE("processors that can be used") {
  CHECK(dovetail::base::usable_processors() >= 1);
  CHECK(dovetail::base::usable_processors() <= std::max(1u, std::thread::hardware_concurrency()));
}
