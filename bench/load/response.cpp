#include "bench/load/response.h"

#include <strings.h>

#include <charconv>

namespace wombat::load {
namespace {

bool HasName(std::string_view line, std::string_view name) {
  return line.size() > name.size() && line[name.size()] == ':' &&
         ::strncasecmp(line.data(), name.data(), name.size()) == 0;
}

std::string_view ValueOf(std::string_view line, std::string_view name) {
  line.remove_prefix(name.size() + 1);
  while (!line.empty() && line.front() == ' ') line.remove_prefix(1);
  return line;
}

bool ParseNumber(std::string_view text, int base, std::size_t& out) {
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), out, base);
  return error == std::errc() && end != text.data();
}

}  // namespace

ResponseReader::State ResponseReader::Read(std::string_view buffer) {
  if (!has_head_) {
    const State head = ReadHead(buffer);
    if (head != State::kComplete) return head;
  }
  if (chunked_) return ReadChunks(buffer);
  return buffer.size() >= position_ + length_ ? State::kComplete : State::kIncomplete;
}

ResponseReader::State ResponseReader::ReadHead(std::string_view buffer) {
  const std::size_t end = buffer.find("\r\n\r\n");
  if (end == std::string_view::npos) return State::kIncomplete;
  std::string_view head = buffer.substr(0, end);
  std::size_t status = 0;
  if (!head.starts_with("HTTP/1.1 ") || !ParseNumber(head.substr(9, 3), 10, status)) return State::kBroken;
  status_ = static_cast<int>(status);
  bool has_length = status_ == 204 || status_ == 304;
  while (!head.empty()) {
    const std::size_t eol = head.find("\r\n");
    const std::string_view line = head.substr(0, eol);
    if (HasName(line, "content-length")) {
      if (!ParseNumber(ValueOf(line, "content-length"), 10, length_)) return State::kBroken;
      has_length = true;
    } else if (HasName(line, "transfer-encoding")) {
      chunked_ = ValueOf(line, "transfer-encoding") == "chunked";
    } else if (HasName(line, "connection")) {
      closes_ = ValueOf(line, "connection") == "close";
    }
    head.remove_prefix(eol == std::string_view::npos ? head.size() : eol + 2);
  }
  if (!has_length && !chunked_) return State::kBroken;
  has_head_ = true;
  position_ = end + 4;
  return State::kComplete;
}

ResponseReader::State ResponseReader::ReadChunks(std::string_view buffer) {
  while (true) {
    const std::size_t eol = buffer.find("\r\n", position_);
    if (eol == std::string_view::npos) return State::kIncomplete;
    std::size_t size = 0;
    if (!ParseNumber(buffer.substr(position_, eol - position_), 16, size)) return State::kBroken;
    const std::size_t next = eol + 2 + size + 2;
    if (buffer.size() < next) return State::kIncomplete;
    position_ = next;
    if (size == 0) return State::kComplete;
  }
}

}  // namespace wombat::load
