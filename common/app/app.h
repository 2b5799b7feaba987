// The application as extensions see it: the hooks of every operation.                        Behaviour: spec 07 §2.
//
// One App is made before the processes fork; what is bound to it then exists in every process, and each hook fires in
// exactly one place: request hooks (On…Request, OnRecordEnrich) in the worker that holds the connection, model, record and
// collection hooks in the writer's lane.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "common/app/events.h"
#include "common/app/hook.h"

namespace wombat {

class App {
 public:
  // ---- mutation path (writer)
  Hook<ModelEvent> on_model_validate, on_model_create, on_model_create_execute, on_model_after_create_success,
      on_model_after_create_error, on_model_update, on_model_update_execute, on_model_after_update_success,
      on_model_after_update_error, on_model_delete, on_model_delete_execute, on_model_after_delete_success,
      on_model_after_delete_error;
  Hook<RecordEvent> on_record_validate, on_record_create, on_record_create_execute, on_record_after_create_success,
      on_record_after_create_error, on_record_update, on_record_update_execute, on_record_after_update_success,
      on_record_after_update_error, on_record_delete, on_record_delete_execute, on_record_after_delete_success,
      on_record_after_delete_error;
  Hook<CollectionEvent> on_collection_validate, on_collection_create, on_collection_create_execute,
      on_collection_after_create_success, on_collection_after_create_error, on_collection_update,
      on_collection_update_execute, on_collection_after_update_success, on_collection_after_update_error,
      on_collection_delete, on_collection_delete_execute, on_collection_after_delete_success,
      on_collection_after_delete_error;
  Hook<BootstrapEvent> on_bootstrap;
  Hook<TerminateEvent> on_terminate;
  Hook<SettingsReloadEvent> on_settings_reload;

  // ---- request path (worker)
  AsyncHook<RecordsListRequestEvent> on_records_list_request;
  AsyncHook<RecordRequestEvent> on_record_view_request, on_record_create_request, on_record_update_request,
      on_record_delete_request;
  AsyncHook<BatchRequestEvent> on_batch_request;
  AsyncHook<RecordEnrichEvent> on_record_enrich;
  AsyncHook<CollectionsListRequestEvent> on_collections_list_request;
  AsyncHook<CollectionRequestEvent> on_collection_view_request, on_collection_create_request,
      on_collection_update_request, on_collection_delete_request;
  AsyncHook<CollectionsImportRequestEvent> on_collections_import_request;
  AsyncHook<SettingsListRequestEvent> on_settings_list_request;
  AsyncHook<SettingsUpdateRequestEvent> on_settings_update_request;
  AsyncHook<FileDownloadRequestEvent> on_file_download_request;
  AsyncHook<FileTokenRequestEvent> on_file_token_request;
  AsyncHook<RecordAuthRequestEvent> on_record_auth_request;
  AsyncHook<RecordAuthWithPasswordRequestEvent> on_record_auth_with_password_request;
  AsyncHook<RecordAuthRefreshRequestEvent> on_record_auth_refresh_request;
  AsyncHook<RecordAuthWithOAuth2RequestEvent> on_record_auth_with_oauth2_request;
  AsyncHook<RecordRequestOtpRequestEvent> on_record_request_otp_request;
  AsyncHook<RecordAuthWithOtpRequestEvent> on_record_auth_with_otp_request;
  AsyncHook<RecordRequestEvent> on_record_request_verification_request, on_record_confirm_verification_request,
      on_record_request_password_reset_request, on_record_confirm_password_reset_request;
  AsyncHook<RecordEmailChangeRequestEvent> on_record_request_email_change_request,
      on_record_confirm_email_change_request;
  AsyncHook<RealtimeConnectRequestEvent> on_realtime_connect_request;
  AsyncHook<RealtimeMessageEvent> on_realtime_message_send;
  AsyncHook<RealtimeSubscribeRequestEvent> on_realtime_subscribe_request;

  // ---- mails: in the process that sends them, a worker
  AsyncHook<MailerEvent> on_mailer_send;
  AsyncHook<MailerRecordEvent> on_mailer_record_auth_alert_send, on_mailer_record_password_reset_send,
      on_mailer_record_verification_send, on_mailer_record_email_change_send, on_mailer_record_otp_send;

  // The realtime clients; set in every worker and in the writer, null elsewhere.
  RealtimeBroker* realtime = nullptr;
  // A client that sends as the settings say by then; set in every worker, empty elsewhere.
  std::function<std::shared_ptr<MailClient>()> new_mail_client;
};

}  // namespace wombat
