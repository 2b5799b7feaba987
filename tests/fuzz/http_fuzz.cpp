// Request heads and chunked bodies, in the pieces that a first byte chooses. What is checked: nothing is read or
// written outside the buffer (sanitizers), views lie inside it, and the way the bytes were cut does not change what was
// understood.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "worker/http/content.h"
#include "worker/http/redirect.h"
#include "worker/http/request_parser.h"

namespace {

using wombat::HttpRequest;
using wombat::RequestParser;

struct Outcome {
  RequestParser::Progress progress = RequestParser::Progress::kNeedMore;
  std::string seen;
};

bool Inside(std::string_view view, const std::vector<char>& buffer) {
  return view.empty() || (view.data() >= buffer.data() && view.data() + view.size() <= buffer.data() + buffer.size());
}

Outcome Read(const std::uint8_t* data, std::size_t size, std::size_t step) {
  RequestParser parser;
  Outcome outcome;
  std::vector<char> buffer;
  std::size_t received = 0;
  while (outcome.progress == RequestParser::Progress::kNeedMore && received < size) {
    const std::size_t next = std::min(step, size - received);
    buffer.insert(buffer.end(), data + received, data + received + next);
    received += next;
    outcome.progress = parser.ParseHead(buffer.data(), buffer.size());
  }
  if (outcome.progress != RequestParser::Progress::kComplete) {
    outcome.seen = std::to_string(parser.error().status);
    return outcome;
  }
  if (parser.head_size() > buffer.size()) std::abort();
  HttpRequest request;
  parser.Fill(buffer.data(), request);
  for (const auto view : {request.method, request.target, request.query})
    if (!Inside(view, buffer)) std::abort();
  outcome.seen.append(request.method).append(" ").append(request.path).append("?").append(request.query);
  for (const auto& header : request.headers) {
    if (!Inside(header.name, buffer) || !Inside(header.value, buffer)) std::abort();
    outcome.seen.append("\n").append(header.name).append(":").append(header.value);
  }
  (void)wombat::CleanPathRedirect(request);
  (void)wombat::ServeBytes(request, "0123456789", {"text/plain", 1'000'000'000, "\"tag\""});
  if (!parser.chunked()) return outcome;

  std::string body;
  const auto sink = [](void* context, const char* piece, std::size_t piece_size) {
    static_cast<std::string*>(context)->append(piece, piece_size);
    return true;
  };
  const char* rest = reinterpret_cast<const char*>(data) + parser.head_size();
  std::size_t left = size - parser.head_size(), consumed = 0;
  auto progress = RequestParser::Progress::kNeedMore;
  while (progress == RequestParser::Progress::kNeedMore && left > 0) {
    const std::size_t next = std::min(step, left);
    progress = parser.ParseChunks(rest, next, sink, &body, consumed);
    if (progress == RequestParser::Progress::kError) break;
    if (consumed > next) std::abort();
    rest += consumed;
    left -= consumed;
  }
  if (progress == RequestParser::Progress::kComplete) outcome.seen.append("\n\n").append(body);
  return outcome;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t step = 1 + data[0] % 64;
  const Outcome whole = Read(data + 1, size - 1, size);
  const Outcome pieces = Read(data + 1, size - 1, step);
  // A malformed line can be noticed before the rest of it is there, so only what was understood is compared.
  if (whole.progress == RequestParser::Progress::kComplete && whole.seen != pieces.seen) std::abort();
  return 0;
}
