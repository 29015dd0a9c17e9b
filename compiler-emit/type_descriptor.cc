#include "compiler-emit/type_descriptor.h"

#include <algorithm>
#include <tuple>

#include "base/go_text.h"
#include "base/text.h"
#include "compiler-emit/byte_sink.h"
#include "compiler-emit/content_hash.h"
#include "compiler-emit/type_algorithm.h"

namespace dovetail::emit {
namespace {

using objfmt::RelocKind;

constexpr uint32_t kWord = 8, kCommonSize = 48, kUncommonSize = 16, kFieldSize = 24, kInterfaceMethodSize = 8;
// internal/abi MaxPtrmaskBytes: larger masks are made when they are asked for.
constexpr size_t kMostMaskBytes = 2048;
constexpr size_t kMostMethods = 0xffff;
constexpr uint8_t kUncommon = 1, kExtraStar = 2, kNamed = 4, kRegularMemory = 8, kMaskOnDemand = 16,
                  kDirectIface = 32;
constexpr uint32_t kNeedKeyUpdate = 1, kHashMightPanic = 2, kIndirectKey = 4, kIndirectElement = 8;

bool is_exported(std::string_view name) {
  return !name.empty() && base::is_upper(base::decode_rune(name).value);
}

constexpr uint8_t kNameHasPackage = 4;

// A name with its attributes, as internal/abi Name has it.
std::vector<uint8_t> name_bytes(std::string_view name, std::string_view tag, bool exported, bool embedded) {
  std::vector<uint8_t> out(
      1, static_cast<uint8_t>((exported ? 1 : 0) | (tag.empty() ? 0 : 2) | (embedded ? 8 : 0)));
  out.reserve(name.size() + tag.size() + 21);
  put_uleb(out, name.size());
  put_text(out, name);
  if (!tag.empty()) {
    put_uleb(out, tag.size());
    put_text(out, tag);
  }
  return out;
}

SymbolId name_symbol(ObjectBuilder& object, std::string_view name, std::string_view tag, bool exported,
                     bool embedded) {
  std::string symbol =
      base::concat("type:.namedata.", name, exported ? "." : "-", tag, embedded ? ".embedded" : "");
  return object.content_bytes(symbol, name_bytes(name, tag, exported, embedded), false);
}

SymbolId package_symbol(ObjectBuilder& object, std::string_view path) {
  return object.content_bytes(base::concat("type:.importpath.", escape_package_path(path), "."),
                              name_bytes(path, "", false, false), false);
}

// The name of a method, with the package of those that only that one knows and that is not the type's.
SymbolId method_name_symbol(ObjectBuilder& object, const TypeMethod& m, std::string_view type_package) {
  bool exported = is_exported(m.name);
  if (exported || m.package == type_package) return name_symbol(object, m.name, "", exported, false);
  std::string symbol =
      base::concat("type:.namedata.", escape_package_path(m.package), ".", m.name, "-", type_package);
  if (object.declares(symbol)) return object.named(symbol);
  Data d;
  d.kind = DataKind::kRodata;
  d.bytes = name_bytes(m.name, "", false, false);
  d.bytes[0] |= kNameHasPackage;
  d.relocs = {
      {static_cast<uint32_t>(d.bytes.size()), 4, RelocKind::kAddrOff, package_symbol(object, m.package)}};
  put(d.bytes, uint32_t{0});
  d.align = 1;
  d.dupok = true;
  SymbolId id = object.declare(symbol, Abi::kAbi0, Linkage::kContent);
  object.define_data(id, std::move(d));
  return id;
}

SymbolId pointer_mask_on_demand(ObjectBuilder& object, std::string_view link_name) {
  std::string symbol = base::concat("type:.gcmask.", link_name);
  if (object.declares(symbol)) return object.named(symbol);
  Data d;
  d.kind = DataKind::kNoptrdata;
  d.bytes = std::vector<uint8_t>(kWord);
  d.dupok = d.local = true;
  SymbolId id = object.declare(symbol, Abi::kAbi0, Linkage::kNamed);
  object.define_data(id, std::move(d));
  return id;
}

SymbolId pointer_mask(ObjectBuilder& object, const std::vector<bool>& pointers) {
  std::vector<uint8_t> mask((pointers.size() + 63) / 64 * 8);
  std::string name = "runtime.gcbits.";
  for (size_t i = 0; i < pointers.size(); i++) {
    if (pointers[i]) mask[i / 8] = static_cast<uint8_t>(mask[i / 8] | 1u << i % 8);
  }
  for (uint8_t b : mask) name += {"0123456789abcdef"[b >> 4], "0123456789abcdef"[b & 15]};
  return object.content_bytes(name, std::move(mask), true);
}

// A description that grows, with the places of pointers and offsets in it.
class Writer {
 public:
  Writer(ObjectBuilder& object, const TypeDescription& type, SymbolId self)
      : object_(object), t_(type), self_(self) {}

