// Blocks, strings, records and index tables of a goobj (objfmt/goobj/layout.h; cmd/internal/goobj/objfile.go, Go 1.26).
#include "base/text.h"
#include "inspect/verify_object.h"
#include "objfmt/goobj/view.h"

namespace dovetail::inspect {
namespace {

using base::concat;
using namespace objfmt::goobj;

class GoobjVerifier {
 public:
  GoobjVerifier(const View& view, Findings* findings) : v_(view), findings_(findings) {}

  bool run() {
    uint64_t before = findings_->count();
    if (v_.block_offset(kEnd) != v_.bytes().size()) {
      findings_->add("goobj.end", {.block = "header", .offset = 20 + 4 * kEnd},
                     want_have(v_.bytes().size(), v_.block_offset(kEnd)));
    }
    if (uint32_t unknown = v_.object_flags() & ~(kFlagShared | kFlagFromAssembly | kFlagUnlinkable | kFlagStd);
        unknown != 0) {
      findings_->add("goobj.flags", {.block = "header", .offset = 16}, concat("unknown bits ", unknown));
    }
    check_strings();
    check_symbols();
    check_index(kRelocIdx, v_.block_bytes(kReloc).size() / kRelocSize);
    check_index(kAuxIdx, v_.block_bytes(kAux).size() / kAuxSize);
    check_index(kDataIdx, v_.block_bytes(kData).size());
    bool good = findings_->count() == before;
    if (good) check_hash64();
    return good;
  }

 private:
  void add(std::string_view rule, Block b, uint64_t offset, std::string text, uint32_t symbol = kNoSymbol) {
    findings_->add(rule, {.block = kBlockNames[b], .offset = offset, .symbol = symbol}, std::move(text));
  }

  void check_string(Block b, uint64_t at, uint32_t symbol = kNoSymbol) {
    const uint8_t* p = &v_.block_bytes(b)[at];
    uint64_t length = base::load32(p), offset = base::load32(p + 4), end = v_.block_offset(kAutolib);
    // The empty string may be anywhere.
    bool inside = length == 0 ? offset <= end : offset >= kHeaderSize && offset + length <= end;
    if (!inside) add("goobj.string", b, at, concat(length, " bytes at ", offset, ", the strings end at ", end), symbol);
  }
  void check_strings() {
    auto each = [&](Block b, uint32_t record, uint32_t field) {
      for (uint64_t at = 0; at + record <= v_.block_bytes(b).size(); at += record) check_string(b, at + field);
    };
    each(kAutolib, kAutolibSize, 0);
    each(kPkgIdx, kStringRefSize, 0);
    each(kFile, kStringRefSize, 0);
    base::Bytes names = v_.block_bytes(kRefName);
    if (names.size() % kRefNameSize != 0)
      add("goobj.header", kRefName, kNowhere, concat("want a multiple of ", kRefNameSize, ", have ", names.size()));
    each(kRefName, kRefNameSize, kSymRefSize);
    for (uint64_t at = 0; at + kRefNameSize <= names.size(); at += kRefNameSize) {
      uint32_t package = base::load32(&names[at]);
      if (package == 0 || package >= v_.package_count())
        add("goobj.ref-name", kRefName, at, concat("package ", package, " of ", v_.package_count()));
    }
  }
  void check_symbols() {
    for (uint32_t i = 0; i < v_.symbol_count(); i++) {
      Block b = kPkgDef;
      uint64_t at = static_cast<uint64_t>(v_.symbol_record(i) - v_.bytes().data());
      while (at >= v_.block_offset(static_cast<Block>(b + 1))) b = static_cast<Block>(b + 1);
      at -= v_.block_offset(b);
      check_string(b, at, i);
      if (v_.kind(i) == objfmt::SymKind::kCount)
        add("goobj.kind", b, at + 10, concat("kind ", v_.symbol_record(i)[10]), i);
      if (i < v_.def_count() && !objfmt::alignment_ok(v_.align(i))) {
        add("goobj.align", b, at + 17, concat("alignment ", v_.align(i)), i);
      }
    }
  }
  void check_index(Block b, uint64_t total) {
    base::Bytes all = v_.block_bytes(b);
    uint32_t last = 0;
    for (uint64_t at = 0; at + 4 <= all.size(); at += 4) {
      uint32_t value = base::load32(&all[at]);
      if (value < last) add("goobj.index", b, at, concat(value, " behind ", last), static_cast<uint32_t>(at / 4));
      last = value;
    }
    if (base::load32(all.data()) != 0) add("goobj.index", b, 0, want_have(0, base::load32(all.data())));
    if (last != total) add("goobj.index", b, all.size() - 4, want_have(total, last));
  }
  void check_hash64() {
    for (uint32_t k = 0; k < v_.hashed64_count(); k++) {
      uint32_t i = v_.pkgdef_count() + k;
      base::Bytes data = v_.data(i);
      uint8_t padded[8] = {};
      for (size_t n = 0; n < data.size() && n < 8; n++) padded[n] = data[n];
      if (data.size() > 8 || base::load64(padded) != v_.hash64(i)) {
        add("goobj.hash64", kHash64, uint64_t{k} * 8,
            concat("want its ", data.size(), " bytes, ", want_have(base::load64(padded), v_.hash64(i))), i);
      }
    }
  }

  const View& v_;
  Findings* findings_;
};

}  // namespace

bool verify_goobj(base::Bytes object, Findings* findings) {
  absl::StatusOr<View> view = View::parse(object);
  if (!view.ok()) {
    findings->add("goobj.header", {.block = "header"}, std::string(view.status().message()));
    return false;
  }
  return GoobjVerifier(*view, findings).run();
}

}  // namespace dovetail::inspect
