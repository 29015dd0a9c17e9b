# Everything comes from Debian (script/setup installs it). Static archives are
# linked throughout: an executable that loads Abseil's shared objects needs 3 to
# 15 ms to start, a static one 0.6 ms (Debian bookworm, Abseil 20220623).
find_package(Threads REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(zstd CONFIG REQUIRED)
find_package(nlohmann_json CONFIG REQUIRED)
set(OPENSSL_USE_STATIC_LIBS ON)
find_package(OpenSSL REQUIRED COMPONENTS Crypto)

# Debian's CMake targets name Abseil's .so; the .a lie beside them.
get_property(imported DIRECTORY PROPERTY IMPORTED_TARGETS)
foreach(target IN LISTS imported)
  if(target MATCHES "^absl::")
    get_target_property(shared ${target} IMPORTED_LOCATION_NONE)
    if(shared MATCHES "\\.so")
      string(REGEX REPLACE "\\.so.*$" ".a" archive "${shared}")
      set_target_properties(${target} PROPERTIES IMPORTED_LOCATION_NONE ${archive})
    endif()
  endif()
endforeach()

# libdwarf has neither a CMake config nor a .pc file.
find_path(LIBDWARF_INCLUDE_DIR libdwarf.h PATH_SUFFIXES libdwarf REQUIRED)
find_library(LIBDWARF_ARCHIVE libdwarf.a REQUIRED)
find_library(LIBELF_ARCHIVE libelf.a REQUIRED)
find_library(LIBZ_ARCHIVE libz.a REQUIRED)
add_library(dovetail::libdwarf INTERFACE IMPORTED)
target_include_directories(dovetail::libdwarf SYSTEM INTERFACE ${LIBDWARF_INCLUDE_DIR})
target_link_libraries(dovetail::libdwarf INTERFACE ${LIBDWARF_ARCHIVE} ${LIBELF_ARCHIVE} ${LIBZ_ARCHIVE})

# Capstone's .pc file names the shared object.
find_path(CAPSTONE_INCLUDE_DIR capstone/capstone.h REQUIRED)
find_library(CAPSTONE_ARCHIVE libcapstone.a REQUIRED)
add_library(dovetail::capstone INTERFACE IMPORTED)
target_include_directories(dovetail::capstone SYSTEM INTERFACE ${CAPSTONE_INCLUDE_DIR})
target_link_libraries(dovetail::capstone INTERFACE ${CAPSTONE_ARCHIVE})
