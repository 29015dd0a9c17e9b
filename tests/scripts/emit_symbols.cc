// Prints the descriptions of types in an object, one a line, with everything in them that does not depend on
// how the object numbers its symbols: for comparison with those that the Go compiler wrote. Reads an archive
// or an object with text in front.
#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include "loader/release/release.h"
#include "objfmt/archive.h"
#include "objfmt/goobj/view.h"

namespace {

using namespace dovetail;
using objfmt::RefSpace;
using objfmt::SymFlags;
using objfmt::SymRef;
using objfmt::goobj::View;

class Printer {
 public:
  explicit Printer(const View& view) : v_(view) {}

  void print() {
    for (uint32_t i = 0; i < definitions(); i++) {
      std::string_view name = v_.name(i);
      if (!name.starts_with("type:") || v_.kind(i) == objfmt::SymKind::kText) continue;
      std::printf("%.*s | kind %d size %u stored %zu align %u flags %#x |", static_cast<int>(name.size()),
                  name.data(), static_cast<int>(v_.kind(i)), v_.size(i), v_.data(i).size(), v_.align(i),
                  v_.flags(i));
      base::Bytes data = v_.data(i);
      for (uint32_t b = 0; b < v_.size(i); b++) std::printf("%02x", b < data.size() ? data[b] : 0);
      for (objfmt::Reloc r : v_.relocs(i)) {
        std::printf(" | %d:%d %d%s ", r.offset, r.size, static_cast<int>(r.kind), r.weak ? " weak" : "");
        print_target(r.target);
        std::printf("+%lld", static_cast<long long>(r.addend));
      }
      std::printf("\n");
    }
  }

 private:
  uint32_t definitions() const {
    return v_.pkgdef_count() + v_.hashed64_count() + v_.hashed_count() + v_.nameddef_count();
  }
  // By its name or, where that is no matter, by its content.
  void print_target(SymRef ref) {
    uint32_t hashed64 = v_.pkgdef_count(), hashed = hashed64 + v_.hashed64_count(),
             named = hashed + v_.hashed_count();
    switch (v_.space(ref)) {
      case RefSpace::kHashed64:
        return void(std::printf("%016llx", static_cast<unsigned long long>(v_.hash64(hashed64 + ref.sym))));
      case RefSpace::kHashed:
        for (int i = 0; i < 16; i++) std::printf("%02x", v_.hash(hashed + ref.sym)[i]);
        return;
      case RefSpace::kSelf:
        return print_name(v_.name(ref.sym));
      case RefSpace::kNamed:
        return print_name(v_.name(named + ref.sym));
      case RefSpace::kBuiltin: {
        auto builtins = loader::newest_release().builtins;
        return print_name(ref.sym < builtins.size() ? builtins[ref.sym].name : "?");
      }
      default:
        for (uint32_t i = 0; i < v_.ref_name_count(); i++) {
          base::Bytes record =
              v_.block_bytes(objfmt::goobj::kRefName).subspan(size_t{i} * objfmt::goobj::kRefNameSize);
          if (SymRef{base::load32(&record[0]), base::load32(&record[4])} == ref)
            return print_name(v_.ref_name(i));
        }
        std::printf("%u.%u", ref.pkg, ref.sym);
    }
  }
  static void print_name(std::string_view name) {
    std::printf("%.*s", static_cast<int>(name.size()), name.data());
  }

  const View& v_;
};

bool print_object(base::Bytes object) {
  size_t end = base::as_text(object).find("\n!\n");
  if (end == std::string_view::npos) return true;  // what importers read
  absl::StatusOr<View> view = View::parse(object.subspan(end + 3));
  if (!view.ok()) return false;
  Printer(*view).print();
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  std::ifstream in(argv[1], std::ios::binary);
  std::string text(std::istreambuf_iterator<char>(in), {});
  base::Bytes file = base::as_bytes(text);
  if (!objfmt::is_archive(file)) return print_object(file) ? 0 : 2;
  objfmt::ArchiveReader reader(file);
  while (std::optional<objfmt::ArchiveMember> member = reader.next()) {
    if (member->name != "__.PKGDEF" && !print_object(member->contents)) return 2;
  }
  return 0;
}
