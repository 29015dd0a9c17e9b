#include "compiler-emit/to_goobj.h"

#include <algorithm>

#include "absl/container/node_hash_map.h"
#include "base/text.h"
#include "compiler-emit/byte_sink.h"
#include "compiler-emit/string_order.h"
#include "objfmt/dense/view.h"
#include "objfmt/goobj/layout.h"

namespace dovetail::emit {
namespace {

namespace goobj = objfmt::goobj;
using objfmt::SymRef;
using objfmt::dense::NameCursor;
using objfmt::dense::NameTable;
using objfmt::dense::View;

absl::Status malformed(std::string_view what) {
  return absl::InvalidArgumentError(base::concat("malformed object: ", what));
}

class GoobjWriter {
 public:
  explicit GoobjWriter(const View& v) : v_(v) {}

  absl::StatusOr<std::vector<uint8_t>> run() {
    out_.resize(goobj::kHeaderSize);
    if (absl::Status s = write_strings(); !s.ok()) return s;
    uint32_t symbols = v_.symbol_count(), tools = v_.count(objfmt::dense::kNamedExternals);
    uint32_t packages = symbols + tools, imports = packages + v_.package_count(),
             files = imports + v_.import_count();
    begin(goobj::kAutolib);
    for (uint32_t i = 0; i < v_.import_count(); i++)
      put_string(imports + i), put(out_, v_.import_fingerprint(i));
    begin(goobj::kPkgIdx);
    for (uint32_t i = 0; i < v_.package_count(); i++) put_string(packages + i);
    begin(goobj::kFile);
    for (uint32_t i = 0; i < v_.file_count(); i++) put_string(files + i);
    write_symbols();
    begin(goobj::kRefFlags);
    for (uint32_t i = 0; i < v_.ref_flags_count(); i++) {
      View::RefFlags f = v_.ref_flags(i);
      if (f.external >= v_.count(objfmt::dense::kExternals))
        return malformed(base::concat("flags of reference ", f.external));
      put_ref(v_.external(f.external));
      put(out_, f.flags);
    }
    if (absl::Status s = write_definitions(); !s.ok()) return s;
    begin(goobj::kRefName);
    for (uint32_t i = 0; i < tools; i++) put_ref(v_.external(i)), put_string(symbols + i);
    begin(goobj::kEnd);
    if (out_.size() > UINT32_MAX) return malformed("more than 4 GiB");
    std::copy_n(goobj::kMagic, 8, out_.begin());
    base::store64(&out_[8], v_.fingerprint());
    base::store32(&out_[16], v_.object_flags());
    return std::move(out_);
  }

 private:
  void begin(goobj::Block b) { base::store32(&out_[20 + 4 * b], static_cast<uint32_t>(out_.size())); }
  void put_ref(SymRef ref) { put(out_, ref.pkg), put(out_, ref.sym); }
  void put_string(uint32_t slot) {
    uint32_t text = slots_.text[slot];
    put(out_, static_cast<uint32_t>(texts_[text].size()));
    put(out_, offsets_[text]);
  }

  // Names of slots, space by space; `named` tells which slots have one.
  template <class Named>
  absl::Status add_names(absl::StatusOr<NameTable> table, std::span<const uint32_t> counts, Named&& named) {
    if (!table.ok()) return table.status();
    NameCursor cursor(*table);
    for (uint32_t count : counts) {
      for (; count > 0; count--) {
        std::string_view name;
        if (named(slots_.text.size()) && !cursor.next(&name))
          return malformed(base::concat("name ", slots_.text.size(), " is out of bounds"));
        auto [it, added] = numbers_.try_emplace(std::string(name), static_cast<uint32_t>(texts_.size()));
        if (added) texts_.push_back(it->first);
        slots_.text.push_back(it->second);
      }
      slots_.ends[spaces_++] = static_cast<uint32_t>(slots_.text.size());
    }
    return absl::OkStatus();
  }

  absl::Status write_strings() {
    numbers_.reserve(v_.symbol_count());
    using namespace objfmt::dense;
    const uint32_t symbols[] = {v_.count(kPackageDefs), v_.count(kHashed64Defs), v_.count(kHashedDefs),
                                v_.count(kNamedDefs), v_.count(kNamedRefs)};
    const uint32_t tools[] = {v_.count(kNamedExternals)};
    const uint32_t paths[] = {v_.package_count(), v_.import_count(), v_.file_count()};
    if (absl::Status s =
            add_names(v_.names(), symbols, [&](size_t i) { return v_.has_name(static_cast<uint32_t>(i)); });
        !s.ok())
      return s;
    if (absl::Status s = add_names(v_.tool_names(), tools, [](size_t) { return true; }); !s.ok()) return s;
    if (absl::Status s = add_names(v_.paths(), paths, [](size_t) { return true; }); !s.ok()) return s;
    slots_.texts = static_cast<uint32_t>(texts_.size());
    offsets_.resize(texts_.size());
    for (const StringItem& item : decode_string_order(slots_, v_.block(Block::kResidue))) {
      if (item.unused.empty()) {
        offsets_[item.text] = static_cast<uint32_t>(out_.size());
        put_text(out_, texts_[item.text]);
      } else {
        put_bytes(out_, item.unused);
      }
    }
    return absl::OkStatus();
  }

