#include "runtime-tables/gc_masks.h"

#include <algorithm>

#include "base/gcprog.h"
#include "base/text.h"
#include "runtime-tables/content.h"
#include "runtime-tables/go_types.h"

namespace dovetail::runtime_tables {

using base::index;
using loader::Program;
using loader::RawId;
using loader::SymId;
using loader::TypeKind;

namespace {

constexpr uint64_t kDiagOrder = uint64_t{8} << 32;
// Types nest a few deep. Corrupt ones may contain themselves, or multiply without end.
constexpr int kMaxDepth = 1000;
constexpr uint64_t kMinSteps = 1 << 20, kStepsPerWord = 64;

class Masker {
 public:
  Masker(loader::Services& sv, const Program& program, SymId table, uint64_t words)
      : sv_(sv), p_(program), name_(program.name(table)), order_(kDiagOrder + index(table)), out_(bytes_),
        steps_(kMinSteps + words * kStepsPerWord) {}

  void add_variable(SymId s, uint64_t offset) {
    uint32_t object = p_.syms.object[index(s)];
    RawId type = RawId::kNil;
    if (p_.has_object(s)) {
      for (objfmt::Aux a : p_.object_of(s).view.auxs(p_.syms.local[index(s)])) {
        if (a.kind != objfmt::AuxKind::kGotype) continue;
        type = p_.res.resolve(p_.in, object, a.target);
        break;
      }
    }
    if (type == RawId::kNil) {
      return error(base::concat("missing Go type information for global symbol ", p_.name(s), ": size ",
                                p_.syms.size[index(s)]));
    }
    add_type(type, offset, 0);
    if (!failed_ && (!out_.ok() || steps_ == 0)) {
      failed_ = true;
      error(base::concat("corrupt type of ", p_.name(s)));
    }
  }

  std::vector<uint8_t> finish(uint64_t words) {
    if (out_.ok()) out_.zero_until(words);
    out_.end();
    return std::move(bytes_);
  }

 private:
  void error(std::string_view text) { sv_.diag.error(order_, base::concat(name_, ": ", text)); }

  void add_type(RawId raw, uint64_t offset, int depth) {
    if (raw == RawId::kNil || depth > kMaxDepth || steps_ == 0 || !out_.ok()) {
      steps_ = 0;
      return;
    }
    steps_--;
    TypeView type(p_, raw);
    uint64_t pointer_bytes = type.pointer_bytes();
    if (pointer_bytes == 0) error("has no pointers but in data section");
    if (type.kind() == TypeKind::kArray) return add_array(type, offset, depth);
    if (type.kind() == TypeKind::kStruct) return add_struct(type, offset, depth);
    if (type.mask_on_demand()) error("GC mask not available");
    add_mask(type, offset, pointer_bytes / kPointerSize);
  }

  void add_mask(const TypeView& type, uint64_t offset, uint64_t words) {
    RawId raw = type.gc_mask();
    if (words == 0 || raw == RawId::kNil) return;
    loader::Slot slot = content_slot(p_, raw);
    base::Bytes mask = p_.in.objects[slot.object].view.data(slot.local);
    // Bits that the object leaves out are zero.
    out_.pointers(offset / kPointerSize, mask, std::min<uint64_t>(words, mask.size() * 8));
  }

  void add_array(const TypeView& type, uint64_t offset, int depth) {
    RawId element = type.element();
    add_type(element, offset, depth + 1);
    uint64_t n = type.length();
    if (n <= 1 || steps_ == 0) return;
    uint64_t size = TypeView(p_, element).size();
    out_.zero_until((offset + size) / kPointerSize);
    out_.repeat(size / kPointerSize, n - 1);
  }

  void add_struct(const TypeView& type, uint64_t offset, int depth) {
    loader::RelocFinder relocs = type.relocs();
    // A field is there only if its bytes can be: each has a relocation to its type.
    uint64_t fields = std::min<uint64_t>(type.field_count(), steps_ + 1);
    for (uint64_t i = 0; i < fields && steps_ != 0; i++) {
      RawId field = type.resolve(relocs.target(type.field_type_at(i)));
      if (field == RawId::kNil) {
        steps_ = 0;
        return;
      }
      if (TypeView(p_, field).pointer_bytes() == 0) continue;
      add_type(field, offset + type.field_offset(i), depth + 1);
    }
  }

  loader::Services& sv_;
  const Program& p_;
  std::string_view name_;
  uint64_t order_;
  std::vector<uint8_t> bytes_;
  base::GcProgram out_;
  uint64_t steps_;
  bool failed_ = false;
};

}  // namespace

void make_gc_masks(loader::Services& sv, Program& program, std::span<const GcMask> masks) {
  std::vector<std::vector<uint8_t>> bytes(masks.size());
  sv.threads.for_each(masks.size(), [&](uint64_t i) {
    const GcMask& mask = masks[i];
    Masker masker(sv, program, mask.table, mask.end / kPointerSize);
    for (SymId s : mask.variables) masker.add_variable(s, program.syms.value[index(s)] - mask.section_start);
    bytes[i] = masker.finish(mask.end / kPointerSize);
  });
  for (size_t i = 0; i < masks.size(); i++) {
    ContentWriter content(program, masks[i].table);
    content.data() = std::move(bytes[i]);
    content.finish();
  }
}

}  // namespace dovetail::runtime_tables
