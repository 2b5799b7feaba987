#include "supervisor/process_title.h"

#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <algorithm>
#include <string>

namespace wombat {
namespace {

// The memory that the kernel shows as the command line: argv's strings and, once moved, those of the environment.
char* area = nullptr;
std::size_t area_size = 0;

}  // namespace

void PrepareProcessTitle(int argc, char** argv) {
  if (argc < 1 || area) return;
  char* end = argv[0];
  for (int i = 0; i < argc && argv[i] == end; i++) end += strlen(argv[i]) + 1;
  for (char** entry = environ; *entry && *entry == end; entry++) {
    end += strlen(*entry) + 1;
    if (char* copy = ::strdup(*entry)) {
      *entry = copy;
    } else {
      return;
    }
  }
  area = argv[0];
  area_size = static_cast<std::size_t>(end - argv[0]);
}

void SetProcessTitle(std::string_view title) {
  // Fifteen bytes are all that the short name holds: "wombat-worker12".
  std::string name;
  for (char c : title) {
    if (c == ':') name += '-';
    if (c != ':' && c != ' ') name += c;
  }
  ::prctl(PR_SET_NAME, name.c_str());
  if (!area) return;
  const std::size_t length = std::min(title.size(), area_size - 1);
  memcpy(area, title.data(), length);
  memset(area + length, 0, area_size - length);
}

}  // namespace wombat
