#include "objfmt/resource_object.h"

#include <algorithm>

#include "base/text.h"

namespace dovetail::objfmt {
namespace {

using base::concat;

constexpr uint64_t kHeaderSize = 20, kSectionSize = 40, kSymbolSize = 18, kRelocSize = 10;
constexpr uint32_t kCode = 0x20, kInitialized = 0x40, kUninitialized = 0x80, kDiscardable = 0x2000000;
constexpr uint32_t kExecute = 0x20000000, kRead = 0x40000000, kWrite = 0x80000000;
constexpr uint8_t kStatic = 3;

// cmd/link loadpe/ldpe.go: relocations of four bytes, and of eight.
enum class Width : uint8_t { kUnknown, k4, k8 };
Width width_of(uint16_t type, bool arm64) {
  if (arm64) return type == 1 || type == 2 ? Width::k4 : type == 14 ? Width::k8 : Width::kUnknown;
  return type == 2 || type == 3 || type == 4 ? Width::k4 : type == 1 ? Width::k8 : Width::kUnknown;
}

class Reader {
 public:
  Reader(base::Bytes object, bool arm64) : object_(object), arm64_(arm64) {}

  absl::StatusOr<std::vector<ResourceSection>> run() {
    if (object_.size() < kHeaderSize) {
      return absl::InvalidArgumentError(concat("truncated header: ", object_.size(), " bytes, wanted ", kHeaderSize));
    }
    uint64_t sections = base::load16(&object_[2]), table = kHeaderSize + base::load16(&object_[16]);
    symbols_at_ = base::load32(&object_[8]);
    symbols_ = base::load32(&object_[12]);
    if (absl::Status s = check_inside("section table", table, sections * kSectionSize); !s.ok()) return s;
    if (absl::Status s = check_inside("symbol table", symbols_at_, symbols_ * kSymbolSize); !s.ok()) return s;
    std::vector<ResourceSection> found;
    for (uint64_t i = 0; i < sections; i++) {
      if (absl::Status s = read_section(&object_[table + i * kSectionSize], &found); !s.ok()) return s;
    }
    return found;
  }

 private:
  absl::Status check_inside(std::string_view what, uint64_t offset, uint64_t size) const {
    if (offset <= object_.size() && size <= object_.size() - offset) return absl::OkStatus();
    return absl::InvalidArgumentError(concat(what, ": ", size, " bytes at offset ", offset,
                                             " lie outside the object, which has ", object_.size()));
  }

  absl::Status read_section(const uint8_t* header, std::vector<ResourceSection>* found) const {
    std::string_view name(reinterpret_cast<const char*>(header), 8);
    name = name.substr(0, std::min(name.find('\0'), name.size()));
    uint32_t flags = base::load32(header + 36);
    if ((flags & kDiscardable) || !(flags & (kCode | kInitialized | kUninitialized))) return absl::OkStatus();
    bool whole = name == ".rsrc", split = name.starts_with(".rsrc$");
    if (!whole && !split) return absl::UnimplementedError(concat("has a section ", name));
    uint32_t kind = flags & (kCode | kInitialized | kUninitialized | kExecute | kRead | kWrite);
    if (kind != (kInitialized | kRead) && kind != (kInitialized | kRead | kWrite)) {
      return absl::InvalidArgumentError(
          concat("section ", name, ": flags are 0x", absl::Hex(flags), ", wanted readable, perhaps writable, data"));
    }
    uint64_t size = base::load32(header + 16), offset = base::load32(header + 20);
    if (absl::Status s = check_inside(concat("section ", name), offset, size); !s.ok()) return s;
    ResourceSection& section = found->emplace_back();
    section.name = name;
    section.data = object_.subspan(offset, size);
    section.split = split;
    return read_relocs(base::load32(header + 24), base::load16(header + 32), &section);
  }

  absl::Status read_relocs(uint64_t offset, uint64_t count, ResourceSection* section) const {
    std::string what = concat("relocations of section ", section->name);
    if (absl::Status s = check_inside(what, offset, count * kRelocSize); !s.ok()) return s;
    for (uint64_t i = 0; i < count; i++) {
      const uint8_t* r = &object_[offset + i * kRelocSize];
      uint32_t at = base::load32(r), symbol = base::load32(r + 4);
      Width width = width_of(base::load16(r + 8), arm64_);
      auto wrong = [&](auto... text) {
        return absl::InvalidArgumentError(concat("section ", section->name, ": relocation ", i, ": ", text...));
      };
      if (width == Width::kUnknown) return wrong("unknown type ", base::load16(r + 8));
      uint64_t bytes = width == Width::k8 ? 8 : 4;
      if (at > section->data.size() || bytes > section->data.size() - at) {
        return wrong(bytes, " bytes at offset ", at, " lie outside the section, which has ", section->data.size());
      }
      if (symbol >= symbols_) return wrong("symbol ", symbol, " of ", symbols_);
      uint32_t addend = base::load32(&section->data[at]);
      const uint8_t* s = &object_[symbols_at_ + uint64_t{symbol} * kSymbolSize];
      bool of_section = s[16] == kStatic && base::load16(s + 14) == 0 && s[0] == '.';
      if (of_section || section->split) addend += base::load32(s + 8);
      section->relocs.push_back({at, addend});
    }
    std::stable_sort(section->relocs.begin(), section->relocs.end(),
                     [](const ResourceReloc& a, const ResourceReloc& b) { return a.offset < b.offset; });
    return absl::OkStatus();
  }

  base::Bytes object_;
  bool arm64_;
  uint64_t symbols_at_ = 0, symbols_ = 0;
};

}  // namespace

bool is_coff(base::Bytes object) {
  if (object.size() < 2) return false;
  uint16_t machine = base::load16(object.data());
  return machine == 0x014c || machine == 0x8664 || machine == 0x01c4 || machine == 0xaa64;
}

absl::StatusOr<std::vector<ResourceSection>> read_resource_object(base::Bytes object, bool arm64) {
  return Reader(object, arm64).run();
}

}  // namespace dovetail::objfmt
