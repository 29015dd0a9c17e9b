// importcfg.link.
#include <string>
#include <vector>

#include "fuzz/fuzz.h"
#include "loader/importcfg.h"

using namespace dovetail;

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  loader::ImportCfg config;
  std::vector<std::string> modinfo;
  std::string error = config.parse("importcfg.link", std::string(base::as_text({data, size})), &modinfo);
  if (!error.empty()) return 0;
  for (const loader::PackageFile& p : config.packages()) {
    fuzz::touch(p.package), fuzz::touch(p.file);
    fuzz::require(!config.file_of(p.package).empty() || p.file.empty(), "a package of the list is found");
    fuzz::touch(config.shared_library_of(p.package));
  }
  return 0;
}
