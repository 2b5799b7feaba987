#include <cstdio>

#include "supervisor/main.h"
#include "tests/chaos/powercut_vfs.h"

int main(int argc, char** argv) {
  if (!wombat::powercut::RegisterVfs()) {
    std::fputs("the power-cut VFS cannot be registered\n", stderr);
    return 1;
  }
  wombat::App app;
  return wombat::Main(argc, argv, app);
}
