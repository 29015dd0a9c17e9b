// dwarf_walk IMAGE: reads all of an image's DWARF (ELF, Mach-O, PE) through libdwarf and counts what it met.
//
// An independent reader for what the linker wrote: every unit, DIE and attribute by its class, every line table, range
// list, location list and call frame row. Any error of libdwarf, an address range outside the image's text, or a
// function without a frame is a failure (exit status 1). libdwarf gets the sections' bytes through its object interface
// (dwarf_object_init_b); its own readers of files are not used, so that compressed sections are expanded here.
#include <elf.h>
#include <zlib.h>

#include <algorithm>
#include <cstdarg>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include <dwarf.h>
#include <libdwarf.h>

namespace {

struct Section {
  std::string name;  // as ELF has it
  uint64_t address = 0;
  std::string bytes;
};

struct Image {
  std::vector<Section> sections;
  uint64_t text_begin = UINT64_MAX, text_end = 0;
};

struct Counts {
  uint64_t units = 0, dies = 0, attributes = 0, functions = 0, lines = 0, ranges = 0, locations = 0, frames = 0, rows = 0;
};

int errors = 0;

__attribute__((format(printf, 1, 2))) void complain(const char* format, ...) {
  if (++errors > 20) return;
  va_list arguments;
  va_start(arguments, format);
  std::vfprintf(stderr, format, arguments);
  va_end(arguments);
  std::fputc('\n', stderr);
}

// True if libdwarf answered; DW_DLV_NO_ENTRY is an answer unless it is said to be needed.
bool answered(int code, Dwarf_Error error, const char* what, uint64_t where, bool needed = true) {
  if (code == DW_DLV_OK) return true;
  if (code == DW_DLV_NO_ENTRY && !needed) return false;
  complain("%s at 0x%llx: %s", what, static_cast<unsigned long long>(where),
           code == DW_DLV_ERROR ? dwarf_errmsg(error) : "no entry");
  return false;
}

template <typename T>
bool read_at(const std::string& file, uint64_t offset, T* out) {
  if (offset > file.size() || file.size() - offset < sizeof(T)) return false;
  std::memcpy(out, file.data() + offset, sizeof(T));
  return true;
}

// What is compressed behind a header of so many bytes.
bool expand(Section* section, size_t header, uint64_t size) {
  if (header > section->bytes.size() || size > (uint64_t{4} << 30)) return false;
  std::string plain(size, '\0');
  uLongf expanded = plain.size();
  int code = uncompress(reinterpret_cast<Bytef*>(plain.data()), &expanded,
                        reinterpret_cast<const Bytef*>(section->bytes.data()) + header, section->bytes.size() - header);
  if (code != Z_OK || expanded != plain.size()) return false;
  section->bytes = std::move(plain);
  return true;
}

// Where formats have no header for it: ".zdebug_x" begins with "ZLIB" and the size, its highest byte first.
bool expand_by_name(Section* section) {
  if (section->name.rfind(".zdebug_", 0) != 0) return true;
  if (section->bytes.size() < 12 || section->bytes.compare(0, 4, "ZLIB") != 0) return false;
  uint64_t size = 0;
  for (int i = 4; i < 12; i++) size = size << 8 | static_cast<uint8_t>(section->bytes[i]);
  section->name.erase(1, 1);
  return expand(section, 12, size);
}

bool take_bytes(const std::string& file, uint64_t offset, uint64_t size, Section* section) {
  if (offset > file.size() || size > file.size() - offset) return false;
  section->bytes = file.substr(offset, size);
  return true;
}

void add_text(Image* image, uint64_t begin, uint64_t size) {
  image->text_begin = std::min(image->text_begin, begin);
  image->text_end = std::max(image->text_end, begin + size);
}

bool load_elf(const std::string& file, Image* image) {
  Elf64_Ehdr ehdr;
  if (!read_at(file, 0, &ehdr)) return false;
  Elf64_Shdr names;
  if (!read_at(file, ehdr.e_shoff + uint64_t{ehdr.e_shstrndx} * sizeof(Elf64_Shdr), &names)) return false;
  for (unsigned i = 0; i < ehdr.e_shnum; i++) {
    Elf64_Shdr h;
    if (!read_at(file, ehdr.e_shoff + i * sizeof(Elf64_Shdr), &h)) return false;
    if (names.sh_offset + h.sh_name >= file.size()) return false;
    Section section;
    section.name = file.c_str() + names.sh_offset + h.sh_name;
    section.address = h.sh_addr;
    if (h.sh_type != SHT_NOBITS && !take_bytes(file, h.sh_offset, h.sh_size, &section)) return false;
    if (h.sh_flags & SHF_COMPRESSED) {
      Elf64_Chdr header;
      if (!read_at(section.bytes, 0, &header) || header.ch_type != ELFCOMPRESS_ZLIB) return false;
      if (!expand(&section, sizeof header, header.ch_size)) return false;
    }
    if (h.sh_flags & SHF_EXECINSTR) add_text(image, h.sh_addr, h.sh_size);
    image->sections.push_back(std::move(section));
  }
  return true;
}

// <mach-o/loader.h>: segment_command_64, section_64.
bool load_macho(const std::string& file, Image* image) {
  constexpr uint32_t kSegment64 = 0x19;
  uint32_t commands, kind, size, sections, offset;
  if (!read_at(file, 16, &commands)) return false;
  uint64_t at = 32;
  for (uint32_t c = 0; c < commands; c++, at += size) {
    if (!read_at(file, at, &kind) || !read_at(file, at + 4, &size)) return false;
    if (kind != kSegment64) continue;
    if (!read_at(file, at + 64, &sections)) return false;
    for (uint64_t s = at + 72; s < at + 72 + 80ull * sections; s += 80) {
      uint64_t bytes;
      Section section;
      if (!read_at(file, s + 32, &section.address) || !read_at(file, s + 40, &bytes) || !read_at(file, s + 48, &offset)) return false;
      section.name = file.substr(s, 16).c_str();
      if (section.name == "__text") add_text(image, section.address, bytes);
      if (section.name.rfind("__debug_", 0) != 0 && section.name.rfind("__zdebug_", 0) != 0) continue;
      section.name.replace(0, 2, ".");
      if (!take_bytes(file, offset, bytes, &section) || !expand_by_name(&section)) return false;
      image->sections.push_back(std::move(section));
    }
  }
  return true;
}

// Microsoft's "PE Format": file header, optional header of PE32+, section headers; long names are in the string table.
bool load_pe(const std::string& file, Image* image) {
  uint32_t at, symbols_at, symbols;
  uint16_t sections, optional;
  uint64_t base;
  if (!read_at(file, 60, &at) || !read_at(file, at + 6, &sections) || !read_at(file, at + 12, &symbols_at)) return false;
  if (!read_at(file, at + 16, &symbols) || !read_at(file, at + 20, &optional) || !read_at(file, at + 24 + 24, &base)) return false;
  uint64_t strings = symbols_at + 18ull * symbols;
  for (uint64_t h = uint64_t{at} + 24 + optional; sections > 0; sections--, h += 40) {
    uint32_t memory, address, bytes, offset;
    if (!read_at(file, h + 8, &memory) || !read_at(file, h + 12, &address) || !read_at(file, h + 16, &bytes)) return false;
    if (!read_at(file, h + 20, &offset)) return false;
    Section section;
    section.name = file.substr(h, 8).c_str();
    section.address = base + address;
    if (section.name[0] == '/') {
      uint64_t name = strings + std::strtoull(section.name.c_str() + 1, nullptr, 10);
      if (name >= file.size()) return false;
      section.name = file.c_str() + name;
    }
    if (section.name == ".text") add_text(image, section.address, memory);
    if (section.name.rfind(".debug_", 0) != 0 && section.name.rfind(".zdebug_", 0) != 0) continue;
    if (!take_bytes(file, offset, std::min(memory, bytes), &section) || !expand_by_name(&section)) return false;
    image->sections.push_back(std::move(section));
  }
  return true;
}

bool load(const char* path, Image* image) {
  std::ifstream stream(path, std::ios::binary);
  std::string file((std::istreambuf_iterator<char>(stream)), std::istreambuf_iterator<char>());
  uint32_t magic;
  if (!read_at(file, 0, &magic)) return false;
  if (file.compare(0, SELFMAG, ELFMAG) == 0) return load_elf(file, image);
  if (magic == 0xfeedfacf) return load_macho(file, image);
  return file.compare(0, 2, "MZ") == 0 && load_pe(file, image);
}

int section_info(void* object, Dwarf_Half index, Dwarf_Obj_Access_Section* out, int*) {
  const Image& image = *static_cast<Image*>(object);
  if (index >= image.sections.size()) return DW_DLV_NO_ENTRY;
  const Section& section = image.sections[index];
  *out = {};
  out->addr = section.address;
  out->type = SHT_PROGBITS;
  out->size = section.bytes.size();
  out->name = section.name.c_str();
  return DW_DLV_OK;
}
Dwarf_Endianness byte_order(void*) { return DW_OBJECT_LSB; }
Dwarf_Small length_size(void*) { return 4; }
Dwarf_Small pointer_size(void*) { return 8; }
Dwarf_Unsigned section_count(void* object) { return static_cast<Image*>(object)->sections.size(); }
int load_section(void* object, Dwarf_Half index, Dwarf_Small** bytes, int*) {
  Image& image = *static_cast<Image*>(object);
  if (index >= image.sections.size()) return DW_DLV_NO_ENTRY;
  *bytes = reinterpret_cast<Dwarf_Small*>(image.sections[index].bytes.data());
  return DW_DLV_OK;
}

class Walk {
 public:
  Walk(Dwarf_Debug debug, const Image& image) : debug_(debug), image_(image) {}

