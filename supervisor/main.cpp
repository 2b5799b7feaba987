#include "supervisor/main.h"

int main(int argc, char** argv) {
  wombat::App app;
  return wombat::Main(argc, argv, app);
}
