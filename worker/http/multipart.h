// Splits a multipart/form-data body (RFC 2046, RFC 7578) while it arrives.                 Behaviour: spec 01 §1.6.
// Nothing is copied and nothing is kept: what cannot be decided yet is left to the caller, who brings it again.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace wombat {

inline constexpr std::size_t kMaxParts = 1000;
// The headers of one part, or a line between two parts.
inline constexpr std::size_t kMaxPartHeadBytes = 128u << 10;

struct MultipartPart {
  std::string name;       // "" when the part has no usable Content-Disposition: callers skip it
  std::string file_name;  // last path segment; "" for a value
  std::string content_type;
  bool quoted_printable = false;
};

// Is told of the parts in their order. An answer of false ends the parsing; the reason is its own.
class MultipartSink {
 public:
  virtual bool OnPart(MultipartPart part) = 0;
  // Still encoded. In one call when the parser was given the body as a whole.
  virtual bool OnContent(std::string_view content) = 0;
  virtual bool OnPartEnd() = 0;

 protected:
  ~MultipartSink() = default;
};

class MultipartParser {
 public:
  // 256 bytes of boundary at most.
  MultipartParser(std::string_view boundary, MultipartSink& sink);

  // `data` is what the last call left, with what has arrived since behind it; `last`: nothing follows. Returns how much
  // of it is done with. What is left has to come again, and is kMaxPartHeadBytes at most.
  std::size_t Parse(std::string_view data, bool last);

  bool failed() const { return state_ == State::kFailed; }
  // For the log. Errors: no boundary line, a part that never ends, a malformed header, more than kMaxParts.
  const std::string& error() const { return error_; }

 private:
  enum class State { kPreamble, kHeaders, kContentStart, kContent, kDelimiter, kEnd, kFailed };
  enum class Headers { kDone, kEnd, kMalformed, kIncomplete };
  enum class Behind { kEnds, kGoesOn, kUnknown };

  // False: nothing more can be decided.
  bool Step();
  bool ReadPreamble();
  bool ReadDelimiter();
  bool StartPart();
  bool StartContent();
  bool ReadContent();
  bool EndPart();
  Headers ReadHeaders(MultipartPart& part);

  bool Fail(std::string error);
  bool WaitForMore();
  bool TakeLine(std::string_view& line);
  bool IsDelimiter(std::string_view line, bool first);
  bool IsFinal(std::string_view line) const;
  Behind BehindBoundary(std::string_view behind) const;
  std::string_view newline() const { return only_lf_ ? std::string_view("\n") : std::string_view("\r\n"); }

  MultipartSink& sink_;
  std::string dashes_, newline_dashes_, error_;
  std::string_view rest_;
  std::size_t parts_ = 0;
  State state_ = State::kPreamble;
  bool last_ = false, only_lf_ = false, saw_newline_ = false, skips_line_ = false;
};

// Decodes quoted-printable text (RFC 2045 §6.7) piece by piece.
class QuotedPrintableDecoder {
 public:
  // Appends what can be decoded so far. False when the text is not quoted-printable.
  bool Decode(std::string_view text, bool last, std::string& decoded);

 private:
  std::string line_;  // the beginning of one that is not complete
};

}  // namespace wombat
