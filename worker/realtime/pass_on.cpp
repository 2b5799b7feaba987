#include "worker/realtime/pass_on.h"

#include <optional>

#include "proto/values.h"
#include "worker/pause.h"
#include "worker/realtime/kept_request.h"

namespace wombat {
namespace {

// A worker that was just started may not have connected yet; one that died will not, and its clients died with it.
constexpr int kTries = 20;
constexpr std::chrono::milliseconds kBetweenTries{50};

std::string_view Bytes(capnp::Data::Reader data) { return {reinterpret_cast<const char*>(data.begin()), data.size()}; }
capnp::Data::Reader ToData(std::string_view text) {
  return {reinterpret_cast<const kj::byte*>(text.data()), text.size()};
}

template <class Headers>
void WriteHeaders(capnp::List<proto::Header>::Builder out, const Headers& headers) {
  unsigned next = 0;
  for (const auto& [name, value] : headers) {
    const std::string name_text(name), value_text(value);
    out[next].setName(ToText(name_text));
    out[next++].setValue(ToText(value_text));
  }
}

std::vector<std::pair<std::string, std::string>> ReadHeaders(capnp::List<proto::Header>::Reader in) {
  std::vector<std::pair<std::string, std::string>> headers;
  for (auto header : in) headers.emplace_back(View(header.getName()), View(header.getValue()));
  return headers;
}

HandlerResult ReadAnswer(proto::PassOnReply::Reader reply) {
  if (reply.isRefused()) return std::unexpected(ReadRefusal(reply.getRefused()));
  auto answer = reply.getAnswer();
  HttpResponse response;
  response.status = answer.getStatus();
  response.content_type = std::string(View(answer.getContentType()));
  response.headers = ReadHeaders(answer.getHeaders());
  response.body = std::string(Bytes(answer.getBody()));
  return response;
}

void WriteAnswer(proto::PassOnReply::Builder reply, const HandlerResult& result) {
  if (!result) return WriteRefusal(reply.initRefused(), result.error());
  auto answer = reply.initAnswer();
  answer.setStatus(std::uint16_t(result->status));
  answer.setContentType(ToText(result->content_type));
  WriteHeaders(answer.initHeaders(unsigned(result->headers.size())), result->headers);
  answer.setBody(ToData(result->body));
}

}  // namespace

bool PassOnDesk::Send(std::uint64_t number, const Question& question) {
  const RequestContext& context = *question.context;
  return runtime_.writer.SendMessage([&](proto::Message::Builder message) {
    const HttpRequest& http = context.http;
    auto out = message.initPassOn();
    out.setToWorker(std::uint32_t(question.owner));
    out.setFromWorker(std::uint32_t(runtime_.config.index));
    out.setIncarnation(runtime_.writer.incarnation());
    out.setNumber(number);
    const std::string method(http.method), target(http.target), user_ip(context.user_ip);
    out.setMethod(ToText(method));
    out.setTarget(ToText(target));
    std::vector<std::pair<std::string_view, std::string_view>> headers;
    for (const auto& header : http.headers) headers.emplace_back(header.name, header.value);
    WriteHeaders(out.initHeaders(unsigned(headers.size())), headers);
    out.setBody(ToData(http.body));
    out.setHasBody(http.has_body);
    out.setRemoteIp(ToText(http.remote_ip));
    out.setUserIp(ToText(user_ip));
  });
}

Task<HandlerResult> PassOnDesk::Ask(RequestContext& context, int owner, std::string_view gone) {
  for (int tries = 0; tries < kTries; tries++) {
    const std::uint64_t number = next_number_++;
    Question question{&context, owner, {}, {}};
    questions_[number] = &question;
    (void)Send(number, question);  // without a connection now: Connected sends it
    co_await question.answered.Wait();
    questions_.erase(number);
    auto reply = question.reply->message().getPassOnReply();
    if (!reply.isUnreachable()) co_return ReadAnswer(reply);
    Pause pause(runtime_.loop, kBetweenTries);
    co_await pause;
  }
  co_return Refuse(404, std::string(gone));
}

void PassOnDesk::Connected() {
  for (const auto& [number, question] : questions_)
    if (!question->reply) (void)Send(number, *question);
}

void PassOnDesk::TakeReply(Frame frame) {
  auto reply = frame.message().getPassOnReply();
  if (reply.getIncarnation() != runtime_.writer.incarnation()) return;
  auto at = questions_.find(reply.getNumber());
  if (at == questions_.end() || at->second->reply) return;
  at->second->reply = std::move(frame);
  at->second->answered.Set();
}

void PassOnDesk::TakeRequest(Frame frame, Task<HandlerResult> (*handle)(RequestContext&)) {
  Start(Answer(std::move(frame), handle));
}

Task<void> PassOnDesk::Answer(Frame frame, Task<HandlerResult> (*handle)(RequestContext&)) {
  auto message = frame.message().getPassOn();
  KeptRequest request;
  request.method = std::string(View(message.getMethod()));
  request.target = std::string(View(message.getTarget()));
  request.headers = ReadHeaders(message.getHeaders());
  request.body = std::string(Bytes(message.getBody()));
  request.has_body = message.getHasBody();
  request.remote_ip = std::string(View(message.getRemoteIp()));
  request.View();
  const std::string user_ip(View(message.getUserIp()));
  HandlerResult result = Refuse(500);
  if (auto fresh = runtime_.snapshots.Refresh(); fresh) {
    RequestContext context(runtime_, request.http);
    context.schema = runtime_.snapshots.schema();
    context.settings = runtime_.snapshots.settings();
    context.user_ip = user_ip;
    if (const HeaderView* authorization = request.http.FindHeader("Authorization")) {
      context.identity = runtime_.auth.Authenticate(authorization->value, context.schema, *runtime_.reader);
      context.info.auth = context.identity.record;
    }
    auto answered = co_await handle(context);
    result = std::move(answered);
  }
  // The writer may be gone by now: then the request is sent again when it is back.
  runtime_.writer.SendMessage([&](proto::Message::Builder out) {
    auto reply = out.initPassOnReply();
    reply.setToWorker(message.getFromWorker());
    reply.setIncarnation(message.getIncarnation());
    reply.setNumber(message.getNumber());
    WriteAnswer(reply, result);
  });
}

}  // namespace wombat
