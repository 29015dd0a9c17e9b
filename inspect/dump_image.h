// The sections of `dovetail dump` that tell of a linked image. Each is written into the row that is open.
#pragma once

#include "inspect/dump.h"
#include "inspect/named_image.h"

namespace dovetail::inspect {

void dump_functab(const NamedImage& image, const DumpOptions& options, DumpWriter& w);
void dump_image_funcs(const NamedImage& image, const DumpOptions& options, DumpWriter& w);
void dump_typelinks(const NamedImage& image, const DumpOptions& options, DumpWriter& w);
void dump_itabs(const NamedImage& image, const DumpOptions& options, DumpWriter& w);
void dump_image_types(const NamedImage& image, const DumpOptions& options, DumpWriter& w);

}  // namespace dovetail::inspect
