#include "dwarf/lines.h"

#include <cstring>

#include "absl/container/flat_hash_map.h"
#include "base/go_path.h"
#include "base/text.h"
#include "base/text_arena.h"
#include "dwarf/forms.h"

namespace dovetail::dwarf {

namespace {

constexpr uint8_t kLineBase = 0xfc;  // -4
constexpr uint8_t kLineRange = 10;
constexpr uint8_t kOperands[] = {0, 1, 1, 1, 1, 0, 0, 0, 1, 0};  // of the standard opcodes, from 1

struct File {
  std::string_view base;
  uint32_t dir;
};

// Names share their directories, and neighbours mostly do: a directory is expanded once.
class FileTable {
 public:
  FileTable(const loader::ObjectView& view, std::string_view goroot) {
    dir_number(".");
    files.reserve(view.file_count());
    std::string_view last;  // as the object spells it, with the slash
    for (uint32_t i = 0; i < view.file_count(); i++) {
      std::string_view name = view.file(i);
      size_t slash = name.rfind('/') + 1;
      bool plain = slash > 1 && slash < name.size() && name[slash] != '.';
      if (plain && name.substr(0, slash) == last) {
        files.push_back({name.substr(slash), files.back().dir});
        continue;
      }
      last = {};
      std::string path = base::expand_file(name, goroot);
      if (path.empty()) path = base::concat("<missing>_", i);
      uint32_t dir = dir_number(base::path_dir(path));
      if (plain) {
        last = name.substr(0, slash);
        files.push_back({name.substr(slash), dir});
      } else {
        files.push_back({texts_.keep(base::path_base(path)), dir});
      }
    }
  }

  std::vector<std::string_view> dirs;
  std::vector<File> files;

  size_t text_size() const {
    size_t size = 0;
    for (std::string_view dir : dirs) size += dir.size();
    for (const File& f : files) size += f.base.size();
    return size;
  }

 private:
  uint32_t dir_number(std::string_view dir) {
    auto it = numbers_.find(dir);
    if (it != numbers_.end()) return it->second;
    dirs.push_back(texts_.keep(dir));
    uint32_t number = static_cast<uint32_t>(dirs.size() - 1);
    numbers_.emplace(dirs.back(), number);
    return number;
  }

  base::TextArena texts_;
  absl::flat_hash_map<std::string_view, uint32_t, base::TextHash> numbers_;  // asked, never iterated
};

class Writer {
 public:
  std::vector<uint8_t> bytes;

  void u8(uint8_t v) { bytes.push_back(v); }
  void u16(uint16_t v) { append(&v, sizeof v); }
  void u32(uint32_t v) { append(&v, sizeof v); }
  void uleb(uint64_t v) {
    if (v < 0x80) return u8(static_cast<uint8_t>(v));
    uint8_t buffer[10];
    bytes.insert(bytes.end(), buffer, base::write_uleb(buffer, v));
  }
  void text(std::string_view s) {
    size_t at = bytes.size();
    bytes.resize(at + s.size() + 1);
    if (!s.empty()) std::memcpy(&bytes[at], s.data(), s.size());
  }
  void set32(size_t at, uint64_t v) { base::store32(&bytes[at], static_cast<uint32_t>(v)); }

 private:
  void append(const void* p, size_t n) {
    const uint8_t* b = static_cast<const uint8_t*>(p);
    bytes.insert(bytes.end(), b, b + n);
  }
};

void write_tables_v5(Writer& w, const FileTable& table) {
  w.u8(1);
  w.uleb(kLineContentPath);
  w.uleb(kFormString);
  w.uleb(table.dirs.size());
  for (std::string_view dir : table.dirs) w.text(dir);
  w.u8(2);
  w.uleb(kLineContentPath);
  w.uleb(kFormString);
  w.uleb(kLineContentDirectoryIndex);
  w.uleb(kFormUdata);
  // File 0 exists in version 5, but Go counts from 1.
  w.uleb(table.files.size() + 1);
  w.text("?");
  w.uleb(0);
  for (const File& f : table.files) {
    w.text(f.base);
    w.uleb(f.dir);
  }
}

void write_tables_v4(Writer& w, const FileTable& table) {
  for (size_t i = 1; i < table.dirs.size(); i++) w.text(table.dirs[i]);
  w.u8(0);
  for (const File& f : table.files) {
    w.text(f.base);
    w.uleb(f.dir);
    w.u8(0);  // modified
    w.u8(0);  // length
  }
  w.u8(0);
}

}  // namespace

std::vector<uint8_t> line_header(const Program& program, const Target& target, const Unit& unit,
                                 std::string_view goroot) {
  Writer w;
  w.u32(0);  // unit_length
  if (target.version >= 5) {
    w.u16(5);
    w.u8(kPointerSize);
    w.u8(0);  // segment selector
  } else {
    w.u16(2);  // whatever the version of .debug_info
  }
  size_t header_length = w.bytes.size();
  w.u32(0);
  w.u8(1);                            // minimum_instruction_length
  if (target.version >= 5) w.u8(1);   // maximum_operations_per_instruction
  w.u8(1);                            // default_is_stmt
  w.u8(kLineBase);
  w.u8(kLineRange);
  w.u8(sizeof kOperands + 1);         // opcode_base
  for (uint8_t n : kOperands) w.u8(n);
  FileTable table(program.in.objects[unit.object].view, goroot);
  w.bytes.reserve(w.bytes.size() + table.text_size() + 6 * (table.files.size() + table.dirs.size()) + 32);
  if (target.version >= 5) {
    write_tables_v5(w, table);
  } else {
    write_tables_v4(w, table);
  }
  w.set32(header_length, w.bytes.size() - header_length - 4);
  set_line_program_size(w.bytes, 0);
  return std::move(w.bytes);
}

void set_line_program_size(std::vector<uint8_t>& header, uint64_t size) {
  base::store32(header.data(), static_cast<uint32_t>(header.size() - 4 + size));
}

std::string gdb_script(const Program& program, const Unit& unit, std::string_view goroot) {
  if (unit.textless() || program.in.libraries[unit.library].path != "runtime") return "";
  const loader::ObjectView& view = program.in.objects[unit.object].view;
  for (uint32_t i = 0; i < view.file_count(); i++) {
    std::string name = base::expand_file(view.file(i), goroot);
    size_t at = name.find("runtime/proc.go");
    if (at != std::string::npos) return base::concat(name.substr(0, at), "runtime/runtime-gdb.py");
  }
  return "";
}

}  // namespace dovetail::dwarf
