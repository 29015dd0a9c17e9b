// Debug information of an image (DWARF 4 and 5, 32-bit), read in our own way, without libdwarf: it has to stand any
// bytes. Each unit is parsed entry by entry to its end; what an entry refers to has to be there.
#include <algorithm>
#include <map>
#include <set>

#include "absl/container/flat_hash_map.h"
#include "base/text.h"
#include "inspect/debug_sections.h"
#include "inspect/verify_dwarf_line.h"
#include "inspect/verify_image.h"

namespace dovetail::inspect {
namespace {

using base::concat;
using objfmt::ImageSection;
using objfmt::ImageView;

// Attributes that lead somewhere (DWARF 5, 7.5.4).
enum Attribute : uint64_t { kStmtList = 0x10, kLowPc = 0x11, kHighPc = 0x12, kAddrBase = 0x73 };
// Forms that need more than their size (7.5.6).
enum Form : uint64_t {
  kAddr = 0x01,
  kBlock2 = 0x03,
  kBlock4,
  kData2,
  kData4,
  kData8,
  kString,
  kBlock,
  kBlock1,
  kData1,
  kFlag,
  kSdata,
  kStrp,
  kUdata,
  kRefAddr,
  kRef1,
  kRef2,
  kRef4,
  kRef8,
  kRefUdata,
  kSecOffset = 0x17,
  kExprloc,
  kFlagPresent,
  kStrx,
  kAddrx,
  kData16 = 0x1e,
  kLineStrp,
  kRefSig8,
  kImplicitConst,
  kLoclistx,
  kRnglistx,
  kStrx1 = 0x25,
  kAddrx1 = 0x29,
  kAddrx4 = 0x2c,
};

struct AttributeSpec {
  uint64_t name, form;
};
struct Abbreviation {
  bool children = false;
  std::vector<AttributeSpec> attributes;
};
using Abbreviations = absl::flat_hash_map<uint64_t, Abbreviation>;

// A value as far as it is looked at.
struct Value {
  uint64_t number = 0;
  bool good = true;
};

class InfoVerifier {
 public:
  InfoVerifier(const ImageView& view, Findings* findings) : view_(view), findings_(findings) {}

  void run() {
    for (const ImageSection& s : view_.sections()) {
      base::Bytes* out = s.name == ".debug_info"       ? &info_
                         : s.name == ".debug_abbrev"   ? &abbrev_
                         : s.name == ".debug_line"     ? &line_
                         : s.name == ".debug_str"      ? &str_
                         : s.name == ".debug_line_str" ? &line_str_
                         : s.name == ".debug_addr"     ? &addr_
                                                       : nullptr;
      if (out == nullptr) continue;
      contents_.push_back(section_contents(s));
      *out = contents_.back().bytes;
      if (!contents_.back().problem.empty())
        findings_->add("dwarf.section", {.block = s.name}, contents_.back().problem);
    }
    uint64_t before = findings_->count();
    for (uint64_t at = 0; at < info_.size() && findings_->count() == before;) at = check_unit(at);
    if (findings_->count() != before) return;
    std::sort(entries_.begin(), entries_.end());
    for (auto [from, to] : references_) {
      if (!std::binary_search(entries_.begin(), entries_.end(), to))
        add("dwarf.reference", from, concat("no entry at ", to));
    }
    auto is_code = [&](uint64_t a) { return this->is_code(a); };
    uint64_t end = 0;
    for (uint64_t offset : line_tables_) {
      if (offset < end)
        return findings_->add("dwarf.line", {.block = ".debug_line", .offset = offset},
                              concat("the table before goes on to ", end));
      end = verify_line_table(line_, offset, is_code, findings_);
    }
  }

 private:
  void add(std::string_view rule, uint64_t offset, std::string text) {
    findings_->add(rule, {.block = ".debug_info", .offset = offset}, std::move(text));
  }
  bool is_code(uint64_t address) const {
    for (uint64_t a : {address, address - 1}) {
      const ImageSection* s = view_.section_at(a);
      if (s != nullptr && (s->flags & objfmt::kElfFlagExec)) return true;
    }
    return false;
  }
  uint64_t offset_of(const uint8_t* p) const { return static_cast<uint64_t>(p - info_.data()); }

