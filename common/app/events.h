// The events that hooks receive.                                                    Behaviour: spec 07 §2 (fields), §3 (order).
// Members may be changed by a handler; inner handlers and the built-in action see the change.
#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/app/hook.h"
#include "common/app/http.h"
#include "common/app/mail.h"
#include "common/app/realtime.h"
#include "common/auth/oauth2_user.h"
#include "common/records/record.h"
#include "common/records/request_info.h"
#include "common/schema/collection.h"
#include "common/settings/settings.h"

namespace wombat {

class App;
class OAuth2Client;

// The tags of an event about this collection or one of its records (07 §1).
inline std::vector<std::string_view> TagsOf(const Collection& collection) { return {collection.name, collection.id}; }

// ---- mutation path. `type` is "create", "update", "delete" or "validate".

// Any stored model. Exactly one of record and collection is set for the two model kinds this version writes through
// hooks; for others (settings, logs) both are null and `table` tells.
struct ModelEvent : HookEvent<ModelEvent> {
  App* app = nullptr;
  std::string_view table;
  Record* record = nullptr;
  Collection* collection = nullptr;
  std::string_view type;
  ApiError error;                          // After…Error only
};
struct RecordEvent : HookEvent<RecordEvent> {
  App* app = nullptr;
  Record* record = nullptr;
  std::string_view type;
  ApiError error;                          // After…Error only
};
struct CollectionEvent : HookEvent<CollectionEvent> {
  App* app = nullptr;
  Collection* collection = nullptr;
  std::string_view type;
  ApiError error;                          // After…Error only
};

// ---- application
struct BootstrapEvent : HookEvent<BootstrapEvent> { App* app = nullptr; };
struct TerminateEvent : HookEvent<TerminateEvent> { App* app = nullptr; bool is_restart = false; };
struct SettingsReloadEvent : HookEvent<SettingsReloadEvent> { App* app = nullptr; };

// ---- request path. Every request event shares this state; `response` is what will be sent.
struct RequestState {
  App* app = nullptr;
  const HttpRequest* request = nullptr;
  HttpResponse* response = nullptr;
  const RequestInfo* info = nullptr;
  std::shared_ptr<const Record> auth;
};

struct ListResult {
  std::vector<std::shared_ptr<Record>> items;
  std::int64_t page = 1, per_page = 30, total_items = -1, total_pages = -1;
};
struct RecordsListRequestEvent : AsyncHookEvent<RecordsListRequestEvent>, RequestState {
  const Collection* collection = nullptr;
  std::vector<std::shared_ptr<Record>> records;
  ListResult result;
};
struct RecordRequestEvent : AsyncHookEvent<RecordRequestEvent>, RequestState {
  const Collection* collection = nullptr;
  std::shared_ptr<Record> record;
};
struct BatchItem {
  std::string method, url;
  std::vector<std::pair<std::string, std::string>> headers;
  Json body = Json::Object();
};
struct BatchRequestEvent : AsyncHookEvent<BatchRequestEvent>, RequestState {
  std::vector<BatchItem> batch;
};
struct RecordEnrichEvent : AsyncHookEvent<RecordEnrichEvent> {
  App* app = nullptr;
  std::shared_ptr<Record> record;
  const RequestInfo* info = nullptr;
};
struct CollectionsListRequestEvent : AsyncHookEvent<CollectionsListRequestEvent>, RequestState {
  std::vector<CollectionPtr> collections;
};
struct CollectionRequestEvent : AsyncHookEvent<CollectionRequestEvent>, RequestState {
  std::shared_ptr<Collection> collection;
};
struct CollectionsImportRequestEvent : AsyncHookEvent<CollectionsImportRequestEvent>, RequestState {
  Json collections_data;                   // a list of objects
  bool delete_missing = false;             // for information: changing it has no effect (07 §2.6)
};
struct SettingsListRequestEvent : AsyncHookEvent<SettingsListRequestEvent>, RequestState {
  std::shared_ptr<Settings> settings;      // a copy: what is in it is answered
};
struct SettingsUpdateRequestEvent : AsyncHookEvent<SettingsUpdateRequestEvent>, RequestState {
  std::shared_ptr<const Settings> old_settings;
  std::shared_ptr<Settings> new_settings;  // what is in it is validated and saved
};
struct FileDownloadRequestEvent : AsyncHookEvent<FileDownloadRequestEvent>, RequestState {
  const Collection* collection = nullptr;
  std::shared_ptr<Record> record;
  const Field* file_field = nullptr;
  std::string served_path, served_name;    // the storage's key, and the name for the client
  std::string thumb_error;                 // not empty: the original, because the thumb could not be made
};
struct FileTokenRequestEvent : AsyncHookEvent<FileTokenRequestEvent>, RequestState {
  std::shared_ptr<Record> record;
  std::string token;
};
struct RecordAuthRequestEvent : AsyncHookEvent<RecordAuthRequestEvent>, RequestState {
  const Collection* collection = nullptr;
  std::shared_ptr<Record> record;
  std::string token;
  Json meta;
  std::string_view auth_method;            // "password", or "" for refresh
};
struct RecordAuthWithPasswordRequestEvent : AsyncHookEvent<RecordAuthWithPasswordRequestEvent>, RequestState {
  const Collection* collection = nullptr;
  std::shared_ptr<Record> record;          // null: nobody has this identity
  std::string identity, identity_field, password;
};
// Wraps the whole connection: what is behind Next() runs when it has ended. The limits count from before Next().
struct RealtimeConnectRequestEvent : AsyncHookEvent<RealtimeConnectRequestEvent>, RequestState {
  std::shared_ptr<RealtimeClient> client;
  std::chrono::nanoseconds idle_timeout{}, max_timeout{};
};
struct RealtimeMessageEvent : AsyncHookEvent<RealtimeMessageEvent>, RequestState {   // the connection's request
  std::shared_ptr<RealtimeClient> client;
  RealtimeMessage message;
};
struct RealtimeSubscribeRequestEvent : AsyncHookEvent<RealtimeSubscribeRequestEvent>, RequestState {
  std::shared_ptr<RealtimeClient> client;
  std::vector<std::string> subscriptions;
};
struct RecordAuthRefreshRequestEvent : AsyncHookEvent<RecordAuthRefreshRequestEvent>, RequestState {
  const Collection* collection = nullptr;
  std::shared_ptr<Record> record;
};
struct RecordAuthWithOAuth2RequestEvent : AsyncHookEvent<RecordAuthWithOAuth2RequestEvent>, RequestState {
  const Collection* collection = nullptr;
  std::string provider_name;
  std::shared_ptr<OAuth2Client> provider_client;
  std::shared_ptr<Record> record;          // null: nobody signed up with this user yet
  OAuth2User oauth2_user;
  Json create_data = Json::Object();
  bool is_new_record = false;
};
struct RecordRequestOtpRequestEvent : AsyncHookEvent<RecordRequestOtpRequestEvent>, RequestState {
  const Collection* collection = nullptr;
  std::shared_ptr<Record> record;          // null: nobody has this address
  std::string password;                    // the code
};
struct RecordAuthWithOtpRequestEvent : AsyncHookEvent<RecordAuthWithOtpRequestEvent>, RequestState {
  const Collection* collection = nullptr;
  std::shared_ptr<Record> record;
  std::shared_ptr<Record> otp;             // the row of _otps
};
struct RecordEmailChangeRequestEvent : AsyncHookEvent<RecordEmailChangeRequestEvent>, RequestState {
  const Collection* collection = nullptr;
  std::shared_ptr<Record> record;
  std::string new_email;
};

// ---- mails, wherever they are sent
struct MailerEvent : AsyncHookEvent<MailerEvent> {
  App* app = nullptr;
  std::shared_ptr<MailClient> mailer;      // another one sends the message instead
  MailMessage message;
};
struct MailerRecordEvent : AsyncHookEvent<MailerRecordEvent> {
  App* app = nullptr;
  std::shared_ptr<MailClient> mailer;
  MailMessage message;
  const Collection* collection = nullptr;
  std::shared_ptr<Record> record;
  Json meta = Json::Object();              // of the mail: info; token; token and newEmail; otpId and password
};

}  // namespace wombat
