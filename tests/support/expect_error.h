#pragma once

#include <gtest/gtest.h>

#include <string>

#include "src/core/error.h"

namespace winnow::test {

/// Runs `action`, expects an Error with this code and returns its message ("" after a failure).
template <typename Action>
std::string error_of(ErrorCode code, const Action& action) {
  try {
    action();
  } catch (const Error& e) {
    EXPECT_STREQ(error_name(e.code()), error_name(code)) << e.what();
    return e.what();
  }
  ADD_FAILURE() << "an Error(" << error_name(code) << ") is expected, nothing was thrown";
  return "";
}

}  // namespace winnow::test
