#include "runtime-tables/fips.h"

#include <cstring>
#include <vector>

#include <openssl/sha.h>

#include "base/file.h"
#include "base/text.h"
#include "runtime-tables/content.h"

namespace dovetail::runtime_tables {

using base::index;
using loader::SymId;
using objfmt::SymKind;

namespace {

constexpr uint64_t kDiagOrder = uint64_t{9} << 32;

// Each length stands before its range, as a big-endian number.
struct Parts {
  std::array<std::array<uint8_t, 8>, 4> lengths;
  std::vector<base::Bytes> list;
};

void gather(const std::array<base::Bytes, 4>& ranges, Parts& parts) {
  constexpr std::string_view kHeader = "go fips object v1\n";
  parts.list.push_back(base::as_bytes(kHeader));
  for (size_t k = 0; k < ranges.size(); k++) {
    base::store64_be(parts.lengths[k].data(), ranges[k].size());
    parts.list.push_back(parts.lengths[k]);
    parts.list.push_back(ranges[k]);
  }
}

// HMAC with a key of zeros: the inner and the outer hash begin with the pad bytes themselves.
void hmac_sha256(const std::vector<base::Bytes>& parts, FipsSum* sum) {
  uint8_t pad[SHA256_CBLOCK];
  SHA256_CTX sha;
  std::memset(pad, 0x36, sizeof pad);
  SHA256_Init(&sha);
  SHA256_Update(&sha, pad, sizeof pad);
  for (base::Bytes part : parts) SHA256_Update(&sha, part.data(), part.size());
  SHA256_Final(sum->data(), &sha);
  std::memset(pad, 0x5c, sizeof pad);
  SHA256_Init(&sha);
  SHA256_Update(&sha, pad, sizeof pad);
  SHA256_Update(&sha, sum->data(), sum->size());
  SHA256_Final(sum->data(), &sha);
}

}  // namespace

//  magic 16, sum 32, then pointers: itself, and start and end of the four ranges
FipsSymbols make_fips_symbols(loader::Services& sv, loader::Program& program) {
  constexpr std::string_view kMagic("\xff Go fipsinfo \xff\0", kFipsSumOffset);
  const loader::Release& release = sv.options.release ? *sv.options.release : loader::newest_release();
  FipsSymbols made;
  made.info = program.syms.make("go:fipsinfo", 0, SymKind::kFipsInfo);
  ContentWriter info(program, made.info);
  info.bytes(base::as_bytes(kMagic));
  info.data().resize(kFipsSumOffset + kFipsSumSize);
  info.address(made.info);
  auto bracket = [&](std::string_view name, uint8_t kind) {
    SymId s = program.syms.make(name, 0, static_cast<SymKind>(kind));
    program.syms.make_content(s);
    program.syms.size[index(s)] = 1;
    program.syms.flags[index(s)] |= loader::kSymLocal;
    info.address(s);
    return s;
  };
  for (size_t k = 0; k < made.start.size() && k < release.fips_sections.size(); k++) {
    const loader::FipsSection& section = release.fips_sections[k];
    made.start[k] = bracket(section.start, section.start_kind);
    made.end[k] = bracket(section.end, section.end_kind);
  }
  info.finish();
  return made;
}

bool sum_fips(loader::Services& sv, const std::array<base::Bytes, 4>& ranges, FipsSum* sum) {
  Parts parts;
  gather(ranges, parts);
  const std::string& path = sv.options.fips_output;
  if (!path.empty()) {
    absl::Status status = base::write_file(path, parts.list);
    if (!status.ok()) {
      sv.diag.error(kDiagOrder, base::concat("asmbfips: open ", path, ": ", status.message()));
      return false;
    }
  }
  hmac_sha256(parts.list, sum);
  return true;
}

}  // namespace dovetail::runtime_tables
