// The writer's other thread: it only moves messages between sockets and queues, and tells the supervisor that it is alive.
#pragma once

#include <functional>
#include <unordered_map>
#include <vector>

#include "common/base/result.h"
#include "common/base/shared_page.h"
#include "common/base/unique_fd.h"
#include "writer/lane/commit_lane.h"
#include "writer/lane/peer.h"

namespace wombat {

class Mover {
 public:
  struct Handlers {
    std::function<void(proto::LogBatch::Reader)> take_logs = {};
    std::function<void(PeerPtr, std::vector<std::string> words)> take_command = {};
    Announcer* announcer = nullptr;
    // What a worker asks the writer itself.
    std::function<void(Peer&, proto::PassOn::Reader)> take_request = {};
    // Between two turns, at least once a second.
    std::function<void()> tick = {};
  };

  // `listener` is a listening Unix socket that this process was handed; it stays the supervisor's.
  Mover(int listener, CommitLane& lane, SharedPage& page, Handlers handlers);

  Result<void> Prepare();
  // Serves until `stop_fd` becomes readable.
  void Run(int stop_fd);

 private:
  void Accept();
  void Receive(const PeerPtr& peer, std::vector<CommitLane::Job>& jobs);
  void Take(const PeerPtr& peer, Frame frame, std::vector<CommitLane::Job>& jobs);
  void FlushWaiting();
  void Watch(int fd, std::uint32_t events, int operation);
  void Close(int fd);
  void Beat();

  int listener_;
  CommitLane& lane_;
  SharedPage& page_;
  Handlers handlers_;
  UniqueFd epoll_;
  UniqueFd wake_;                                  // eventfd: some peer has bytes that wait
  std::mutex wake_mutex_;
  std::vector<int> wants_to_send_;
  std::unordered_map<int, PeerPtr> peers_;
};

}  // namespace wombat
