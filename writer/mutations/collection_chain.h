// Saving and deleting a collection inside the commit lane, with every hook around it.       Behaviour: spec 02 §1.5–§3, 07 §3.4.
//
// On an error the caller's savepoint is rolled back; the After…Error hooks of the failed one have fired, those of
// collections that were saved before it fire with the savepoint's end.
#pragma once

#include "proto/messages.capnp.h"
#include "writer/lane/transaction.h"

namespace wombat {

enum class CollectionChecks { kAll, kNone };

// What travels in a message, as a collection of its own. Error: text that cannot be read.
Result<Collection> ReadCollection(proto::SaveCollection::Reader message);

// `stored` is null for a new one. `schema`: the collections as they are stored by now, within this mutation as well. Errors
// are the ones of the create and update endpoints; `log_details` holds the raw text.
HookResult SaveCollectionModel(LaneTransaction& tx, const Schema& schema, Collection& collection, const Collection* stored,
                               CollectionChecks checks);

// kNone: neither references nor views that need it keep it. (A system collection stays in any case.)
HookResult DeleteCollectionModel(LaneTransaction& tx, const Collection& stored, CollectionChecks checks);

}  // namespace wombat