  // Returns where the next unit begins.
  uint64_t check_unit(uint64_t at) {
    base::Bytes head = base::subrange(info_, at, 11);
    uint64_t length = head.empty() ? 0 : base::load32(head.data()), version = head.empty() ? 0 : base::load16(&head[4]);
    if (head.empty() || length < 7 || length > info_.size() - at - 4)
      return add("dwarf.unit", at, concat("a unit of ", length, " bytes in ", info_.size() - at)), info_.size();
    if (version != 4 && version != 5) return add("dwarf.unit", at, concat("version ", version)), info_.size();
    uint64_t header = version == 5 ? 12 : 11, abbrev = base::load32(&head[6]);
    if (version == 5) {
      base::Bytes whole = base::subrange(info_, at, 12);
      if (whole.empty() || length < 8) return add("dwarf.unit", at, "no whole header"), info_.size();
      abbrev = base::load32(&whole[8]);
    }
    uint64_t address_size = version == 5 ? info_[at + 7] : info_[at + 10];
    if (address_size != 8) return add("dwarf.unit", at, concat("addresses of ", address_size, " bytes")), info_.size();
    unit_ = at, unit_end_ = at + 4 + length, addr_base_ = 8;
    addresses_.clear();
    const Abbreviations* table = abbreviations(abbrev);
    if (table != nullptr) check_entries(*table, info_.data() + at + header);
    for (auto [where, index] : addresses_) {
      base::Bytes found = base::subrange(addr_, addr_base_ + index * 8, 8);
      if (found.empty())
        add("dwarf.address", where, concat("address ", index, " is behind the table"));
      else
        check_address(where, base::load64(found.data()));
    }
    return unit_end_;
  }
  void check_address(uint64_t where, uint64_t address) {
    if (!is_code(address)) add("dwarf.address", where, concat("address ", address, " is none of code"));
  }

  const Abbreviations* abbreviations(uint64_t offset) {
    auto [it, added] = tables_.try_emplace(offset);
    if (!added) return &it->second;
    if (offset >= abbrev_.size())
      return add("dwarf.abbreviation", unit_, concat("no abbreviations at ", offset)), nullptr;
    const uint8_t *p = abbrev_.data() + offset, *end = abbrev_.data() + abbrev_.size();
    while (p != end) {
      uint64_t code = base::read_uleb(p, end);
      if (code == 0) {
        // Tables do not overlap, or a damaged image could have any number of long ones.
        abbrev_read_ += static_cast<uint64_t>(p - abbrev_.data()) - offset;
        if (abbrev_read_ <= abbrev_.size()) return &it->second;
        return add("dwarf.abbreviation", unit_, "tables of abbreviations overlap"), nullptr;
      }
      Abbreviation a;
      base::read_uleb(p, end);
      a.children = p != end && *p++ != 0;
      for (;;) {
        uint64_t name = base::read_uleb(p, end), form = base::read_uleb(p, end);
        if (form == kImplicitConst) base::read_sleb(p, end);
        if (name == 0 && form == 0) break;
        a.attributes.push_back({name, form});
      }
      it->second[code] = std::move(a);
    }
    add("dwarf.abbreviation", unit_, concat("the abbreviations at ", offset, " have no end"));
    return nullptr;
  }

  void check_entries(const Abbreviations& table, const uint8_t* p) {
    const uint8_t* end = info_.data() + unit_end_;
    uint64_t depth = 0;
    bool first = true;
    while (p != end) {
      const uint8_t* entry = p;
      uint64_t code = base::read_uleb(p, end);
      if (code == 0) {
        if (depth == 0) return add("dwarf.tree", offset_of(entry), "the end of entries that have none");
        if (--depth == 0 && p != end)
          return add("dwarf.tree", offset_of(p), concat(end - p, " bytes behind the unit's entries"));
        continue;
      }
      if (depth == 0 && !first) return add("dwarf.tree", offset_of(entry), "a second entry at the top");
      first = false;
      auto found = table.find(code);
      if (found == table.end())
        return add("dwarf.abbreviation", offset_of(entry), concat("abbreviation ", code, " is not known"));
      entries_.push_back(offset_of(entry));
      // Attributes may take no bytes; no sound entry is made of such alone.
      attributes_read_ += found->second.attributes.size();
      if (attributes_read_ > kAttributesOfByte * info_.size())
        return add("dwarf.form", offset_of(entry), "more attributes than there is room for");
      for (const AttributeSpec& a : found->second.attributes) {
        const uint8_t* at = p;
        Value v = read(a, p, end);
        if (!v.good)
          return add("dwarf.form", offset_of(at),
                     concat("form ", a.form, " of attribute ", a.name, " is not known, or does not fit"));
        note(a, offset_of(at), v.number);
      }
      if (found->second.children) depth++;
    }
    if (depth != 0) add("dwarf.tree", unit_end_, concat("the unit ends ", depth, " levels deep"));
  }

