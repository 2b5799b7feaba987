// Every hook of the application with its documented name (spec 07 §2), for tests that listen to all of them.
#pragma once

#include "common/app/app.h"

namespace wombat {

template <class Visit>
void ForEachModelHook(App& app, Visit visit) {
  visit(app.on_model_validate, "OnModelValidate");
  visit(app.on_model_create, "OnModelCreate");
  visit(app.on_model_create_execute, "OnModelCreateExecute");
  visit(app.on_model_after_create_success, "OnModelAfterCreateSuccess");
  visit(app.on_model_after_create_error, "OnModelAfterCreateError");
  visit(app.on_model_update, "OnModelUpdate");
  visit(app.on_model_update_execute, "OnModelUpdateExecute");
  visit(app.on_model_after_update_success, "OnModelAfterUpdateSuccess");
  visit(app.on_model_after_update_error, "OnModelAfterUpdateError");
  visit(app.on_model_delete, "OnModelDelete");
  visit(app.on_model_delete_execute, "OnModelDeleteExecute");
  visit(app.on_model_after_delete_success, "OnModelAfterDeleteSuccess");
  visit(app.on_model_after_delete_error, "OnModelAfterDeleteError");
}

template <class Visit>
void ForEachRecordHook(App& app, Visit visit) {
  visit(app.on_record_validate, "OnRecordValidate");
  visit(app.on_record_create, "OnRecordCreate");
  visit(app.on_record_create_execute, "OnRecordCreateExecute");
  visit(app.on_record_after_create_success, "OnRecordAfterCreateSuccess");
  visit(app.on_record_after_create_error, "OnRecordAfterCreateError");
  visit(app.on_record_update, "OnRecordUpdate");
  visit(app.on_record_update_execute, "OnRecordUpdateExecute");
  visit(app.on_record_after_update_success, "OnRecordAfterUpdateSuccess");
  visit(app.on_record_after_update_error, "OnRecordAfterUpdateError");
  visit(app.on_record_delete, "OnRecordDelete");
  visit(app.on_record_delete_execute, "OnRecordDeleteExecute");
  visit(app.on_record_after_delete_success, "OnRecordAfterDeleteSuccess");
  visit(app.on_record_after_delete_error, "OnRecordAfterDeleteError");
}

template <class Visit>
void ForEachCollectionHook(App& app, Visit visit) {
  visit(app.on_collection_validate, "OnCollectionValidate");
  visit(app.on_collection_create, "OnCollectionCreate");
  visit(app.on_collection_create_execute, "OnCollectionCreateExecute");
  visit(app.on_collection_after_create_success, "OnCollectionAfterCreateSuccess");
  visit(app.on_collection_after_create_error, "OnCollectionAfterCreateError");
  visit(app.on_collection_update, "OnCollectionUpdate");
  visit(app.on_collection_update_execute, "OnCollectionUpdateExecute");
  visit(app.on_collection_after_update_success, "OnCollectionAfterUpdateSuccess");
  visit(app.on_collection_after_update_error, "OnCollectionAfterUpdateError");
  visit(app.on_collection_delete, "OnCollectionDelete");
  visit(app.on_collection_delete_execute, "OnCollectionDeleteExecute");
  visit(app.on_collection_after_delete_success, "OnCollectionAfterDeleteSuccess");
  visit(app.on_collection_after_delete_error, "OnCollectionAfterDeleteError");
}

template <class Visit>
void ForEachRequestHook(App& app, Visit visit) {
  visit(app.on_records_list_request, "OnRecordsListRequest");
  visit(app.on_record_view_request, "OnRecordViewRequest");
  visit(app.on_record_create_request, "OnRecordCreateRequest");
  visit(app.on_record_update_request, "OnRecordUpdateRequest");
  visit(app.on_record_delete_request, "OnRecordDeleteRequest");
  visit(app.on_batch_request, "OnBatchRequest");
  visit(app.on_record_enrich, "OnRecordEnrich");
  visit(app.on_collections_list_request, "OnCollectionsListRequest");
  visit(app.on_collection_view_request, "OnCollectionViewRequest");
  visit(app.on_collection_create_request, "OnCollectionCreateRequest");
  visit(app.on_collection_update_request, "OnCollectionUpdateRequest");
  visit(app.on_collection_delete_request, "OnCollectionDeleteRequest");
  visit(app.on_collections_import_request, "OnCollectionsImportRequest");
  visit(app.on_settings_list_request, "OnSettingsListRequest");
  visit(app.on_settings_update_request, "OnSettingsUpdateRequest");
  visit(app.on_file_download_request, "OnFileDownloadRequest");
  visit(app.on_file_token_request, "OnFileTokenRequest");
  visit(app.on_record_auth_request, "OnRecordAuthRequest");
  visit(app.on_record_auth_with_password_request, "OnRecordAuthWithPasswordRequest");
  visit(app.on_record_auth_refresh_request, "OnRecordAuthRefreshRequest");
  visit(app.on_record_auth_with_oauth2_request, "OnRecordAuthWithOAuth2Request");
  visit(app.on_record_request_otp_request, "OnRecordRequestOTPRequest");
  visit(app.on_record_auth_with_otp_request, "OnRecordAuthWithOTPRequest");
  visit(app.on_record_request_verification_request, "OnRecordRequestVerificationRequest");
  visit(app.on_record_confirm_verification_request, "OnRecordConfirmVerificationRequest");
  visit(app.on_record_request_password_reset_request, "OnRecordRequestPasswordResetRequest");
  visit(app.on_record_confirm_password_reset_request, "OnRecordConfirmPasswordResetRequest");
  visit(app.on_record_request_email_change_request, "OnRecordRequestEmailChangeRequest");
  visit(app.on_record_confirm_email_change_request, "OnRecordConfirmEmailChangeRequest");
  visit(app.on_realtime_connect_request, "OnRealtimeConnectRequest");
  visit(app.on_realtime_message_send, "OnRealtimeMessageSend");
  visit(app.on_realtime_subscribe_request, "OnRealtimeSubscribeRequest");
}

template <class Visit>
void ForEachMailerHook(App& app, Visit visit) {
  visit(app.on_mailer_send, "OnMailerSend");
  visit(app.on_mailer_record_auth_alert_send, "OnMailerRecordAuthAlertSend");
  visit(app.on_mailer_record_password_reset_send, "OnMailerRecordPasswordResetSend");
  visit(app.on_mailer_record_verification_send, "OnMailerRecordVerificationSend");
  visit(app.on_mailer_record_email_change_send, "OnMailerRecordEmailChangeSend");
  visit(app.on_mailer_record_otp_send, "OnMailerRecordOTPSend");
}

}  // namespace wombat
