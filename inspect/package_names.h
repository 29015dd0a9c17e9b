// Names of packages' definitions by their numbers, from the objects that are given together.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "inspect/members.h"
#include "objfmt/any_view.h"

namespace dovetail::inspect {

class PackageNames {
 public:
  // `member`'s bytes outlive this. What is no object, cannot be read, or does not say which package it is (it does
  // where its debug information begins) is passed over; of two objects of one package the first counts.
  void add(const Member& member);
  // "" if the package was not given or has no such definition.
  std::string_view name(std::string_view package, uint32_t number) const;

 private:
  absl::flat_hash_map<std::string, std::unique_ptr<objfmt::AnyView>> packages_;  // asked, never iterated
};

}  // namespace dovetail::inspect
