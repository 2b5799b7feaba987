// What ps and top show for each process.
#pragma once

#include <string_view>

namespace wombat {

// Remembers the area of argv and moves the environment out of the memory behind it. `argv` must be main's own, and what
// it holds is overwritten by the first title: copy what is needed before.
void PrepareProcessTitle(int argc, char** argv);

// `title` is "wombat: role". Before PrepareProcessTitle only the short name (ps -o comm) is set.
void SetProcessTitle(std::string_view title);

}  // namespace wombat