  const Counts& counts() const { return counts_; }

  void units() {
    for (;;) {
      Dwarf_Error error = nullptr;
      Dwarf_Unsigned length, type_offset, next;
      Dwarf_Off abbrev;
      Dwarf_Half address_size, size, extension, kind;
      Dwarf_Sig8 signature;
      int code = dwarf_next_cu_header_d(debug_, true, &length, &version_, &abbrev, &address_size, &size, &extension,
                                        &signature, &type_offset, &next, &kind, &error);
      if (!answered(code, error, "unit", counts_.units, false)) return;
      counts_.units++;
      Dwarf_Die top = nullptr;
      if (!answered(dwarf_siblingof_b(debug_, nullptr, true, &top, &error), error, "unit DIE", next)) continue;
      lines(top);
      tree(top);
    }
  }

  void frames() {
    Dwarf_Error error = nullptr;
    Dwarf_Cie* cies;
    Dwarf_Fde* fdes;
    Dwarf_Signed cie_count, fde_count;
    int code = dwarf_get_fde_list(debug_, &cies, &cie_count, &fdes, &fde_count, &error);
    if (!answered(code, error, ".debug_frame", 0)) return;
    counts_.frames = static_cast<uint64_t>(fde_count);
    for (Dwarf_Signed i = 0; i < fde_count; i++) rows(fdes[i]);
    dwarf_fde_cie_list_dealloc(debug_, cies, cie_count, fdes, fde_count);
  }

