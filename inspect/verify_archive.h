// The archive that objects lie in, as Go's tools write it (objfmt/archive.h).
#pragma once

#include "inspect/verify.h"

namespace dovetail::inspect {

// REQUIRES: objfmt::is_archive(file).
void verify_archive(base::Bytes file, Findings* findings);

}  // namespace dovetail::inspect
