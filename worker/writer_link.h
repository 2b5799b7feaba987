// A worker's connection to the writer: sends mutations, hands each its reply, and survives the writer's death.
//                                                                              design.md, invariant 2; proto/README.md.
//
// Every mutation is kept until it was answered. When the connection breaks, the link connects again (the listening socket
// is the supervisor's, so that works while no writer runs) and sends all unanswered ones in their old order; the writer
// tells repeats apart by their sequence. A client waits meanwhile, and sees no error.
// Belongs to the loop's thread.
#pragma once

#include <uv.h>

#include <coroutine>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "common/app/task.h"
#include "common/records/record.h"
#include "proto/frame.h"

namespace wombat {

class WriterLink {
 public:
  WriterLink(uv_loop_t* loop, std::string socket_path, std::uint32_t worker_index);
  ~WriterLink();

  // `fill` writes the mutation's own part; sequence, generation and auth are the link's. Resumes with the reply's frame
  // (message().getReply()).
  Task<Frame> Send(std::uint64_t schema_generation, const Record* auth, std::function<void(proto::Mutation::Builder)> fill);

  // Never answered, not kept: entries that are on their way when the writer dies are lost (logs are not data).
  // False: no connection at the moment.
  bool SendLogs(std::function<void(proto::LogBatch::Builder)> fill);

  // Whatever else the writer is to know or pass on; not kept. False: no connection at the moment.
  bool SendMessage(std::function<void(proto::Message::Builder)> fill);
  // Of this process; what it says in its hello.
  std::uint64_t incarnation() const { return incarnation_; }
  // What arrives and is no reply; and after each hello, before anything else is sent.
  std::function<void(Frame)> on_message;
  std::function<void()> on_connected;

  std::size_t unanswered() const { return unanswered_.size(); }
  // Writes what gathered, without waiting for the end of the loop turn.
  void FlushNow() { Flush(); }
  void Close();

 private:
  struct Unanswered {
    std::string frame;
    std::coroutine_handle<> waiting;
    std::optional<Frame> reply;
  };
  struct ReplyAwaiter {
    Unanswered* entry;
    bool await_ready() const { return entry->reply.has_value(); }
    void await_suspend(std::coroutine_handle<> handle) { entry->waiting = handle; }
    void await_resume() const {}
  };

  void Connect();
  void Disconnected();
  void Flush();
  void OnRead(std::string_view bytes);
  void TakeReply(Frame frame);

  uv_loop_t* loop_;
  std::string socket_path_;
  std::uint64_t incarnation_;
  std::uint32_t worker_index_;
  std::uint64_t next_sequence_ = 1;
  std::map<std::uint64_t, std::unique_ptr<Unanswered>> unanswered_;

  uv_pipe_t* pipe_ = nullptr;          // null while not connected
  bool writing_ = false;               // a uv_write is under way; what comes meanwhile gathers in outbox_
  std::string outbox_;
  FrameReader frames_;
  std::unique_ptr<char[]> read_buffer_;
  uv_check_t* flush_ = nullptr;        // once a loop turn: all frames of the turn in one write
  uv_timer_t* retry_ = nullptr;
  bool closed_ = false;
};

}  // namespace wombat
