#include "objfmt/image_headers.h"

#include <algorithm>
#include <span>

#include "absl/strings/escaping.h"
#include "absl/strings/str_format.h"
#include "base/text.h"
#include "objfmt/pe_header.h"

namespace dovetail::objfmt {
namespace {

using base::Bytes;
using base::concat;

// Where a number is in its record.
struct FieldPlace {
  std::string_view name;
  uint16_t offset;
  uint8_t size;
};

uint64_t load(const uint8_t* p, unsigned size) {
  uint64_t value = 0;
  for (unsigned i = size; i-- > 0;) value = value << 8 | p[i];
  return value;
}

void add_fields(Bytes record, std::span<const FieldPlace> places, HeaderRecord* out) {
  for (const FieldPlace& f : places) {
    if (size_t{f.offset} + f.size <= record.size()) out->fields.push_back({f.name, load(&record[f.offset], f.size)});
  }
}

HeaderRecord make_record(std::string name, uint64_t offset, Bytes bytes, std::span<const FieldPlace> places) {
  HeaderRecord r{std::move(name), offset, bytes.size(), {}};
  add_fields(bytes, places, &r);
  return r;
}

std::string_view fixed_text(Bytes record, size_t offset, size_t size) {
  return ImageView::string_at(base::subrange(record, offset, size), 0);
}

// ---- PE ----

constexpr FieldPlace kDos[] = {{"e_lfanew", 60, 4}};
constexpr FieldPlace kPeFile[] = {
    {"Machine", 0, 2}, {"NumberOfSections", 2, 2}, {"TimeDateStamp", 4, 4}, {"PointerToSymbolTable", 8, 4},
    {"NumberOfSymbols", 12, 4}, {"SizeOfOptionalHeader", 16, 2}, {"Characteristics", 18, 2}};
constexpr FieldPlace kPeOptional64[] = {
    {"Magic", 0, 2}, {"MajorLinkerVersion", 2, 1}, {"MinorLinkerVersion", 3, 1}, {"SizeOfCode", 4, 4},
    {"SizeOfInitializedData", 8, 4}, {"SizeOfUninitializedData", 12, 4}, {"AddressOfEntryPoint", 16, 4}, {"BaseOfCode", 20, 4},
    {"ImageBase", 24, 8}, {"SectionAlignment", 32, 4}, {"FileAlignment", 36, 4}, {"MajorOperatingSystemVersion", 40, 2},
    {"MinorOperatingSystemVersion", 42, 2}, {"MajorImageVersion", 44, 2}, {"MinorImageVersion", 46, 2},
    {"MajorSubsystemVersion", 48, 2}, {"MinorSubsystemVersion", 50, 2}, {"Win32VersionValue", 52, 4}, {"SizeOfImage", 56, 4},
    {"SizeOfHeaders", 60, 4}, {"CheckSum", 64, 4}, {"Subsystem", 68, 2}, {"DllCharacteristics", 70, 2},
    {"SizeOfStackReserve", 72, 8}, {"SizeOfStackCommit", 80, 8}, {"SizeOfHeapReserve", 88, 8}, {"SizeOfHeapCommit", 96, 8},
    {"LoaderFlags", 104, 4}, {"NumberOfRvaAndSizes", 108, 4}};
constexpr FieldPlace kPeOptional32[] = {  // those that our readers look at
    {"Magic", 0, 2}, {"AddressOfEntryPoint", 16, 4}, {"ImageBase", 28, 4}, {"SectionAlignment", 32, 4},
    {"FileAlignment", 36, 4}, {"SizeOfImage", 56, 4}, {"SizeOfHeaders", 60, 4}, {"CheckSum", 64, 4}, {"Subsystem", 68, 2},
    {"DllCharacteristics", 70, 2}, {"NumberOfRvaAndSizes", 92, 4}};
constexpr FieldPlace kPeDirectory[] = {{"VirtualAddress", 0, 4}, {"Size", 4, 4}};
constexpr FieldPlace kPeSection[] = {
    {"VirtualSize", 8, 4}, {"VirtualAddress", 12, 4}, {"SizeOfRawData", 16, 4}, {"PointerToRawData", 20, 4},
    {"PointerToRelocations", 24, 4}, {"PointerToLinenumbers", 28, 4}, {"NumberOfRelocations", 32, 2},
    {"NumberOfLinenumbers", 34, 2}, {"Characteristics", 36, 4}};

std::vector<HeaderRecord> read_pe_headers(Bytes image) {
  std::vector<HeaderRecord> records;
  absl::StatusOr<PeHeader> h = read_pe_header(image);
  if (!h.ok()) return records;
  auto add = [&](std::string name, uint64_t offset, uint64_t size, std::span<const FieldPlace> places) {
    size = offset < image.size() ? std::min<uint64_t>(size, image.size() - offset) : 0;
    if (size != 0) records.push_back(make_record(std::move(name), offset, image.subspan(offset, size), places));
  };
  constexpr uint64_t kMagic = 4;
  if (h->is_image) add("DOS header", 0, h->file_header_at - kMagic, kDos);
  add("file header", h->file_header_at, kPeFileHeaderBytes, kPeFile);
  constexpr uint16_t kMagic64 = 0x20b;
  uint64_t optional = h->directories_at == 0 ? h->optional_size : h->directories_at - h->optional_at;
  if (h->is_image) {
    bool wide = h->magic == kMagic64;
    add("optional header", h->optional_at, optional, wide ? std::span<const FieldPlace>(kPeOptional64) : kPeOptional32);
  }
  for (size_t i = 0; i < h->directories.size(); i++) {
    add(concat("data directory ", pe_directory_name(i)), h->directories_at + i * 8, 8, kPeDirectory);
  }
  for (size_t i = 0; i < h->sections.size(); i++) {
    add(concat("section ", h->sections[i].name), h->sections_at + i * kPeSectionHeaderBytes, kPeSectionHeaderBytes, kPeSection);
  }
  return records;
}

// ---- Mach-O ----

constexpr FieldPlace kMachoFile[] = {{"magic", 0, 4}, {"cputype", 4, 4}, {"cpusubtype", 8, 4}, {"filetype", 12, 4},
                                     {"ncmds", 16, 4}, {"sizeofcmds", 20, 4}, {"flags", 24, 4}, {"reserved", 28, 4}};
constexpr FieldPlace kSegment[] = {{"cmdsize", 4, 4}, {"vmaddr", 24, 8}, {"vmsize", 32, 8}, {"fileoff", 40, 8},
                                   {"filesize", 48, 8}, {"maxprot", 56, 4}, {"initprot", 60, 4}, {"nsects", 64, 4},
                                   {"flags", 68, 4}};
constexpr FieldPlace kSection[] = {{"addr", 32, 8}, {"size", 40, 8}, {"offset", 48, 4}, {"align", 52, 4}, {"reloff", 56, 4},
                                   {"nreloc", 60, 4}, {"flags", 64, 4}, {"reserved1", 68, 4}, {"reserved2", 72, 4},
                                   {"reserved3", 76, 4}};
constexpr FieldPlace kSymtab[] = {{"cmdsize", 4, 4}, {"symoff", 8, 4}, {"nsyms", 12, 4}, {"stroff", 16, 4}, {"strsize", 20, 4}};
constexpr FieldPlace kDysymtab[] = {
    {"cmdsize", 4, 4}, {"ilocalsym", 8, 4}, {"nlocalsym", 12, 4}, {"iextdefsym", 16, 4}, {"nextdefsym", 20, 4},
    {"iundefsym", 24, 4}, {"nundefsym", 28, 4}, {"tocoff", 32, 4}, {"ntoc", 36, 4}, {"modtaboff", 40, 4}, {"nmodtab", 44, 4},
    {"extrefsymoff", 48, 4}, {"nextrefsyms", 52, 4}, {"indirectsymoff", 56, 4}, {"nindirectsyms", 60, 4},
    {"extreloff", 64, 4}, {"nextrel", 68, 4}, {"locreloff", 72, 4}, {"nlocrel", 76, 4}};
constexpr FieldPlace kDyldInfo[] = {{"cmdsize", 4, 4}, {"rebase_off", 8, 4}, {"rebase_size", 12, 4}, {"bind_off", 16, 4},
                                    {"bind_size", 20, 4}, {"weak_bind_off", 24, 4}, {"weak_bind_size", 28, 4},
                                    {"lazy_bind_off", 32, 4}, {"lazy_bind_size", 36, 4}, {"export_off", 40, 4},
                                    {"export_size", 44, 4}};
constexpr FieldPlace kLibrary[] = {{"cmdsize", 4, 4}, {"timestamp", 12, 4}, {"current_version", 16, 4},
                                   {"compatibility_version", 20, 4}};
constexpr FieldPlace kSizeOnly[] = {{"cmdsize", 4, 4}};
constexpr FieldPlace kMain[] = {{"cmdsize", 4, 4}, {"entryoff", 8, 8}, {"stacksize", 16, 8}};
constexpr FieldPlace kThread[] = {{"cmdsize", 4, 4}, {"flavor", 8, 4}, {"count", 12, 4}};
constexpr FieldPlace kBuild[] = {{"cmdsize", 4, 4}, {"platform", 8, 4}, {"minos", 12, 4}, {"sdk", 16, 4}, {"ntools", 20, 4}};
constexpr FieldPlace kVersion[] = {{"cmdsize", 4, 4}, {"version", 8, 4}, {"sdk", 12, 4}};
constexpr FieldPlace kSource[] = {{"cmdsize", 4, 4}, {"version", 8, 8}};
constexpr FieldPlace kBlob[] = {{"cmdsize", 4, 4}, {"dataoff", 8, 4}, {"datasize", 12, 4}};

struct Command {
  uint32_t number;
  std::string_view name;
  std::span<const FieldPlace> fields;
  uint8_t text_at = 0;  // where the place of a string in the command stands
};
constexpr Command kCommands[] = {
    {0x19, "LC_SEGMENT_64", kSegment},
    {0x2, "LC_SYMTAB", kSymtab},
    {0xb, "LC_DYSYMTAB", kDysymtab},
    {0x80000022, "LC_DYLD_INFO_ONLY", kDyldInfo},
    {0xc, "LC_LOAD_DYLIB", kLibrary, 8},
    {0xe, "LC_LOAD_DYLINKER", kSizeOnly, 8},
    {0x1b, "LC_UUID", kSizeOnly},
    {0x80000028, "LC_MAIN", kMain},
    {0x5, "LC_UNIXTHREAD", kThread},
    {0x32, "LC_BUILD_VERSION", kBuild},
    {0x24, "LC_VERSION_MIN_MACOSX", kVersion},
    {0x2a, "LC_SOURCE_VERSION", kSource},
    {0x1d, "LC_CODE_SIGNATURE", kBlob},
    {0x26, "LC_FUNCTION_STARTS", kBlob},
    {0x29, "LC_DATA_IN_CODE", kBlob},
    {0x80000033, "LC_DYLD_EXPORTS_TRIE", kBlob},
    {0x80000034, "LC_DYLD_CHAINED_FIXUPS", kBlob},
};

void add_segment_sections(uint64_t offset, Bytes command, std::vector<HeaderRecord>* records) {
  constexpr size_t kHead = 72, kSize = 80;
  if (command.size() < kHead) return;
  uint64_t count = std::min<uint64_t>(base::load32(&command[64]), (command.size() - kHead) / kSize);
  for (uint64_t i = 0; i < count; i++) {
    Bytes s = command.subspan(kHead + i * kSize, kSize);
    records->push_back(make_record(concat("section ", fixed_text(s, 16, 16), ",", fixed_text(s, 0, 16)),
                                   offset + kHead + i * kSize, s, kSection));
  }
}

void add_command(uint64_t offset, Bytes bytes, std::vector<HeaderRecord>* records) {
  constexpr uint32_t kSegment64 = 0x19, kUuid = 0x1b;
  uint32_t number = base::load32(bytes.data());
  const Command* known = std::find_if(std::begin(kCommands), std::end(kCommands), [&](const Command& c) { return c.number == number; });
  if (known == std::end(kCommands)) {
    return records->push_back(make_record(absl::StrFormat("load command %#x", number), offset, bytes, kSizeOnly));
  }
  std::string name(known->name);
  if (number == kSegment64) name += concat(" ", fixed_text(bytes, 8, 16));
  HeaderRecord r = make_record(std::move(name), offset, bytes, known->fields);
  if (known->text_at != 0 && size_t{known->text_at} + 4 <= bytes.size()) {
    r.fields.push_back({"name", 0, std::string(ImageView::string_at(bytes, base::load32(&bytes[known->text_at])))});
  }
  if (number == kUuid) r.fields.push_back({"uuid", 0, absl::BytesToHexString(base::to_absl(base::as_text(base::subrange(bytes, 8, 16))))});
  // Its sections are records of their own.
  if (number == kSegment64) r.size = std::min<uint64_t>(r.size, 72);
  records->push_back(std::move(r));
  if (number == kSegment64) add_segment_sections(offset, bytes, records);
}

std::vector<HeaderRecord> read_macho_headers(Bytes image) {
  std::vector<HeaderRecord> records;
  records.push_back(make_record("file header", 0, image.first(std::min<size_t>(image.size(), 32)), kMachoFile));
  for_each_load_command(image, [&](uint64_t offset, Bytes command) { add_command(offset, command, &records); });
  return records;
}

}  // namespace

std::vector<HeaderRecord> read_headers(const ImageView& view) {
  if (view.format() == ImageFormat::kMacho) return read_macho_headers(view.image());
  if (view.format() == ImageFormat::kPe) return read_pe_headers(view.image());
  return {};
}

}  // namespace dovetail::objfmt
