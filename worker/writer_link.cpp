#include "worker/writer_link.h"

#include <cstdio>

#include "common/base/random.h"
#include "proto/connect.h"
#include "proto/values.h"

namespace wombat {
namespace {

constexpr std::size_t kReadBytes = 256 * 1024;
constexpr std::uint64_t kRetryMs = 20;

template <class Handle>
void CloseAndDelete(Handle* handle) {
  uv_close(reinterpret_cast<uv_handle_t*>(handle), [](uv_handle_t* closed) { delete reinterpret_cast<Handle*>(closed); });
}

}  // namespace

WriterLink::WriterLink(uv_loop_t* loop, std::string socket_path, std::uint32_t worker_index)
    : loop_(loop), socket_path_(std::move(socket_path)), incarnation_(RandomU64() | 1), worker_index_(worker_index),
      read_buffer_(new char[kReadBytes]), flush_(new uv_check_t), retry_(new uv_timer_t) {
  uv_check_init(loop_, flush_);
  flush_->data = this;
  uv_check_start(flush_, [](uv_check_t* check) { static_cast<WriterLink*>(check->data)->Flush(); });
  uv_unref(reinterpret_cast<uv_handle_t*>(flush_));
  uv_timer_init(loop_, retry_);
  retry_->data = this;
  Connect();
}

WriterLink::~WriterLink() { Close(); }

void WriterLink::Close() {
  if (closed_) return;
  closed_ = true;
  if (pipe_) CloseAndDelete(std::exchange(pipe_, nullptr));
  CloseAndDelete(flush_);
  CloseAndDelete(retry_);
}

Task<Frame> WriterLink::Send(std::uint64_t schema_generation, const Record* auth,
                             std::function<void(proto::Mutation::Builder)> fill) {
  std::uint64_t sequence = next_sequence_++;
  auto& entry = unanswered_[sequence];
  entry = std::make_unique<Unanswered>();
  {
    alignas(capnp::word) char scratch[8192] = {};
    capnp::MallocMessageBuilder builder(kj::arrayPtr(reinterpret_cast<capnp::word*>(scratch), sizeof scratch / sizeof(capnp::word)));
    auto mutation = builder.initRoot<proto::Message>().initMutation();
    mutation.setSequence(sequence);
    mutation.setSchemaGeneration(schema_generation);
    if (auth) {
      auto who = mutation.initAuth();
      who.setCollectionId(ToText(auth->collection().id));
      std::string id(auth->id());
      who.setRecordId(ToText(id));
    }
    fill(mutation);
    AppendFrame(entry->frame, builder);
  }
  if (pipe_) outbox_ += entry->frame;
  Unanswered* waiting = entry.get();
  co_await ReplyAwaiter{waiting};
  Frame reply = std::move(*waiting->reply);
  unanswered_.erase(sequence);
  co_return reply;
}

bool WriterLink::SendLogs(std::function<void(proto::LogBatch::Builder)> fill) {
  if (!pipe_) return false;
  capnp::MallocMessageBuilder builder(32 * 1024);
  fill(builder.initRoot<proto::Message>().initLogBatch());
  AppendFrame(outbox_, builder);
  return true;
}

bool WriterLink::SendMessage(std::function<void(proto::Message::Builder)> fill) {
  if (!pipe_) return false;
  capnp::MallocMessageBuilder builder;
  fill(builder.initRoot<proto::Message>());
  AppendFrame(outbox_, builder);
  return true;
}

void WriterLink::Connect() {
  auto fd = ConnectToWriter(socket_path_);
  if (!fd) {
    uv_timer_start(retry_, [](uv_timer_t* timer) { static_cast<WriterLink*>(timer->data)->Connect(); }, kRetryMs, 0);
    return;
  }
  pipe_ = new uv_pipe_t;
  uv_pipe_init(loop_, pipe_, 0);
  pipe_->data = this;
  uv_pipe_open(pipe_, fd->release());
  frames_ = FrameReader();
  outbox_.clear();
  capnp::MallocMessageBuilder builder;
  auto hello = builder.initRoot<proto::Message>().initHello();
  hello.setIncarnation(incarnation_);
  hello.setWorkerIndex(worker_index_);
  hello.setTakesEvents(true);
  AppendFrame(outbox_, builder);
  if (on_connected) on_connected();
  for (const auto& [sequence, entry] : unanswered_)
    if (!entry->reply) outbox_ += entry->frame;
  uv_read_start(
      reinterpret_cast<uv_stream_t*>(pipe_),
      [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
        *buffer = uv_buf_init(static_cast<WriterLink*>(handle->data)->read_buffer_.get(), kReadBytes);
      },
      [](uv_stream_t* stream, ssize_t n, const uv_buf_t* buffer) {
        auto* self = static_cast<WriterLink*>(stream->data);
        if (n < 0) self->Disconnected();
        else if (n > 0) self->OnRead({buffer->base, std::size_t(n)});
      });
  Flush();
}

void WriterLink::Disconnected() {
  if (!pipe_) return;
  CloseAndDelete(std::exchange(pipe_, nullptr));
  writing_ = false;
  if (!closed_) Connect();
}

void WriterLink::Flush() {
  if (!pipe_ || writing_ || outbox_.empty()) return;
  uv_buf_t buffer = uv_buf_init(outbox_.data(), unsigned(outbox_.size()));
  int sent = uv_try_write(reinterpret_cast<uv_stream_t*>(pipe_), &buffer, 1);
  if (sent == int(outbox_.size())) {
    outbox_.clear();
    return;
  }
  if (sent < 0 && sent != UV_EAGAIN) return;          // the read side reports the broken connection
  if (sent > 0) outbox_.erase(0, std::size_t(sent));
  struct Write {
    uv_write_t request;
    std::string bytes;
  };
  auto* write = new Write{{}, std::exchange(outbox_, {})};
  write->request.data = pipe_;
  writing_ = true;
  buffer = uv_buf_init(write->bytes.data(), unsigned(write->bytes.size()));
  uv_write(&write->request, reinterpret_cast<uv_stream_t*>(pipe_), &buffer, 1, [](uv_write_t* request, int status) {
    auto* done = reinterpret_cast<Write*>(request);
    auto* pipe = static_cast<uv_pipe_t*>(request->data);
    delete done;
    if (status == UV_ECANCELED) return;                // closed: the link has moved on to another pipe
    auto* self = static_cast<WriterLink*>(pipe->data);
    self->writing_ = false;
    self->Flush();
  });
}

void WriterLink::OnRead(std::string_view bytes) {
  uv_pipe_t* pipe = pipe_;
  bool understood = frames_.Feed(bytes, [this](Frame frame) { TakeReply(std::move(frame)); });
  if (!understood && pipe_ == pipe) {
    std::fprintf(stderr, "wombat worker: the writer's answer cannot be understood; connecting again\n");
    Disconnected();
  }
}

void WriterLink::TakeReply(Frame frame) {
  auto message = frame.message();
  if (!message.isReply()) {
    if (on_message) on_message(std::move(frame));
    return;
  }
  auto at = unanswered_.find(message.getReply().getSequence());
  if (at == unanswered_.end() || at->second->reply) return;    // answered before the connection broke
  Unanswered& entry = *at->second;
  entry.reply = std::move(frame);
  if (entry.waiting) entry.waiting.resume();
}

}  // namespace wombat
