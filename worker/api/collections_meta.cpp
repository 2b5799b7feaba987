// GET /api/collections/meta/scaffolds, /api/collections/meta/oauth2-providers                              spec 02 §4
#include <algorithm>

#include "common/auth/oauth2/providers.h"
#include "worker/api/handlers.h"

namespace wombat {

Task<HandlerResult> CollectionScaffolds(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  std::string json = "{";
  for (CollectionType type : {CollectionType::kAuth, CollectionType::kBase, CollectionType::kView}) {
    if (json.size() > 1) json += ',';
    json.append("\"").append(TypeName(type)).append("\":").append(CollectionToJson(NewCollection(type)));
  }
  co_return JsonResponse(context, json + "}");
}

Task<HandlerResult> CollectionOAuth2Providers(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  std::vector<const OAuth2Provider*> providers;
  for (const auto& provider : OAuth2Providers()) providers.push_back(&provider);
  std::ranges::sort(providers, [](const OAuth2Provider* a, const OAuth2Provider* b) {
    return a->order != b->order ? a->order < b->order : a->name < b->name;
  });
  std::string json = "[";
  for (const OAuth2Provider* provider : providers) {
    if (json.size() > 1) json += ',';
    json += "{\"name\":" + Json(provider->name).Dump() + ",\"displayName\":" + Json(provider->display_name).Dump() +
            ",\"logo\":" + Json(OAuth2ProviderLogo(*provider)).Dump() + "}";
  }
  co_return JsonResponse(context, json + "]");
}

}  // namespace wombat
