// Reads the database from a handler: on the loop while it is quick, on the pool when it turns out slow.
//                                                                            design.md, "How handlers are written".
#pragma once

#include <chrono>
#include <functional>

#include "common/db/sqlite.h"
#include "worker/runtime.h"

namespace wombat {

// What a read may take on the loop before it is abandoned there and run again on the pool.
inline constexpr std::chrono::milliseconds kLoopQueryBudget{5};

// `read` must give the same result when it is run a second time from the start: whatever it filled in before it was
// interrupted it has to begin anew. On the pool it runs on another thread while the caller waits, so it may refer to what
// the awaiting coroutine owns, and to nothing else of the loop's. Ended with kInterrupted at the query time limit.
template <class T>
Task<Result<T>> Read(Runtime& runtime, std::function<Result<T>(Connection&)> read) {
  runtime.reader->SetTimeLimit(kLoopQueryBudget);
  Result<T> result = read(*runtime.reader);
  runtime.reader->SetTimeLimit({});
  if (result || result.error().kind != Error::Kind::kInterrupted) co_return result;

  auto limit = runtime.config.query_timeout;
  std::function<Result<T>(PoolThread&)> again = [&read, limit](PoolThread& thread) -> Result<T> {
    auto reader = thread.Reader();
    if (!reader) return std::unexpected(reader.error());
    (*reader)->SetTimeLimit(limit);
    Result<T> slow = read(**reader);
    (*reader)->SetTimeLimit({});
    return slow;
  };
  auto done = co_await runtime.query_pool.Run<Result<T>>(again);
  if (!done) co_return Fail("too many slow queries wait already", Error::Kind::kBusy);
  co_return std::move(*done);
}

}  // namespace wombat
