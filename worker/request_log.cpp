#include "worker/request_log.h"

#include <algorithm>

#include "common/base/console.h"
#include "common/base/json_text.h"
#include "common/base/text.h"
#include "common/base/time.h"
#include "proto/values.h"
#include "worker/writer_link.h"

namespace wombat {
namespace {

constexpr std::size_t kMaxUrl = 3000, kMaxMethod = 50, kMaxHeader = 2000;
constexpr int kInfo = 0, kError = 8;

void AppendCut(std::string& out, std::string_view text, std::size_t limit) {
  if (text.size() <= limit) return AppendJsonString(out, text);
  AppendJsonString(out, std::string(text.substr(0, limit)) + "...");
}

// The target without what opens protected files: "?token=" is kept from the log as the Authorization header is.
std::string_view ShownTarget(std::string_view target, std::string& changed) {
  constexpr std::string_view kKey = "token=";
  const std::size_t query = target.find('?');
  if (query == target.npos || target.find(kKey, query) == target.npos) return target;
  changed = target;
  for (std::size_t at = changed.find(kKey, query); at != changed.npos; at = changed.find(kKey, at + kKey.size())) {
    if (changed[at - 1] != '?' && changed[at - 1] != '&') continue;
    const std::size_t value = at + kKey.size(), end = std::min(changed.find('&', value), changed.size());
    changed.replace(value, end - value, "***");
  }
  return changed;
}

std::string Message(const HttpRequest& request) {
  std::string changed, decoded;
  const std::string_view target = ShownTarget(request.target, changed);
  if (target.find('%') == std::string_view::npos || !PercentDecode(target, false, decoded)) decoded = target;
  std::string message;
  message.reserve(request.method.size() + 1 + decoded.size());
  message.append(request.method).append(1, ' ').append(decoded);
  return IsUtf8(message) ? message : SanitizeUtf8(message);
}

// Keys in ascending order, as the reference stores them.
std::string Data(const RequestLogSubject& subject, const RequestLogNote& note, const Settings& settings) {
  const HttpRequest& request = subject.request;
  std::string out;
  out.reserve(256 + request.target.size());
  out += "{\"auth\":";
  AppendJsonString(out, subject.auth_collection);
  if (settings.logs.log_auth_id && !subject.auth_id.empty()) {
    out += ",\"authId\":";
    AppendJsonString(out, subject.auth_id);
  }
  if (note.failed) {
    out += ",\"details\":";
    if (note.details.empty()) out += "null";
    else AppendCut(out, note.details, kMaxHeader);
    out += ",\"error\":";
    AppendJsonString(out, note.error);
  }
  out += ",\"execTime\":";
  AppendJsonNumber(out, std::chrono::duration<double, std::milli>(subject.duration).count());
  if (!note.meta.is_null()) {
    out += ",\"meta\":";
    note.meta.AppendTo(out);
  }
  out += ",\"method\":";
  AppendCut(out, request.method, kMaxMethod);
  out += ",\"referer\":";
  AppendCut(out, request.Header("Referer"), kMaxHeader);
  if (settings.logs.log_ip) {
    out += ",\"remoteIP\":";
    AppendJsonString(out, request.remote_ip);
  }
  out += ",\"status\":";
  AppendJsonNumber(out, std::int64_t(subject.status));
  out += ",\"type\":\"request\",\"url\":";
  std::string changed;
  AppendCut(out, ShownTarget(request.target, changed), kMaxUrl);
  out += ",\"userAgent\":";
  AppendCut(out, request.Header("User-Agent"), kMaxHeader);
  if (settings.logs.log_ip) {
    out += ",\"userIP\":";
    AppendJsonString(out, subject.user_ip);
  }
  out += '}';
  return out;
}

}  // namespace

RequestLog::RequestLog(uv_loop_t* loop, WriterLink& writer, SharedPage& page)
    : writer_(writer), page_(page), timer_(new uv_timer_t) {
  uv_timer_init(loop, timer_);
  timer_->data = this;
  uv_unref(reinterpret_cast<uv_handle_t*>(timer_));
}

RequestLog::~RequestLog() { Close(); }

void RequestLog::Close() {
  if (!timer_) return;
  uv_close(reinterpret_cast<uv_handle_t*>(std::exchange(timer_, nullptr)),
           [](uv_handle_t* handle) { delete reinterpret_cast<uv_timer_t*>(handle); });
}

void RequestLog::Add(const RequestLogSubject& subject, const RequestLogNote& note, const Settings& settings) {
  int level = note.failed ? kError : kInfo;
  if (DevelopmentOutput() && (note.failed || !note.skip_success))
    PrintLogEntry(level, Message(subject.request), note.failed ? note.error : "", note.details);
  if (settings.logs.max_days == 0 || (note.skip_success && !note.failed)) return;
  if (level < settings.logs.min_level) return;
  Queue({level, Message(subject.request), Data(subject, note, settings), NowText()});
}

void RequestLog::AddMessage(int level, std::string_view message, std::string_view error, const Settings& settings) {
  if (DevelopmentOutput()) PrintLogEntry(level, message, error, {});
  if (settings.logs.max_days == 0 || level < settings.logs.min_level) return;
  std::string data = "{";
  if (!error.empty()) {
    data += "\"error\":";
    AppendCut(data, error, kMaxHeader);
  }
  data += '}';
  Queue({level, std::string(message), std::move(data), NowText()});
}

void RequestLog::AddEntry(int level, std::string_view message, const Json& data, const Settings& settings) {
  if (DevelopmentOutput()) PrintLogEntry(level, message, data.StringOr("error"), {});
  if (settings.logs.max_days == 0 || level < settings.logs.min_level) return;
  Queue({level, std::string(message), data.Dump(), NowText()});
}

void RequestLog::Queue(Entry entry) {
  if (waiting_.size() >= kMaxWaiting) {
    waiting_.pop_front();
    page_.dropped_log_entries.fetch_add(1, std::memory_order_relaxed);
  }
  waiting_.push_back(std::move(entry));
  if (waiting_.size() >= kBatch) return Flush();
  if (!timer_running_ && timer_) {
    timer_running_ = true;
    uv_timer_start(timer_, [](uv_timer_t* timer) {
      auto* self = static_cast<RequestLog*>(timer->data);
      self->timer_running_ = false;
      self->Flush();
    }, kFlushMs, 0);
  }
}

void RequestLog::Flush() {
  while (!waiting_.empty()) {
    std::size_t count = std::min(waiting_.size(), kBatch);
    bool sent = writer_.SendLogs([&](proto::LogBatch::Builder batch) {
      auto entries = batch.initEntries(unsigned(count));
      for (unsigned i = 0; i < count; i++) {
        const Entry& entry = waiting_[i];
        entries[i].setLevel(entry.level);
        entries[i].setMessage(ToText(entry.message));
        entries[i].setDataJson(ToText(entry.data_json));
        entries[i].setCreated(ToText(entry.created));
      }
    });
    if (!sent) return;
    waiting_.erase(waiting_.begin(), waiting_.begin() + std::ptrdiff_t(count));
  }
}

}  // namespace wombat
