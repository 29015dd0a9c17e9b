// References and content hashes of an object.
#include "inspect/verify_object.h"

#include <openssl/sha.h>

#include <algorithm>
#include <numeric>
#include <string>
#include <vector>

#include "absl/strings/str_format.h"
#include "base/text.h"

namespace dovetail::inspect {

using base::concat;
using objfmt::AnyView;
using objfmt::AuxKind;
using objfmt::RefSpace;
using objfmt::Reloc;
using objfmt::SymRef;

uint32_t local_index(const AnyView& v, SymRef ref) {
  uint64_t first = 0, count = 0, hashed64 = v.pkgdef_count(), hashed = hashed64 + v.hashed64_count();
  switch (v.space(ref)) {
    case RefSpace::kSelf:
      count = v.pkgdef_count();
      break;
    case RefSpace::kHashed64:
      first = hashed64, count = v.hashed64_count();
      break;
    case RefSpace::kHashed:
      first = hashed, count = v.hashed_count();
      break;
    case RefSpace::kNamed:
      first = hashed + v.hashed_count(), count = v.symbol_count() - first;
      break;
    default:
      break;
  }
  return ref.sym < count ? static_cast<uint32_t>(first + ref.sym) : kNoSymbol;
}

namespace {

// "" if the reference leads somewhere.
std::string wrong_reference(const AnyView& v, SymRef ref) {
  switch (v.space(ref)) {
    case RefSpace::kNil:
      return ref.sym == 0 ? "" : concat("symbol ", ref.sym, " of no package");
    case RefSpace::kBuiltin:
      return "";
    case RefSpace::kPackage:
      return ref.pkg < v.package_count() ? "" : concat("package ", ref.pkg, " of ", v.package_count());
    default:
      return local_index(v, ref) != kNoSymbol ? "" : concat("symbol ", ref.sym, " of space ", ref.pkg);
  }
}

std::string wrong_reloc(const Reloc& r, uint32_t size) {
  int64_t end = int64_t{r.offset} + r.size;
  return r.offset < 0 || end > size ? concat("from ", r.offset, " to ", end, " in ", size, " bytes") : "";
}

}  // namespace

void verify_references(const AnyView& view, Findings* findings) {
  for (uint32_t i = 0; i < view.def_count(); i++) {
    auto add = [&](std::string_view rule, std::string text) {
      findings->add(rule, {.symbol = i, .name = view.name(i)}, std::move(text));
    };
    AnyView::Relocs relocs = view.relocs(i);
    uint32_t k = 0;
    for (auto it = relocs.begin(); it != relocs.end(); ++it, k++) {
      Reloc r = *it;
      auto number = static_cast<uint32_t>(r.kind);
      if (number == 0 || r.kind >= objfmt::RelocKind::kCount)
        add("relocs.kind", concat("relocation ", k, " is of kind ", number));
      if (std::string wrong = wrong_reloc(r, view.size(i)); !wrong.empty())
        add("relocs.inside", concat("relocation ", k, ": ", wrong));
      if (std::string wrong = wrong_reference(view, r.target); !wrong.empty())
        add("relocs.target", concat("relocation ", k, ": ", wrong));
    }
    AnyView::Auxs auxs = view.auxs(i);
    k = 0;
    for (auto it = auxs.begin(); it != auxs.end(); ++it, k++) {
      if ((*it).kind > AuxKind::kSehUnwindInfo)
        add("aux.kind", concat("symbol ", k, " is of kind ", static_cast<uint32_t>((*it).kind)));
      if (std::string wrong = wrong_reference(view, (*it).target); !wrong.empty())
        add("aux.symbol", concat("symbol ", k, ": ", wrong));
    }
    if (!relocs.ok() || !auxs.ok()) add("object.open", "relocations or auxiliary symbols do not decode");
  }
  for (uint32_t k = 0; k < view.ref_flags_count(); k++) {
    std::string wrong = wrong_reference(view, view.ref_flags(k).target);
    if (!wrong.empty()) findings->add("ref-flags.target", {.offset = k}, std::move(wrong));
  }
}

namespace {

// The compiler's hash of a definition's content (cmd/internal/obj/objfile.go contentHash, Go 1.26): SHA-256 of a byte
// 1, the size, a letter for the section that the definition needs, its bytes without trailing zeros, and each
// relocation with something that means its target in any package; cut to 16 bytes.
//
// Relocations are hashed as they were made and only then sorted by offset, for the object. Where the two differ, which
// has been seen of composite literals only (..stmp_N), all orders of a few relocations are tried.
class ContentHasher {
 public:
  explicit ContentHasher(const AnyView& view) : v_(view), pc_tables_(view.symbol_count()) {
    for (uint32_t i = 0; i < v_.symbol_count(); i++) {
      std::string_view name = v_.name(i);
      if (!name.starts_with(kPackageNamePrefix)) continue;
      package_ = escaped(name.substr(kPackageNamePrefix.size()));
      knows_package_ = true;
    }
    for (uint32_t i = 0; i < v_.def_count(); i++) {
      for (auto range = v_.auxs(i); auto aux : range) {
        uint32_t to =
            aux.kind >= AuxKind::kPcsp && aux.kind <= AuxKind::kPcdata ? local_index(v_, aux.target) : kNoSymbol;
        if (to != kNoSymbol) pc_tables_[to] = true;
      }
    }
  }

