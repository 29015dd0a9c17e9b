// Linked images: the headers that the system reads, the tables that the runtime walks, debug information.
#pragma once

#include "inspect/verify.h"
#include "objfmt/image_view.h"

namespace dovetail::inspect {

void verify_image(base::Bytes image, Findings* findings);

// Parts of it.
void verify_pe(const objfmt::ImageView& view, Findings* findings);
void verify_go_tables(const objfmt::ImageView& view, Findings* findings);
void verify_image_dwarf(const objfmt::ImageView& view, Findings* findings);

}  // namespace dovetail::inspect
