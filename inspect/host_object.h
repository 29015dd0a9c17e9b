// Members of archives that are no Go objects and that we do not read: objects of the system's formats, such as the
// .syso files of packages. Only their first bytes are looked at.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"

namespace dovetail::inspect {

struct HostObject {
  std::string_view format;  // "ELF", "Mach-O", "PE"
  std::string machine;      // "amd64", as GOARCH has it, else a number: "machine 0x16"
};

// None if the bytes begin as no such object does. That it is sound is not said.
std::optional<HostObject> recognize_host_object(base::Bytes contents);

// "Mach-O object for arm64, 1234 bytes".
std::string describe_host_object(base::Bytes contents);

}  // namespace dovetail::inspect
