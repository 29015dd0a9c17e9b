# dovetail_library(folder [DEPS folder...] [EXCLUDE regex])
# One static library per top-level folder, named dovetail_<folder>. DEPS are the
# only folders whose headers it may include.
function(dovetail_library folder)
  cmake_parse_arguments(arg "" "EXCLUDE" "DEPS" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cc)
  if(arg_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "${arg_EXCLUDE}")
  endif()
  string(REPLACE "-" "_" name ${folder})
  if(sources)
    add_library(dovetail_${name} STATIC ${sources})
    set(scope PUBLIC)
  else()
    add_library(dovetail_${name} INTERFACE)
    set(scope INTERFACE)
  endif()
  add_library(dovetail::${name} ALIAS dovetail_${name})
  # Installed headers lie in include/dovetail/FOLDER and include one another as "FOLDER/...".
  target_include_directories(dovetail_${name} ${scope} $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}>
    $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}/dovetail>)
  set_target_properties(dovetail_${name} PROPERTIES EXPORT_NAME ${name})
  target_compile_features(dovetail_${name} ${scope} cxx_std_20)
  target_compile_definitions(dovetail_${name} ${scope} OPENSSL_SUPPRESS_DEPRECATED)
  foreach(dep IN LISTS arg_DEPS)
    string(REPLACE "-" "_" dep_name ${dep})
    target_link_libraries(dovetail_${name} ${scope} dovetail_${dep_name})
  endforeach()
  target_link_libraries(dovetail_${name} ${scope}
    absl::flat_hash_map absl::flat_hash_set absl::node_hash_map absl::inlined_vector absl::strings absl::str_format absl::status absl::statusor absl::span absl::function_ref
    OpenSSL::Crypto zstd::libzstd_static Threads::Threads)
endfunction()
