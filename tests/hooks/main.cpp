// The whole server with a handler on every hook. Each handler appends one line to the file that WOMBAT_HOOK_LOG names:
// "process-title hook-name detail". One write(2) with O_APPEND a line, so that lines of several processes never mix.
#include <fcntl.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "supervisor/main.h"
#include "tests/hook_names.h"

namespace wombat {
namespace {

// Whatever ps shows for this process, blanks replaced, so that a line splits into three words.
std::string ProcessTitle() {
  char text[256];
  int fd = ::open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
  ssize_t n = fd < 0 ? 0 : ::read(fd, text, sizeof text);
  if (fd >= 0) ::close(fd);
  std::string title(text, n > 0 ? std::size_t(n) : 0);
  while (!title.empty() && (title.back() == '\0' || title.back() == ' ')) title.pop_back();
  for (char& letter : title)
    if (letter == '\0' || letter == ' ') letter = '_';
  return title;
}

void Log(std::string_view hook, std::string_view detail) {
  static const char* path = std::getenv("WOMBAT_HOOK_LOG");
  if (!path) return;
  std::string line = ProcessTitle();
  line.append(" ").append(hook).append(" ").append(detail.empty() ? "-" : detail).append("\n");
  int fd = ::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (fd < 0) return;
  (void)!::write(fd, line.data(), line.size());
  ::close(fd);
}

std::string_view Detail(const ModelEvent& event) { return event.table; }
std::string_view Detail(const RecordEvent& event) { return event.record->collection().name; }
std::string_view Detail(const CollectionEvent& event) { return event.collection->name; }
std::string_view Detail(const RecordEnrichEvent& event) { return event.record->collection().name; }
std::string_view Detail(const CollectionsListRequestEvent&) { return {}; }
std::string_view Detail(const BatchRequestEvent&) { return {}; }
std::string_view Detail(const CollectionRequestEvent& event) { return event.collection->name; }
std::string_view Detail(const CollectionsImportRequestEvent&) { return {}; }
std::string_view Detail(const SettingsListRequestEvent&) { return {}; }
std::string_view Detail(const SettingsUpdateRequestEvent&) { return {}; }
std::string_view Detail(const FileTokenRequestEvent& event) { return event.record->collection().name; }
std::string_view Detail(const MailerEvent&) { return {}; }
std::string_view Detail(const RealtimeConnectRequestEvent&) { return {}; }
std::string_view Detail(const RealtimeMessageEvent& event) { return event.message.name; }
std::string_view Detail(const RealtimeSubscribeRequestEvent&) { return {}; }
template <class Event>
std::string_view Detail(const Event& event) {
  return event.collection->name;
}

void BindAll(App& app) {
  auto in_lane = [](auto& hook, const char* name) {
    hook.BindFunc([name](auto& event) -> HookResult {
      Log(name, Detail(event));
      return event.Next();
    });
  };
  ForEachModelHook(app, in_lane);
  ForEachRecordHook(app, in_lane);
  ForEachCollectionHook(app, in_lane);
  auto of_process = [](auto& hook, const char* name) {
    hook.BindFunc([name](auto& event) -> HookResult {
      Log(name, {});
      return event.Next();
    });
  };
  of_process(app.on_bootstrap, "OnBootstrap");
  of_process(app.on_terminate, "OnTerminate");
  of_process(app.on_settings_reload, "OnSettingsReload");
  auto on_a_loop = [](auto& hook, const char* name) {
    hook.BindFunc([name](auto& event) -> Task<HookResult> {
      Log(name, Detail(event));
      co_return co_await event.Next();
    });
  };
  ForEachRequestHook(app, on_a_loop);
  ForEachMailerHook(app, on_a_loop);
}

}  // namespace
}  // namespace wombat

int main(int argc, char** argv) {
  wombat::App app;
  wombat::BindAll(app);
  return wombat::Main(argc, argv, app);
}
