#include <coroutine>

#include "proto/values.h"
#include "worker/api/batch_run.h"
#include "worker/api/mutate.h"

namespace wombat {
namespace {

// All items of one batch, prepared side by side: each runs as far as its mutation, where it waits for the others.
class Together {
 public:
  Together(RequestContext& context, const std::vector<BatchItem>& items, std::chrono::milliseconds time_limit)
      : context_(context), items_(items), time_limit_(time_limit) {
    parts_.reserve(items.size());
  }

  Task<BatchOutcome> Run(const std::vector<std::vector<UploadedFile>>& files) {
    for (std::size_t i = 0; i < items_.size(); i++) {
      parts_.push_back(std::make_unique<Part>(*this));
      parts_[i]->request = std::make_unique<BatchRequest>(context_, items_[i], files[i], *parts_[i]);
      running_++;
      Start(RunItem(*parts_[i]));
      if (parts_[i]->result && !*parts_[i]->result) break;  // whatever comes behind it is never looked at
    }
    co_await Settled();
    if (auto early = AnsweredEarly()) {
      co_await Settled();  // those that were abandoned clear up
      co_return std::move(*early);
    }
    co_return co_await SendAll();
  }

 private:
  struct Part : BatchPart {
    explicit Part(Together& together_) : together(together_) {}
    Task<Written> Send(FillMutation fill_mutation, CollectionPtr of) override {
      fill = &fill_mutation;
      collection = std::move(of);
      Answered answered{this};
      co_await answered;
      co_return std::move(written);
    }

    Together& together;
    std::unique_ptr<BatchRequest> request;
    const FillMutation* fill = nullptr;
    CollectionPtr collection;
    std::coroutine_handle<> waiting;
    Written written;
    std::optional<HandlerResult> result;
  };
  struct Answered {
    Part* part;
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle) {
      part->waiting = handle;
      part->together.OneSettled();
    }
    void await_resume() const {}
  };
  struct AllSettled {
    Together* together;
    bool await_ready() const { return together->running_ == 0; }
    void await_suspend(std::coroutine_handle<> handle) { together->all_settled_ = handle; }
    void await_resume() const {}
  };

  Task<void> RunItem(Part& part) {
    HandlerResult result = co_await part.request->Run();
    part.result.emplace(std::move(result));
    OneSettled();
  }

  void OneSettled() {
    if (--running_ == 0 && all_settled_) std::exchange(all_settled_, {}).resume();
  }

  // Until every item waits for its mutation's answer or has come to its end.
  Task<void> Settled() {
    AllSettled all{this};
    co_await all;
  }

  void Resume(Part& part, Written written) {
    part.written = std::move(written);
    running_++;
    std::exchange(part.waiting, {}).resume();
  }

  // Ends the items that wait for an answer that will not come. `committed`: what they sent is stored all the same.
  void Abandon(bool committed = false) {
    Written refused;
    refused.kind = Written::Kind::kRefused;
    refused.committed = committed;
    for (auto& part : parts_)
      if (part->waiting) Resume(*part, refused);
  }

  // An item that came to its end without a mutation has failed. For the first that is its answer; what an earlier item
  // does may change a later one's, and may fail before it.
  std::optional<BatchOutcome> AnsweredEarly() {
    for (std::size_t i = 0; i < parts_.size(); i++) {
      if (!parts_[i]->result) continue;
      BatchOutcome outcome{BatchOutcome::Kind::kNeedsSession, {}, i, {}};
      if (i == 0 && !*parts_[i]->result) {
        outcome.kind = BatchOutcome::Kind::kItemFailed;
        outcome.error = std::move(parts_[i]->result->error());
      }
      Abandon();
      return outcome;
    }
    return std::nullopt;
  }

  Task<BatchOutcome> SendAll() {
    FillMutation fill = [this](proto::Mutation::Builder mutation) {
      auto batch = mutation.initBatch();
      batch.setTimeLimitMs(std::uint32_t(time_limit_.count()));
      auto list = batch.initItems(unsigned(parts_.size()));
      for (unsigned i = 0; i < list.size(); i++) (*parts_[i]->fill)(list[i]);
    };
    Frame frame = co_await context_.runtime.writer.Send(context_.schema->generation(), context_.info.auth.get(), fill);
    auto reply = frame.message().getReply();
    if (reply.isBatch() && reply.getBatch().size() == parts_.size()) co_return co_await AnswerAll(reply.getBatch());
    BatchOutcome outcome;
    const bool committed = reply.isRefused() && reply.getRefused().getCommitted();
    if (reply.isBatchFailed()) {
      auto failure = reply.getBatchFailed();
      outcome.kind = failure.isItem() ? BatchOutcome::Kind::kItemFailed : BatchOutcome::Kind::kFailed;
      if (failure.isItem()) outcome.failed_item = failure.getItem();
      outcome.error = ReadRefusal(failure.getRefusal());
    } else if (reply.isRefused()) {
      outcome.kind = BatchOutcome::Kind::kFailed;
      outcome.error = ReadRefusal(reply.getRefused());
    } else {
      outcome.kind = reply.isStale() ? BatchOutcome::Kind::kStale : BatchOutcome::Kind::kNeedsSession;
    }
    Abandon(committed);
    co_await Settled();
    co_return outcome;
  }

  Task<BatchOutcome> AnswerAll(capnp::List<proto::Reply>::Reader replies) {
    running_++;  // so that nobody is told before the last one has been resumed
    for (unsigned i = 0; i < replies.size(); i++) Resume(*parts_[i], ReadReply(replies[i], parts_[i]->collection));
    running_--;
    co_await Settled();
    BatchOutcome outcome;
    for (std::size_t i = 0; i < parts_.size(); i++) {
      auto& result = *parts_[i]->result;
      // Committed: an item that cannot be shown any more is no failure of the batch.
      outcome.answers.push_back(result ? std::move(*result) : HttpResponse());
    }
    co_return outcome;
  }

  RequestContext& context_;
  const std::vector<BatchItem>& items_;
  std::chrono::milliseconds time_limit_;
  std::vector<std::unique_ptr<Part>> parts_;
  std::size_t running_ = 0;  // items that neither wait for an answer nor have ended
  std::coroutine_handle<> all_settled_;
};

}  // namespace

Task<BatchOutcome> RunTogether(RequestContext& context, const std::vector<BatchItem>& items,
                               const std::vector<std::vector<UploadedFile>>& files,
                               std::chrono::milliseconds time_limit) {
  Together together(context, items, time_limit);
  co_return co_await together.Run(files);
}

}  // namespace wombat
