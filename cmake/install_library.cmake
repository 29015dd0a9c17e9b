# compiler-emit for compilers (docs/compiler-emit.md): static libraries, headers, a CMake package and a pkg-config file.
include(CMakePackageConfigHelpers)
set(package_dir ${CMAKE_INSTALL_LIBDIR}/cmake/dovetail)
install(TARGETS dovetail_base dovetail_objfmt dovetail_compiler_emit EXPORT dovetail
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT library)
install(EXPORT dovetail NAMESPACE dovetail:: FILE dovetailTargets.cmake DESTINATION ${package_dir} COMPONENT library)
install(DIRECTORY base objfmt compiler-emit DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/dovetail COMPONENT library
  FILES_MATCHING PATTERN "*.h" PATTERN "emit.h" EXCLUDE)
install(FILES compiler-emit/emit.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/dovetail COMPONENT library)

configure_file(cmake/dovetailConfig.cmake.in ${CMAKE_BINARY_DIR}/dovetailConfig.cmake @ONLY)
write_basic_package_version_file(${CMAKE_BINARY_DIR}/dovetailConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_BINARY_DIR}/dovetailConfig.cmake ${CMAKE_BINARY_DIR}/dovetailConfigVersion.cmake
  DESTINATION ${package_dir} COMPONENT library)

# The prefix is wherever the file lies, so that a tree may be moved.
file(RELATIVE_PATH prefix_from_pc /${CMAKE_INSTALL_LIBDIR}/pkgconfig /)
configure_file(cmake/dovetail.pc.in ${CMAKE_BINARY_DIR}/dovetail.pc @ONLY)
install(FILES ${CMAKE_BINARY_DIR}/dovetail.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT library)
