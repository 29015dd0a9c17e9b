#include "inspect/size.h"

#include <algorithm>

#include "inspect/host_object.h"
#include "inspect/size_parts.h"
#include "objfmt/archive.h"

namespace dovetail::inspect {

using base::concat;

void SizeTable::add(std::string_view name, uint64_t bytes, uint64_t count) {
  SizeRow& row = rows_[base::to_absl(name)];
  if (row.name.empty()) row.name = name;
  row.bytes += bytes;
  row.count += count;
}

std::vector<SizeRow> SizeTable::rows() const {
  std::vector<SizeRow> rows;
  rows.reserve(rows_.size());
  for (const auto& [name, row] : rows_) rows.push_back(row);
  std::sort(rows.begin(), rows.end(), [](const SizeRow& a, const SizeRow& b) {
    return a.bytes != b.bytes ? a.bytes > b.bytes : a.name < b.name;
  });
  return rows;
}

size_t Account::open(std::string_view name, uint64_t bytes) {
  blocks_.push_back({std::string(name), bytes});
  return blocks_.size() - 1;
}

uint64_t Account::take(size_t block, uint64_t bytes) {
  uint64_t taken = std::min(bytes, blocks_[block].left);
  blocks_[block].left -= taken;
  return taken;
}

void Account::close(SizeBy by, SizeTable* table) const {
  for (const Block& b : blocks_) {
    if (b.left != 0) table->add(by == SizeBy::kBlock ? b.name : concat("[", b.name, "]"), b.left);
  }
}

namespace {

absl::Status measure_object(const Member& member, SizeBy by, SizeTable* table) {
  if (!member.text.empty()) table->add("[text in front of objects]", member.text.size());
  bool dense = member.kind == MemberKind::kDense;
  return dense ? measure_dense(member.object, by, table) : measure_goobj(member.object, by, table);
}

absl::Status measure_member(const Member& member, SizeBy by, SizeTable* table, SizeTable* expanded) {
  if (member.kind == MemberKind::kImage) return measure_image(member.object, by, table, expanded);
  if (member.kind != MemberKind::kHost) return measure_object(member, by, table);
  std::optional<HostObject> host = recognize_host_object(member.object);
  std::string format = host ? concat(host->format, " object for ", host->machine, " ") : "";
  return table->add(concat("[", format, member.name, "]"), member.object.size()), absl::OkStatus();
}

// An archive is one package's; objects from the assembler do not say whose.
std::string package_of(const std::vector<Member>& members) {
  for (const Member& m : members) {
    if (m.kind == MemberKind::kImage || m.kind == MemberKind::kHost) continue;
    if (std::string package = object_package(m.object); !package.empty()) return package;
  }
  return "[package not known]";
}

}  // namespace

absl::Status measure_file(base::Bytes file, SizeBy by, SizeTable* table, SizeTable* expanded) {
  absl::StatusOr<std::vector<Member>> members = list_members(file);
  if (!members.ok()) return members.status();
  bool image = members->size() == 1 && members->front().object.size() == file.size();
  if (by == SizeBy::kPackage && !image) return table->add(package_of(*members), file.size()), absl::OkStatus();
  uint64_t rest = file.size();
  for (const Member& m : *members) {
    if (absl::Status s = measure_member(m, by, table, expanded); !s.ok()) return s;
    rest -= m.text.size() + m.object.size();
  }
  if (!objfmt::is_archive(file)) return absl::OkStatus();
  objfmt::ArchiveReader reader(file);
  uint64_t export_data = 0;
  while (auto member = reader.next()) {
    if (member->name == "__.PKGDEF") export_data += member->contents.size();
  }
  if (export_data != 0) table->add("[export data]", export_data);
  table->add("[archive headers]", rest - export_data);
  return absl::OkStatus();
}

}  // namespace dovetail::inspect