  void write_symbols() {
    static constexpr goobj::Block kBlocks[] = {goobj::kPkgDef, goobj::kHashed64Def, goobj::kHashedDef,
                                               goobj::kNonPkgDef, goobj::kNonPkgRef};
    uint32_t i = 0;
    for (uint32_t space = 0; space < 5; space++) {
      begin(kBlocks[space]);
      for (uint32_t end = slots_.ends[space]; i < end; i++) {
        put_string(i);
        put(out_, v_.abi(i));
        put(out_, v_.kind(i));
        put(out_, v_.flags(i));
        put(out_, v_.size(i));
        put(out_, v_.align(i));
      }
    }
  }

  absl::Status write_definitions() {
    uint32_t defs = v_.def_count(), first64 = v_.count(objfmt::dense::kPackageDefs);
    begin(goobj::kHash64);
    for (uint32_t i = 0; i < v_.count(objfmt::dense::kHashed64Defs); i++) put(out_, v_.hash64(first64 + i));
    begin(goobj::kHash);
    put_bytes(out_, v_.block(objfmt::dense::Block::kHash));
    std::vector<uint32_t> relocs(defs + 1), auxs(defs + 1), data(defs + 1);
    std::vector<uint8_t> reloc_bytes, aux_bytes, data_bytes;
    // A relocation and an auxiliary symbol take a byte at least, and no byte is there for two definitions: so
    // what is written stays in proportion to what is read.
    using objfmt::dense::Block;
    uint64_t most_relocs = v_.block(Block::kRelocs).size() + v_.block(Block::kDebugRelocs).size(),
             most_auxs = v_.block(Block::kAux).size();
    uint64_t most_data = v_.block(Block::kHash64).size();
    for (Block b : {Block::kText, Block::kData, Block::kMetadata, Block::kDebug})
      most_data += v_.block(b).size();
    for (uint32_t i = 0; i < defs; i++) {
      if (!v_.class_ok(i) || !v_.data_ok(i)) return malformed(base::concat("class or data of symbol ", i));
      if (!v_.streams_ok(i)) return malformed(base::concat("relocations or auxiliary symbols of symbol ", i));
      base::Bytes bytes = v_.data(i);
      for (auto d = v_.relocs(i); !d.done(); d.advance()) {
        const objfmt::Reloc& r = d.current();
        put(reloc_bytes, r.offset);
        put(reloc_bytes, r.size);
        put(reloc_bytes,
            static_cast<uint16_t>(static_cast<uint16_t>(r.kind) | (r.weak ? objfmt::kWeakRelocBit : 0)));
        put(reloc_bytes, r.addend);
        put(reloc_bytes, r.target.pkg);
        put(reloc_bytes, r.target.sym);
      }
      for (auto d = v_.auxs(i); !d.done(); d.advance()) {
        put(aux_bytes, static_cast<uint8_t>(d.current().kind));
        put(aux_bytes, d.current().target.pkg);
        put(aux_bytes, d.current().target.sym);
      }
      put_bytes(data_bytes, bytes);
      if (reloc_bytes.size() / goobj::kRelocSize > most_relocs ||
          aux_bytes.size() / goobj::kAuxSize > most_auxs || data_bytes.size() > most_data) {
        return malformed(base::concat("symbol ", i, " shares its contents with others"));
      }
      relocs[i + 1] = static_cast<uint32_t>(reloc_bytes.size() / goobj::kRelocSize);
      auxs[i + 1] = static_cast<uint32_t>(aux_bytes.size() / goobj::kAuxSize);
      data[i + 1] = static_cast<uint32_t>(data_bytes.size());
    }
    auto write = [&](goobj::Block b, const std::vector<uint32_t>& index) {
      begin(b);
      for (uint32_t v : index) put(out_, v);
    };
    write(goobj::kRelocIdx, relocs);
    write(goobj::kAuxIdx, auxs);
    write(goobj::kDataIdx, data);
    begin(goobj::kReloc);
    put_bytes(out_, reloc_bytes);
    begin(goobj::kAux);
    put_bytes(out_, aux_bytes);
    begin(goobj::kData);
    put_bytes(out_, data_bytes);
    return absl::OkStatus();
  }

  const View& v_;
  std::vector<uint8_t> out_;
  StringSlots slots_;
  uint32_t spaces_ = 0;
  absl::node_hash_map<std::string, uint32_t> numbers_;
  std::vector<std::string_view> texts_;
  std::vector<uint32_t> offsets_;
};

}  // namespace

absl::StatusOr<std::vector<uint8_t>> goobj_from_dense(base::Bytes dense) {
  absl::StatusOr<View> v = View::parse(dense);
  if (!v.ok()) return v.status();
  if (v->bytes().size() != dense.size()) return malformed("bytes behind the object");
  // Names of definitions and references that are found by name come last.
  uint32_t first = v->def_count() - v->count(objfmt::dense::kNamedDefs), named = v->count(objfmt::dense::kNamedSymbols);
  uint64_t hashes = v->block(objfmt::dense::Block::kNameHash).size() / 16;
  if (hashes != named - (first < v->symbol_count() ? v->name_number(first) : named)) return malformed("block name-hash");
  std::vector<std::unique_ptr<uint8_t[]>> storage;
  if (absl::Status s = v->decompress(storage); !s.ok()) return s;
  return GoobjWriter(*v).run();
}

}  // namespace dovetail::emit
