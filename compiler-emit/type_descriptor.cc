#include "compiler-emit/type_descriptor.h"

#include "base/go_text.h"
#include "base/text.h"
#include "compiler-emit/byte_sink.h"
#include "compiler-emit/content_hash.h"

namespace dovetail::emit {
namespace {

using objfmt::RelocKind;

constexpr uint32_t kWord = 8, kCommonSize = 48, kUncommonSize = 16, kFieldSize = 24;
constexpr size_t kMostMaskBytes =
    2048;  // internal/abi MaxPtrmaskBytes: larger masks are made when they are asked for
constexpr uint8_t kUncommon = 1, kExtraStar = 2, kNamed = 4, kRegularMemory = 8, kDirectIface = 32;

bool is_exported(std::string_view name) {
  return !name.empty() && base::is_upper(base::decode_rune(name).value);
}

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
    uint32_t uncommon = t_.kind == TypeKind::kPointer || t_.name.empty() ? 0 : kUncommonSize;
    common(uncommon != 0);
    uint32_t begin = kCommonSize + specific_size();  // of the uncommon part
    specific(begin + uncommon);
    if (uncommon != 0) {
      offset_of(package_symbol(object_, t_.package));
      put(d_.bytes, uint32_t{0});  // no methods
      put(d_.bytes, uncommon + trailing_size());
      put(d_.bytes, uint32_t{0});
    }
    trailing();
    d_.kind = DataKind::kRodata;
    // Types without a name of their own, which any object may have; the runtime looks them up.
    d_.dupok = t_.name.empty();
    d_.typelink = t_.kind == TypeKind::kPointer ||
                  (t_.name.empty() && t_.kind >= TypeKind::kArray && t_.kind != TypeKind::kString &&
                   t_.kind != TypeKind::kUnsafePointer);
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
  void number(uint64_t v) { put(d_.bytes, v); }

  void common(bool uncommon) {
    std::string text = t_.text.empty() ? t_.link_name : t_.text;
    bool star = !text.starts_with('*');
    bool direct = t_.size == kWord && t_.pointers.size() == 1;
    number(t_.size);
    number(t_.pointers.size() * kWord);
    put(d_.bytes, type_hash(t_.link_name));
    put(d_.bytes,
        static_cast<uint8_t>((uncommon ? kUncommon | kNamed : 0) | (star ? kExtraStar : 0) |
                             (t_.regular_memory ? kRegularMemory : 0) | (direct ? kDirectIface : 0)));
    put(d_.bytes, t_.align);
    put(d_.bytes, t_.align);
    put(d_.bytes, static_cast<uint8_t>(t_.kind));
    address_of(t_.equal);
    address_of(pointer_mask(object_, t_.pointers));
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
        return 4 * kWord;
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
        return put(d_.bytes, uint32_t{0});
      case TypeKind::kStruct: {
        bool hidden = false;
        for (const StructField& f : t_.fields) hidden = hidden || !is_exported(f.name);
        address_of(hidden ? package_symbol(object_, t_.package) : SymbolId::kNone);
        address_of(self_, trailing);
        number(t_.fields.size());
        return number(t_.fields.size());
      }
      default:
        return;
    }
  }

  uint32_t trailing_size() const {
    return static_cast<uint32_t>(t_.fields.size()) * kFieldSize +
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
  }

  ObjectBuilder& object_;
  const TypeDescription& t_;
  SymbolId self_;
  Data d_;
};

// What is wrong with a description, or nothing.
std::string_view mistake_in(const TypeDescription& t) {
  bool composite = t.kind == TypeKind::kArray || t.kind == TypeKind::kChan || t.kind == TypeKind::kPointer ||
                   t.kind == TypeKind::kSlice;
  if (t.kind < TypeKind::kBool || t.kind > TypeKind::kUnsafePointer || static_cast<uint8_t>(t.kind) == 20 ||
      static_cast<uint8_t>(t.kind) == 21)
    return "of a kind that is not described here";
  if (t.link_name.empty()) return "no name to link by";
  if (t.align == 0 || (t.align & (t.align - 1)) != 0) return "the alignment is no power of two";
  if (!t.pointers.empty() && !t.pointers.back()) return "the last word of the pointer mask is no pointer";
  if (t.pointers.size() > t.size / kWord) return "the pointer mask is longer than the type";
  if ((t.pointers.size() + 7) / 8 > kMostMaskBytes) return "the pointer mask is too long";
  if (composite && t.element == SymbolId::kNone) return "no element";
  if (t.kind == TypeKind::kArray && t.slice == SymbolId::kNone) return "no slice of the element";
  if (!t.name.empty() && t.kind != TypeKind::kPointer && t.package.empty())
    return "has a name, and no package";
  if (t.kind != TypeKind::kStruct && !t.fields.empty()) return "has fields, and is no struct";
  if (t.kind != TypeKind::kFunc && (!t.parameters.empty() || !t.results.empty()))
    return "has parameters, and is no function";
  if (t.parameters.size() > 0xffff || t.results.size() > 0x7fff) return "too many parameters or results";
  for (const StructField& f : t.fields) {
    if (f.name.empty() || f.type == SymbolId::kNone) return "a field without name or type";
    if (f.offset > t.size) return "a field behind the end";
    if (!is_exported(f.name) && t.package.empty()) return "an unexported field, and no package";
  }
  return {};
}

}  // namespace

SymbolId define_type(ObjectBuilder& object, const TypeDescription& t) {
  std::string symbol = base::concat("type:", t.link_name);
  if (std::string_view mistake = mistake_in(t); !mistake.empty()) {
    object.reject(base::concat("symbol ", symbol), mistake);
    return SymbolId::kNone;
  }
  SymbolId self = object.declare(symbol, Abi::kAbi0, Linkage::kNamed);
  object.define_data(self, Writer(object, t, self).run());
  return self;
}

SymbolId memory_equal(ObjectBuilder& object, uint64_t size) {
  for (uint64_t s : {0, 1, 2, 4, 8, 16}) {
    if (size == s) {
      return object.function_value(object.named(base::concat("runtime.memequal", s * 8), Abi::kInternal));
    }
  }
  std::string name = base::concat("type:.eqfunc", size);
  std::vector<uint8_t> closure;  // the function, and what it captured
  put(closure, uint64_t{0});
  put(closure, size);
  return object.closure(name, object.named("runtime.memequal_varlen", Abi::kInternal), std::move(closure));
}

}  // namespace dovetail::emit
