#include "worker/verify_password.h"

#include <functional>

#include "common/auth/password.h"

namespace wombat {

Task<std::optional<bool>> VerifyOnPool(Runtime& runtime, std::string password, std::string hash) {
  const std::function<bool(PoolThread&)> job = [&](PoolThread&) { return VerifyPassword(password, hash); };
  co_return co_await runtime.hash_pool.Run<bool>(job);
}

}  // namespace wombat
