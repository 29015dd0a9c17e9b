#include "inspect/go_tables.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace dovetail::inspect {
namespace {

using base::Bytes;
using objfmt::ImageView;

constexpr size_t kModuleDataSize = 592;
constexpr size_t kHeaderSize = 72;
constexpr uint32_t kPclntabMagic = 0xfffffff1;  // Go 1.20 to 1.26

constexpr std::array<std::string_view, kModuleDataSize / 8> kModuleWords = {"pcHeader",
                                                                            "funcnametab.ptr",
                                                                            "funcnametab.len",
                                                                            "funcnametab.cap",
                                                                            "cutab.ptr",
                                                                            "cutab.len",
                                                                            "cutab.cap",
                                                                            "filetab.ptr",
                                                                            "filetab.len",
                                                                            "filetab.cap",
                                                                            "pctab.ptr",
                                                                            "pctab.len",
                                                                            "pctab.cap",
                                                                            "pclntable.ptr",
                                                                            "pclntable.len",
                                                                            "pclntable.cap",
                                                                            "ftab.ptr",
                                                                            "ftab.len",
                                                                            "ftab.cap",
                                                                            "findfunctab",
                                                                            "minpc",
                                                                            "maxpc",
                                                                            "text",
                                                                            "etext",
                                                                            "noptrdata",
                                                                            "enoptrdata",
                                                                            "data",
                                                                            "edata",
                                                                            "bss",
                                                                            "ebss",
                                                                            "noptrbss",
                                                                            "enoptrbss",
                                                                            "covctrs",
                                                                            "ecovctrs",
                                                                            "end",
                                                                            "gcdata",
                                                                            "gcbss",
                                                                            "types",
                                                                            "etypes",
                                                                            "rodata",
                                                                            "gofunc",
                                                                            "epclntab",
                                                                            "textsectmap.ptr",
                                                                            "textsectmap.len",
                                                                            "textsectmap.cap",
                                                                            "typelinks.ptr",
                                                                            "typelinks.len",
                                                                            "typelinks.cap",
                                                                            "itablinks.ptr",
                                                                            "itablinks.len",
                                                                            "itablinks.cap",
                                                                            "ptab.ptr",
                                                                            "ptab.len",
                                                                            "ptab.cap",
                                                                            "pluginpath.ptr",
                                                                            "pluginpath.len",
                                                                            "pkghashes.ptr",
                                                                            "pkghashes.len",
                                                                            "pkghashes.cap",
                                                                            "inittasks.ptr",
                                                                            "inittasks.len",
                                                                            "inittasks.cap",
                                                                            "modulename.ptr",
                                                                            "modulename.len",
                                                                            "modulehashes.ptr",
                                                                            "modulehashes.len",
                                                                            "modulehashes.cap",
                                                                            "hasmain, bad",
                                                                            "gcdatamask.n",
                                                                            "gcdatamask.bytedata",
                                                                            "gcbssmask.n",
                                                                            "gcbssmask.bytedata",
                                                                            "typemap",
                                                                            "next"};

constexpr std::array<std::string_view, 11> kFuncWords = {"entryOff",
                                                         "nameOff",
                                                         "args",
                                                         "deferreturn",
                                                         "pcsp",
                                                         "pcfile",
                                                         "pcln",
                                                         "npcdata",
                                                         "cuOffset",
                                                         "startLine",
                                                         "funcID, flag, pad, nfuncdata"};
constexpr std::array<std::string_view, 5> kPcdataNames = {"unsafepoint", "stackmap", "inltree", "arglive",
                                                          "panicbounds"};
constexpr std::array<std::string_view, 8> kFuncdataNames = {"argsptrmaps", "localsptrmaps",  "stackobjects",
                                                            "inltree",     "opencodeddefer", "arginfo",
                                                            "argliveinfo", "wrapinfo"};

// [from, to) of the bytes, cut to what is there.
Bytes slice(Bytes b, uint64_t from, uint64_t to) {
  to = std::min<uint64_t>(to, b.size());
  return from >= to ? Bytes{} : b.subspan(from, to - from);
}

bool is_pclntab(Bytes b) {
  return b.size() >= kHeaderSize && base::load32(b.data()) == kPclntabMagic && b[4] == 0 && b[5] == 0;
}

}  // namespace

std::string_view ModuleData::field_at(size_t offset) {
  return offset < kModuleDataSize ? kModuleWords[offset / 8] : std::string_view{};
}

ModuleData ModuleData::find(const ImageView& view) {
  ModuleData m;
  const objfmt::ImageSection* section = view.find(".go.module");
  if (section == nullptr) return m;
  m.bytes = section->bytes.first(std::min(section->bytes.size(), kModuleDataSize));
  m.address = section->addr;
  m.found = m.bytes.size() == kModuleDataSize;
  return m;
}

