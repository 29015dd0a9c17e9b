// What writers of blocks put at their end.
#pragma once

#include "base/byte_sink.h"

namespace dovetail::emit {

using base::put;
using base::put_bytes;
using base::put_sleb;
using base::put_text;
using base::put_uleb;

}  // namespace dovetail::emit
