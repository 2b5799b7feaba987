#include "supervisor/control_socket.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

namespace wombat {
namespace {

constexpr int kBacklog = 1024;

sockaddr_un Address(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  memcpy(address.sun_path, path.data(), path.size());
  return address;
}

}  // namespace

Result<ControlSocketPath> FindControlSocket(const std::string& data_dir) {
  const std::string folder = data_dir + "/.notify";
  ControlSocketPath found{folder + "/wombat.sock", {}};
  if (found.path.size() < sizeof(sockaddr_un::sun_path)) return found;
  found.folder.reset(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
  if (!found.folder) return Fail("cannot open " + folder + ": " + strerror(errno));
  found.path = "/proc/self/fd/" + std::to_string(found.folder.get()) + "/wombat.sock";
  return found;
}

Result<ControlSocket> ControlSocket::Listen(const std::string& data_dir) {
  auto where = FindControlSocket(data_dir);
  if (!where) return std::unexpected(where.error());
  const auto failed = [&where](int reason) {
    return Fail("cannot make the control socket " + where->path + ": " + strerror(reason));
  };
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return failed(errno);
  ::unlink(where->path.c_str());
  const sockaddr_un address = Address(where->path);
  // By the mask and not by a later chmod: there must be no moment at which others could connect.
  const mode_t mask = ::umask(0177);
  const int bound = ::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address);
  const int reason = errno;
  ::umask(mask);
  if (bound != 0) return failed(reason);
  if (::listen(fd.get(), kBacklog) != 0) return failed(errno);
  return ControlSocket(std::move(*where), std::move(fd));
}

ControlSocket::~ControlSocket() {
  if (fd_) ::unlink(where_.path.c_str());
}

bool SomebodyListens(const std::string& data_dir) {
  auto where = FindControlSocket(data_dir);
  if (!where) return false;
  UniqueFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const sockaddr_un address = Address(where->path);
  // EAGAIN: the queue of waiting connections is full, so somebody is there.
  return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 || errno == EAGAIN;
}

}  // namespace wombat
