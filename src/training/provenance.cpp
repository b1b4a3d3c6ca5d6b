#include "src/training/provenance.h"

#include <nlohmann/json.hpp>

#include "src/core/clock.h"
#include "src/core/json.h"

namespace winnow {

std::string shell_line(const std::vector<std::string>& words) {
  constexpr auto kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-+=./:,@%";
  std::string line;
  for (const auto& word : words) {
    if (!line.empty()) line += ' ';
    if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) {
      line += word;
      continue;
    }
    line += '\'';
    for (const char c : word) line += c == '\'' ? std::string("'\\''") : std::string(1, c);
    line += '\'';
  }
  return line;
}

Provenance::Provenance(fs::path file, const std::vector<std::string>& command, const nlohmann::ordered_json& facts)
    : file_(std::move(file)), document_(std::make_unique<nlohmann::ordered_json>(facts)) {
  auto& sessions = (*document_)["sessions"] = nlohmann::ordered_json::array();
  if (fs::exists(file_))
    for (const auto& session : read_json(file_).value("sessions", nlohmann::json::array()))
      sessions.push_back(nlohmann::ordered_json(session));
  sessions.push_back({{"command", shell_line(command)}, {"start", utc_now()}, {"end", nullptr}, {"status", "running"}});
  write_json_atomically(file_, *document_);
}

Provenance::~Provenance() = default;

void Provenance::end(const std::string& status, int exit_code, const std::string& message) {
  auto& session = (*document_)["sessions"].back();
  session["end"] = utc_now();
  session["status"] = status;
  session["exit_code"] = exit_code;
  if (!message.empty()) session["message"] = message;
  write_json_atomically(file_, *document_);
}

}  // namespace winnow
