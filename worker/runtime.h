// Everything that one worker process has. Belongs to the loop's thread.
#pragma once

#include <uv.h>

#include <memory>

#include "common/app/app.h"
#include "common/db/sqlite.h"
#include "worker/auth_cache.h"
#include "worker/request_log.h"
#include "worker/snapshots.h"
#include "worker/thread_pool.h"
#include "worker/worker.h"
#include "worker/writer_link.h"

namespace wombat {

struct Runtime {
  const WorkerConfig& config;
  App& app;
  uv_loop_t* loop;
  std::unique_ptr<Connection> reader;      // the loop's own; statements on it must be short (worker/read.h)
  Snapshots snapshots;
  AuthCache auth;
  WriterLink writer;
  RequestLog log;
  // Two pools, so that slow queries never hold up sign-ins nor the other way round.
  ThreadPool query_pool;
  ThreadPool hash_pool;

  Runtime(const WorkerConfig& worker_config, App& application, uv_loop_t* uv_loop, std::unique_ptr<Connection> connection);
};

}  // namespace wombat
