// Runs one operation's model hooks with its record (or collection) hooks nested inside, as spec 07 §3 orders them:
// OnModelX{ [-99] OnRecordX{ …user… next → rest of OnModelX } } around the built-in action.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "common/app/app.h"

namespace wombat {

using Tags = std::vector<std::string_view>;

// `inner_builtins` run inside the proxied chain (priorities as in 07 §3.9).
template <class ProxyEvent>
HookResult RunModelHooks(const Hook<ModelEvent>& model_hook, const Hook<ProxyEvent>& proxy_hook, ModelEvent& model_event,
                         ProxyEvent& proxy_event, const Tags& model_tags, const Tags& proxy_tags,
                         const std::function<HookResult()>& action,
                         std::span<const typename Hook<ProxyEvent>::Builtin> inner_builtins = {}) {
  if (model_hook.empty() && proxy_hook.empty() && inner_builtins.empty()) return action();
  const typename Hook<ModelEvent>::Builtin proxy{-99, [&](ModelEvent& outer) -> HookResult {
    proxy_event.error = outer.error;
    return proxy_hook.Trigger(
        proxy_event, proxy_tags,
        [&](ProxyEvent& inner) -> HookResult {
          outer.error = inner.error;
          return outer.Next();
        },
        inner_builtins);
  }};
  return model_hook.Trigger(
      model_event, model_tags, [&](ModelEvent&) { return action(); }, std::span(&proxy, 1));
}

}  // namespace wombat
