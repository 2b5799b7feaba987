#include <sodium.h>

#include "writer/bootstrap/system_migrations.h"

namespace wombat {
namespace {

std::string Sha256Hex(std::string_view text) {
  unsigned char hash[crypto_hash_sha256_BYTES];
  crypto_hash_sha256(hash, reinterpret_cast<const unsigned char*>(text.data()), text.size());
  char hex[2 * sizeof(hash) + 1];
  sodium_bin2hex(hex, sizeof(hex), hash, sizeof(hash));
  return hex;
}

}  // namespace

Result<void> ReplaceAlertBodies(Connection& data, std::string_view old_body_sha256, const std::string& body) {
  auto schema = LoadSchema(data, 0);
  if (!schema) return std::unexpected(schema.error());
  for (const CollectionPtr& stored : (*schema)->collections()) {
    if (!stored->is_auth() || Sha256Hex(stored->auth.auth_alert.mail.body) != old_body_sha256) continue;
    Collection changed(*stored);
    changed.auth.auth_alert.mail.body = body;
    if (auto saved = SaveMigrated(data, **schema, std::move(changed), *stored); !saved) return saved;
  }
  return {};
}

}  // namespace wombat
