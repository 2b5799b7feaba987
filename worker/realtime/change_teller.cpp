#include "worker/realtime/change_teller.h"

#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "common/records/row_json.h"
#include "worker/pause.h"
#include "worker/read.h"
#include "worker/runtime.h"

namespace wombat {
namespace {

constexpr std::size_t kQuestionsOnLoop = 64;
constexpr std::chrono::seconds kQuestionTimeLimit{2};
constexpr std::chrono::milliseconds kPoolIsFullPause{20};
// Rows of one transaction that its deletes are judged with; a larger one is judged by what is left.
constexpr std::size_t kMaxShownRows = 1000;

std::string_view ActionName(proto::ChangeAction action) {
  switch (action) {
    case proto::ChangeAction::CREATE:
      return "create";
    case proto::ChangeAction::UPDATE:
      return "update";
    case proto::ChangeAction::DELETE:
      break;
  }
  return "delete";
}

std::shared_ptr<const Record> Before(const CommittedChange& change) {
  if (change.action == proto::ChangeAction::CREATE) return nullptr;
  return change.action == proto::ChangeAction::DELETE || !change.before ? change.record : change.before;
}

std::shared_ptr<const std::string> Tail(const Subscription& subscription, const std::string& record_json,
                                        std::string_view action) {
  return std::make_shared<const std::string>(RealtimeClientImpl::FrameTail(
      subscription.text, ChangePayload(subscription.options, record_json, action)));
}

}  // namespace

ChangeTeller::ChangeTeller(Runtime& runtime, RealtimeHub& hub)
    : runtime_(runtime), hub_(hub), tables_(runtime.config.data_dir + "/data.db") {}

Task<void> ChangeTeller::Tell(SchemaPtr schema, const std::vector<CommittedChange>& changes, std::size_t index) {
  Telling telling{std::move(schema), changes[index], StateOf(changes, index), {}, {}, false};
  FindAudiences(telling);
  if (telling.audiences.empty()) co_return;
  std::vector<std::string_view> tags = TagsOf(*telling.change.collection);
  if (runtime_.app.on_record_enrich.HasFor(tags))
    co_await Enrich(telling);
  else
    co_await Decide(telling);
  Deliver(telling);
}

ChangeTeller::State ChangeTeller::StateOf(const std::vector<CommittedChange>& changes, std::size_t index) {
  const CommittedChange& change = changes[index];
  if (changes.size() == 1) return {change.record, {}};
  using Key = std::pair<const Collection*, std::string_view>;
  std::map<Key, std::size_t> first, last;
  for (std::size_t i = 0; i < changes.size(); i++) {
    const Key key(changes[i].collection.get(), changes[i].record_id);
    first.try_emplace(key, i);
    last[key] = i;
  }
  const Key own(change.collection.get(), change.record_id);
  const CommittedChange& end = changes[last[own]];
  State state;
  if (change.action != proto::ChangeAction::DELETE) {
    if (end.action != proto::ChangeAction::DELETE) state.row = end.record;
    return state;
  }
  state.row = Before(changes[first[own]]);
  if (first.size() > 1 && first.size() <= kMaxShownRows)
    for (const auto& [key, at] : first)
      state.shown.push_back({changes[at].collection, changes[at].record_id, Before(changes[at])});
  return state;
}

// ---- who listens

void ChangeTeller::FindAudiences(Telling& telling) {
  const Collection& collection = *telling.change.collection;
  const std::string by_name = collection.name + "/", by_id = collection.id + "/";
  const struct {
    std::string base;
    const Rule& rule;
  } topics[] = {{by_name + telling.change.record_id, collection.view_rule},
                {by_id + telling.change.record_id, collection.view_rule},
                {by_name + "*", collection.list_rule},
                {by_id + "*", collection.list_rule},
                {collection.name, collection.list_rule},
                {collection.id, collection.list_rule}};
  for (const auto& topic : topics) {
    // An id that holds the mark of options is compared as text.
    if (topic.base.find('?') != std::string::npos) {
      for (const auto& subscription : hub_.TopicsThatStartWith(topic.base + "?"))
        AddAudiences(telling, subscription, topic.rule);
    } else if (const auto* subscriptions = hub_.FindTopic(topic.base)) {
      for (const auto& subscription : *subscriptions) AddAudiences(telling, subscription, topic.rule);
    }
  }
}

void ChangeTeller::AddAudiences(Telling& telling, const std::shared_ptr<Subscription>& subscription, const Rule& rule) {
  for (auto& [identity, listeners] : subscription->listeners) AddAudience(telling, subscription, listeners, rule);
}

void ChangeTeller::AddAudience(Telling& telling, const std::shared_ptr<Subscription>& subscription,
                               Listeners& listeners, const Rule& rule) {
  const Collection& collection = *telling.change.collection;
  const TopicOptions& options = subscription->options;
  const bool row_exists = telling.state.row != nullptr;
  std::shared_ptr<const Record> auth = listeners.identity ? listeners.identity->record : nullptr;
  const Hearing hearing = Prejudge(rule, options, auth.get(), row_exists);
  if (hearing == Hearing::kNo) return;
  const std::size_t place = telling.audiences.size();
  Audience audience{subscription, &listeners, {}, auth, &rule, {}, listeners.identity, place};
  audience.superuser = auth && auth->collection().is_superusers();
  audience.asks = hearing == Hearing::kAsk;
  audience.allowed = !audience.asks;
  audience.reads_to_show = ShowsFromDatabase(collection, options, auth.get());
  const KeptAnswer& kept = listeners.answer;
  if (audience.asks && kept.rule == &rule && kept.generation == telling.schema->generation() && kept.auth == auth) {
    if (!kept.allowed) return;
    audience.asks = false;
    audience.allowed = true;
  }
  if (audience.asks) {
    std::string question = SharedQuestion(collection, rule, options, audience.superuser);
    auto same = std::find_if(telling.shared.begin(), telling.shared.end(),
                             [&](const auto& asked) { return !question.empty() && asked.first == question; });
    if (same != telling.shared.end())
      audience.answered_by = same->second;
    else if (!question.empty())
      telling.shared.emplace_back(std::move(question), place);
  }
  telling.audiences.push_back(std::move(audience));
}

void ChangeTeller::FillIn(const Telling& telling, Audience& audience) {
  if (audience.question.schema) return;
  audience.question = {telling.schema, telling.change.collection, audience.rule, telling.state.row != nullptr,
                       audience.subscription->options.RequestOf(audience.auth)};
}

void ChangeTeller::Hold(Telling& telling) {
  if (std::exchange(telling.is_held, true)) return;
  for (Audience& audience : telling.audiences) {
    audience.held.reserve(audience.listeners->clients.size());
    for (RealtimeClientImpl* client : audience.listeners->clients) audience.held.push_back(client->shared_from_this());
    audience.listeners = nullptr;
  }
}

// ---- what they may hear

Task<void> ChangeTeller::Ask(Telling& telling, Work work, std::size_t questions) {
  auto opened = tables_.Open();
  if (!opened) co_return;
  Connection& connection = **opened;
  if (questions <= kQuestionsOnLoop) {
    connection.SetTimeLimit(kLoopQueryBudget);
    auto done = work(connection, false);
    connection.SetTimeLimit({});
    if (done || done.error().kind != Error::Kind::kInterrupted) co_return;
  }
  Hold(telling);
  std::function<bool(PoolThread&)> patiently = [&](PoolThread&) {
    const bool done = work(connection, true).has_value();
    connection.SetTimeLimit({});
    return done;
  };
  for (;;) {
    auto done = co_await runtime_.query_pool.Run<bool>(patiently);
    if (done) co_return;
    Pause pause(runtime_.loop, kPoolIsFullPause);
    co_await pause;
  }
}

Task<void> ChangeTeller::Decide(Telling& telling) {
  std::size_t questions = 0;
  for (std::size_t i = 0; i < telling.audiences.size(); i++) {
    Audience& audience = telling.audiences[i];
    const bool asks = audience.asks && audience.answered_by == i;
    if (!asks && !audience.reads_to_show) continue;
    questions++;
    FillIn(telling, audience);
  }
  if (questions == 0) co_return;
  Work work = [this, &telling](Connection& connection, bool patient) { return AskAll(telling, connection, patient); };
  co_await Ask(telling, work, questions);
  KeepAnswers(telling);
}

// They may have gone meanwhile.
void ChangeTeller::KeepAnswers(Telling& telling) {
  for (Audience& audience : telling.audiences) {
    if (!audience.verdict.for_all_records) continue;
    auto at = audience.subscription->listeners.find(audience.identity);
    if (at == audience.subscription->listeners.end()) continue;
    at->second.answer = {audience.rule, telling.schema->generation(), audience.auth, audience.verdict.allowed};
  }
}

// On a pool thread when `patient`: nothing of the hub's may be touched.
Result<void> ChangeTeller::AskAll(Telling& telling, Connection& connection, bool patient) {
  if (auto put = tables_.Show(telling.state.shown); !put) return put;
  if (telling.state.row)
    if (auto put = tables_.PutRow(*telling.state.row, telling.schema->generation()); !put) return put;
  for (std::size_t i = 0; i < telling.audiences.size(); i++) {
    Audience& audience = telling.audiences[i];
    if (patient) connection.SetTimeLimit(kQuestionTimeLimit);
    if (audience.asks && audience.answered_by != i) {
      audience.allowed = telling.audiences[audience.answered_by].verdict.allowed;
    } else if (audience.asks) {
      auto verdict = MayHear(connection, audience.question);
      if (!verdict && !patient) return std::unexpected(verdict.error());
      audience.verdict = verdict.value_or(Verdict{});
      audience.allowed = audience.verdict.allowed;
    }
    if (!audience.allowed || !audience.reads_to_show) continue;
    auto json = ShowRecord(connection, audience.question, *telling.change.record);
    if (!json && !patient) return std::unexpected(json.error());
    audience.allowed = json.has_value();
    if (json) audience.record_json = std::move(*json);
  }
  return {};
}

// With OnRecordEnrich bound: once for each subscription text and identity, on a copy of its own (07 §3.7).
Task<void> ChangeTeller::Enrich(Telling& telling) {
  Hold(telling);
  for (Audience& audience : telling.audiences) {
    FillIn(telling, audience);
    if (audience.asks) {
      Work may_hear = [&](Connection& connection, bool patient) -> Result<void> {
        if (auto put = tables_.Show(telling.state.shown); !put) return put;
        if (telling.state.row)
          if (auto put = tables_.PutRow(*telling.state.row, telling.schema->generation()); !put) return put;
        if (patient) connection.SetTimeLimit(kQuestionTimeLimit);
        auto verdict = MayHear(connection, audience.question);
        if (!verdict) return std::unexpected(verdict.error());
        audience.allowed = verdict->allowed;
        return {};
      };
      co_await Ask(telling, may_hear, 1);
    }
    if (!audience.allowed) continue;
    RecordEnrichEvent event;
    event.app = &runtime_.app;
    event.record = std::make_shared<Record>(*telling.change.record);
    event.info = &audience.question.request;
    bool was_shown = false;
    std::function<Task<HookResult>(RecordEnrichEvent&)> show = [&](RecordEnrichEvent& e) -> Task<HookResult> {
      std::shared_ptr<Record> record = e.record;
      Work work = [&](Connection& connection, bool patient) -> Result<void> {
        if (patient) connection.SetTimeLimit(kQuestionTimeLimit);
        auto json = ShowRecord(connection, audience.question, *record);
        if (!json) return std::unexpected(json.error());
        audience.record_json = std::move(*json);
        was_shown = true;
        return {};
      };
      co_await Ask(telling, work, 1);
      if (!was_shown) co_return Refuse(400);
      co_return HookResult{};
    };
    std::vector<std::string_view> tags = TagsOf(*telling.change.collection);
    auto enriched = co_await runtime_.app.on_record_enrich.Trigger(event, tags, show);
    audience.allowed = enriched.has_value();
    // A handler that went on nowhere leaves the record as it is, without expand and e-mail addresses.
    if (!was_shown) AppendRecordJson(audience.record_json, *event.record, Visibility());
  }
}

// ---- what they hear

void ChangeTeller::Deliver(Telling& telling) {
  const Record& record = *telling.change.record;
  const std::string_view action = ActionName(telling.change.action);
  // Who sees the same record with the same options is told the same; audiences of a subscription follow each other.
  const bool all_see_the_same = !telling.change.collection->is_auth();
  std::array<std::string, 2> plain;
  std::array<std::shared_ptr<const std::string>, 2> tails;
  const Subscription* told = nullptr;
  const bool hooks = !runtime_.app.on_realtime_message_send.empty();
  if (hooks) Hold(telling);
  for (Audience& audience : telling.audiences) {
    if (!audience.allowed) continue;
    if (std::exchange(told, audience.subscription.get()) != audience.subscription.get()) tails = {};
    std::string& text = plain[audience.superuser];
    const bool shares = audience.record_json.empty() && all_see_the_same;
    if (shares && text.empty()) text = ShowPlainRecord(audience.auth.get(), record);
    if (!shares && audience.record_json.empty()) audience.record_json = ShowPlainRecord(audience.auth.get(), record);
    const std::string& json = shares ? text : audience.record_json;
    if (hooks) {
      const std::string payload = ChangePayload(audience.subscription->options, json, action);
      for (const auto& client : audience.held) client->Send({audience.subscription->text, payload});
      continue;
    }
    std::shared_ptr<const std::string> own;
    auto& tail = shares ? tails[audience.superuser] : own;
    if (!tail) tail = Tail(*audience.subscription, json, action);
    if (audience.listeners) {
      hub_.outbox().Deliver(audience.listeners->clients, tail);
      continue;
    }
    std::vector<RealtimeClientImpl*> clients;
    for (const auto& client : audience.held) clients.push_back(client.get());
    hub_.outbox().DeliverTo(clients, tail);
  }
}

}  // namespace wombat
