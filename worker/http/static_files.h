// Serves a public directory.                                                      Behaviour: spec 01 §1.2, 05 §8.6.
#pragma once

#include <uv.h>

#include <string>
#include <string_view>

#include "common/app/http.h"
#include "common/app/task.h"

namespace wombat {

struct StaticAnswer {
  HttpResponse response;
  bool is_error = false;  // "File not found.": to be logged; anything else is not
};

class StaticFiles {
 public:
  // `directory` need not exist. With `index_fallback` its index.html answers every path that names no file.
  // Links in it are followed wherever they lead, as in the reference: whoever may place links there may place files.
  StaticFiles(uv_loop_t* loop, std::string directory, bool index_fallback);

  // For GET and HEAD. `file_path` is the decoded path below the directory ("a/b.css"); `url_path` the decoded path of
  // the request, from which redirects are made. The file system is only touched on the thread pool. `request` must live
  // until the task has finished, and so must this object.
  Task<StaticAnswer> Serve(HttpRequest& request, std::string file_path, std::string url_path) const;

 private:
  uv_loop_t* loop_;
  std::string directory_;
  bool index_fallback_;
};

// What every static handler does to redirect targets: a run of slashes and backslashes at the start becomes one slash,
// so that a target never names another host.
std::string LocalRedirectTarget(std::string_view path);

// `path` without empty, "." and ".." segments and without slashes at its ends; false when it leads above its start or
// has a NUL byte. "" is the start itself.
bool CleanFilePath(std::string_view path, std::string& clean);

}  // namespace wombat
