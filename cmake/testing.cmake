# winnow_test(NAME SOURCES ... LIBS ... LABEL unit|integration|gpu|slow [EACH])
# One binary; one ctest entry, or with EACH one entry a test (for Torch-free binaries, which start at once).
if(WINNOW_BUILD_TESTS)
  enable_testing()
  find_package(GTest QUIET)
  if(NOT GTest_FOUND)
    winnow_missing("GoogleTest" "apt-get install libgtest-dev libgmock-dev")
  endif()
  include(GoogleTest)
endif()

function(winnow_test name)
  cmake_parse_arguments(ARG "EACH" "LABEL;TIMEOUT" "SOURCES;LIBS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE ${ARG_LIBS} GTest::gmock GTest::gtest_main winnow_warnings)
  target_include_directories(${name} PRIVATE "${PROJECT_SOURCE_DIR}")
  target_compile_definitions(${name} PRIVATE
    WINNOW_SOURCE_DIR="${PROJECT_SOURCE_DIR}" WINNOW_BINARY_DIR="${CMAKE_BINARY_DIR}"
    WINNOW_PYTHON="${WINNOW_PYTHON}" WINNOW_VERSION="${PROJECT_VERSION}")
  # Two threads: the smallest count at which parallel code is exercised.
  # Passive: by default libgomp spins at every barrier and starves whatever else runs.
  set(environment "OMP_NUM_THREADS=2;OMP_WAIT_POLICY=passive")
  if(ARG_EACH)
    gtest_discover_tests(${name} DISCOVERY_MODE PRE_TEST
      PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT} ENVIRONMENT OMP_WAIT_POLICY=passive)
  else()
    add_test(NAME ${name} COMMAND ${name})
    set_tests_properties(${name} PROPERTIES LABELS ${ARG_LABEL} TIMEOUT ${ARG_TIMEOUT} ENVIRONMENT "${environment}")
  endif()
endfunction()