  Data run() {
    uint32_t begin = kCommonSize + specific_size();  // of the uncommon part
    uint32_t uncommon = has_uncommon() ? kUncommonSize : 0;
    common();
    specific(begin + uncommon);
    if (uncommon != 0) uncommon_part(uncommon + trailing_size());
    trailing();
    if (t_.kind != TypeKind::kInterface) methods();
    d_.kind = DataKind::kRodata;
    d_.size = static_cast<uint32_t>(d_.bytes.size());
    if (padded_at_ == d_.bytes.size()) d_.bytes.resize(d_.bytes.size() - sizeof(uint32_t));
    // Types without a name of their own, which any object may have; the runtime looks them up.
    d_.dupok = t_.name.empty() || t_.instance;
    bool composite = t_.kind >= TypeKind::kArray && t_.kind != TypeKind::kInterface &&
                     t_.kind != TypeKind::kString && t_.kind != TypeKind::kUnsafePointer;
    d_.typelink = !t_.no_algorithms && (t_.kind == TypeKind::kPointer || (t_.name.empty() && composite));
    return std::move(d_);
  }

 private:
  void address_of(SymbolId symbol, int64_t addend = 0) {
    if (symbol != SymbolId::kNone)
      d_.relocs.push_back({static_cast<uint32_t>(d_.bytes.size()), kWord, RelocKind::kAddr, symbol, addend});
    put(d_.bytes, uint64_t{0});
  }
  void offset_of(SymbolId symbol, bool weak = false) {
    if (symbol != SymbolId::kNone)
      d_.relocs.push_back({static_cast<uint32_t>(d_.bytes.size()), 4, RelocKind::kAddrOff, symbol, 0, weak});
    put(d_.bytes, uint32_t{0});
  }
  // Four bytes that mean nothing. The Go compiler does not store them at the end, though they count, and the
  // stock linker compares what is stored.
  void pad() {
    put(d_.bytes, uint32_t{0});
    padded_at_ = d_.bytes.size();
  }
  void number(uint64_t v) { put(d_.bytes, v); }

  void method_offset_of(SymbolId symbol) {
    d_.relocs.push_back({static_cast<uint32_t>(d_.bytes.size()), 4, RelocKind::kMethodOff, symbol});
    put(d_.bytes, uint32_t{0});
  }
  bool has_name() const { return t_.kind != TypeKind::kPointer && !t_.name.empty(); }
  bool has_uncommon() const { return has_name() || (t_.kind != TypeKind::kInterface && !t_.methods.empty()); }
  // Of the type, or of what a pointer points to.
  std::string_view package() const {
    return t_.name.empty() ? std::string_view() : std::string_view(t_.package);
  }

  void common() {
    bool on_demand = (t_.pointers.size() + 7) / 8 > kMostMaskBytes;
    std::string text = t_.text.empty() ? t_.link_name : t_.text;
    bool star = !text.starts_with('*');
    bool direct = t_.size == kWord && t_.pointers.size() == 1;
    number(t_.size);
    number(t_.pointers.size() * kWord);
    put(d_.bytes, type_hash(t_.link_name));
    put(d_.bytes, static_cast<uint8_t>((has_uncommon() ? kUncommon : 0) | (has_name() ? kNamed : 0) |
                                       (star ? kExtraStar : 0) | (t_.regular_memory ? kRegularMemory : 0) |
                                       (on_demand ? kMaskOnDemand : 0) | (direct ? kDirectIface : 0)));
    put(d_.bytes, t_.align);
    put(d_.bytes, t_.align);
    put(d_.bytes, static_cast<uint8_t>(t_.kind));
    address_of(t_.equal);
    address_of(on_demand ? pointer_mask_on_demand(object_, t_.link_name)
                         : pointer_mask(object_, t_.pointers));
    offset_of(name_symbol(object_, star ? base::concat("*", text) : text, "", is_exported(t_.name), false));
    offset_of(t_.pointer_to_this, t_.name.empty());
  }

