#include "data/check.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <unordered_map>

#include "src/core/error.h"
#include "src/core/interrupt.h"
#include "src/core/parallel.h"
#include "src/core/progress.h"
#include "src/core/text.h"
#include "src/image/codec.h"

namespace winnow {
namespace {

/// What is known of one row after its picture was opened.
struct Finding {
  std::string kind, reason;  // empty kind = usable
  std::string digest;        // SHA-256 of the bytes
  int width = 0, height = 0;
};

/// The message without its "[room] path: " head, which the row already names.
std::string reason_of(const Error& error, const std::string& path) {
  const std::string text = error.what();
  const size_t at = text.find(path + ": ");
  return at == std::string::npos ? text : text.substr(at + path.size() + 2);
}

void reject(Finding& finding, const char* kind, std::string reason) {
  finding.kind = kind;
  finding.reason = std::move(reason);
}

void open_picture(const std::vector<std::byte>& bytes, const Item& item, Finding& finding) {
  ImageHeader header;
  try {
    header = read_image_header(bytes);
  } catch (const Error& error) {
    return reject(finding, "unknown format", reason_of(error, item.path));
  }
  const int64_t pixels = int64_t{header.width} * header.height;
  if (pixels > DecodeOptions().max_pixels)
    return reject(
        finding, "too large",
        "the header claims " + std::to_string(header.width) + " x " + std::to_string(header.height) + " pixels");
  try {
    const Image image = decode_image(bytes, item.path);
    finding.width = image.width;
    finding.height = image.height;
  } catch (const Error& error) {
    return reject(finding, "corrupt", reason_of(error, item.path));
  }
  if (item.box && (item.box->x0 >= finding.width || item.box->y0 >= finding.height))
    reject(finding, "box",
           "the box lies outside the picture of " + std::to_string(finding.width) + " x " +
               std::to_string(finding.height));
}

Finding examine(const Dataset& dataset, const Item& item) {
  Finding finding;
  std::vector<std::byte> bytes;
  try {
    bytes = dataset.store->read(item.path);
  } catch (const Error& error) {
    reject(finding, error.code() == ErrorCode::kNotFound ? "missing" : "unreadable", reason_of(error, item.path));
    return finding;
  }
  if (bytes.empty()) {
    reject(finding, "empty", "the file has no bytes");
    return finding;
  }
  finding.digest = sha256_hex({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  open_picture(bytes, item, finding);
  return finding;
}

std::vector<Finding> examine_all(const Dataset& dataset) {
  const int64_t n = static_cast<int64_t>(dataset.items.size());
  std::vector<Finding> findings(dataset.items.size());
  Progress progress("check", n, "pictures");
  // Rows are handed out one at a time: one huge picture must not hold up a whole block.
  std::atomic<int64_t> cursor{0};
  parallel_for(thread_count(), [&](int64_t, int64_t) {
    for (int64_t i = cursor++; i < n && !interrupted(); i = cursor++) {
      findings[static_cast<size_t>(i)] = examine(dataset, dataset.items[static_cast<size_t>(i)]);
      progress.add();
    }
  });
  if (interrupted()) throw Error(ErrorCode::kInterrupted, "[data check] stopped before the last picture");
  return findings;
}

void count_sizes(const std::vector<Finding>& findings, DataCheck& check) {
  for (const auto& finding : findings) {
    if (!finding.kind.empty()) continue;
    const bool first = check.usable++ == 0;
    check.min_width = first ? finding.width : std::min(check.min_width, finding.width);
    check.min_height = first ? finding.height : std::min(check.min_height, finding.height);
    check.max_width = std::max(check.max_width, finding.width);
    check.max_height = std::max(check.max_height, finding.height);
  }
}

void count_classes(const Dataset& dataset, const std::vector<Finding>& findings, DataCheck& check) {
  std::vector<int64_t> sizes(dataset.label_names.size(), 0);
  for (size_t i = 0; i < findings.size(); ++i) {
    const int64_t label = dataset.items[i].label;
    if (label < 0) ++check.unlabelled;
    if (label >= 0 && findings[i].kind.empty()) ++sizes[static_cast<size_t>(label)];
  }
  check.empty_classes = dataset.empty_classes;
  std::vector<int64_t> filled;
  for (size_t c = 0; c < sizes.size(); ++c) {
    if (sizes[c] == 0) {
      check.empty_classes.push_back(dataset.label_names[c]);
      continue;
    }
    filled.push_back(sizes[c]);
    if (sizes[c] == 1) ++check.singletons;
    if (sizes[c] > check.largest_class_size) {
      check.largest_class_size = sizes[c];
      check.largest_class = dataset.label_names[c];
    }
  }
  std::sort(check.empty_classes.begin(), check.empty_classes.end());
  std::sort(filled.begin(), filled.end());
  check.classes = static_cast<int64_t>(filled.size());
  if (!filled.empty()) check.median_per_class = filled[(filled.size() - 1) / 2];
}

void count_duplicates(const Dataset& dataset, const std::vector<Finding>& findings, DataCheck& check) {
  std::unordered_map<std::string_view, size_t> first_of;
  for (size_t i = 0; i < findings.size(); ++i) {
    if (!findings[i].kind.empty()) continue;
    const auto [at, added] = first_of.try_emplace(findings[i].digest, i);
    const Item& first = dataset.items[at->second];
    // The same path again is another box of one picture.
    if (added || first.path == dataset.items[i].path) continue;
    ++check.duplicates_by_bytes;
    if (first.label != dataset.items[i].label)
      check.same_bytes_two_labels.emplace_back(first.path, dataset.items[i].path);
  }
}

}  // namespace

DataCheck check_dataset(const Dataset& dataset) {
  const auto start = std::chrono::steady_clock::now();
  const std::vector<Finding> findings = examine_all(dataset);
  DataCheck check;
  check.rows = static_cast<int64_t>(dataset.items.size());
  check.notes = dataset.notes;
  for (size_t i = 0; i < findings.size(); ++i)
    if (!findings[i].kind.empty())
      check.rejected.push_back({dataset.items[i].row, dataset.items[i].path, findings[i].reason, findings[i].kind});
  count_sizes(findings, check);
  count_classes(dataset, findings, check);
  count_duplicates(dataset, findings, check);
  check.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return check;
}

}  // namespace winnow