 private:
  void check_text(uint64_t low, uint64_t high, const char* what, uint64_t where) {
    if (low > high || low < image_.text_begin || high > image_.text_end) {
      complain("%s at 0x%llx: [0x%llx, 0x%llx) is not in the text", what, static_cast<unsigned long long>(where),
               static_cast<unsigned long long>(low), static_cast<unsigned long long>(high));
    }
  }

  // Every row of the unwind table of one function.
  void rows(Dwarf_Fde fde) {
    Dwarf_Error error = nullptr;
    Dwarf_Addr low;
    Dwarf_Unsigned length, byte_length;
    Dwarf_Ptr bytes;
    Dwarf_Off cie_offset, offset;
    Dwarf_Signed cie;
    int code = dwarf_get_fde_range(fde, &low, &length, &bytes, &byte_length, &cie_offset, &cie, &offset, &error);
    if (!answered(code, error, "FDE", 0)) return;
    check_text(low, low + length, "FDE", offset);
    for (Dwarf_Addr pc = low; pc < low + length;) {
      Dwarf_Small kind;
      Dwarf_Signed relevant, reg, value;
      Dwarf_Ptr block;
      Dwarf_Addr row, after;
      Dwarf_Bool more;
      code = dwarf_get_fde_info_for_cfa_reg3_b(fde, pc, &kind, &relevant, &reg, &value, &block, &row, &more, &after, &error);
      if (!answered(code, error, "frame row", pc)) return;
      counts_.rows++;
      if (!more || after <= pc) break;
      pc = after;
    }
  }