std::string FuncRecord::field_name(size_t word_index) const {
  if (word_index < kFuncWords.size()) return std::string(kFuncWords[word_index]);
  size_t i = word_index - kFuncWords.size();
  if (i < npcdata()) {
    return base::concat("pcdata[", i, "]", i < kPcdataNames.size() ? " (" : "",
                        i < kPcdataNames.size() ? kPcdataNames[i] : "", i < kPcdataNames.size() ? ")" : "");
  }
  i -= npcdata();
  return base::concat("funcdata[", i, "]", i < kFuncdataNames.size() ? " (" : "",
                      i < kFuncdataNames.size() ? kFuncdataNames[i] : "",
                      i < kFuncdataNames.size() ? ")" : "");
}

Pclntab Pclntab::find(const ImageView& view, const ModuleData& module) {
  Pclntab t;
  Bytes all;
  for (std::string_view name : {".gopclntab", ".data.rel.ro.gopclntab"}) {
    const objfmt::ImageSection* section = view.find(name);
    if (section != nullptr && is_pclntab(section->bytes)) {
      all = section->bytes;
      t.address = section->addr;
      break;
    }
  }
  if (all.empty() && module.found && is_pclntab(view.at(module.word(0)))) {
    all = view.at(module.word(0));
    t.address = module.word(0);
  }
  if (all.empty()) return t;
  t.found = true;
  t.header = all.first(kHeaderSize);
  auto at = [&](size_t i) { return base::load64(t.header.data() + i * 8); };
  t.names_at = at(4), t.cutab_at = at(5), t.filetab_at = at(6), t.pctab_at = at(7), t.funcs_at = at(8);
  uint64_t gofunc = module.gofunc(), findfunc = module.word(0x98);
  t.findfunc_at =
      findfunc > t.address && findfunc - t.address < all.size() ? findfunc - t.address : all.size();
  t.gofunc_at = gofunc > t.address && gofunc - t.address < all.size() ? gofunc - t.address : t.findfunc_at;
  t.names = slice(all, t.names_at, t.cutab_at);
  t.cutab = slice(all, t.cutab_at, t.filetab_at);
  t.filetab = slice(all, t.filetab_at, t.pctab_at);
  t.pctab = slice(all, t.pctab_at, t.funcs_at);
  t.funcs = slice(all, t.funcs_at, t.gofunc_at);
  t.gofunc = slice(all, t.gofunc_at, t.findfunc_at);
  t.findfunc = slice(all, t.findfunc_at, all.size());
  t.count = std::min<uint64_t>(at(1), t.funcs.size() / 8);
  const objfmt::ImageSection* code = view.find(".text");
  t.text = module.found ? module.text() : code != nullptr ? code->addr : 0;
  return t;
}

std::string_view Pclntab::file(const FuncRecord& f, int32_t value) const {
  uint64_t index = uint64_t{f.cu_offset()} + static_cast<uint32_t>(value);
  Bytes entry = base::subrange(cutab, index * 4, 4);
  if (entry.empty() || value < 0) return "?";
  return objfmt::ImageView::string_at(filetab, base::load32(entry.data()));
}

uint32_t Pclntab::entry_off(uint64_t index) const {
  return index * 8 + 4 <= funcs.size() ? base::load32(funcs.data() + index * 8) : 0;
}

FuncRecord Pclntab::func(uint64_t index) const {
  FuncRecord f;
  if (index >= count) return f;
  f.entry_off = entry_off(index);
  f.bytes = slice(funcs, base::load32(funcs.data() + index * 8 + 4), funcs.size());
  return f;
}

std::vector<Itab> find_itabs(const objfmt::ImageView& view, const ModuleData& module) {
  constexpr uint64_t kMethodCountAt = 64, kMostMethods = 1 << 16;
  Bytes table = view.at(module.itabs());
  std::vector<Itab> itabs(std::min<uint64_t>(module.itab_count(), table.size() / 8));
  for (size_t i = 0; i < itabs.size(); i++) {
    Itab& itab = itabs[i];
    itab.address = base::load64(table.data() + i * 8);
    itab.bytes = view.at(itab.address);
    if (!itab.whole()) continue;
    itab.interface = base::load64(itab.bytes.data());
    itab.type = base::load64(itab.bytes.data() + 8);
    itab.hash = base::load32(itab.bytes.data() + 16);
    Bytes methods = view.at(itab.interface + kMethodCountAt, 8);
    if (!methods.empty()) itab.methods = std::min(base::load64(methods.data()), kMostMethods);
  }
  return itabs;
}

std::string_view go_name(Bytes b) {
  if (b.size() < 2) return {};
  const uint8_t* p = b.data() + 1;
  uint64_t length = base::read_uleb(p, b.data() + b.size());
  auto head = static_cast<uint64_t>(p - b.data());
  return base::as_text(base::subrange(b, head, length));
}

}  // namespace dovetail::inspect
