// libcurl, loaded when it is first needed: a server that sends no mail and keeps its files itself never pays for it.
//
// Safe on any thread. A transfer blocks its thread: never on a loop.
#pragma once

#include <curl/curl.h>

#include <memory>

#include "common/base/result.h"

namespace wombat {

// The part of libcurl's interface that is used, under its own names.
struct CurlLibrary {
  decltype(&::curl_easy_init) easy_init;
  decltype(&::curl_easy_setopt) easy_setopt;
  decltype(&::curl_easy_perform) easy_perform;
  decltype(&::curl_easy_getinfo) easy_getinfo;
  decltype(&::curl_easy_pause) easy_pause;
  decltype(&::curl_easy_reset) easy_reset;
  decltype(&::curl_easy_cleanup) easy_cleanup;
  decltype(&::curl_easy_strerror) easy_strerror;
  decltype(&::curl_easy_send) easy_send;
  decltype(&::curl_easy_recv) easy_recv;
  decltype(&::curl_multi_init) multi_init;
  decltype(&::curl_multi_add_handle) multi_add_handle;
  decltype(&::curl_multi_remove_handle) multi_remove_handle;
  decltype(&::curl_multi_perform) multi_perform;
  decltype(&::curl_multi_poll) multi_poll;
  decltype(&::curl_multi_info_read) multi_info_read;
  decltype(&::curl_multi_cleanup) multi_cleanup;
  decltype(&::curl_slist_append) slist_append;
  decltype(&::curl_slist_free_all) slist_free_all;
};

// Loaded once; what failed the first time fails every time.
Result<const CurlLibrary*> LoadCurl();

// One transfer after the other, over a connection that is kept between them.
class CurlHandle {
 public:
  // Signals off, http and https only, TLS certificates checked.
  static Result<CurlHandle> Make();

  const CurlLibrary& library() const { return *library_; }
  CURL* get() const { return handle_.get(); }

  // Back to what Make gave; connections are kept.
  void Reset();

  template <class Value>
  void Set(CURLoption option, Value value) { library_->easy_setopt(handle_.get(), option, value); }
  CURLcode Perform() { return library_->easy_perform(handle_.get()); }
  // What went wrong in the transfer before, for the log.
  std::string Why(CURLcode code) const;

 private:
  struct Closer {
    const CurlLibrary* library;
    void operator()(CURL* handle) const { library->easy_cleanup(handle); }
  };
  CurlHandle(const CurlLibrary* library, CURL* handle);
  void SetDefaults();

  const CurlLibrary* library_;
  std::unique_ptr<char[]> error_text_;     // CURL_ERROR_SIZE bytes at an address that stays
  std::unique_ptr<CURL, Closer> handle_;
};

// Header lines or mail recipients.
class CurlList {
 public:
  explicit CurlList(const CurlLibrary& library) : library_(library) {}
  CurlList(const CurlList&) = delete;
  CurlList& operator=(const CurlList&) = delete;
  ~CurlList() { library_.slist_free_all(first_); }

  void Add(const std::string& line) {
    // Without memory for one more line it stays as it was.
    if (curl_slist* longer = library_.slist_append(first_, line.c_str())) first_ = longer;
  }
  curl_slist* get() const { return first_; }

 private:
  const CurlLibrary& library_;
  curl_slist* first_ = nullptr;
};

}  // namespace wombat