  // What is looked at when the unit, or everything, has been read.
  void note(const AttributeSpec& a, uint64_t at, uint64_t value) {
    if (a.form == kRefAddr) references_.push_back({at, value});
    if ((a.form >= kRef1 && a.form <= kRef8) || a.form == kRefUdata) {
      if (value >= unit_end_ - unit_) add("dwarf.reference", at, concat("to ", value, " of ", unit_end_ - unit_));
      references_.push_back({at, unit_ + value});
    }
    if (a.form == kStrp && value >= str_.size()) add("dwarf.string", at, concat("at ", value, " of ", str_.size()));
    if (a.form == kLineStrp && value >= line_str_.size())
      add("dwarf.string", at, concat("at ", value, " of ", line_str_.size()));
    if (a.name == kStmtList) line_tables_.insert(value);
    if (a.name == kAddrBase) addr_base_ = value;
    bool indexed = a.form == kAddrx || (a.form >= kAddrx1 && a.form <= kAddrx4);
    if (indexed) addresses_.push_back({at, value});
    // A unit whose code is in ranges says 0.
    if (a.form == kAddr && (a.name == kLowPc || a.name == kHighPc) && value != 0) check_address(at, value);
  }

  static Value fixed(const uint8_t*& p, const uint8_t* end, unsigned size) {
    if (static_cast<uint64_t>(end - p) < size) return {0, false};
    uint64_t v = 0;
    for (unsigned k = 0; k < std::min(size, 8u); k++) v |= uint64_t{p[k]} << 8 * k;
    p += size;
    return {v};
  }
  static Value block(const uint8_t*& p, const uint8_t* end, uint64_t size) {
    if (size > static_cast<uint64_t>(end - p)) return {0, false};
    p += size;
    return {};
  }
  static Value read(const AttributeSpec& a, const uint8_t*& p, const uint8_t* end) {
    Value length;
    switch (a.form) {
      case kAddr:
      case kData8:
      case kRef8:
      case kRefSig8:
        return fixed(p, end, 8);
      case kData4:
      case kStrp:
      case kRefAddr:
      case kRef4:
      case kSecOffset:
      case kLineStrp:
      case kStrx1 + 3:
      case kAddrx4:
        return fixed(p, end, 4);
      case kStrx1 + 2:
      case kAddrx1 + 2:
        return fixed(p, end, 3);
      case kData2:
      case kRef2:
      case kStrx1 + 1:
      case kAddrx1 + 1:
        return fixed(p, end, 2);
      case kData1:
      case kFlag:
      case kRef1:
      case kStrx1:
      case kAddrx1:
        return fixed(p, end, 1);
      case kData16:
        return fixed(p, end, 16);
      case kFlagPresent:
      case kImplicitConst:
        return {};
      case kUdata:
      case kRefUdata:
      case kStrx:
      case kAddrx:
      case kLoclistx:
      case kRnglistx:
        return {base::read_uleb(p, end)};
      case kSdata:
        return {static_cast<uint64_t>(base::read_sleb(p, end))};
      case kString:
        while (p != end && *p != 0) p++;
        return p == end ? Value{0, false} : (p++, Value{});
      case kBlock:
      case kExprloc: {
        uint64_t size = base::read_uleb(p, end);
        return block(p, end, size);
      }
      case kBlock1:
      case kBlock2:
      case kBlock4:
        length = fixed(p, end, a.form == kBlock1 ? 1 : a.form == kBlock2 ? 2 : 4);
        return length.good ? block(p, end, length.number) : length;
      default:
        return {0, false};
    }
  }

  const ImageView& view_;
  Findings* findings_;
  std::vector<SectionContents> contents_;
  base::Bytes info_, abbrev_, line_, str_, line_str_, addr_;
  static constexpr uint64_t kAttributesOfByte = 4;
  uint64_t abbrev_read_ = 0, attributes_read_ = 0;
  std::map<uint64_t, Abbreviations> tables_;  // by offset
  uint64_t unit_ = 0, unit_end_ = 0, addr_base_ = 0;
  std::vector<std::pair<uint64_t, uint64_t>> addresses_, references_;  // where, what
  std::vector<uint64_t> entries_;
  std::set<uint64_t> line_tables_;
};

}  // namespace

void verify_image_dwarf(const ImageView& view, Findings* findings) { InfoVerifier(view, findings).run(); }

}  // namespace dovetail::inspect
