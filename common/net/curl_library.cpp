#include "common/net/curl_library.h"

#include <dlfcn.h>

#include <cstdlib>

namespace wombat {
namespace {

constexpr const char* kLibrary = "libcurl.so.4";

template <class Function>
bool Find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  return function != nullptr;
}

// Never unloaded: its TLS library registers handlers that outlive it.
Result<const CurlLibrary*> Load() {
  static CurlLibrary curl;
  void* library = ::dlopen(kLibrary, RTLD_NOW | RTLD_LOCAL);
  if (!library) return Fail(std::string(kLibrary) + " cannot be loaded");
  decltype(&::curl_global_init) global_init;
  const bool found =
      Find(library, "curl_global_init", global_init) && Find(library, "curl_easy_init", curl.easy_init) &&
      Find(library, "curl_easy_setopt", curl.easy_setopt) && Find(library, "curl_easy_perform", curl.easy_perform) &&
      Find(library, "curl_easy_getinfo", curl.easy_getinfo) && Find(library, "curl_easy_pause", curl.easy_pause) &&
      Find(library, "curl_easy_reset", curl.easy_reset) && Find(library, "curl_easy_cleanup", curl.easy_cleanup) &&
      Find(library, "curl_easy_strerror", curl.easy_strerror) && Find(library, "curl_easy_send", curl.easy_send) &&
      Find(library, "curl_easy_recv", curl.easy_recv) && Find(library, "curl_multi_init", curl.multi_init) &&
      Find(library, "curl_multi_add_handle", curl.multi_add_handle) &&
      Find(library, "curl_multi_remove_handle", curl.multi_remove_handle) &&
      Find(library, "curl_multi_perform", curl.multi_perform) && Find(library, "curl_multi_poll", curl.multi_poll) &&
      Find(library, "curl_multi_info_read", curl.multi_info_read) &&
      Find(library, "curl_multi_cleanup", curl.multi_cleanup) && Find(library, "curl_slist_append", curl.slist_append) &&
      Find(library, "curl_slist_free_all", curl.slist_free_all);
  if (!found || global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) return Fail(std::string(kLibrary) + " cannot be used");
  return &curl;
}

}  // namespace

Result<const CurlLibrary*> LoadCurl() {
  static const Result<const CurlLibrary*> loaded = Load();
  return loaded;
}

Result<CurlHandle> CurlHandle::Make() {
  auto library = LoadCurl();
  if (!library) return std::unexpected(library.error());
  CURL* handle = (*library)->easy_init();
  if (!handle) return Fail("libcurl gives no handle");
  return CurlHandle(*library, handle);
}

CurlHandle::CurlHandle(const CurlLibrary* library, CURL* handle)
    : library_(library), error_text_(std::make_unique<char[]>(CURL_ERROR_SIZE)), handle_(handle, Closer{library}) {
  SetDefaults();
}

void CurlHandle::SetDefaults() {
  error_text_[0] = '\0';
  Set(CURLOPT_ERRORBUFFER, error_text_.get());
  Set(CURLOPT_NOSIGNAL, 1L);
  Set(CURLOPT_PROTOCOLS_STR, "http,https");
  Set(CURLOPT_REDIR_PROTOCOLS_STR, "http,https");
  // As most programs do; libcurl itself does not look at them.
  if (const char* file = std::getenv("SSL_CERT_FILE"); file && *file) Set(CURLOPT_CAINFO, file);
  if (const char* folder = std::getenv("SSL_CERT_DIR"); folder && *folder) Set(CURLOPT_CAPATH, folder);
}

void CurlHandle::Reset() {
  library_->easy_reset(handle_.get());
  SetDefaults();
}

std::string CurlHandle::Why(CURLcode code) const {
  return error_text_[0] ? std::string(error_text_.get()) : std::string(library_->easy_strerror(code));
}

}  // namespace wombat
