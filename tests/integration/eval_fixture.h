#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "retrieval/embeddings.h"
#include "tests/integration/program.h"
#include "tests/support/temp_dir.h"

namespace winnow::test {

/// Runs the program in a folder of its own, where the protocols' files are made small enough to work out by hand.
class EvalCli : public ::testing::Test {
 protected:
  fs::path at(const std::string& name) const { return dir_ / name; }
  std::string q(const std::string& name) const { return quote(at(name).string()); }
  Outcome run(const std::string& arguments) const { return winnow(arguments, dir_.path()); }
  /// The JSON document of a run that must succeed.
  nlohmann::json json_of(const std::string& arguments) const {
    const Outcome o = run(arguments + " --json");
    EXPECT_EQ(o.exit, 0) << arguments << "\n" << o.err << o.out;
    return o.exit == 0 ? o.json() : nlohmann::json();
  }
  /// What a run that must fail with this exit code says.
  std::string failure(int exit, const std::string& arguments) const {
    const Outcome o = run(arguments);
    EXPECT_EQ(o.exit, exit) << arguments << "\n" << o.err << o.out;
    return o.err;
  }

  struct Row {
    std::string path;
    std::vector<float> vector;
    std::string label = "";
  };
  void embeddings(const std::string& name, const std::vector<Row>& rows) const {
    EmbeddingsInfo info;
    info.model_digest = std::string(64, 'a');
    info.preprocessing_digest = std::string(64, 'b');
    EmbeddingsWriter writer(at(name), static_cast<int64_t>(rows.front().vector.size()),
                            static_cast<int64_t>(rows.size()), info);
    for (size_t i = 0; i < rows.size(); ++i)
      writer.add({static_cast<int64_t>(i), rows[i].path, rows[i].label, {}}, rows[i].vector);
    writer.commit();
  }

  TempDir dir_;
};

}  // namespace winnow::test