  // Whether the hash may be that of definition i: it is, or the object does not say everything that it is made of.
  // Otherwise `want` becomes what it should be.
  bool may_be(uint32_t i, const uint8_t* have, uint8_t want[16]) {
    relocs_.clear();
    for (auto range = v_.relocs(i); Reloc r : range) {
      text_.clear();
      append(static_cast<uint32_t>(r.offset));
      append(r.size);
      append(static_cast<uint8_t>(r.kind));
      append(r.addend);
      if (!append_target(r.target)) return true;
      relocs_.push_back(text_);
    }
    order_.resize(relocs_.size());
    std::iota(order_.begin(), order_.end(), 0u);
    hash(i, want);
    if (std::equal(want, want + 16, have)) return true;
    if (v_.name(i).find("..stmp_") == std::string_view::npos) return false;
    if (order_.size() > kMostPermuted) return true;
    uint8_t other[16];
    while (std::next_permutation(order_.begin(), order_.end())) {
      hash(i, other);
      if (std::equal(other, other + 16, have)) return true;
    }
    return false;
  }

 private:
  static constexpr std::string_view kPackageNamePrefix = "go:cuinfo.packagename.";

  static constexpr size_t kMostPermuted = 6;

  // With the relocations in the order of order_.
  void hash(uint32_t i, uint8_t out[16]) {
    text_.assign(1, '\1');
    append(uint64_t{v_.size(i)});
    text_.push_back(section(i));
    std::string_view data = base::as_text(v_.data(i));
    text_.append(data.substr(0, data.find_last_not_of('\0') + 1));
    for (uint32_t k : order_) text_ += relocs_[k];
    uint8_t digest[SHA256_DIGEST_LENGTH];
    SHA256_CTX sha;
    SHA256_Init(&sha);
    SHA256_Update(&sha, text_.data(), text_.size());
    SHA256_Final(digest, &sha);
    std::copy_n(digest, 16, out);
  }
  template <class T>
  void append(T value) {
    text_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  // As paths stand in symbols' names (cmd/internal/objabi/path.go PathToPrefix, Go 1.26).
  static std::string escaped(std::string_view path) {
    size_t slash = path.rfind('/');
    std::string text;
    for (size_t i = 0; i < path.size(); i++) {
      char c = path[i];
      bool dot = c == '.' && (slash == std::string_view::npos || i > slash);
      if (c > ' ' && c < 0x7f && !dot && c != '%' && c != '"')
        text.push_back(c);
      else
        text += absl::StrFormat("%%%02x", static_cast<uint8_t>(c));
    }
    return text;
  }
  char section(uint32_t i) const {
    if (pc_tables_[i]) return 'P';
    std::string_view name = v_.name(i);
    for (std::string_view prefix : {"gcargs.", "gclocals.", "gclocals\xc2\xb7"}) {
      if (name.starts_with(prefix)) return 'F';
    }
    for (std::string_view suffix :
         {".opendefer", ".arginfo0", ".arginfo1", ".argliveinfo", ".wrapinfo", ".args_stackmap", ".stkobj"}) {
      if (name.ends_with(suffix)) return 'F';
    }
    return name.starts_with("type:") ? 'T' : '\0';
  }
  bool append_target(SymRef ref) {
    uint32_t to = local_index(v_, ref);
    switch (v_.space(ref)) {
      case RefSpace::kHashed64:
        return append(uint8_t{0}), append(v_.hash64(to)), true;
      case RefSpace::kHashed:
        return append(uint8_t{1}), text_.append(base::as_text({v_.hash(to), 16})), true;
      case RefSpace::kNamed:
        return append(uint8_t{2}), text_.append(v_.name(to)), true;
      case RefSpace::kBuiltin:
        return append(uint8_t{3}), append(ref.sym), true;
      case RefSpace::kSelf:
        return text_.append(package_), append(ref.sym), knows_package_;
      case RefSpace::kPackage:
        return text_.append(v_.package(ref.pkg)), append(ref.sym), true;
      default:
        return false;
    }
  }

  const AnyView& v_;
  std::vector<bool> pc_tables_;
  std::string package_;
  bool knows_package_ = false;
  std::string text_;                 // what is hashed
  std::vector<std::string> relocs_;  // what is hashed of each
  std::vector<uint32_t> order_;
};

std::string hex(const uint8_t* p, size_t n) {
  std::string text;
  for (size_t i = 0; i < n; i++) {
    for (unsigned digit : {p[i] >> 4, p[i] & 15}) text.push_back("0123456789abcdef"[digit]);
  }
  return text;
}

}  // namespace

void verify_content_hashes(const AnyView& view, Findings* findings) {
  ContentHasher hasher(view);
  uint32_t first = view.pkgdef_count() + view.hashed64_count();
  for (uint32_t i = first; i < first + view.hashed_count(); i++) {
    uint8_t want[16];
    if (hasher.may_be(i, view.hash(i), want)) continue;
    findings->add("hash.value",
                  {.block = "hash", .offset = uint64_t{i - first} * 16, .symbol = i, .name = view.name(i)},
                  concat("want ", hex(want, 16), ", have ", hex(view.hash(i), 16)));
  }
}

}  // namespace dovetail::inspect
