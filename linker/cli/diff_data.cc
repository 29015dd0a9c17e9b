// Data words: an 8-byte word that holds an address in both images is compared by what it points to; inside a
// type descriptor every field is known by name, and offsets from types or text are followed too.
#include <algorithm>

#include "absl/strings/str_format.h"
#include "base/text.h"
#include "linker/cli/diff_passes.h"

namespace dovetail::linker::diff {
namespace {

using base::Bytes;

uint64_t load_sized(Bytes b, uint64_t offset, uint64_t size) {
  uint64_t v = 0;
  Bytes field = base::subrange(b, offset, size);
  std::copy_n(field.begin(), std::min<size_t>(field.size(), 8), reinterpret_cast<uint8_t*>(&v));
  return v;
}

class DataDiff {
 public:
  DataDiff(const Sides& sides, Bytes a, uint64_t address_a, Bytes b, uint64_t address_b,
           SectionReport& report)
      : sides_(sides),
        a_(a),
        b_(b),
        address_a_(address_a),
        address_b_(address_b),
        size_(std::min(a.size(), b.size())),
        report_(report) {}

  void run() {
    Place pa = sides_.a.locate(address_a_), pb = sides_.b.locate(address_b_);
    bool types = pa.range != nullptr && pb.range != nullptr && pa.range->kind == RangeKind::kType &&
                 pb.range->kind == RangeKind::kType && pa.offset == 0 && pb.offset == 0;
    for (size_t i = first_difference(a_, b_); i < size_; i = first_difference(a_, b_, i)) {
      size_t next = types ? type_field(i) : word(i);
      i = next != 0 ? next : raw(i);
    }
  }

 private:
  // A field of a type descriptor. Returns the offset behind it.
  size_t type_field(size_t i) {
    TypeField f = type_field_at(a_, address_a_, i);
    if (f.offset + f.size > size_ || f.offset + f.size <= i) return 0;
    uint64_t x = load_sized(a_, f.offset, f.size), y = load_sized(b_, f.offset, f.size);
    std::string label = base::concat("type field ", f.name.empty() ? "?" : f.name);
    if (f.kind == TypeFieldKind::kPlain) {
      if (wanted()) add(f.offset, label, absl::StrFormat("%#x", x), absl::StrFormat("%#x", y));
    } else {
      pointer(f.offset, label, base_of(sides_.a, f.kind) + x, base_of(sides_.b, f.kind) + y);
    }
    return f.offset + f.size;
  }

  static uint64_t base_of(const Image& image, TypeFieldKind kind) {
    if (kind == TypeFieldKind::kAddress) return 0;
    return kind == TypeFieldKind::kTextOff ? image.module().text() : image.module().types();
  }

  // An aligned 8-byte word of two addresses (one may be nil).
  size_t word(size_t i) {
    size_t at = i - (address_a_ + i) % 8;
    if (!is_pointer(at)) return 0;
    pointer(at, "relocated word", base::load64(a_.data() + at), base::load64(b_.data() + at));
    return at + 8;
  }

  bool is_pointer(size_t at) const {
    if (at > size_ || at + 8 > size_ || (address_a_ - address_b_) % 8 != 0) return false;
    uint64_t x = base::load64(a_.data() + at), y = base::load64(b_.data() + at);
    return (x == 0 || sides_.a.is_address(x)) && (y == 0 || sides_.b.is_address(y)) && x + y != 0;
  }

  void pointer(size_t at, const std::string& label, uint64_t x, uint64_t y) {
    bool moved = x != 0 && y != 0 && same_target(sides_.a, x, sides_.b, y);
    if (moved ? !report_.moved() : !wanted()) return;
    Finding f{where(sides_.a, address_a_ + at, sides_.b, address_b_ + at), label, pointee(sides_.a, x),
              pointee(sides_.b, y)};
    moved ? report_.set_example(std::move(f)) : report_.add(std::move(f));
  }
  static std::string pointee(const Image& image, uint64_t address) {
    return address == 0 ? "nil" : absl::StrFormat("%s (%#x)", image.describe(address), address);
  }

  // Bytes that are no address. Numbers of 8 bytes are shown as such, longer runs as bytes.
  size_t raw(size_t i) {
    size_t end = i + 1;
    for (size_t j = end; j < size_ && j - end < 8; j++) {
      if ((address_a_ + j) % 8 == 0 && is_pointer(j)) break;
      if (a_[j] != b_[j]) end = j + 1;
    }
    size_t at = i - std::min<size_t>(i, (address_a_ + i) % 8);
    bool is_word = end <= at + 8 && at + 8 <= size_ && (address_a_ + at) % 8 == 0;
    if (!wanted()) return end;
    if (is_word) {
      add(at, "word", absl::StrFormat("%#x", base::load64(a_.data() + at)),
          absl::StrFormat("%#x", base::load64(b_.data() + at)));
      return std::max(end, at + 8);
    }
    add(i, base::concat("bytes[", end - i, "]"), text(a_.subspan(i, end - i)), text(b_.subspan(i, end - i)));
    return end;
  }
  static std::string text(Bytes b) {
    bool readable = std::all_of(b.begin(), b.end(), [](uint8_t c) { return c >= 0x20 && c < 0x7f; });
    return readable ? base::concat("\"", printable(base::as_text(b), 48), "\"") : hex_bytes(b);
  }

  bool wanted() { return report_.count(described_++ < kPerSymbol); }
  void add(size_t at, std::string field, std::string x, std::string y) {
    report_.add(where(sides_.a, address_a_ + at, sides_.b, address_b_ + at), std::move(field), std::move(x),
                std::move(y));
  }

  const Sides& sides_;
  Bytes a_, b_;
  uint64_t address_a_, address_b_;
  size_t size_;
  SectionReport& report_;
  int described_ = 0;
};

}  // namespace

void diff_data_words(const Sides& sides, Bytes a, uint64_t address_a, Bytes b, uint64_t address_b,
                     SectionReport& report) {
  DataDiff(sides, a, address_a, b, address_b, report).run();
}

void diff_moduledata(const Sides& sides, const SectionPair& s, SectionReport& report) {
  Bytes a = s.a.bytes, b = s.b.bytes;
  size_t n = std::min(a.size(), b.size()) & ~size_t{7};
  for (size_t i = 0; i < n; i += 8) {
    uint64_t x = base::load64(a.data() + i), y = base::load64(b.data() + i);
    if (x == y) continue;
    bool addresses = sides.a.is_address(x) && sides.b.is_address(y);
    if (addresses && same_target(sides.a, x, sides.b, y)) {
      report.moved();
      continue;
    }
    if (!report.count()) continue;
    auto value = [&](const Image& image, uint64_t v) {
      return addresses ? absl::StrFormat("%s (%#x)", image.describe(v), v) : absl::StrFormat("%#x", v);
    };
    report.add(where(sides.a, s.a.addr + i, sides.b, s.b.addr + i),
               base::concat("moduledata.", ModuleData::field_at(i)), value(sides.a, x), value(sides.b, y));
  }
  if (a.size() != b.size() && report.count()) {
    report.add(".go.module", "size", base::concat(a.size()), base::concat(b.size()));
  }
}

}  // namespace dovetail::linker::diff
