#include "worker/api/batch_run.h"
#include "worker/api/mutate.h"
#include "worker/api/session_part.h"
#include "worker/session.h"

namespace wombat {
namespace {

// Items with request hooks run inside one another; so deep at most, the ones behind run after them.
constexpr std::size_t kMaxNestedItems = 500;

class InSession {
 public:
  InSession(RequestContext& context, const std::vector<BatchItem>& items,
            const std::vector<std::vector<UploadedFile>>& files, std::unique_ptr<Session> session)
      : context_(context), items_(items), files_(files), session_(std::move(session)), answers_(items.size()) {}

  Task<BatchOutcome> Run() {
    HookResult result;
    while (result && !stopped_ && next_ < items_.size()) result = co_await RunNext(0);
    BatchOutcome outcome;
    if (!result) {
      auto rolled_back = session_->RollBack(result.error());
      co_await std::move(rolled_back);
    } else {
      auto committed = session_->Commit();
      co_await std::move(committed);
    }
    const bool committed = session_->state() == SessionState::kCommitted;
    for (const auto& end : at_end_) {
      auto ended = end(committed);
      co_await std::move(ended);
    }
    switch (session_->state()) {
      case SessionState::kCommitted:
        if (session_->hook_failed()) {
          outcome.kind = BatchOutcome::Kind::kFailed;
          outcome.error = session_->error();
          break;
        }
        for (auto& answer : answers_)
          if (answer) outcome.answers.push_back(std::move(*answer));
        break;
      case SessionState::kLost:
        outcome.kind = BatchOutcome::Kind::kLost;
        break;
      case SessionState::kTimeIsUp:
        outcome.kind = BatchOutcome::Kind::kFailed;
        outcome.error = {400, {}, Json::Object(), "the time limit of the batch was reached"};
        break;
      case SessionState::kFailed:
        outcome.kind = BatchOutcome::Kind::kFailed;
        outcome.error = session_->error();
        break;
      case SessionState::kOpen:
      case SessionState::kRolledBack:
        outcome.kind = BatchOutcome::Kind::kItemFailed;
        outcome.failed_item = failed_;
        outcome.error = AsItemError(std::move(result.error()), items_[failed_], failed_);
        break;
    }
    co_return outcome;
  }

 private:
  // The next item, and inside its request hook, if it has one, those behind it.
  Task<HookResult> RunNext(std::size_t depth) {
    const std::size_t index = next_++;
    SessionPart part;
    part.session = session_.get();
    part.at_end = &at_end_;
    if (depth < kMaxNestedItems)
      part.rest = [this, depth]() -> Task<HookResult> {
        HookResult result;
        while (result && !stopped_ && next_ < items_.size()) result = co_await RunNext(depth + 1);
        // A hook that takes this back keeps what was done so far; the items behind are not run any more.
        if (!result) stopped_ = true;
        co_return result;
      };
    BatchRequest request(context_, items_[index], files_[index], part);
    if (!NestsRest(request)) part.rest = nullptr;
    HandlerResult result = co_await request.Run();
    if (!result) {
      // The innermost one that failed is the one that is named.
      if (failed_ == items_.size()) failed_ = index;
      co_return std::unexpected(std::move(result.error()));
    }
    failed_ = items_.size();  // a hook may have taken an inner failure back
    answers_[index] = std::move(*result);
    co_return HookResult{};
  }

  bool NestsRest(BatchRequest& request) const {
    CollectionPtr collection = request.FindCollection();
    if (!collection) return false;
    const App& app = context_.runtime.app;
    std::string_view tags[] = {collection->name, collection->id};
    switch (request.action().kind) {
      case BatchAction::Kind::kCreate:
        return app.on_record_create_request.HasFor(tags);
      case BatchAction::Kind::kUpdate:
        return app.on_record_update_request.HasFor(tags);
      case BatchAction::Kind::kDelete:
        return app.on_record_delete_request.HasFor(tags);
      case BatchAction::Kind::kUpsert:
        return app.on_record_create_request.HasFor(tags) || app.on_record_update_request.HasFor(tags);
      case BatchAction::Kind::kNone:
        break;
    }
    return false;
  }

  RequestContext& context_;
  const std::vector<BatchItem>& items_;
  const std::vector<std::vector<UploadedFile>>& files_;
  std::unique_ptr<Session> session_;
  std::vector<std::optional<HttpResponse>> answers_;
  std::vector<std::function<Task<void>(bool)>> at_end_;
  std::size_t next_ = 0;
  std::size_t failed_ = items_.size();
  bool stopped_ = false;
};

}  // namespace

Task<BatchOutcome> RunInSession(RequestContext& context, const std::vector<BatchItem>& items,
                                const std::vector<std::vector<UploadedFile>>& files,
                                std::chrono::milliseconds time_limit) {
  auto begun = co_await context.runtime.sessions.Begin(context.schema->generation(), time_limit);
  if (!begun.session) {
    BatchOutcome outcome;
    outcome.kind = begun.stale ? BatchOutcome::Kind::kStale : BatchOutcome::Kind::kFailed;
    outcome.error = std::move(begun.error);
    co_return outcome;
  }
  InSession batch(context, items, files, std::move(begun.session));
  co_return co_await batch.Run();
}

}  // namespace wombat
