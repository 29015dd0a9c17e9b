#include "linker/macho/macho_image.h"

#include <algorithm>

#include "base/text.h"
#include "linker/macho/code_signature.h"

namespace dovetail::linker {
namespace {

using base::round_up;

// What is complained about comes behind everything that was said of single symbols.
constexpr uint64_t kOrder = uint64_t{1} << 62;
constexpr uint32_t kMostSections = 20;  // of a segment, in cmd/link
constexpr std::string_view kDyld = "/usr/lib/dyld";
constexpr uint32_t kPlatformMacos = 1, kMacosVersion = 12 << 16;

enum Protection : uint32_t { kRead = 1, kWrite = 2, kExecute = 4 };

struct SectionRow {
  std::string_view segment;
  std::string name;
  uint64_t address, size;
  uint32_t offset, align_bits, flags, reserved1 = 0, reserved2 = 0;
};

struct SegmentRow {
  std::string_view name;
  uint64_t address = 0, size = 0, offset = 0, file_size = 0;
  uint32_t max_protection = 0, protection = 0, flags = 0;
  std::vector<SectionRow> sections;
};

class Planner {
 public:
  Planner(const Image& image, const MachoInputs& in, base::Diagnostics& diag) : image_(image), in_(in), diag_(diag) {}

  MachoPlan run() {
    number_sections();
    describe_segments();
    place_linkedit();
    add_commands();
    emit();
    return std::move(plan_);
  }

 private:
  void number_sections() {
    plan_.section_number.assign(image_.sections.size(), 0);
    uint8_t next = 1;
    for (const Segment& segment : image_.segments) {
      for (uint32_t n : segment.sections) plan_.section_number[n] = next++;
    }
  }

  void describe_segments() {
    const Segment &text = image_.segment(SegmentId::kText), &relro = image_.segment(SegmentId::kRelrodata),
                  &data = image_.segment(SegmentId::kData), &dwarf = image_.segment(SegmentId::kDwarf);
    uint64_t base = image_.text_address - image_.header_size;
    segments_.push_back({.name = "__PAGEZERO", .size = base, .sections = {}});
    plan_.text_size = round_up(image_.header_size + text.size, image_.round);
    segments_.push_back({"__TEXT", base, plan_.text_size, 0, plan_.text_size, kRead | kWrite | kExecute, kRead | kExecute,
                         0, sections_of(text, "__TEXT")});
    if (relro.size > 0) {
      segments_.push_back({"__DATA_CONST", relro.address, relro.size, relro.file_offset, relro.file_size, kRead | kWrite,
                           kRead | kWrite, kSgReadOnly, sections_of(relro, "__DATA_CONST")});
    }
    segments_.push_back({"__DATA", data.address, data.size, data.file_offset, data.file_size, kRead | kWrite,
                         kRead | kWrite, 0, sections_of(data, "__DATA")});
    if (in_.debug) {
      segments_.push_back({"__DWARF", dwarf.address, 0, dwarf.file_offset, dwarf.file_size, 0, 0, 0,
                           sections_of(dwarf, "__DWARF")});
    }
  }

  std::vector<SectionRow> sections_of(const Segment& segment, std::string_view segment_name) {
    std::vector<SectionRow> rows;
    if (segment.sections.size() > kMostSections) {
      diag_.exit(kOrder, base::concat("too many sects in segment ", segment_name));
    }
    for (uint32_t n : segment.sections) rows.push_back(describe(image_.sections[n], segment, segment_name));
    return rows;
  }

  SectionRow describe(const Section& s, const Segment& segment, std::string_view segment_name) {
    SectionRow row{segment_name, "__", s.address, s.size, 0, 0, 0};
    for (char c : std::string_view(s.name).substr(1)) row.name += c == '.' ? '_' : c;
    while (uint64_t{1} << row.align_bits < s.align) row.align_bits++;
    uint64_t file_end = segment.address + segment.file_size;
    if (s.address < file_end) {
      row.offset = static_cast<uint32_t>(segment.file_offset + s.address - segment.address);
      if (s.size > file_end - s.address) {
        diag_.error(kOrder + 1, base::concat("macho cannot represent section ", s.name, " crossing data and bss"));
      }
    } else {
      row.flags |= kSZerofill;
    }
    if (s.rwx & 1) row.flags |= kSAttrSomeInstructions;
    if (s.name == ".text") row.flags |= kSAttrPureInstructions;
    if (s.name == ".plt") {
      row.name = "__symbol_stub1";
      row.flags = kSAttrPureInstructions | kSAttrSomeInstructions | kSSymbolStubs;
      row.reserved2 = 6;  // bytes of a stub, whatever they are
    }
    if (s.name == ".got") {
      row.flags = kSNonLazySymbolPointers;
      row.reserved1 = static_cast<uint32_t>(in_.stub_count);  // its first indirect symbol
    }
    if (segment_name == "__DWARF") row.flags |= kSAttrDebug;
    return row;
  }

