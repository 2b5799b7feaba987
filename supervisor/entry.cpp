#include <stdio.h>

#include "supervisor/command_line.h"
#include "supervisor/main.h"
#include "supervisor/process_title.h"
#include "supervisor/serve.h"
#include "supervisor/superuser_command.h"
#include "worker/dashboard/assets.h"

namespace wombat {

int Main(int argc, char** argv, App& app) {
  auto options = ParseCommandLine(argc, argv);
  if (!options) {
    ::fprintf(stderr, "Error: %s\n", options.error().c_str());
    return 1;
  }
  switch (options->command) {
    case CommandLine::Command::kPrint:
      ::fputs(options->text.c_str(), stdout);
      return 0;
    case CommandLine::Command::kSuperuser:
      return RunSuperuserCommand(*options, {[&app](const WriterConfig& config, const auto& words) {
                                              return RunCommandHere(config, app, words);
                                            },
                                            SendCommand});
    case CommandLine::Command::kServe:
      PrepareProcessTitle(argc, argv);
      return Serve(*options, {[&app](WriterConfig config) {
                                if (!HasDashboard()) config.base_url.clear();   // nothing would open the installer's link
                                return RunWriter(config, app);
                              },
                              [&app](const WorkerConfig& config) { return RunWorker(config, app); }});
  }
  return 1;
}

}  // namespace wombat
