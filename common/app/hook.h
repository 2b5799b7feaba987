// The hook engine: ordered handlers around a built-in action.                              Behaviour: spec 07 §1.
//
// Hook<Event>       synchronous, for what runs in the writer's lane and for plain events.
// AsyncHook<Event>  its handlers are coroutines, for request hooks on a worker's loop: `co_await event.Next()` waits for
//                   whatever the inner handlers and the built-in action wait for, and the loop goes on meanwhile.
//
// A hook without handlers costs one comparison: callers test `empty()` (or HasFor) and run the action directly.
// Handlers are bound before the fork, or by one process for itself; binding is not safe against a concurrent trigger of
// another thread. The handler list is snapshotted at each trigger, as the reference does.
#pragma once

#include <algorithm>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "common/app/task.h"
#include "common/base/random.h"
#include "common/base/result.h"

namespace wombat {

// What a handler or an action returns: nothing, or the error answer that ends the operation.
using HookResult = ApiResult<void>;

// Base of every event: the chain that is running. Events are created by the caller and live on its frame.
template <class Event>
class HookEvent {
 public:
  // Runs the next inner handler; past the last one, the built-in action; past that, a successful no-op.
  HookResult Next() { return next_ ? next_(static_cast<Event&>(*this)) : HookResult{}; }

 private:
  template <class>
  friend class Hook;
  std::function<HookResult(Event&)> next_;
};

template <class Event>
class AsyncHookEvent {
 public:
  Task<HookResult> Next() {
    if (!next_) co_return HookResult{};
    co_return co_await next_(static_cast<Event&>(*this));
  }

 private:
  template <class>
  friend class AsyncHook;
  std::function<Task<HookResult>(Event&)> next_;
};

// Shared by both engines: the ordered list of handlers.
template <class Event, class Function>
class HookList {
 public:
  struct Handler {
    std::string id;                       // "": a random one is made
    int priority = 0;                     // lower runs earlier (outer); equal keep the order of binding
    Function run;
    std::vector<std::string> tags;        // empty: always; else only when one equals one of the event's tags
  };

  // Returns the id. An id that is already bound replaces that handler in place.
  std::string Bind(Handler handler) {
    if (handler.id.empty()) handler.id = RandomText(20);
    auto list = std::make_shared<std::vector<Handler>>(handlers_ ? *handlers_ : std::vector<Handler>());
    std::string id = handler.id;
    auto same = std::find_if(list->begin(), list->end(), [&](const Handler& h) { return h.id == id; });
    if (same != list->end()) *same = std::move(handler);
    else list->push_back(std::move(handler));
    std::stable_sort(list->begin(), list->end(), [](const Handler& a, const Handler& b) { return a.priority < b.priority; });
    handlers_ = std::move(list);
    return id;
  }
  std::string BindFunc(Function run, std::vector<std::string> tags = {}) {
    return Bind({{}, 0, std::move(run), std::move(tags)});
  }
  void Unbind(std::string_view id) {
    if (!handlers_) return;
    auto list = std::make_shared<std::vector<Handler>>(*handlers_);
    std::erase_if(*list, [&](const Handler& h) { return h.id == id; });
    handlers_ = std::move(list);
  }
  void UnbindAll() { handlers_.reset(); }
  std::size_t length() const { return handlers_ ? handlers_->size() : 0; }
  bool empty() const { return !handlers_ || handlers_->empty(); }

  // True when some handler would run for an event with these tags.
  bool HasFor(std::span<const std::string_view> tags) const {
    if (empty()) return false;
    return std::any_of(handlers_->begin(), handlers_->end(), [&](const Handler& h) { return Applies(h, tags); });
  }

 protected:
  static bool Applies(const Handler& handler, std::span<const std::string_view> tags) {
    if (handler.tags.empty()) return true;
    for (const auto& wanted : handler.tags)
      for (auto tag : tags)
        if (tag == wanted) return true;
    return false;
  }
  std::shared_ptr<const std::vector<Handler>> handlers_;
};

template <class Event>
class Hook : public HookList<Event, std::function<HookResult(Event&)>> {
 public:
  using Action = std::function<HookResult(Event&)>;
  // What the product itself runs inside the chain (07 §3.9). At equal priority before the bound handlers.
  struct Builtin {
    int priority;
    Action run;
  };

  // Runs the handlers and `builtins` around `action`. `tags` are the event's (07 §1). Everything passed by reference needs
  // to live until Trigger returns.
  HookResult Trigger(Event& event, std::span<const std::string_view> tags, const Action& action,
                     std::span<const Builtin> builtins = {}) const {
    if (this->empty() && builtins.empty()) return action(event);
    auto handlers = this->handlers_;                  // the snapshot
    std::vector<const Action*> chain;
    std::size_t next_builtin = 0;
    auto add_builtins_up_to = [&](int priority) {
      while (next_builtin < builtins.size() && builtins[next_builtin].priority <= priority)
        chain.push_back(&builtins[next_builtin++].run);
    };
    if (handlers) {
      for (const auto& handler : *handlers) {
        add_builtins_up_to(handler.priority);
        if (this->Applies(handler, tags)) chain.push_back(&handler.run);
      }
    }
    add_builtins_up_to(std::numeric_limits<int>::max());
    chain.push_back(&action);

    std::size_t position = 0;
    auto outer = std::move(event.next_);              // an event may be triggered again inside its own chain
    event.next_ = [&](Event& e) -> HookResult {
      return position < chain.size() ? (*chain[position++])(e) : HookResult{};
    };
    HookResult result = event.Next();
    event.next_ = std::move(outer);
    return result;
  }
};

template <class Event>
class AsyncHook : public HookList<Event, std::function<Task<HookResult>(Event&)>> {
 public:
  // As Hook::Trigger. Everything passed by reference must live until the returned task has finished: await it at once.
  Task<HookResult> Trigger(Event& event, std::vector<std::string_view> tags,
                           std::function<Task<HookResult>(Event&)> action) const {
    if (this->empty()) co_return co_await action(event);
    auto handlers = this->handlers_;
    std::size_t position = 0;
    auto outer = std::move(event.next_);
    std::function<Task<HookResult>(Event&)> next = [&](Event& e) -> Task<HookResult> {
      while (position < handlers->size()) {
        const auto& handler = (*handlers)[position++];
        if (this->Applies(handler, tags)) co_return co_await handler.run(e);
      }
      if (position++ == handlers->size()) co_return co_await action(e);
      co_return HookResult{};
    };
    event.next_ = next;
    HookResult result = co_await event.Next();
    event.next_ = std::move(outer);
    co_return result;
  }
};

}  // namespace wombat
