// The whole program behind one function, so that a program with its own native hooks can be one, too:
//
//   int main(int argc, char** argv) {
//     wombat::App app;
//     app.on_record_create.Bind(…);
//     return wombat::Main(argc, argv, app);
//   }
#pragma once

#include "common/app/app.h"

namespace wombat {

// Carries out the command line and returns the process's exit status. Call it first thing and from the only thread: it
// forks, and it takes the area of argv for the process title.
int Main(int argc, char** argv, App& app);

}  // namespace wombat
