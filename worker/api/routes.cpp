#include "worker/api/routes.h"

namespace wombat {

const Router<Route>& Routes() {
  static const Router<Route> routes = [] {
    Router<Route> router;
    router.Add("GET /api/health", {Health});

    router.Add("GET /api/collections/{collection}/records", {ListRecords});
    router.Add("POST /api/collections/{collection}/records", {CreateRecord, true});
    router.Add("GET /api/collections/{collection}/records/{id}", {ViewRecord});
    router.Add("PATCH /api/collections/{collection}/records/{id}", {UpdateRecord, true});
    router.Add("DELETE /api/collections/{collection}/records/{id}", {DeleteRecord});

    router.Add("GET /api/collections", {ListCollections});
    router.Add("POST /api/collections", {CreateCollection});
    router.Add("GET /api/collections/{collection}", {ViewCollection});
    router.Add("PATCH /api/collections/{collection}", {UpdateCollection});
    router.Add("DELETE /api/collections/{collection}", {DeleteCollection});

    router.Add("GET /api/collections/{collection}/auth-methods", {AuthMethods});
    router.Add("POST /api/collections/{collection}/auth-with-password", {AuthWithPassword});
    router.Add("POST /api/collections/{collection}/auth-refresh", {AuthRefresh});
    return router;
  }();
  return routes;
}

}  // namespace wombat
