// GET /api/realtime                                                                                        spec 05 §1.1
#include "worker/api/handlers.h"
#include "worker/http/stream.h"
#include "worker/realtime/realtime.h"

namespace wombat {
namespace {

// The connection's end of a client: whatever becomes of the connection, the client ends with it.
class ClientStream final : public ResponseStream {
 public:
  explicit ClientStream(std::shared_ptr<RealtimeClientImpl> client) : client_(std::move(client)) {}
  ~ClientStream() override { client_->End(); }
  std::string_view prefix() const override { return client_->id_line(); }
  void Opened(StreamWriter& writer) override { client_->Open(writer); }
  void Closed() override { client_->End(); }

 private:
  std::shared_ptr<RealtimeClientImpl> client_;
};

void StartStream(HttpResponse& response, std::shared_ptr<RealtimeClientImpl> client) {
  response.content_type = "text/event-stream";
  response.headers.emplace_back("Cache-Control", "no-store");
  response.headers.emplace_back("X-Accel-Buffering", "no");
  response.stream = std::make_shared<ClientStream>(std::move(client));
}

// What of a connection that has hooks is decided first: that it streams, or what it is answered instead.
struct Beginning {
  Signal decided;
  HandlerResult answer = Refuse(500);
};

// The hooks' chain lasts as long as the connection, and the request with it.
Task<void> RunConnectHooks(Runtime& runtime, std::shared_ptr<RealtimeClientImpl> client,
                           std::shared_ptr<KeptRequest> request, std::shared_ptr<Beginning> beginning) {
  std::shared_ptr<RealtimeClientImpl> held = client;
  std::function<Task<HookResult>(RealtimeConnectRequestEvent&)> stream =
      [held, request, beginning](RealtimeConnectRequestEvent& event) -> Task<HookResult> {
    held->idle_timeout = event.idle_timeout;
    held->max_timeout = event.max_timeout;
    HttpResponse response = request->response;
    StartStream(response, held);
    beginning->answer = std::move(response);
    beginning->decided.Set();
    co_await held->ended().Wait();
    co_return HookResult{};
  };
  RealtimeConnectRequestEvent event;
  event.app = &runtime.app;
  event.request = &request->http;
  event.response = &request->response;
  event.info = &request->info;
  event.auth = request->info.auth;
  event.client = client;
  event.idle_timeout = kRealtimeIdleTimeout;
  event.max_timeout = kRealtimeMaxTimeout;
  std::vector<std::string_view> no_tags;
  auto done = co_await runtime.app.on_realtime_connect_request.Trigger(event, no_tags, stream);
  if (beginning->decided.is_set()) {
    client->Discard();
    co_return;
  }
  if (done)
    beginning->answer = request->response;
  else
    beginning->answer = std::unexpected(std::move(done.error()));
  beginning->decided.Set();
}

}  // namespace

Task<HandlerResult> RealtimeConnect(RequestContext& context) {
  Runtime& runtime = context.runtime;
  context.note.skip_success = true;
  auto client = runtime.realtime->hub().NewClient(std::string(context.user_ip));
  const bool has_hooks = !runtime.app.on_realtime_connect_request.empty();
  std::shared_ptr<KeptRequest> request;
  if (has_hooks || !runtime.app.on_realtime_message_send.empty()) {
    request = std::make_shared<KeptRequest>(context.http);
    request->info = context.info;
    client->KeepRequest(request);
  }
  if (!has_hooks) {
    HttpResponse response;
    StartStream(response, std::move(client));
    co_return response;
  }
  auto beginning = std::make_shared<Beginning>();
  Start(RunConnectHooks(runtime, std::move(client), std::move(request), beginning));
  co_await beginning->decided.Wait();
  co_return std::move(beginning->answer);
}

}  // namespace wombat
