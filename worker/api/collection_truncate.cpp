// DELETE /api/collections/{collection}/truncate                                                       spec 02 §2, §4
#include "proto/values.h"
#include "worker/api/handlers.h"
#include "worker/api/mutate.h"

namespace wombat {

Task<HandlerResult> TruncateCollection(RequestContext& context) {
  if (auto allowed = RequireSuperuser(context); !allowed) co_return std::unexpected(std::move(allowed.error()));
  for (int attempt = 0; attempt < kMaxAttempts; attempt++) {
    CollectionPtr collection = context.FindCollection();
    if (!collection) co_return Refuse(404);
    if (collection->is_view())
      co_return Refuse(400, "View collections cannot be truncated since they don't store their own records.");
    std::function<void(proto::Mutation::Builder)> fill = [&](proto::Mutation::Builder mutation) {
      mutation.initTruncateCollection().setId(ToText(collection->id));
    };
    Written written = co_await SendMutation(context, fill);
    if (written.kind == Written::Kind::kRefused) co_return std::unexpected(std::move(written.error));
    if (written.kind == Written::Kind::kDone) co_return NoContent();
    if (!TakeFreshSchema(context)) break;
  }
  co_return std::unexpected(TooMuchMoved());
}

}  // namespace wombat
