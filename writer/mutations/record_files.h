// What the mutations of records have to do for their files.                                Behaviour: spec 01 §2.12, 05 §2.5.
//
// Uploads are in the storage before their mutation is sent, so that a commit never refers to a file that is not there.
#pragma once

#include "common/base/result.h"
#include "common/records/record.h"
#include "proto/messages.capnp.h"
#include "writer/lane/transaction.h"

namespace wombat {

// False: a file is not there (any more), since a record of this id was deleted meanwhile. The worker tries again.
bool TakeUploads(LaneTransaction& tx, capnp::List<proto::Upload>::Reader uploads, Record& record);

// A hook may have given the record another id than its files were put under.
ApiResult<void> PlaceUploads(LaneTransaction& tx, const Record& record);

// These are carried out after the COMMIT.
void RemoveReplacedFiles(LaneTransaction& tx, const Record& record);
void RemoveFilesOfRecord(LaneTransaction& tx, const Record& record);
void RemoveFilesOfCollection(LaneTransaction& tx, const Collection& collection);

}  // namespace wombat
