# What another program needs to link the engine: find_package(Hookscope) gives Hookscope::engine.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/Hookscope)

install(TARGETS engine EXPORT HookscopeTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT development)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/engine DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/hookscope COMPONENT development
  FILES_MATCHING PATTERN *.h PATTERN kernels/cpu EXCLUDE)
install(EXPORT HookscopeTargets NAMESPACE Hookscope:: DESTINATION ${PACKAGE_DIR} COMPONENT development)

configure_package_config_file(${CMAKE_CURRENT_LIST_DIR}/HookscopeConfig.cmake.in
  ${PROJECT_BINARY_DIR}/HookscopeConfig.cmake INSTALL_DESTINATION ${PACKAGE_DIR})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/HookscopeConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/HookscopeConfig.cmake ${PROJECT_BINARY_DIR}/HookscopeConfigVersion.cmake
  ${CMAKE_CURRENT_LIST_DIR}/FindDnnl.cmake DESTINATION ${PACKAGE_DIR} COMPONENT development)

install(FILES ${PROJECT_BINARY_DIR}/doc/operations.md DESTINATION ${CMAKE_INSTALL_DOCDIR} COMPONENT development OPTIONAL)

if(TARGET hookscope)
  install(TARGETS hookscope RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
endif()
