#include "writer/mutations/after_hooks.h"

#include <limits>
#include <memory>

#include "writer/mutations/model_hooks.h"

namespace wombat {

HookResult FireAfterHooks(App& app, const Hook<ModelEvent>& model_hook, const Hook<RecordEvent>& record_hook,
                          Record& record, std::string_view type, const ApiError* error,
                          const std::function<void()>& innermost) {
  Tags tags{record.collection().name, record.collection().id};
  if (!model_hook.HasFor(tags) && !record_hook.HasFor(tags)) return {};
  ModelEvent model_event;
  RecordEvent record_event;
  model_event.app = record_event.app = &app;
  model_event.table = record.collection().name;
  model_event.record = record_event.record = &record;
  model_event.type = record_event.type = type;
  if (error) model_event.error = record_event.error = *error;
  const Hook<RecordEvent>::Builtin last{std::numeric_limits<int>::max(), [&](RecordEvent& event) -> HookResult {
                                          if (innermost) innermost();
                                          return event.Next();
                                        }};
  return RunModelHooks(
      model_hook, record_hook, model_event, record_event, tags, tags, [] { return HookResult{}; }, std::span(&last, 1));
}

namespace {

proto::ChangeAction ActionOf(std::string_view type) {
  if (type == "create") return proto::ChangeAction::CREATE;
  return type == "update" ? proto::ChangeAction::UPDATE : proto::ChangeAction::DELETE;
}

// Deletes are judged by the state before them, so all that one mutation deletes is told together.
bool IsToBeTold(const LaneEffects& effects, const RecordChange& change, Announcer& announcer) {
  constexpr std::size_t kMaxUnwanted = 1000;
  if (change.wanted) return true;
  return change.action == proto::ChangeAction::DELETE && announcer.AnyInterest() &&
         effects.changes.size() < kMaxUnwanted;
}

}  // namespace

void QueueAfter(LaneTransaction& tx, const Record& record, std::string_view type, AfterHooks hooks) {
  Tags tags{record.collection().name, record.collection().id};
  const bool success = hooks.model_success.HasFor(tags) || hooks.record_success.HasFor(tags);
  const bool error = hooks.model_error.HasFor(tags) || hooks.record_error.HasFor(tags);
  std::shared_ptr<RecordChange> change;
  if (Announcer* announcer = tx.announcer(); announcer && announcer->AnyInterest()) {
    RecordChange candidate{ActionOf(type), nullptr, announcer->IsWanted(record.collection()), !success};
    if (IsToBeTold(tx.effects(), candidate, *announcer)) change = std::make_shared<RecordChange>(std::move(candidate));
  }
  if (!success && !error && !change) return;
  auto kept = std::make_shared<Record>(record);
  App* app = &tx.app();
  if (change) {
    change->record = kept;
    tx.effects().changes.push_back(change);
  }
  if (success)
    tx.effects().after_success.push_back([kept, app, type, hooks, change]() -> HookResult {
      return FireAfterHooks(*app, hooks.model_success, hooks.record_success, *kept, type, nullptr, [&] {
        if (change) change->announced = true;
      });
    });
  if (error)
    tx.effects().after_error.push_back([kept, app, type, hooks](const ApiError& failure) {
      // What these handlers return changes nothing any more: the transaction has its error already.
      (void)FireAfterHooks(*app, hooks.model_error, hooks.record_error, *kept, type, &failure);
    });
}

std::unexpected<ApiError> JoinErrors(const ApiError& failure, const HookResult& later, std::string_view own_message) {
  if (later) return std::unexpected(failure);
  const ApiError& other = later.error();
  const bool own = failure.message.empty() || failure.message == own_message;
  ApiError joined = own && !other.message.empty() ? other : failure;
  const ApiError& second = own && !other.message.empty() ? failure : other;
  for (const std::string& text : {second.message, second.log_details}) {
    if (text.empty()) continue;
    if (!joined.log_details.empty()) joined.log_details += "\n";
    joined.log_details += text;
  }
  return std::unexpected(std::move(joined));
}

}  // namespace wombat
