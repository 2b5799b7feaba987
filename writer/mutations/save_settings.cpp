// PATCH /api/settings: the new document, which the worker has merged.                      Behaviour: spec 05 §4, 06 §9.
#include "common/settings/settings.h"
#include "common/settings/validate.h"
#include "proto/values.h"
#include "writer/mutations/mutations.h"
#include "writer/mutations/settings_chain.h"

namespace wombat {
namespace {

constexpr const char* kFailed = "An error occurred while saving the new settings.";
constexpr std::string_view kTable = "_params";

// Settings have model hooks only (07 §2.2).
class Save {
 public:
  Save(LaneTransaction& tx, const Settings& settings, bool creates) : tx_(tx), settings_(settings), creates_(creates) {
    event_.app = &tx.app();
    event_.table = kTable;
    event_.type = creates ? "create" : "update";
  }

  HookResult Run() {
    App& app = tx_.app();
    HookResult result = Trigger(creates_ ? app.on_model_create : app.on_model_update, [&]() -> HookResult {
      if (auto valid = Trigger(app.on_model_validate, [&] { return Validate(); }); !valid) return valid;
      return Trigger(creates_ ? app.on_model_create_execute : app.on_model_update_execute, [&] { return Write(); });
    });
    const auto& error_hook = creates_ ? app.on_model_after_create_error : app.on_model_after_update_error;
    if (!result) {
      event_.error = result.error();
      (void)Trigger(error_hook, [] { return HookResult{}; });
      return result;
    }
    Queue(creates_ ? app.on_model_after_create_success : app.on_model_after_update_success, error_hook);
    return {};
  }

 private:
  inline static constexpr std::string_view kTags[] = {kTable};

  HookResult Trigger(const Hook<ModelEvent>& hook, const std::function<HookResult()>& action) {
    return hook.Trigger(event_, kTags, [&](ModelEvent&) { return action(); });
  }

  HookResult Validate() {
    Json errors = ValidateSettings(settings_.ToDocument());
    if (!errors.as_object().empty()) return Refuse(400, kFailed, std::move(errors));
    return {};
  }

  HookResult Write() {
    if (auto stored = StoreSettings(tx_.db(), settings_, tx_.settings().encryption_env); !stored)
      return std::unexpected(WriteFailure(stored.error(), kFailed));
    tx_.effects().settings_changed = true;
    return {};
  }

  void Queue(const Hook<ModelEvent>& success, const Hook<ModelEvent>& error) {
    App* app = &tx_.app();
    const std::string_view type = event_.type;
    const auto run = [app, type](const Hook<ModelEvent>& hook, const ApiError* failure) {
      ModelEvent event;
      event.app = app;
      event.table = kTable;
      event.type = type;
      if (failure) event.error = *failure;
      return hook.Trigger(event, kTags, [](ModelEvent&) { return HookResult{}; });
    };
    if (success.HasFor(kTags)) tx_.effects().after_success.push_back([run, &success] { return run(success, nullptr); });
    if (error.HasFor(kTags))
      tx_.effects().after_error.push_back([run, &error](const ApiError& failure) { (void)run(error, &failure); });
  }

  LaneTransaction& tx_;
  const Settings& settings_;
  bool creates_;
  ModelEvent event_;
};

}  // namespace

HookResult SaveSettingsModel(LaneTransaction& tx, const Settings& settings) {
  return Save(tx, settings, !SettingsRowExists(tx.db())).Run();
}

MutationAnswer RunSaveSettings(LaneTransaction& tx, proto::SaveSettings::Reader message) {
  if (message.getBasedOn() != tx.settings().generation) return MutationAnswer::Of(MutationAnswer::Kind::kStale);
  if (auto opened = tx.EnsureSavepoint(); !opened) return MutationAnswer::Refused(WriteFailure(opened.error(), kFailed));
  auto settings = Settings::FromJson(View(message.getDocument()));
  if (!settings) return MutationAnswer::Refused({400, kFailed, Json::Object(), settings.error().message});
  if (auto saved = SaveSettingsModel(tx, *settings); !saved) return MutationAnswer::Refused(saved.error());
  return MutationAnswer::Of(MutationAnswer::Kind::kDone);
}

}  // namespace wombat
