// Collects one entry for each request and hands them to the writer in batches.     Behaviour: spec 05 §5.3, 06 §15, 01 §1.14.
// Belongs to the loop's thread.
#pragma once

#include <uv.h>

#include <chrono>
#include <deque>
#include <string>
#include <string_view>

#include "common/app/http.h"
#include "common/base/json.h"
#include "common/base/shared_page.h"
#include "common/settings/settings.h"

namespace wombat {

class WriterLink;

// What a handler says about its request for the log.
struct RequestLogNote {
  bool failed = false;               // the handler returned an error: level 8
  bool skip_success = false;         // static files: only errors are logged
  std::string error;                 // the error's message
  std::string details;               // its internal cause
  Json meta;                         // null: none
};

struct RequestLogSubject {
  const HttpRequest& request;
  int status;
  std::chrono::steady_clock::duration duration;
  std::string_view auth_collection;  // "" for a guest
  std::string_view auth_id;
  std::string_view user_ip;          // behind trusted proxies; remote_ip otherwise
};

class RequestLog {
 public:
  RequestLog(uv_loop_t* loop, WriterLink& writer, SharedPage& page);
  ~RequestLog();

  void Add(const RequestLogSubject& subject, const RequestLogNote& note, const Settings& settings);
  // What no request's entry tells. Its data is {"error": …}, or {} without one.
  void AddMessage(int level, std::string_view message, std::string_view error, const Settings& settings);
  // The same with data of its own: an object.
  void AddEntry(int level, std::string_view message, const Json& data, const Settings& settings);
  // Hands over what waits, as far as the writer can be reached.
  void Flush();
  void Close();

 private:
  // What a worker holds while the writer is away; past it the oldest entry is dropped and counted.
  static constexpr std::size_t kMaxWaiting = 20000;
  static constexpr std::size_t kBatch = 256;
  static constexpr std::uint64_t kFlushMs = 200;

  struct Entry {
    int level;
    std::string message, data_json, created;
  };

  void Queue(Entry entry);

  WriterLink& writer_;
  SharedPage& page_;
  uv_timer_t* timer_;
  bool timer_running_ = false;
  std::deque<Entry> waiting_;
};

}  // namespace wombat
