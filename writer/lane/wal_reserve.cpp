#include "writer/lane/wal_reserve.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "common/base/unique_fd.h"

namespace wombat {

void ReserveWal(const std::string& wal_path) {
  const UniqueFd file(::open(wal_path.c_str(), O_WRONLY | O_CLOEXEC));
  struct stat status {};
  if (!file || ::fstat(file.get(), &status) != 0) return;
  const std::vector<char> zeros(256 * 1024);
  for (long at = status.st_size; at < kReservedWalBytes;) {
    const auto amount = std::min<long>(long(zeros.size()), kReservedWalBytes - at);
    const ssize_t written = ::pwrite(file.get(), zeros.data(), std::size_t(amount), at);
    if (written <= 0) return;
    at += written;
  }
}

}  // namespace wombat
