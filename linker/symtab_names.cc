#include "linker/symtab_names.h"

#include <algorithm>
#include <cstring>

#include "base/bytes.h"
#include "base/text.h"

namespace dovetail::linker {
namespace {

constexpr std::string_view kMiddleDot = "\xc2\xb7";

const uint8_t* find_byte(const uint8_t* p, const uint8_t* end, uint8_t byte) {
  return static_cast<const uint8_t*>(std::memchr(p, byte, static_cast<size_t>(end - p)));
}

uint8_t* copy_text(uint8_t* out, std::string_view text) {
  if (text.empty()) return out;  // its data may be null
  std::memcpy(out, text.data(), text.size());
  return out + text.size();
}

}  // namespace

uint8_t* store_symtab_name(uint8_t* out, std::string_view name, MiddleDot dots) {
  if (dots == MiddleDot::kStays) return copy_text(out, name);
  const auto* p = reinterpret_cast<const uint8_t*>(name.data());
  const uint8_t* end = p + name.size();
  for (;;) {
    const uint8_t* dot = p < end ? find_byte(p, end, 0xc2) : nullptr;
    if (dot == nullptr) break;
    bool middle_dot = dot + 1 < end && dot[1] == 0xb7;
    const uint8_t* upto = middle_dot ? dot : dot + 1;
    out = copy_text(out, base::as_text({p, upto}));
    if (middle_dot) *out++ = '.';
    p = middle_dot ? dot + 2 : dot + 1;
  }
  return p < end ? copy_text(out, base::as_text({p, end})) : out;
}

SymtabName SymtabName::of(std::string_view text, bool is_static, MiddleDot dots) {
  uint64_t bytes = text.size() + 1;
  if (dots == MiddleDot::kBecomesDot) {
    for (size_t at = text.find(kMiddleDot); at != std::string_view::npos; at = text.find(kMiddleDot, at + 2)) bytes--;
  }
  bool temporary = is_static && text.find("..stmp_") != std::string_view::npos;
  SymtabName name;
  name.bits_ = std::min<uint64_t>(bytes, kMost) << 4 | (bytes != text.size() + 1) << 3 | (text.empty() || text[0] == '.') << 2 | temporary << 1 | 1;
  return name;
}

void SymtabNames::scan_object(uint32_t object) {
  Open open;
  {
    std::lock_guard lock(mutex_);
    if (!open_.empty()) open = open_.back(), open_.pop_back();
  }
  objfmt::NameBuffer buffer;
  program_.for_live(object, [&](SymId s, uint32_t) {
    SymKind kind = program_.syms.kind[index(s)];
    bool text = objfmt::is_text(kind);
    uint32_t flags = program_.syms.flags[index(s)];
    if (!(text || objfmt::is_allocated_data(kind)) || (flags & objfmt::SymFlags::kGotype)) return;
    std::string_view own = flags & loader::kSymUnnamed ? std::string_view() : program_.name(s, buffer);
    SymtabName name = names_[index(s)] = SymtabName::of(own, (flags & loader::kSymStatic) != 0, dots_);
    if (text || !name.hidden()) places_[index(s)] = keep(own, name, open);
  });
  std::lock_guard lock(mutex_);
  open_.push_back(open);
}

uint32_t SymtabNames::keep(std::string_view name, SymtabName as, Open& open) {
  uint64_t bytes = as.bytes() - 1;
  if (bytes > kChunk / 16 || (open.used + bytes > kChunk && !next_chunk(open))) return 0;
  uint32_t place = open.chunk * kChunk + open.used;
  char* out = open.bytes + open.used;
  open.used += static_cast<uint32_t>(bytes);
  // Where it is as long as before, there is nothing to be replaced.
  store_symtab_name(reinterpret_cast<uint8_t*>(out), name, bytes == name.size() ? MiddleDot::kStays : dots_);
  return place;
}

bool SymtabNames::next_chunk(Open& open) {
  std::unique_ptr<char[]> chunk(new char[kChunk]);
  std::lock_guard lock(mutex_);
  if (chunks_.size() == kMostChunks) return false;
  open = {static_cast<uint32_t>(chunks_.size()), chunks_.empty() ? 1u : 0u, chunk.get()};
  chunks_.push_back(std::move(chunk));
  return true;
}

}  // namespace dovetail::linker