  // Behind the segments of the file, each rounded.
  void place_linkedit() {
    uint64_t at = plan_.text_size;
    for (SegmentId id : {SegmentId::kRelrodata, SegmentId::kData, SegmentId::kDwarf}) {
      at += round_up(image_.segment(id).file_size, image_.round);
    }
    linkedit_ = at;
    auto place = [&](uint64_t* offset, uint64_t size) {
      *offset = at;
      at += size;
    };
    place(&plan_.rebase, in_.rebase_size);
    place(&plan_.bind, in_.bind_size);
    place(&plan_.symbols, symbol_count() * kMachoSymbolSize);
    place(&plan_.stub_indices, in_.stub_count * 4);
    place(&plan_.got_indices, in_.got_count * 4);
    // So that a tool that signs the file need not align.
    uint64_t rest = at - linkedit_ + in_.names_size;
    names_size_ = in_.names_size + round_up(rest, 16) - rest;
    place(&plan_.names, names_size_);
    place(&plan_.signature, in_.machine->is_signed ? code_signature_size(at) : 0);
    plan_.file_size = at;
    const Segment& data = image_.segment(SegmentId::kData);
    segments_.push_back({"__LINKEDIT", round_up(data.address + data.size, image_.round), at - linkedit_, linkedit_,
                         at - linkedit_, kRead, kRead, 0, {}});
  }
  uint64_t symbol_count() const { return in_.local_symbols + in_.exported_symbols + in_.imported_symbols; }

  // A load command of 32-bit words, padded to 8 bytes.
  void command(MachoCommand type, std::vector<uint64_t> words) {
    if (words.size() % 2 != 0) words.push_back(0);
    put32(&commands_, type);
    put32(&commands_, 4 * (words.size() + 2));
    for (uint64_t w : words) put32(&commands_, w);
    command_count_++;
  }

  void add_commands() {
    command(kLcBuildVersion, {kPlatformMacos, kMacosVersion, kMacosVersion, 0});
    uint64_t base = image_.text_address - image_.header_size;
    if (in_.machine->entry_is_offset) {
      uint64_t entry = in_.entry - base;
      command(kLcMain, {entry, entry >> 32, 0, 0});
    } else {
      constexpr size_t kState = 4, kStateWords = 42, kProgramCounter = 32;  // of x86_THREAD_STATE64
      std::vector<uint64_t> words(2 + kStateWords);
      words[0] = kState;
      words[1] = kStateWords;
      words[2 + kProgramCounter] = in_.entry;
      words[2 + kProgramCounter + 1] = in_.entry >> 32;
      command(kLcUnixThread, std::move(words));
    }
    if (in_.position_independent) {
      command(kLcDyldInfoOnly, {plan_.rebase, in_.rebase_size, plan_.bind, in_.bind_size, 0, 0, 0, 0, 0, 0});
    }
    command(kLcSymtab, {plan_.symbols, symbol_count(), plan_.names, names_size_});
    uint64_t first_import = in_.local_symbols + in_.exported_symbols;
    command(kLcDysymtab, {0, in_.local_symbols, in_.local_symbols, in_.exported_symbols, first_import,
                          in_.imported_symbols, 0, 0, 0, 0, 0, 0, plan_.stub_indices, in_.stub_count + in_.got_count, 0,
                          0, 0, 0});
    text_command(kLcLoadDylinker, {12}, kDyld, 5);
    for (std::string_view library : in_.libraries) {
      text_command(kLcLoadDylib, {24, 0, 0, 0}, library, (library.size() + 1 + 7) / 8 * 2);
    }
    if (!in_.uuid.empty()) {
      std::vector<uint64_t> words;
      for (size_t i = 0; i < 16; i += 4) words.push_back(base::load32(in_.uuid.data() + i));
      command(kLcUuid, std::move(words));
    }
    if (in_.machine->is_signed) command(kLcCodeSignature, {plan_.signature, plan_.file_size - plan_.signature});
  }

