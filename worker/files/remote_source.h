// Content of an object in a bucket on its way to a client.                                Behaviour: spec 05 §2.6.
#pragma once

#include <memory>

#include "common/storage/storage.h"
#include "worker/http/content_source.h"
#include "worker/thread_pool.h"

namespace wombat {

// `pool`'s threads do the reading, one piece at a time: a slow client holds none of them.
std::shared_ptr<ContentSource> MakeRemoteSource(ThreadPool& pool, std::shared_ptr<RemoteContent> content);

}  // namespace wombat
