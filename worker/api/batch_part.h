// What an item of a batch has in common with the others: where its mutation goes and what it may read. Record handlers
// run an item like any request; the few places that differ look here.                            Behaviour: spec 01
// §3.2.
#pragma once

#include <functional>
#include <vector>

#include "common/app/hook.h"
#include "common/app/http.h"
#include "common/schema/collection.h"
#include "proto/messages.capnp.h"

namespace wombat {

class Session;
struct Written;

using FillMutation = std::function<void(proto::Mutation::Builder)>;

struct BatchPart {
  virtual ~BatchPart() = default;
  // `fill` refers to what the awaiting handler owns.
  virtual Task<Written> Send(FillMutation fill, CollectionPtr collection) = 0;

  Session* session = nullptr;  // the transaction that the items fill; null: they are sent together when all are ready
  bool upsert = false;         // PUT: create or update was chosen by whether the record was there
  // In a session: what is left to do when it has ended, told whether it was committed.
  std::vector<std::function<Task<void>(bool committed)>>* at_end = nullptr;
  Json body = Json::Object();
  std::vector<UploadedFile> files;
  // Of the password in `body`, when nobody chose that: it is stored as it is, past the checks of plain passwords.
  std::string password_hash;
  // The items behind this one, when they run inside its request hook (spec 07 §3.6); empty otherwise. The handler calls
  // it once its answer is ready.
  std::function<Task<HookResult>()> rest;
};

}  // namespace wombat
