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
    session @6 :SessionCall;       # worker -> writer, on a connection of its own: one at a time
    sessionReply @7 :SessionReply; # writer -> worker: one for each call
    changes @8 :Changes;           # writer -> worker: never answered
    topicMessage @9 :TopicMessage; # worker -> writer -> workers: never answered
    passOn @10 :PassOn;            # worker -> writer -> the worker that has the realtime client
    passOnReply @11 :PassOnReply;  # and back
  }
}

struct Hello {
  incarnation @0 :UInt64;          # random, one for each worker process ever started; 0 for a command
  workerIndex @1 :UInt32;
  takesEvents @2 :Bool;            # a worker's main connection: changes and what is passed on go there
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
    importCollections @8 :ImportCollections;
    truncateCollection @9 :TruncateCollection;
    saveSettings @10 :SaveSettings;
    runSql @11 :RunSql;
    batch @12 :Batch;
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
  # A hook wants to see a failed validation: everything is validated here. What only the worker could tell (of plain
  # passwords) is in `workerErrors`, an object of field errors.
  validateWhole @4 :Bool;
  workerErrors @5 :Text;
  upsert @6 :Bool;                 # chosen because no record has this id; if one has: `rowChanged`
  uploads @7 :List(Upload);
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
  validateWhole @8 :Bool;          # as in CreateRecord
  workerErrors @9 :Text;
  upsert @10 :Bool;                # chosen because a record has this id; if none has: `rowChanged`
  uploads @11 :List(Upload);
}

# A file that the worker has put into the storage already, under `key`. When it is not there any more: `rowChanged`.
struct Upload {
  field @0 :UInt16;                # index of the file field whose value holds `name`
  name @1 :Text;
  originalName @2 :Text;
  size @3 :UInt64;
  contentType @4 :Text;
  key @5 :Text;
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

# Spec 02 §7, decoded and put into order by the worker.
struct ImportCollections {
  collections @0 :List(SaveCollection);
  deleteMissing @1 :Bool;
}

struct TruncateCollection {
  id @0 :Text;
}

# The whole new document with its secrets. Made from the settings at generation `basedOn`; of another generation: `stale`.
struct SaveSettings {
  document @0 :Text;
  basedOn @1 :UInt64;
}

# Statements of a superuser that write (05 §7.1).
struct RunSql {
  query @0 :Text;
}

# Several record mutations that are applied together or not at all, in order. Their own sequences and generations count for
# nothing, and none of them may be a batch.
struct Batch {
  items @0 :List(Mutation);
  timeLimitMs @1 :UInt32;          # of the whole batch, from when the lane begins it
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
    changedRows @7 :Int64;         # runSql: of its last statement
    batch @8 :List(Reply);         # of each item, when all were applied
    batchFailed @9 :BatchFailure;
  }
}

struct BatchFailure {
  union {
    item @0 :UInt32;               # the first one that was refused
    whole @1 :Void;                # the batch itself: its time was up
  }
  refusal @2 :Refusal;
}

# A session: a transaction of the writer's that one worker fills, call by call (writer/README.md). It has a connection of its
# own, whose `hello` says an incarnation of its own; when that breaks, the transaction is rolled back.
struct SessionCall {
  union {
    begin @0 :SessionBegin;        # begun, stale, refused
    statement @1 :SessionStatement;  # rows, failed, ended
    mutation @2 :Mutation;         # mutation, ended
    commit @3 :UInt64;             # its sequence; committed, refused, ended. May be sent again on a new connection.
    rollback @4 :Refusal;          # why; ended
  }
}

struct SessionBegin {
  schemaGeneration @0 :UInt64;
  timeLimitMs @1 :UInt32;
}

struct SessionStatement {
  sql @0 :Text;
  values @1 :List(SqlValue);
}

struct SessionReply {
  union {
    begun @0 :Void;
    stale @1 :Void;
    rows @2 :SessionRows;
    failed @3 :StatementFailure;   # the transaction stands
    mutation @4 :Reply;
    committed @5 :Void;
    refused @6 :Refusal;           # the COMMIT failed, or a hook after it
    ended @7 :SessionEnd;          # there is no transaction (any more)
  }
}

enum SessionEnd {
  rolledBack @0;                   # as asked
  timeIsUp @1;
  unknown @2;                      # never begun with this writer
  failed @3;                       # SQLite gave it up: the disk is full
}

struct SessionRows {
  columns @0 :List(Text);
  values @1 :List(SqlValue);       # row by row
}

struct StatementFailure {
  kind @0 :UInt8;                  # Error::Kind
  message @1 :Text;
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
  committed @4 :Bool;              # only a hook after the commit failed: what was written stays
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

# What one transaction changed, sent after its COMMIT to each worker that has an interest in it (common/base/interest.h).
struct Changes {
  schemaGeneration @0 :UInt64;     # the values are in the order of that schema's fields
  items @1 :List(Change);          # in the order in which the operations completed
  lost @2 :Bool;                   # some before these could not be kept for this worker
}

enum ChangeAction {
  create @0;
  update @1;
  delete @2;
}

struct Change {
  action @0 :ChangeAction;
  collectionId @1 :Text;
  recordId @2 :Text;
  values @3 :List(FieldValue);     # right after the operation; of a delete: right before it
  before @4 :List(FieldValue);     # of an update in a transaction that deletes: right before it
  announced @5 :Bool;              # false: only for what the transaction's deletes were part of
  tokenKeyChanged @6 :Bool;        # of an auth record's update
}

# For every realtime client that is subscribed to exactly `name`.
struct TopicMessage {
  name @0 :Text;
  payload @1 :Data;
}

# A request about a realtime client of another worker (05 §1.2, §1.8), as it arrived.
struct PassOn {
  toWorker @0 :UInt32;
  fromWorker @1 :UInt32;
  incarnation @2 :UInt64;          # of the one that asks
  number @3 :UInt64;               # counts up within it
  method @4 :Text;
  target @5 :Text;
  headers @6 :List(Header);
  body @7 :Data;
  hasBody @8 :Bool;
  remoteIp @9 :Text;
  userIp @10 :Text;
}

struct Header {
  name @0 :Text;
  value @1 :Text;
}

struct PassOnReply {
  toWorker @0 :UInt32;
  incarnation @1 :UInt64;
  number @2 :UInt64;
  union {
    answer @3 :HttpAnswer;
    refused @4 :Refusal;
    unreachable @5 :Void;          # no such worker is connected
  }
}

struct HttpAnswer {
  status @0 :UInt16;
  contentType @1 :Text;
  headers @2 :List(Header);
  body @3 :Data;
}
