#include "writer/lane/mover.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>

#include "proto/values.h"

namespace wombat {
namespace {

constexpr int kBeatMs = 1000;
// A single group that takes longer than this is not work but a hang: the process stops beating and is replaced. Generous,
// because a cascade over millions of rows or a table conversion is work.
constexpr std::int64_t kLaneHangMs = 300'000;
constexpr std::size_t kReadBytes = 256 * 1024;

}  // namespace

Mover::Mover(int listener, CommitLane& lane, SharedPage& page, Handlers handlers)
    : listener_(listener), lane_(lane), page_(page), handlers_(std::move(handlers)) {}

Result<void> Mover::Prepare() {
  epoll_ = UniqueFd(::epoll_create1(EPOLL_CLOEXEC));
  wake_ = UniqueFd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!epoll_ || !wake_) return Fail(std::strerror(errno));
  if (listener_ >= 0) Watch(listener_, EPOLLIN, EPOLL_CTL_ADD);
  Watch(wake_.get(), EPOLLIN, EPOLL_CTL_ADD);
  return {};
}

void Mover::Watch(int fd, std::uint32_t events, int operation) {
  epoll_event event{};
  event.events = events;
  event.data.fd = fd;
  ::epoll_ctl(epoll_.get(), operation, fd, &event);
}

void Mover::Run(int stop_fd) {
  Watch(stop_fd, EPOLLIN, EPOLL_CTL_ADD);
  std::vector<CommitLane::Job> jobs;
  epoll_event events[64];
  for (;;) {
    Beat();
    if (handlers_.tick) handlers_.tick();
    int count = ::epoll_wait(epoll_.get(), events, std::size(events), kBeatMs);
    bool stop = false;
    for (int i = 0; i < count; i++) {
      int fd = events[i].data.fd;
      if (fd == stop_fd) {
        stop = true;
      } else if (fd == listener_) {
        Accept();
      } else if (fd == wake_.get()) {
        FlushWaiting();
      } else if (auto at = peers_.find(fd); at != peers_.end()) {
        PeerPtr peer = at->second;
        if ((events[i].events & EPOLLOUT) && !peer->Flush()) Watch(fd, EPOLLIN, EPOLL_CTL_MOD);
        if (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR)) Receive(peer, jobs);
      }
    }
    if (!jobs.empty()) {
      lane_.Push(std::move(jobs));
      jobs.clear();
    }
    if (stop) break;
  }
  Watch(stop_fd, 0, EPOLL_CTL_DEL);
}

void Mover::Accept() {
  // The listener may be a blocking socket: one a wake-up, epoll tells again while more wait.
  UniqueFd fd(::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd) return;
  int raw = fd.get();
  peers_[raw] = std::make_shared<Peer>(std::move(fd), [this](int wants) {
    {
      std::lock_guard lock(wake_mutex_);
      wants_to_send_.push_back(wants);
    }
    std::uint64_t one = 1;
    (void)!::write(wake_.get(), &one, sizeof one);
  });
  Watch(raw, EPOLLIN, EPOLL_CTL_ADD);
}

void Mover::Receive(const PeerPtr& peer, std::vector<CommitLane::Job>& jobs) {
  thread_local std::vector<char> buffer(kReadBytes);
  ssize_t n = ::read(peer->fd(), buffer.data(), buffer.size());
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n <= 0) return Close(peer->fd());
  bool understood = peer->frames.Feed({buffer.data(), std::size_t(n)},
                                      [&](Frame frame) { Take(peer, std::move(frame), jobs); });
  if (!understood) Close(peer->fd());
}

void Mover::Take(const PeerPtr& peer, Frame frame, std::vector<CommitLane::Job>& jobs) {
  auto message = frame.message();
  switch (message.which()) {
    case proto::Message::HELLO:
      peer->incarnation = message.getHello().getIncarnation();
      peer->said_hello = true;
      if (handlers_.announcer && message.getHello().getTakesEvents())
        handlers_.announcer->Connected(peer, message.getHello().getWorkerIndex());
      break;
    case proto::Message::MUTATION:
      if (peer->said_hello) jobs.push_back(CommitLane::FromWorker{peer, std::move(frame)});
      break;
    case proto::Message::SESSION:
      if (!peer->said_hello) break;
      if (message.getSession().isBegin()) jobs.push_back(CommitLane::FromWorker{peer, std::move(frame)});
      else lane_.PushSessionCall({peer, std::move(frame)});
      break;
    case proto::Message::LOG_BATCH:
      if (handlers_.take_logs) handlers_.take_logs(message.getLogBatch());
      break;
    case proto::Message::COMMAND: {
      std::vector<std::string> words;
      for (auto word : message.getCommand().getWords()) words.emplace_back(View(word));
      if (handlers_.take_command) handlers_.take_command(peer, std::move(words));
      break;
    }
    case proto::Message::TOPIC_MESSAGE:
      if (handlers_.announcer) handlers_.announcer->SendTopicMessage(message.getTopicMessage());
      break;
    case proto::Message::PASS_ON:
      if (message.getPassOn().getToWorker() == kToWriter) {
        if (handlers_.take_request) handlers_.take_request(*peer, message.getPassOn());
      } else if (handlers_.announcer) handlers_.announcer->PassOn(peer, message.getPassOn());
      break;
    case proto::Message::PASS_ON_REPLY:
      if (handlers_.announcer) handlers_.announcer->PassOnReply(message.getPassOnReply());
      break;
    case proto::Message::CHANGES:
    case proto::Message::REPLY:
    case proto::Message::SESSION_REPLY:
    case proto::Message::COMMAND_REPLY: break;          // the writer's own words
  }
}

void Mover::FlushWaiting() {
  std::uint64_t count;
  (void)!::read(wake_.get(), &count, sizeof count);
  std::vector<int> wants;
  {
    std::lock_guard lock(wake_mutex_);
    wants.swap(wants_to_send_);
  }
  for (int fd : wants)
    if (auto at = peers_.find(fd); at != peers_.end() && at->second->Flush()) Watch(fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
}

void Mover::Close(int fd) {
  ::epoll_ctl(epoll_.get(), EPOLL_CTL_DEL, fd, nullptr);
  if (auto at = peers_.find(fd); at != peers_.end()) {
    at->second->gone = true;
    if (handlers_.announcer) handlers_.announcer->Gone(*at->second);
    lane_.WakeSession();
    if (at->second->said_hello) lane_.SweepFilesSoon();
  }
  peers_.erase(fd);      // jobs of this peer that still wait keep it alive and are applied: they may be sent again later
}

void Mover::Beat() {
  std::int64_t busy_since = lane_.busy_since_ms();
  std::int64_t now = MonotonicMs();
  if (busy_since != 0 && now - busy_since > kLaneHangMs) return;
  page_.writer.last_beat_ms.store(now, std::memory_order_relaxed);
}

}  // namespace wombat