  void lines(Dwarf_Die top) {
    Dwarf_Error error = nullptr;
    Dwarf_Unsigned version;
    Dwarf_Small tables;
    Dwarf_Line_Context context;
    if (!answered(dwarf_srclines_b(top, &version, &tables, &context, &error), error, "line table", counts_.units, false)) return;
    Dwarf_Line* table;
    Dwarf_Signed count;
    if (answered(dwarf_srclines_from_linecontext(context, &table, &count, &error), error, "lines", counts_.units)) {
      for (Dwarf_Signed i = 0; i < count; i++) {
        Dwarf_Addr address;
        char* file = nullptr;
        if (answered(dwarf_lineaddr(table[i], &address, &error), error, "line address", counts_.units)) {
          check_text(address, address, "line", counts_.units);
        }
        if (answered(dwarf_linesrc(table[i], &file, &error), error, "line's file", counts_.units)) {
          dwarf_dealloc(debug_, file, DW_DLA_STRING);
        }
      }
      counts_.lines += static_cast<uint64_t>(count);
    }
    dwarf_srclines_dealloc_b(context);
  }

  // Depth first without recursion; takes over `top`.
  void tree(Dwarf_Die top) {
    std::vector<Dwarf_Die> open = {top};
    while (!open.empty()) {
      Dwarf_Die die = open.back();
      open.pop_back();
      Dwarf_Error error = nullptr;
      Dwarf_Off offset = 0;
      answered(dwarf_dieoffset(die, &offset, &error), error, "DIE", 0);
      visit(die, offset);
      Dwarf_Die other = nullptr;
      if (die != top && answered(dwarf_siblingof_b(debug_, die, true, &other, &error), error, "sibling", offset, false)) {
        open.push_back(other);
      }
      if (answered(dwarf_child(die, &other, &error), error, "child", offset, false)) open.push_back(other);
      if (die != top) dwarf_dealloc(debug_, die, DW_DLA_DIE);
    }
    dwarf_dealloc(debug_, top, DW_DLA_DIE);
  }

  void visit(Dwarf_Die die, Dwarf_Off offset) {
    counts_.dies++;
    Dwarf_Error error = nullptr;
    Dwarf_Attribute* list;
    Dwarf_Signed count;
    Dwarf_Half tag = 0;
    answered(dwarf_tag(die, &tag, &error), error, "tag", offset);
    if (!answered(dwarf_attrlist(die, &list, &count, &error), error, "attributes", offset, false)) return;
    uint64_t low = 0, high = 0;
    bool bounded = false;
    for (Dwarf_Signed i = 0; i < count; i++) {
      attribute(die, list[i], offset, &low, &high, &bounded);
      dwarf_dealloc(debug_, list[i], DW_DLA_ATTR);
    }
    dwarf_dealloc(debug_, list, DW_DLA_LIST);
    if (tag == DW_TAG_subprogram && bounded) {
      counts_.functions++;
      check_text(low, high, "subprogram", offset);
    }
  }

