#include "writer/lane/peer.h"

#include <sys/socket.h>

#include <cerrno>

namespace wombat {
namespace {

// Bytes taken, -1 when the connection is broken.
ssize_t SendSome(int fd, std::string_view bytes) {
  std::size_t total = 0;
  while (total < bytes.size()) {
    ssize_t sent = ::send(fd, bytes.data() + total, bytes.size() - total, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      total += std::size_t(sent);
      continue;
    }
    if (sent < 0 && errno == EINTR) continue;
    if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK)) break;
    return -1;
  }
  return ssize_t(total);
}

}  // namespace

void Peer::Send(std::string_view bytes) {
  std::lock_guard lock(mutex_);
  if (broken_) return;
  if (waiting_.empty()) {
    ssize_t sent = SendSome(fd_.get(), bytes);
    if (sent < 0) {
      broken_ = true;
      return;
    }
    bytes.remove_prefix(std::size_t(sent));
    if (bytes.empty()) return;
  }
  if (waiting_.size() + bytes.size() > kMaxWaiting) {
    broken_ = true;
    waiting_.clear();
    ::shutdown(fd_.get(), SHUT_RDWR);
    return;
  }
  waiting_.append(bytes);
  wake_mover_(fd_.get());
}

bool Peer::Flush() {
  std::lock_guard lock(mutex_);
  if (broken_ || waiting_.empty()) return false;
  ssize_t sent = SendSome(fd_.get(), waiting_);
  if (sent < 0) {
    broken_ = true;
    return false;
  }
  waiting_.erase(0, std::size_t(sent));
  return !waiting_.empty();
}

}  // namespace wombat
