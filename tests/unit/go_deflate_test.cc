// base/go_deflate.h against Go's compress/zlib: the same bytes for the same input.
#include "base/go_deflate.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "base/adler32.h"
#include "tests/oracle/oracle.h"

namespace {

using namespace dovetail::base;
namespace oracle = dovetail::oracle;
using Buffer = std::vector<uint8_t>;

struct Random {
  uint64_t state;
  uint64_t next() {
    state += 0x9e3779b97f4a7c15;
    uint64_t z = state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  uint64_t below(uint64_t n) { return next() % n; }
};

Buffer noise(size_t n, uint64_t seed, unsigned symbols = 256) {
  Random r{seed};
  Buffer b(n);
  for (uint8_t& c : b) c = static_cast<uint8_t>(r.below(symbols));
  return b;
}

// Copies of earlier stretches between noise: `copies` in 256 of the pieces are copies.
Buffer copies(size_t n, uint64_t seed, unsigned share, size_t reach, size_t longest, unsigned symbols) {
  Random r{seed};
  Buffer b;
  while (b.size() < n) {
    const size_t length = 1 + r.below(longest);
    if (!b.empty() && r.below(256) < share) {
      const size_t back = 1 + r.below(std::min(reach, b.size()));
      for (size_t i = 0; i < length; ++i) b.push_back(b[b.size() - back]);
    } else {
      for (size_t i = 0; i < length; ++i) b.push_back(static_cast<uint8_t>(r.below(symbols)));
    }
  }
  b.resize(n);
  return b;
}

// Bytes whose frequencies grow like Fibonacci numbers want codes longer than 15 bits.
Buffer fibonacci(size_t n, uint64_t seed) {
  Random r{seed};
  Buffer b;
  for (size_t a = 1, c = 1, symbol = 0; b.size() < n; ++symbol) {
    b.insert(b.end(), a, static_cast<uint8_t>(symbol * 7));
    c += a;
    a = c - a;
  }
  b.resize(n);
  for (size_t i = b.size(); i > 1; --i) std::swap(b[i - 1], b[r.below(i)]);
  return b;
}

// Words of a few kinds of record, as .debug_info and .debug_line have them.
Buffer records(size_t n, uint64_t seed) {
  Random r{seed};
  Buffer b;
  uint32_t address = 0x401000;
  while (b.size() < n) {
    switch (r.below(4)) {
      case 0: {
        b.push_back(3);
        const std::string name = "runtime.(*m" + std::to_string(r.below(900)) + ").lock";
        b.insert(b.end(), name.begin(), name.end());
        b.push_back(0);
        break;
      }
      case 1:
        address += static_cast<uint32_t>(16 * r.below(60));
        for (int i = 0; i < 4; ++i) b.push_back(static_cast<uint8_t>(address >> 8 * i));
        for (int i = 0; i < 4; ++i) b.push_back(0);
        break;
      case 2:
        for (uint64_t i = r.below(12); i > 0; --i) b.push_back(static_cast<uint8_t>(10 + r.below(20)));
        break;
      default:
        b.insert(b.end(), {0x91, 0x7f, 0, 2, 0x9c, static_cast<uint8_t>(r.below(256))});
    }
  }
  b.resize(n);
  return b;
}

Buffer joined(std::initializer_list<Buffer> parts) {
  Buffer b;
  for (const Buffer& part : parts) b.insert(b.end(), part.begin(), part.end());
  return b;
}

Buffer one_shot(const Buffer& input) {
  Buffer out;
  zlib_level1(input, out);
  return out;
}

void append_size(std::string& to, size_t n) {
  for (int i = 0; i < 4; ++i) to += static_cast<char>(n >> 8 * i);
}

// Go's answer for each input; empty if Go failed.
std::vector<Buffer> by_go(const std::vector<Buffer>& inputs) {
  std::string file;
  for (const Buffer& input : inputs) {
    append_size(file, input.size());
    file.append(input.begin(), input.end());
  }
  const oracle::TempDir dir;
  oracle::write_file(dir.file("records"), file);
  const auto answer = oracle::run("zlib", oracle::shell_word(dir.file("records").string()));
  std::vector<Buffer> outputs;
  if (!answer) return outputs;
  for (size_t at = 0; at + 4 <= answer->size();) {
    const size_t n = load32(reinterpret_cast<const uint8_t*>(answer->data()) + at);
    outputs.emplace_back(answer->begin() + static_cast<long>(at + 4),
                         answer->begin() + static_cast<long>(at + 4 + n));
    at += 4 + n;
  }
  return outputs;
}

// The first difference, rather than two dumps.
std::string difference(const Buffer& ours, const Buffer& gos) {
  if (ours == gos) return "";
  const auto at = std::mismatch(ours.begin(), ours.end(), gos.begin(), gos.end()).first - ours.begin();
  return "byte " + std::to_string(at) + ", sizes " + std::to_string(ours.size()) + " and " +
         std::to_string(gos.size());
}

void check_all(const std::vector<Buffer>& inputs) {
  const std::vector<Buffer> want = by_go(inputs);
  REQUIRE(want.size() == inputs.size());
  for (size_t i = 0; i < inputs.size(); ++i) {
    INFO("input " << i << ", " << inputs[i].size() << " bytes");
    REQUIRE(difference(one_shot(inputs[i]), want[i]).empty());
  }
}

TEST_CASE("zlib level 1, short inputs") {
  if (!oracle::have_go()) return;
  std::vector<Buffer> inputs;
  for (size_t n = 0; n <= 200; ++n) {
    inputs.push_back(noise(n, n));
    inputs.push_back(noise(n, n, 2));
    inputs.push_back(Buffer(n, 'x'));
    inputs.push_back(copies(n, n, 128, 60, 12, 30));
    inputs.push_back(records(n, n));
    inputs.push_back(fibonacci(n, n));
  }
  for (size_t n = 200; n < 3000; n += 7) {
    inputs.push_back(copies(n, n, static_cast<unsigned>(n % 256), n % 700 + 1, n % 40 + 1, n % 251 + 1));
    inputs.push_back(records(n, n));
    inputs.push_back(fibonacci(n, n));
  }
  check_all(inputs);
}

TEST_CASE("zlib level 1, at block borders") {
  if (!oracle::have_go()) return;
  std::vector<Buffer> inputs;
  for (const size_t blocks : {1, 2, 3}) {
    for (const int extra : {-130, -17, -1, 0, 1, 5, 15, 16, 17, 18, 100, 127, 128, 129, 143, 144, 1000}) {
      const size_t n = blocks * kDeflateBlock + static_cast<size_t>(extra);
      inputs.push_back(records(n, n));
      inputs.push_back(copies(n, n, 160, 70000, 300, 256));
      inputs.push_back(Buffer(n, 0));
      inputs.push_back(noise(n, n));
    }
  }
  check_all(inputs);
}

TEST_CASE("zlib level 1, long inputs") {
  if (!oracle::have_go()) return;
  std::vector<Buffer> inputs;
  for (const unsigned symbols : {1, 2, 3, 4, 16, 64, 200, 240, 250, 255, 256})
    inputs.push_back(noise(150000, symbols, symbols));
  for (const unsigned share : {10, 40, 100, 150, 200, 250}) {
    for (const size_t reach : {3, 100, 32767, 32768, 32769, 60000, 100000}) {
      inputs.push_back(copies(300000, share + reach, share, reach, share + 10, 256));
      inputs.push_back(copies(300000, share * reach, share, reach, 20, 3 + share));
    }
  }
  for (const uint64_t seed : {1, 2, 3}) inputs.push_back(fibonacci(65000 * seed, seed));
  // Compressible, incompressible and empty stretches in turn; a stretch may fill its block.
  inputs.push_back(joined({records(70000, 1), noise(140000, 2), records(70000, 1), Buffer(200000, 0),
                           noise(65535, 4), records(90000, 5), fibonacci(100000, 6), noise(5, 7)}));
  inputs.push_back(
      joined({noise(65535, 1), noise(65535, 1), noise(40000, 2), noise(40000, 2), noise(20000, 1)}));
  inputs.push_back(records(10'000'000, 9));
  check_all(inputs);
}

TEST_CASE("zlib level 1, a Go executable with its debug sections") {
  if (!oracle::have_go()) return;
  const oracle::TempDir dir;
  oracle::write_file(dir.file("hello.go"),
                     "package main\n\nimport \"fmt\"\n\nfunc main() { fmt.Println(\"hello\") }\n");
  REQUIRE(
      oracle::output_of("cd " + oracle::shell_word(dir.file("").string()) + " && " + oracle::environment() +
                        "GOOS=linux GOARCH=amd64 go build -ldflags=-compressdwarf=false -o hello hello.go"));
  const std::string image = oracle::read_file(dir.file("hello"));
  REQUIRE(image.size() > 1'000'000);
  check_all({Buffer(image.begin(), image.end())});
}

TEST_CASE("adler32 of parts") {
  const Buffer bytes = noise(200000, 3);
  uint32_t s1 = 1;
  uint32_t s2 = 0;
  for (size_t n = 0; n < bytes.size(); ++n) {
    if (n < 200 || n % 997 == 0) {
      const Bytes all(bytes);
      REQUIRE(adler32(all.first(n)) == (s2 << 16 | s1));
      const size_t cut = n * 5 / 7;
      REQUIRE(adler32_concat(adler32(all.first(cut)), adler32(all.subspan(cut, n - cut)), n - cut) ==
              (s2 << 16 | s1));
    }
    s1 = (s1 + bytes[n]) % 65521;
    s2 = (s2 + s1) % 65521;
  }
  CHECK(adler32(Buffer(1'000'000, 255)) ==
        adler32_concat(adler32(Buffer(999'999, 255)), adler32(Buffer(1, 255)), 1));
}

}  // namespace
