#include "dwarf/lines.h"

#include <deque>

#include "absl/container/flat_hash_map.h"
#include "base/go_path.h"
#include "base/text.h"
#include "dwarf/forms.h"

namespace dovetail::dwarf {

namespace {

constexpr uint8_t kLineBase = 0xfc;  // -4
constexpr uint8_t kLineRange = 10;
constexpr uint8_t kOperands[] = {0, 1, 1, 1, 1, 0, 0, 0, 1, 0};  // of the standard opcodes, from 1

// Whether cleaning (base/go_path.h) would leave this absolute path as it is. Nearly all are like that.
bool is_clean(std::string_view path) {
  if (path.size() < 2 || path[0] != '/' || path.back() == '/') return false;
  for (size_t i = 0; i < path.size(); i++) {
    if (path[i] != '/') continue;
    char next = path[i + 1];
    if (next == '/') return false;
    if (next != '.') continue;
    size_t dots = path.find_first_not_of('.', i + 1);
    if (dots == std::string_view::npos || (path[dots] == '/' && dots - i <= 3)) return false;
  }
  return true;
}

// cmd/link ld/pcln.go expandGoroot, Go 1.26.
std::string expand_file(std::string_view name, std::string_view goroot) {
  constexpr std::string_view kPrefix = "gofile..", kVariable = "$GOROOT";
  if (name.starts_with(kPrefix)) name.remove_prefix(kPrefix.size());
  if (!goroot.empty() && name.size() > kVariable.size() && name.starts_with(kVariable) &&
      (name[kVariable.size()] == '/' || name[kVariable.size()] == '\\')) {
    name.remove_prefix(kVariable.size());
    if (is_clean(goroot) && is_clean(name)) return base::concat(goroot, name);
    return base::join_path({goroot, name});
  }
  return std::string(name);
}

struct File {
  std::string base;
  uint32_t dir;
};

class FileTable {
 public:
  FileTable(const loader::ObjectView& view, std::string_view goroot) {
    add_dir(".");
    files.reserve(view.file_count());
    for (uint32_t i = 0; i < view.file_count(); i++) {
      std::string name = expand_file(view.file(i), goroot);
      if (name.empty()) name = base::concat("<missing>_", i);
      size_t slash = name.rfind('/');
      if (is_clean(name) && slash != 0) {
        files.push_back({name.substr(slash + 1), dir_number(std::string_view(name).substr(0, slash))});
      } else {
        files.push_back({std::string(base::path_base(name)), dir_number(base::path_dir(name))});
      }
    }
  }

  std::deque<std::string> dirs;  // stay where they are
  std::vector<File> files;

 private:
  uint32_t add_dir(std::string_view dir) {
    last_ = static_cast<uint32_t>(dirs.size());
    dirs.emplace_back(dir);
    numbers_.emplace(dirs.back(), last_);
    return last_;
  }
  uint32_t dir_number(std::string_view dir) {
    if (dirs[last_] == dir) return last_;
    auto it = numbers_.find(dir);
    return it == numbers_.end() ? add_dir(dir) : last_ = it->second;
  }

  absl::flat_hash_map<std::string_view, uint32_t, base::TextHash> numbers_;  // asked, never iterated
  uint32_t last_ = 0;
};

class Writer {
 public:
  std::vector<uint8_t> bytes;

  void u8(uint8_t v) { bytes.push_back(v); }
  void u16(uint16_t v) { append(&v, sizeof v); }
  void u32(uint32_t v) { append(&v, sizeof v); }
  void uleb(uint64_t v) {
    uint8_t buffer[10];
    bytes.insert(bytes.end(), buffer, base::write_uleb(buffer, v));
  }
  void text(std::string_view s) {
    bytes.insert(bytes.end(), s.begin(), s.end());
    bytes.push_back(0);
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
  for (const std::string& dir : table.dirs) w.text(dir);
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
    std::string name = expand_file(view.file(i), goroot);
    size_t at = name.find("runtime/proc.go");
    if (at != std::string::npos) return base::concat(name.substr(0, at), "runtime/runtime-gdb.py");
  }
  return "";
}

}  // namespace dovetail::dwarf