  uint32_t specific_size() const {
    switch (t_.kind) {
      case TypeKind::kArray:
        return 3 * kWord;
      case TypeKind::kChan:
        return 2 * kWord;
      case TypeKind::kFunc:
      case TypeKind::kPointer:
      case TypeKind::kSlice:
        return kWord;
      case TypeKind::kStruct:
      case TypeKind::kInterface:
        return 4 * kWord;
      case TypeKind::kMap:
        return 8 * kWord;
      default:
        return 0;
    }
  }
  // `trailing`: where what stands behind all the rest begins.
  void specific(uint32_t trailing) {
    switch (t_.kind) {
      case TypeKind::kArray:
        address_of(t_.element);
        address_of(t_.slice);
        return number(t_.length);
      case TypeKind::kChan:
        address_of(t_.element);
        return number(t_.direction);
      case TypeKind::kPointer:
      case TypeKind::kSlice:
        return address_of(t_.element);
      case TypeKind::kFunc:
        put(d_.bytes, static_cast<uint16_t>(t_.parameters.size()));
        put(d_.bytes, static_cast<uint16_t>(t_.results.size() | (t_.variadic ? 0x8000u : 0)));
        return pad();
      case TypeKind::kStruct: {
        bool hidden = false;
        for (const StructField& f : t_.fields) hidden = hidden || !is_exported(f.name);
        address_of(hidden ? package_symbol(object_, t_.package) : SymbolId::kNone);
        return slice_at(trailing, t_.fields.size());
      }
      case TypeKind::kInterface:
        address_of(package().empty() ? SymbolId::kNone : package_symbol(object_, package()));
        return slice_at(trailing, t_.methods.size());
      case TypeKind::kMap:
        return map_part();
      default:
        return;
    }
  }

  // Of this very symbol, as a slice.
  void slice_at(uint32_t offset, uint64_t count) {
    address_of(self_, offset);
    number(count);
    number(count);
  }
  void map_part() {
    const MapLayout& m = t_.map;
    for (SymbolId s : {m.key, t_.element, m.group, m.hasher}) address_of(s);
    for (uint64_t n : {m.group_size, m.slot_size, m.element_offset}) number(n);
    put(d_.bytes, (m.need_key_update ? kNeedKeyUpdate : 0) | (m.hash_might_panic ? kHashMightPanic : 0) |
                      (m.indirect_key ? kIndirectKey : 0) | (m.indirect_element ? kIndirectElement : 0));
    pad();
    if (m.underlying != SymbolId::kNone) d_.relocs.push_back({0, 0, RelocKind::kKeep, m.underlying});
  }
  // `offset`: from here to the methods.
  void uncommon_part(uint32_t offset) {
    auto is_public = [](const TypeMethod& m) { return is_exported(m.name); };
    bool no_methods = t_.kind == TypeKind::kInterface;
    offset_of(package().empty() ? SymbolId::kNone : package_symbol(object_, package()));
    put(d_.bytes, static_cast<uint16_t>(no_methods ? 0 : t_.methods.size()));
    put(d_.bytes, static_cast<uint16_t>(
                      no_methods ? 0 : std::count_if(t_.methods.begin(), t_.methods.end(), is_public)));
    put(d_.bytes, offset);
    pad();
  }
  void methods() {
    for (const TypeMethod& m : t_.methods) {
      offset_of(method_name_symbol(object_, m, package()));
      for (SymbolId s : {m.type, m.interface_code, m.code}) method_offset_of(s);
    }
  }

  uint32_t trailing_size() const {
    size_t methods = t_.kind == TypeKind::kInterface ? t_.methods.size() : 0;
    return static_cast<uint32_t>(t_.fields.size()) * kFieldSize +
           static_cast<uint32_t>(methods) * kInterfaceMethodSize +
           static_cast<uint32_t>(t_.parameters.size() + t_.results.size()) * kWord;
  }
  void trailing() {
    for (const StructField& f : t_.fields) {
      address_of(name_symbol(object_, f.name, f.tag, is_exported(f.name), f.embedded));
      address_of(f.type);
      number(f.offset);
    }
    for (SymbolId p : t_.parameters) address_of(p);
    for (SymbolId r : t_.results) address_of(r);
    if (t_.kind != TypeKind::kInterface) return;
    for (const TypeMethod& m : t_.methods) {
      offset_of(method_name_symbol(object_, m, package()));
      offset_of(m.type);
    }
  }