  void attribute(Dwarf_Die die, Dwarf_Attribute attr, Dwarf_Off offset, uint64_t* low, uint64_t* high, bool* bounded) {
    counts_.attributes++;
    Dwarf_Error error = nullptr;
    Dwarf_Half form = 0, name = 0;
    if (!answered(dwarf_whatattr(attr, &name, &error), error, "attribute", offset) ||
        !answered(dwarf_whatform(attr, &form, &error), error, "form", offset)) {
      return;
    }
    Dwarf_Unsigned number;
    Dwarf_Signed signed_number;
    switch (dwarf_get_form_class(version_, name, 4, form)) {
      case DW_FORM_CLASS_ADDRESS: {
        Dwarf_Addr address;
        if (!answered(dwarf_formaddr(attr, &address, &error), error, "address", offset)) return;
        if (name == DW_AT_low_pc) *low = address;
        if (name == DW_AT_high_pc) *high = address, *bounded = true;
        return;
      }
      case DW_FORM_CLASS_CONSTANT:
        if (form == DW_FORM_sdata) {
          answered(dwarf_formsdata(attr, &signed_number, &error), error, "constant", offset);
        } else if (answered(dwarf_formudata(attr, &number, &error), error, "constant", offset) && name == DW_AT_high_pc) {
          *high = *low + number;
          *bounded = true;
        }
        return;
      case DW_FORM_CLASS_STRING: {
        char* text;
        answered(dwarf_formstring(attr, &text, &error), error, "string", offset);
        return;
      }
      case DW_FORM_CLASS_FLAG: {
        Dwarf_Bool flag;
        answered(dwarf_formflag(attr, &flag, &error), error, "flag", offset);
        return;
      }
      case DW_FORM_CLASS_REFERENCE:
        return reference(attr, offset);
      case DW_FORM_CLASS_BLOCK: {
        Dwarf_Block* block;
        if (answered(dwarf_formblock(attr, &block, &error), error, "block", offset)) dwarf_dealloc(debug_, block, DW_DLA_BLOCK);
        return;
      }
      case DW_FORM_CLASS_EXPRLOC:
      case DW_FORM_CLASS_LOCLIST:
      case DW_FORM_CLASS_LOCLISTPTR:
        return locations(attr, offset);
      case DW_FORM_CLASS_RNGLIST:
      case DW_FORM_CLASS_RANGELISTPTR:
        return ranges(die, attr, form, offset);
      case DW_FORM_CLASS_LINEPTR:
      case DW_FORM_CLASS_ADDRPTR:
      case DW_FORM_CLASS_RNGLISTSPTR:
      case DW_FORM_CLASS_LOCLISTSPTR:
        return;  // read with the unit, or from where they are used
      default:
        // Go's own attributes (DW_AT_go_kind and so on) are numbers, an address (runtime type) or references.
        if (form == DW_FORM_addr) return;
        complain("attribute 0x%x at 0x%llx: form 0x%x has no class", name, static_cast<unsigned long long>(offset), form);
    }
  }

  // The DIE that is referred to must be there.
  void reference(Dwarf_Attribute attr, Dwarf_Off offset) {
    Dwarf_Error error = nullptr;
    Dwarf_Off target;
    Dwarf_Die die = nullptr;
    if (!answered(dwarf_global_formref(attr, &target, &error), error, "reference", offset)) return;
    if (answered(dwarf_offdie_b(debug_, target, true, &die, &error), error, "referenced DIE", offset)) {
      dwarf_dealloc(debug_, die, DW_DLA_DIE);
    }
  }

