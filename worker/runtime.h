// Everything that one worker process has. Belongs to the loop's thread.
#pragma once

#include <uv.h>

#include <memory>

#include "common/app/app.h"
#include "common/db/sqlite.h"
#include "common/storage/file_journal.h"
#include "common/storage/storages.h"
#include "worker/api/totals.h"
#include "worker/auth_cache.h"
#include "worker/request_log.h"
#include "worker/session.h"
#include "worker/snapshots.h"
#include "worker/thread_pool.h"
#include "worker/worker.h"
#include "worker/writer_link.h"

namespace wombat {

class Mailer;
class Realtime;

struct Runtime {
  const WorkerConfig& config;
  App& app;
  uv_loop_t* loop;
  std::unique_ptr<Connection> reader;      // the loop's own; statements on it must be short (worker/read.h)
  Snapshots snapshots;
  AuthCache auth;
  WriterLink writer;
  Sessions sessions;
  RequestLog log;
  TotalsCache totals;
  // Two pools, so that slow queries never hold up sign-ins nor the other way round.
  ThreadPool query_pool;
  ThreadPool hash_pool;
  // Uploads: writing and syncing them.
  ThreadPool file_pool;
  ThreadPool thumb_pool;
  // Requests to other people's servers: nearly all of their time is waiting.
  ThreadPool net_pool;
  // Reading from the bucket that files of records may be kept in.
  ThreadPool bucket_pool;
  Storages storages;
  FileJournal file_journal;
  std::unique_ptr<Realtime> realtime;
  std::unique_ptr<Mailer> mailer;

  Runtime(const WorkerConfig& worker_config, App& application, uv_loop_t* uv_loop, std::unique_ptr<Connection> connection);
  ~Runtime();
};

}  // namespace wombat