  ObjectBuilder& object_;
  const TypeDescription& t_;
  SymbolId self_;
  Data d_;
  size_t padded_at_ = 0;  // the end of the last padding
};

// What is wrong with methods, or nothing.
std::string_view mistake_in_methods(const TypeDescription& t) {
  bool interface = t.kind == TypeKind::kInterface;
  if (t.methods.size() > kMostMethods) return "too many methods";
  if (!t.methods.empty() && t.name.empty() && t.kind != TypeKind::kStruct && t.kind != TypeKind::kPointer &&
      !interface)
    return "has methods, and no name";
  auto key = [](const TypeMethod& m) {
    bool exported = is_exported(m.name);
    return std::tuple(!exported, std::string_view(m.name),
                      exported ? std::string_view() : std::string_view(m.package));
  };
  for (size_t i = 0; i < t.methods.size(); i++) {
    const TypeMethod& m = t.methods[i];
    if (m.name.empty() || m.type == SymbolId::kNone) return "a method without name or type";
    if (!is_exported(m.name) && m.package.empty()) return "an unexported method, and no package";
    if (interface != (m.code == SymbolId::kNone) || interface != (m.interface_code == SymbolId::kNone))
      return interface ? "an interface's method with code" : "a method without code";
    if (i > 0 && key(t.methods[i - 1]) >= key(m)) return "methods are not in order";
  }
  return {};
}

std::string_view mistake_in_map(const TypeDescription& t) {
  const MapLayout& m = t.map;
  for (SymbolId s : {m.key, t.element, m.group, m.hasher}) {
    if (s == SymbolId::kNone) return "a map without key, element, group or hasher";
  }
  if (!t.name.empty() && m.underlying == SymbolId::kNone) return "has a name, and no map type below it";
  return {};
}

// What is wrong with a description, or nothing.
std::string_view mistake_in(const TypeDescription& t) {
  bool composite = t.kind == TypeKind::kArray || t.kind == TypeKind::kChan || t.kind == TypeKind::kPointer ||
                   t.kind == TypeKind::kSlice;
  if (t.kind < TypeKind::kBool || t.kind > TypeKind::kUnsafePointer) return "of a kind that types have not";
  if (t.link_name.empty()) return "no name to link by";
  if (t.align == 0 || (t.align & (t.align - 1)) != 0) return "the alignment is no power of two";
  if (!t.pointers.empty() && !t.pointers.back()) return "the last word of the pointer mask is no pointer";
  if (t.pointers.size() > t.size / kWord) return "the pointer mask is longer than the type";
  if (composite && t.element == SymbolId::kNone) return "no element";
  if (t.kind == TypeKind::kArray && t.slice == SymbolId::kNone) return "no slice of the element";
  if (!t.name.empty() && t.package.empty()) return "has a name, and no package";
  if (t.no_algorithms && t.equal != SymbolId::kNone) return "has no algorithms, and compares";
  if (t.kind != TypeKind::kStruct && !t.fields.empty()) return "has fields, and is no struct";
  if (t.kind != TypeKind::kFunc && (!t.parameters.empty() || !t.results.empty()))
    return "has parameters, and is no function";
  if (t.parameters.size() > 0xffff || t.results.size() > 0x7fff) return "too many parameters or results";
  for (const StructField& f : t.fields) {
    if (f.name.empty() || f.type == SymbolId::kNone) return "a field without name or type";
    if (f.offset > t.size) return "a field behind the end";
    if (!is_exported(f.name) && t.package.empty() && !t.fields_of_no_package)
      return "an unexported field, and no package";
  }
  if (std::string_view m = t.kind == TypeKind::kMap ? mistake_in_map(t) : ""; !m.empty()) return m;
  return mistake_in_methods(t);
}

}  // namespace

std::string type_symbol_name(const TypeDescription& t) {
  return base::concat(t.no_algorithms ? "type:noalg." : "type:", t.link_name);
}

SymbolId define_type(ObjectBuilder& object, const TypeDescription& t) {
  std::string symbol = type_symbol_name(t);
  if (std::string_view mistake = mistake_in(t); !mistake.empty()) {
    object.reject(base::concat("symbol ", symbol), mistake);
    return SymbolId::kNone;
  }
  SymbolId self = object.declare(symbol, Abi::kAbi0, Linkage::kNamed);
  object.define_data(self, Writer(object, t, self).run());
  return self;
}

namespace {

SymbolId pointer_to(ObjectBuilder& object, SymbolId element, std::string_view link_name,
                    std::string_view text, bool no_algorithms) {
  TypeDescription t;
  t.kind = TypeKind::kPointer;
  t.link_name = base::concat("*", link_name);
  t.text = text.empty() ? "" : base::concat("*", text);
  t.size = t.align = kWord;
  t.pointers = {true};
  t.element = element;
  t.no_algorithms = no_algorithms;
  t.regular_memory = !no_algorithms;
  if (!no_algorithms) t.equal = memory_equal(object, kWord);
  std::string symbol = type_symbol_name(t);
  return object.declares(symbol) ? object.named(symbol) : define_type(object, t);
}

}  // namespace

SymbolId pointer_type(ObjectBuilder& object, SymbolId element, std::string_view link_name,
                      std::string_view text) {
  return pointer_to(object, element, link_name, text, false);
}

SymbolId define_unnamed_type(ObjectBuilder& object, TypeDescription t) {
  std::string symbol = type_symbol_name(t);
  if (t.name.empty() && !t.link_name.empty()) {
    if (object.declares(symbol)) return object.named(symbol);
    if (t.pointer_to_this == SymbolId::kNone && t.kind != TypeKind::kPointer)
      t.pointer_to_this = pointer_to(object, object.named(symbol), t.link_name, t.text, t.no_algorithms);
    return define_type(object, t);
  }
  object.reject(base::concat("symbol ", symbol), "is no type without a name");
  return SymbolId::kNone;
}

}  // namespace dovetail::emit
