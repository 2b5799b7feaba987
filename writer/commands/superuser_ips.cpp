#include "writer/commands/superuser_ips.h"

#include "common/settings/settings.h"
#include "writer/mutations/settings_chain.h"

namespace wombat {
namespace {

// "superuserIPs: (0: invalid IP or CIDR subnet; 2: cannot be blank.)."
std::string ErrorText(const ApiError& error) {
  const Json* entries = error.data.Find("superuserIPs");
  if (!entries || !entries->is_object()) return error.log_details.empty() ? error.message : error.log_details;
  std::string text;
  for (const auto& [index, entry] : entries->as_object()) {
    std::string message = entry.StringOr("message");
    if (message.ends_with('.')) message.pop_back();
    if (!message.empty() && message[0] >= 'A' && message[0] <= 'Z') message[0] = char(message[0] - 'A' + 'a');
    text += (text.empty() ? "" : "; ") + index + ": " + message;
  }
  return "superuserIPs: (" + text + ".).";
}

}  // namespace

CommandOutcome SetSuperuserIps(std::span<const std::string> addresses,
                               const std::function<ApiResult<void>(std::function<ApiResult<void>(LaneTransaction&)>)>& submit) {
  auto saved = submit([&](LaneTransaction& tx) -> ApiResult<void> {
    auto settings = LoadSettings(tx.db(), tx.settings().encryption_env);
    if (!settings) return std::unexpected(WriteFailure(settings.error(), settings.error().message));
    settings->superuser_ips.assign(addresses.begin(), addresses.end());
    return SaveSettingsModel(tx, *settings);
  });
  if (!saved) return {1, {}, ErrorText(saved.error())};
  if (addresses.empty()) return {0, "Successfully cleared SuperuserIPs setting!", {}};
  std::string output = "Successfully updated SuperuserIPs setting:";
  for (std::size_t i = 0; i < addresses.size(); ++i)
    output += (i + 1 < addresses.size() ? "\n├─ " : "\n└─ ") + addresses[i];
  return {0, std::move(output), {}};
}

}  // namespace wombat
