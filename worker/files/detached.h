// Work on libuv's thread pool that nobody waits for.
#pragma once

#include <uv.h>

#include <functional>

namespace wombat {

// `work` owns what it touches, or that lives as long as the process.
void RunDetached(uv_loop_t* loop, std::function<void()> work);

}  // namespace wombat
