#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "retrieval/index_edit.h"
#include "retrieval/score_words.h"

namespace winnow {

// What the verbs of `winnow index` print: a JSON document and a text for each result.

nlohmann::ordered_json index_info_json(const IndexInfo& info);
std::string index_info_text(const IndexInfo& info);
nlohmann::ordered_json verification_json(const IndexVerification& result);
std::string verification_text(const IndexVerification& result);
nlohmann::ordered_json migration_json(const Migration& result);
std::string migration_text(const Migration& result);
nlohmann::ordered_json score_words_json(const ScoreWords& words);
std::string score_words_text(const ScoreWords& words);

}  // namespace winnow
