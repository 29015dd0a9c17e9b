// Parts of `dovetail size`, by kind of member.
#pragma once

#include <vector>

#include "inspect/members.h"
#include "inspect/size.h"

namespace dovetail::inspect {

// Bytes of blocks or sections that are given to symbols, and what is left of each.
class Account {
 public:
  // The number of the new block.
  size_t open(std::string_view name, uint64_t bytes);
  // As much of `bytes` as is left: a damaged object cannot have more symbols than bytes.
  uint64_t take(size_t block, uint64_t bytes);
  // What is left goes under the block's name; where symbols have the names, in brackets.
  void close(SizeBy by, SizeTable* table) const;

 private:
  struct Block {
    std::string name;
    uint64_t left;
  };
  std::vector<Block> blocks_;
};

// Of the object proper, without the text in front of it.
absl::Status measure_goobj(base::Bytes object, SizeBy by, SizeTable* table);
absl::Status measure_dense(base::Bytes object, SizeBy by, SizeTable* table);
// `expanded`: what is compressed in the image, by its expanded bytes.
absl::Status measure_image(base::Bytes image, SizeBy by, SizeTable* table, SizeTable* expanded);

// The package whose object it is; "" if the object does not say (it does where its debug information begins).
std::string object_package(base::Bytes object);
// The package that a symbol of an image belongs to, or what it is: "[types]", "[strings]".
std::string package_of_symbol(std::string_view name);

}  // namespace dovetail::inspect
