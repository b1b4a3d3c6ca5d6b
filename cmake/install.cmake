# make install: the program, headers and a CMake package with components search (no Torch) and train.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

# winnow::search and winnow::train are what users link.
add_library(winnow_search INTERFACE)
target_link_libraries(winnow_search INTERFACE winnow_retrieval winnow_evaluation)
set_target_properties(winnow_search PROPERTIES EXPORT_NAME search)
add_library(winnow::search ALIAS winnow_search)

# FAISS is linked statically; its archive travels with the package.
if(_faiss_lib)
  install(FILES "${_faiss_lib}" DESTINATION ${CMAKE_INSTALL_LIBDIR}/winnow RENAME libfaiss.a COMPONENT search)
endif()

install(TARGETS winnow_search winnow_core winnow_config winnow_evaluation winnow_retrieval EXPORT winnow_search
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT search)
install(EXPORT winnow_search NAMESPACE winnow:: FILE winnow-search.cmake
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/winnow COMPONENT search)
foreach(_room IN ITEMS src/core src/config src/evaluation retrieval)
  install(DIRECTORY ${_room}/ DESTINATION include/winnow/${_room} COMPONENT search FILES_MATCHING PATTERN "*.h")
endforeach()

if(WINNOW_WITH_TORCH)
  add_library(winnow_train INTERFACE)
  target_link_libraries(winnow_train INTERFACE winnow_training winnow_search)
  set_target_properties(winnow_train PROPERTIES EXPORT_NAME train)
  add_library(winnow::train ALIAS winnow_train)
  install(TARGETS winnow_train winnow_image winnow_data winnow_labels winnow_tensor winnow_losses winnow_models winnow_training
    EXPORT winnow_train ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR} COMPONENT train)
  install(EXPORT winnow_train NAMESPACE winnow:: FILE winnow-train.cmake
    DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/winnow COMPONENT train)
  foreach(_room IN ITEMS src/image src/labels src/tensor src/models src/training data losses)
    install(DIRECTORY ${_room}/ DESTINATION include/winnow/${_room} COMPONENT train FILES_MATCHING PATTERN "*.h")
  endforeach()
  install(TARGETS winnow RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR} COMPONENT program)
  install(DIRECTORY configs/ DESTINATION ${CMAKE_INSTALL_DATADIR}/winnow/configs COMPONENT program)
endif()

configure_package_config_file(cmake/winnowConfig.cmake.in "${CMAKE_BINARY_DIR}/winnowConfig.cmake"
  INSTALL_DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/winnow)
write_basic_package_version_file("${CMAKE_BINARY_DIR}/winnowConfigVersion.cmake" COMPATIBILITY SameMinorVersion)
install(FILES "${CMAKE_BINARY_DIR}/winnowConfig.cmake" "${CMAKE_BINARY_DIR}/winnowConfigVersion.cmake"
  DESTINATION ${CMAKE_INSTALL_LIBDIR}/cmake/winnow COMPONENT search)