  void locations(Dwarf_Attribute attr, Dwarf_Off offset) {
    Dwarf_Error error = nullptr;
    Dwarf_Loc_Head_c head;
    Dwarf_Unsigned count;
    if (!answered(dwarf_get_loclist_c(attr, &head, &count, &error), error, "location list", offset)) return;
    for (Dwarf_Unsigned i = 0; i < count; i++) {
      Dwarf_Small kind, source;
      Dwarf_Unsigned raw_low, raw_high, operations, at, list_at;
      Dwarf_Bool unavailable;
      Dwarf_Addr low, high;
      Dwarf_Locdesc_c entry;
      int code = dwarf_get_locdesc_entry_d(head, i, &kind, &raw_low, &raw_high, &unavailable, &low, &high, &operations,
                                           &entry, &source, &at, &list_at, &error);
      if (answered(code, error, "location", offset) && (kind == DW_LLE_offset_pair || kind == DW_LLE_start_end)) {
        check_text(low, high, "location", offset);
      }
      counts_.locations++;
    }
    dwarf_loc_head_c_dealloc(head);
  }

  void ranges(Dwarf_Die die, Dwarf_Attribute attr, Dwarf_Half form, Dwarf_Off offset) {
    Dwarf_Error error = nullptr;
    Dwarf_Unsigned at;
    if (!answered(dwarf_global_formref(attr, &at, &error), error, "ranges", offset)) return;
    if (version_ < 5) {
      Dwarf_Ranges* list;
      Dwarf_Signed size;
      Dwarf_Unsigned bytes;
      if (!answered(dwarf_get_ranges_a(debug_, at, die, &list, &size, &bytes, &error), error, "ranges", offset)) return;
      counts_.ranges += static_cast<uint64_t>(size);
      dwarf_ranges_dealloc(debug_, list, size);
      return;
    }
    Dwarf_Rnglists_Head head;
    Dwarf_Unsigned count, global;
    int code = dwarf_rnglists_get_rle_head(attr, form, at, &head, &count, &global, &error);
    if (!answered(code, error, "range list", offset)) return;
    for (Dwarf_Unsigned i = 0; i < count; i++) {
      unsigned length, kind;
      Dwarf_Unsigned raw_low, raw_high, low, high;
      Dwarf_Bool unavailable = false;
      code = dwarf_get_rnglists_entry_fields_a(head, i, &length, &kind, &raw_low, &raw_high, &unavailable, &low, &high, &error);
      if (answered(code, error, "range", offset) && (kind == DW_RLE_offset_pair || kind == DW_RLE_start_end || kind == DW_RLE_startx_length)) {
        check_text(low, high, "range", offset);
      }
      counts_.ranges++;
    }
    dwarf_dealloc_rnglists_head(head);
  }

  Dwarf_Debug debug_;
  const Image& image_;
  Dwarf_Half version_ = 0;
  Counts counts_;
};

}  // namespace

int main(int argc, char** argv) {
  Image image;
  if (argc != 2 || !load(argv[1], &image)) {
    std::fprintf(stderr, "usage: dwarf_walk IMAGE   (an executable that can be read)\n");
    return 2;
  }
  const Dwarf_Obj_Access_Methods methods = {section_info,  byte_order,   length_size, pointer_size,
                                            section_count, load_section, nullptr};
  Dwarf_Obj_Access_Interface access = {&image, &methods};
  Dwarf_Debug debug = nullptr;
  Dwarf_Error error = nullptr;
  if (!answered(dwarf_object_init_b(&access, nullptr, nullptr, DW_GROUPNUMBER_ANY, &debug, &error), error, "DWARF", 0)) return 1;
  dwarf_set_frame_cfa_value(debug, DW_FRAME_CFA_COL3);
  Walk walk(debug, image);
  walk.units();
  walk.frames();
  const Counts& c = walk.counts();
  auto number = [](uint64_t n) { return static_cast<unsigned long long>(n); };
  std::printf("%llu units, %llu DIEs, %llu attributes, %llu functions, %llu lines, %llu ranges, %llu locations, %llu frames, "
              "%llu frame rows, %d errors\n", number(c.units), number(c.dies), number(c.attributes), number(c.functions),
              number(c.lines), number(c.ranges), number(c.locations), number(c.frames), number(c.rows), errors);
  if (c.frames < c.functions) complain("%llu functions, but %llu frames", number(c.functions), number(c.frames));
  return errors > 0 || c.units == 0 || c.functions == 0 ? 1 : 0;
}
