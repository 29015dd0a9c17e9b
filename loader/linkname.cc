#include "loader/linkname.h"

#include <algorithm>

#include "base/text.h"
#include "loader/go_text.h"

namespace dovetail::loader {
namespace {

constexpr uint64_t kOrder = uint64_t{2} << 40;
constexpr std::string_view kFrozenFips = "crypto/internal/fips140/v";

// crypto/internal/fips140/vX.Y.Z/... stands for crypto/internal/fips140/...
std::string unfrozen(std::string_view package) {
  std::vector<std::string_view> parts = split(package, '/');
  std::string out;
  for (size_t i = 0; i < parts.size(); i++) {
    if (i == 3) continue;
    if (!out.empty()) out += '/';
    out += parts[i];
  }
  return out;
}

enum class Verdict { kAllowed, kRefused, kNotListed };

// The release's table of names that only listed packages may use.
Verdict check_blocked(const Release& release, std::string_view package, std::string_view name) {
  auto [begin, end] = std::equal_range(
      release.blocked_linknames.begin(), release.blocked_linknames.end(), BlockedLinkname{name, {}},
      [](const BlockedLinkname& a, const BlockedLinkname& b) { return a.name < b.name; });
  if (begin == end) return Verdict::kNotListed;
  for (auto it = begin; it != end; ++it) {
    if (it->package.empty()) continue;
    if (it->package == package) return Verdict::kAllowed;
    if (package.starts_with(kFrozenFips) && it->package == unfrozen(package)) return Verdict::kAllowed;
  }
  return Verdict::kRefused;
}

}  // namespace

// cmd/link loader/loader.go checkLinkname, Go 1.26.
void check_linknames(Services& sv, const Inputs& in, const Resolution& res, const std::vector<uint32_t>& slots) {
  const Release& release = sv.options.release ? *sv.options.release : newest_release();
  for (uint32_t raw : slots) {
    Slot from = in.slot(static_cast<RawId>(raw));
    std::string_view name = in.objects[from.object].view.name(from.local);
    // A variable without a dot in its name is no Go symbol.
    if (raw < in.first_ref_raw && name.find('.') == std::string_view::npos) continue;
    std::string_view package = in.library_of(from.object).path;
    Verdict verdict = check_blocked(release, package, name);
    if (verdict == Verdict::kAllowed) continue;
    if (verdict == Verdict::kNotListed) {
      RawId canonical = res.canonical(static_cast<RawId>(raw));
      if (res.is_reference(canonical)) continue;  // nobody in Go defines it
      Slot def = res.content(in, canonical);
      const ObjectView& view = in.objects[def.object].view;
      // Outside std, from the same package, or pushed by the definition.
      if (!view.std() || in.library_of(def.object).path == package) continue;
      if (view.flags(def.local) & (objfmt::SymFlags::kLinkname | objfmt::SymFlags::kAbiWrapper)) continue;
    }
    return sv.diag.fatal(kOrder + raw, base::concat(package, ": invalid reference to ", name));
  }
}

}  // namespace dovetail::loader