  // With a string in `text_words` words behind the others.
  void text_command(MachoCommand type, std::vector<uint64_t> words, std::string_view text, size_t text_words) {
    size_t first = words.size();
    words.resize(first + text_words);
    for (size_t i = 0; i < text.size() && i / 4 < text_words; i++) {
      words[first + i / 4] |= uint64_t{static_cast<uint8_t>(text[i])} << (i % 4 * 8);
    }
    command(type, std::move(words));
  }

  void emit() {
    std::vector<uint8_t>& out = plan_.headers;
    size_t sections = 0;
    for (const SegmentRow& s : segments_) sections += s.sections.size();
    uint64_t size = segments_.size() * kMachoSegmentSize + sections * kMachoSectionSize + commands_.size();
    uint32_t flags = in_.imported_symbols == 0 ? uint32_t{kMhNoUndefs} : 0;
    if (in_.position_independent) flags |= kMhPie | kMhDyldLink;
    for (uint64_t v : {uint64_t{kMachoMagic64}, uint64_t{in_.machine->cpu}, uint64_t{in_.machine->subcpu},
                       uint64_t{kMachoExecute}, command_count_ + segments_.size(), size, uint64_t{flags}, uint64_t{0}}) {
      put32(&out, v);
    }
    for (const SegmentRow& s : segments_) emit_segment(s, &out);
    out.insert(out.end(), commands_.begin(), commands_.end());
    if (out.size() > image_.header_size) {
      diag_.exit(kOrder + 2, base::concat("HEADR too small: ", out.size(), " > ", image_.header_size));
    }
  }

  static void emit_segment(const SegmentRow& s, std::vector<uint8_t>* out) {
    put32(out, kLcSegment64);
    put32(out, kMachoSegmentSize + kMachoSectionSize * s.sections.size());
    put_name(out, s.name);
    for (uint64_t v : {s.address, s.size, s.offset, s.file_size}) put64(out, v);
    for (uint64_t v : {uint64_t{s.max_protection}, uint64_t{s.protection}, uint64_t{s.sections.size()}, uint64_t{s.flags}}) {
      put32(out, v);
    }
    for (const SectionRow& row : s.sections) {
      put_name(out, row.name);
      put_name(out, row.segment);
      put64(out, row.address);
      put64(out, row.size);
      for (uint32_t v : {row.offset, row.align_bits, 0u, 0u, row.flags, row.reserved1, row.reserved2, 0u}) put32(out, v);
    }
  }

  static void put32(std::vector<uint8_t>* out, uint64_t v) {
    out->resize(out->size() + 4);
    base::store32(out->data() + out->size() - 4, static_cast<uint32_t>(v));
  }
  static void put64(std::vector<uint8_t>* out, uint64_t v) {
    put32(out, v);
    put32(out, v >> 32);
  }
  // Of 16 bytes; what is longer is cut.
  static void put_name(std::vector<uint8_t>* out, std::string_view name) {
    constexpr size_t kName = 16;
    name = name.substr(0, kName);
    out->insert(out->end(), name.begin(), name.end());
    out->resize(out->size() + kName - name.size());
  }

  const Image& image_;
  const MachoInputs& in_;
  base::Diagnostics& diag_;
  MachoPlan plan_;
  std::vector<SegmentRow> segments_;
  std::vector<uint8_t> commands_;
  uint64_t command_count_ = 0;
  uint64_t linkedit_ = 0, names_size_ = 0;
};

}  // namespace

std::vector<uint8_t> macho_segment_numbers(const Image& image) {
  std::vector<uint8_t> numbers(static_cast<size_t>(SegmentId::kCount));
  uint8_t next = 1;  // behind __PAGEZERO
  for (SegmentId id : {SegmentId::kText, SegmentId::kRelrodata, SegmentId::kData}) {
    if (image.segment(id).size > 0) numbers[static_cast<size_t>(id)] = next++;
  }
  return numbers;
}

MachoPlan plan_macho(const Image& image, const MachoInputs& inputs, base::Diagnostics& diag) {
  return Planner(image, inputs, diag).run();
}

}  // namespace dovetail::linker
