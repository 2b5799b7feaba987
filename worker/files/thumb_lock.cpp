#include "worker/files/thumb_lock.h"

#include <fcntl.h>

#include <cerrno>
#include <filesystem>
#include <functional>

namespace wombat {

ThumbLock::ThumbLock(const std::string& data_dir, std::string_view thumb_key) {
  const std::string folder = data_dir + "/.notify";
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  file_.reset(::open((folder + "/thumbs.lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  if (!file_) return;
  struct flock lock {};
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  lock.l_start = off_t(std::hash<std::string_view>()(thumb_key) >> 2);
  lock.l_len = 1;
  while (::fcntl(file_.get(), F_OFD_SETLKW, &lock) != 0 && errno == EINTR) {
  }
}

}  // namespace wombat
