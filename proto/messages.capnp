# What workers, commands and the writer say to each other. One Message a frame (proto/frame.h).   proto/README.md tells the
# conversation; behaviour: design.md, "What flows".
@0xb6d2c5a1f3e84790;

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("wombat::proto");

struct Message {
  union {
    hello @0 :Hello;               # first message of a worker or command on a new connection
    mutation @1 :Mutation;         # worker -> writer
    reply @2 :Reply;               # writer -> worker: one for each mutation, in any order
    logBatch @3 :LogBatch;         # worker -> writer: never answered
    command @4 :Command;           # command line -> writer
    commandReply @5 :CommandReply; # writer -> command line
  }
}

struct Hello {
  incarnation @0 :UInt64;          # random, one for each worker process ever started; 0 for a command
  workerIndex @1 :UInt32;
}

# A value bound to an SQL parameter.
struct SqlValue {
  union {
    null @0 :Void;
    integer @1 :Int64;
    real @2 :Float64;
    text @3 :Text;
    data @4 :Data;
  }
}

# A field's value in its normal form (common/schema/field.h).
struct FieldValue {
  union {
    null @0 :Void;
    boolean @1 :Bool;
    number @2 :Float64;
    text @3 :Text;
    list @4 :List(Text);
    point :group {
      longitude @5 :Float64;
      latitude @6 :Float64;
    }
  }
}

# A rule compiled by the worker: satisfied when the statement gives a row. Runs in the lane, in the mutation's savepoint.
struct RuleCheck {
  sql @0 :Text;
  values @1 :List(SqlValue);
}

struct Mutation {
  sequence @0 :UInt64;             # counts up within the incarnation, from 1
  schemaGeneration @1 :UInt64;     # what the worker compiled and validated against; otherwise the answer is `stale`
  auth @2 :AuthRef;                # who asked, for hooks; empty collectionId: a guest
  union {
    createRecord @3 :CreateRecord;
    updateRecord @4 :UpdateRecord;
    deleteRecord @5 :DeleteRecord;
    saveCollection @6 :SaveCollection;
    deleteCollection @7 :DeleteCollection;
  }
}

struct AuthRef {
  collectionId @0 :Text;
  recordId @1 :Text;
}

struct CreateRecord {
  collectionId @0 :Text;
  values @1 :List(FieldValue);     # one for each field, in the order of the collection's fields
  check @2 :RuleCheck;             # absent: nothing to check
  passwordsSet @3 :List(UInt16);   # field indexes whose plain password was submitted
}

struct UpdateRecord {
  collectionId @0 :Text;
  recordId @1 :Text;
  values @2 :List(FieldValue);
  check @3 :RuleCheck;
  passwordsSet @4 :List(UInt16);
  # Fingerprint of the stored row that `values` was computed from. When the row has changed meanwhile, no acknowledged update
  # may be overwritten by one that never saw it: `changed` is put onto the row as it is now, unless some of it was computed
  # from the old one (`computed`), which is answered `rowChanged`. 0: write whatever is there.
  basedOn @5 :UInt64;
  changed @6 :List(UInt16);        # field indexes whose values differ from that row's
  computed @7 :Bool;
}

struct DeleteRecord {
  collectionId @0 :Text;
  recordId @1 :Text;
  check @2 :RuleCheck;
}

# The whole new state, in stored form (common/schema/collection.h).
struct SaveCollection {
  isNew @0 :Bool;
  id @1 :Text;                     # of the stored collection when not new
  newId @2 :Text;                  # the submitted id
  name @3 :Text;
  rawType @4 :Text;
  system @5 :Bool;
  fields @6 :Text;
  indexes @7 :Text;
  options @8 :Text;
  rules @9 :List(OptionalText);    # list, view, create, update, delete
  created @10 :Text;
}

struct OptionalText {
  isSet @0 :Bool;
  text @1 :Text;
}

struct DeleteCollection {
  id @0 :Text;
}

struct Reply {
  sequence @0 :UInt64;
  union {
    record @1 :StoredRecord;       # created or updated
    done @2 :Void;                 # deleted
    collection @3 :Text;           # saved: its id; the schema generation was raised before
    refused @4 :Refusal;
    stale @5 :Void;                # another schema generation: reload, compute again, send again
    rowChanged @6 :Void;           # another base row: read again, compute again, send again
  }
}

struct StoredRecord {
  # Every field of the stored row, in the order of the collection's fields at schemaGeneration.
  values @0 :List(FieldValue);
}

struct Refusal {
  status @0 :UInt16;
  message @1 :Text;
  dataJson @2 :Text;               # the object of field errors
  details @3 :Text;                # for the request log
}

struct LogBatch {
  entries @0 :List(LogEntry);
}

struct LogEntry {
  level @0 :Int32;
  message @1 :Text;
  dataJson @2 :Text;
  created @3 :Text;
}

struct Command {
  words @0 :List(Text);
}

struct CommandReply {
  exitStatus @0 :Int32;
  output @1 :Text;
  error @2 :Text;
}
