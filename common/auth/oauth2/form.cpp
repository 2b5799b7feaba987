#include "common/auth/oauth2/form.h"

#include "common/base/text.h"

namespace wombat {

std::string FormEncode(std::string_view text) {
  constexpr char kDigits[] = "0123456789ABCDEF";
  constexpr std::string_view kPlain = "-_.~";
  std::string out;
  for (unsigned char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       kPlain.find(char(c)) != kPlain.npos;
    if (plain) out += char(c);
    else if (c == ' ') out += '+';
    else out.append({'%', kDigits[c >> 4], kDigits[c & 15]});
  }
  return out;
}

std::string EncodeForm(const FormPairs& pairs) {
  std::string out;
  for (const auto& [key, value] : pairs) {
    if (!out.empty()) out += '&';
    out.append(FormEncode(key)).append("=").append(FormEncode(value));
  }
  return out;
}

FormPairs DecodeForm(std::string_view text) {
  FormPairs pairs;
  for (std::string_view piece : Split(text, '&')) {
    if (piece.empty()) continue;
    const std::size_t equals = piece.find('=');
    std::string key, value;
    if (!PercentDecode(piece.substr(0, equals), true, key)) continue;
    if (equals != piece.npos && !PercentDecode(piece.substr(equals + 1), true, value)) continue;
    pairs.emplace_back(std::move(key), std::move(value));
  }
  return pairs;
}

}  // namespace wombat
