// The rules of docs/dense-object-format.md, asked of one object. Each file of these names tells which part of the page
// it covers.
#pragma once

#include "inspect/verify.h"
#include "objfmt/dense/view.h"

namespace dovetail::inspect {

// Header, directory, sizes of blocks: without a view, since these rules are what opening one asks for. False if the
// object cannot be opened after this.
bool verify_dense_layout(base::Bytes object, Findings* findings);

// REQUIRES for all below: the view is of an object without findings so far, with its blocks decompressed.

// Classes, sizes, places of data, wide values, rank tables.
void verify_dense_columns(const objfmt::dense::View& view, Findings* findings);
// Families of definitions, after what refers to them. REQUIRES: no finding from streams.
void verify_dense_families(const objfmt::dense::View& view, Findings* findings);
// Name tables; hashes and tags of names; name classes.
void verify_dense_names(const objfmt::dense::View& view, Findings* findings);
// Index tables, edges, relocations, auxiliary symbols, externals.
void verify_dense_streams(const objfmt::dense::View& view, Findings* findings);
// The way to goobj and back gives the same blocks.
void verify_dense_canonical(const objfmt::dense::View& view, Findings* findings);

inline std::string_view block_name(objfmt::dense::Block b) {
  return objfmt::dense::kBlockNames[static_cast<uint32_t>(b)];
}

}  // namespace dovetail::inspect
